package c2mxlsx

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/c2m"
	"milkrun/c2m/statement"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// IDs of the columns of a statement that no other sheet has.
const (
	colStatement = "statement"
	colWhat      = "line_kind"
	colReceiptNo = "receipt_no"
	colDate      = "receipt_day"
	colQuantity  = "receipt_pieces"
	colSum       = "line_amount"
	colTaxSum    = "line_tax"
	colWhy       = "line_why"
	colSay       = "say"
	colClaim     = "claim"
	colSayWhy    = "say_reason"
)

// statementColumns are the columns of a statement of account; the last three are the supplier's.
var statementColumns = []sheet.Column{
	{ID: colStatement, Title: both("对账单号", "Statement no."), Names: []string{"对账单", "statement", "statement no"}, Kind: sheet.Code, Required: true, BlankOK: true, Width: 13},
	required(lineColumn),
	{ID: colWhat, Title: both("项目", "Item"), Names: []string{"类型", "type"}, Width: 10},
	orderColumn,
	{ID: colReceiptNo, Title: both("收货号", "Receipt no."), Names: []string{"收货单号", "receipt"}, Kind: sheet.Code, Width: 10},
	{ID: colDate, Title: both("日期", "Date"), Names: []string{"收货日期", "day"}, Kind: sheet.Day, Width: 11},
	skuColumn, nameColumn,
	{ID: colQuantity, Title: both("数量", "Quantity"), Names: []string{"收货数量", "qty"}, Kind: sheet.Pieces, Signed: true, Width: 10},
	{ID: colPriceAsk, Title: both("含税单价（元）", "Price incl. tax (CNY)"), Names: []string{"单价", "price"}, Kind: sheet.Money, Width: 11},
	{ID: colSum, Title: both("含税金额（元）", "Amount incl. tax (CNY)"), Names: []string{"金额", "amount"}, Kind: sheet.Money, Signed: true, Width: 13},
	{ID: colTaxSum, Title: both("其中税额（元）", "Tax in it (CNY)"), Names: []string{"税额", "tax"}, Kind: sheet.Money, Signed: true, Width: 11},
	{ID: colWhy, Title: both("依据", "Why"), Names: []string{"说明依据", "basis"}, Width: 34},
	{ID: colSay, Title: both("确认（同意 / 异议）", "Agree / dispute"), Names: []string{"确认", "对账结果", "同意或异议", "agree", "say"}, Required: true, BlankOK: true, Width: 12, Max: 40},
	{ID: colClaim, Title: both("贵司认为的金额（元）", "Amount you hold right (CNY)"), Names: []string{"贵司金额", "应为金额", "claimed amount", "claim"}, Kind: sheet.Money, Signed: true, Width: 13},
	{ID: colSayWhy, Title: both("异议原因", "Reason of the dispute"), Names: []string{"原因", "reason"}, Width: 26, Max: c2m.MaxText},
}

// KindName gives the word for a kind of line.
func KindName(k statement.Kind) catalog.Name {
	switch k {
	case statement.Receipt:
		return both("货款", "Goods")
	case statement.Late:
		return both("延误扣款", "Late")
	case statement.Quality:
		return both("质量扣款", "Quality")
	case statement.Short:
		return both("短交扣款", "Short")
	case statement.Rebate:
		return both("返利", "Rebate")
	case statement.Carried:
		return both("上期结转", "Carried over")
	}
	return both("其他", "Other")
}

// StatementPaper is what the workbook of a statement says.
type StatementPaper struct {
	*statement.Statement
	Supplier catalog.Name
	Goods    map[catalog.SKUID]c2m.Goods
	Made     time.Time
}

// oneOfWords lets Excel offer a few words.
func oneOfWords(list string) func(*excelize.DataValidation) error {
	return func(dv *excelize.DataValidation) error { return dv.SetDropList(strings.Split(list, ",")) }
}

// StatementName gives the file name of a statement's workbook.
func StatementName(number string) string { return number + ".xlsx" }

// Statement makes the workbook of a statement of account, in "zh" or "en".
func Statement(p StatementPaper, lang string) ([]byte, error) {
	b := newBook(lang)
	s := b.add(b.in("对账单", "Statement"))
	s.widths(statementColumns)
	s.put(1, 1, join(" · ", b.in("对账单", "Statement of account"), p.Number), "title")
	s.put(1, 2, join(" · ", p.Supplier.In(lang), p.From.String()+" – "+p.To.String(), string(p.Currency)), "label")
	s.put(1, 3, b.in("请逐行在黄色的列填“同意”或“异议”；异议请写原因，可写贵司认为的金额。不填的行不变。填好后在门户的对账单页交回。",
		"Say “agree” or “dispute” line by line in the yellow column; a dispute needs its reason and may name the amount you hold right. Empty lines stay. Hand the sheet in on the statement's page of the portal."), "label")
	const header = 5
	for i, c := range statementColumns {
		style := "head"
		if c.ID == colSay || c.ID == colClaim || c.ID == colSayWhy {
			style = "head ask"
		}
		s.put(i+1, header, c.Title.In(lang), style)
	}
	for i, l := range p.Lines {
		s.statementLine(header+1+i, p, l)
	}
	last := header + len(p.Lines)
	t := p.Totals()
	put := func(row int, label string, fen money.Fen, style string) {
		s.put(where(statementColumns, colPriceAsk), row, label, style)
		s.put(where(statementColumns, colSum), row, fen, style+" "+asMoney)
	}
	put(last+2, b.in("货款合计", "Goods"), t.Goods, "plain")
	put(last+3, b.in("扣款合计", "Deductions"), t.Deductions, "plain")
	put(last+4, b.in("返利", "Rebates"), t.Rebates, "plain")
	put(last+5, b.in("本期应付", "Total"), t.Total, "bold")
	put(last+6, b.in("已抵预付", "Netted advances"), p.Prepaid, "plain")
	put(last+7, b.in("已付", "Paid"), p.PaidFen, "plain")
	put(last+8, b.in("未付余额", "Balance"), p.Balance(), "bold")
	if len(p.Lines) > 0 {
		s.check(where(statementColumns, colSay), header+1, last, oneOfWords(b.in("同意,异议", "agree,dispute")), b.in("请改正", "Please mend"), b.in("同意 或 异议", "agree or dispute"))
	}
	s.freeze(where(statementColumns, colSKU), header+1)
	s.protect(false)
	s.print(true, 0, fmt.Sprintf("'%s'!$%d:$%d", s.name, header, header), "", p.Number)
	return b.bytes(p.Number, p.Made)
}

func (s page) statementLine(row int, p StatementPaper, l statement.Line) {
	g := p.Goods[l.SKU]
	put := func(id string, value any, style string) { s.put(where(statementColumns, id), row, value, style) }
	put(colStatement, p.Number, "cell "+asText)
	put(colLine, l.No, "cell "+asPieces)
	put(colWhat, KindName(l.Kind).In(s.lang), "cell "+asText)
	put(colOrder, l.Number, "cell "+asText)
	receipt := ""
	if l.Receipt != 0 {
		receipt = fmt.Sprintf("R%d", l.Receipt)
	}
	put(colReceiptNo, receipt, "cell "+asText)
	put(colDate, l.Day, "cell "+asDay)
	put(colSKU, g.Code, "cell "+asText)
	put(colName, g.Name.In(s.lang), "cell "+asText)
	var pieces, price any
	if l.Pieces != 0 {
		pieces, price = l.Pieces, l.Price
	}
	put(colQuantity, pieces, "cell "+asPieces)
	put(colPriceAsk, price, "cell "+asMoney)
	put(colSum, l.Amount, "cell "+asMoney)
	put(colTaxSum, l.Tax(), "cell "+asMoney)
	put(colWhy, l.Why.In(s.lang), "cell "+asText)
	say, style := "", "input "
	switch l.Word {
	case statement.AgreedTo:
		say = s.in("同意", "agree")
	case statement.DisputeOf:
		say = s.in("异议", "dispute")
	}
	put(colSay, say, style+asText)
	var claim any
	if l.Claim != nil {
		claim = *l.Claim
	}
	put(colClaim, claim, style+asMoney)
	put(colSayWhy, l.Reason, style+asText)
}

// Reply is what a supplier says to a line of a statement.
type Reply struct {
	Index     int // for Fail
	Statement string
	Line      int
	Agree     bool
	Reason    string
	Claim     *money.Fen
}

// Replies is a statement that came back.
type Replies struct {
	*upload
	Replies []Reply
}

var (
	nothingSaid = &notice.Reason{Code: "c2m.nothing_said", ZH: "没有填同意或异议", EN: "neither agreed nor disputed"}
	badSaying   = &notice.Reason{Code: "c2m.saying", ZH: "看不懂“{0}”", EN: "“{0}” is not understood", FixZH: "请填“同意”或“异议”", FixEN: "Write “agree” or “dispute”"}
)

// sayings are the words that are understood.
var sayings = map[string]bool{"同意": true, "确认": true, "无误": true, "是": true, "agree": true, "agreed": true, "ok": true, "yes": true,
	"异议": false, "有异议": false, "不同意": false, "否": false, "dispute": false, "disputed": false, "no": false}

// ReadStatement reads a statement that came back. Close it when done. For a file that cannot be read, or that lacks a column, the error is told
// by Refused.
func ReadStatement(ctx context.Context, content []byte) (*Replies, error) {
	u, err := open(content, statementColumns, map[string]string{KeySay: colSay, KeyClaim: colClaim, KeySayWhy: colSayWhy, KeyStatement: colStatement, KeyStatementLine: colLine}, nothingSaid)
	if err != nil {
		return nil, err
	}
	s := &Replies{upload: u}
	if err := u.read(ctx, s.row); err != nil {
		_ = u.Close()
		return nil, err
	}
	return s, nil
}

// Fields of a statement that a rule may point at.
const (
	KeyStatement     = "statement"
	KeyStatementLine = "statement_line"
	KeySay           = "say"
	KeyClaim         = "claim"
	KeySayWhy        = "say_reason"
)

func (s *Replies) row(r *sheet.Row) bool {
	if !anyOf(r, colSay, colClaim, colSayWhy) {
		return false
	}
	out := Reply{Index: s.Rows(), Statement: code(r, colStatement), Line: count(r, colLine, badLine)}
	out.Reason, _ = r.Text(colSayWhy)
	said, _ := r.Text(colSay)
	agree, known := sayings[strings.ToLower(strings.TrimSpace(said))]
	if !known {
		r.Fail(colSay, badSaying.With(said))
		return true
	}
	out.Agree = agree
	if fen, ok := r.Fen(colClaim); ok && !agree {
		out.Claim = &fen
	}
	s.Replies = append(s.Replies, out)
	return true
}
