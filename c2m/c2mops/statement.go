package c2mops

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// StatementGoods gives the goods on a statement, for its pages.
func (o *Ops) StatementGoods(ctx context.Context, s *statement.Statement) (map[catalog.SKUID]c2m.Goods, error) {
	if _, err := eitherSide(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	var ids []catalog.SKUID
	for _, l := range s.Lines {
		if l.SKU != 0 {
			ids = append(ids, l.SKU)
		}
	}
	skus, err := c2mdb.SKUs(ctx, o.Pool, ids)
	out := map[catalog.SKUID]c2m.Goods{}
	for id, k := range skus {
		out[id] = c2m.Goods{Code: k.Code, GTIN: k.GTIN, Name: k.Name, Unit: k.Unit}
	}
	return out, err
}

// StatementSheet makes the workbook of a statement that the user may see.
func (o *Ops) StatementSheet(ctx context.Context, s *statement.Statement, lang string) (File, error) {
	u, err := eitherSide(ctx, access.ViewSuppliers)
	if err != nil {
		return File{}, err
	}
	if !u.MayTouchSupplier(s.Supplier) {
		return File{}, statement.ErrUnknown
	}
	firm, err := c2mdb.Supplier(ctx, o.Pool, s.Supplier)
	if err != nil {
		return File{}, err
	}
	p := c2mxlsx.StatementPaper{Statement: s, Supplier: firm.Name, Made: o.Clock()}
	if p.Goods, err = o.StatementGoods(ctx, s); err != nil {
		return File{}, err
	}
	content, err := c2mxlsx.Statement(p, lang)
	return File{Kind: StatementFile, SupplierID: s.Supplier, Name: c2mxlsx.StatementName(s.Number), MIME: c2mxlsx.MIME, Size: len(content), Content: content, At: p.Made}, err
}

// UploadStatement takes a supplier's words on the lines of a statement from its workbook. A sheet of another statement is refused, and with any
// bad row nothing is taken.
func (o *Ops) UploadStatement(ctx context.Context, says *statementops.Ops, number string, in Uploading) (Uploaded, error) {
	s, err := o.receiveSheet(ctx, in, StatementFile)
	if err != nil {
		return Uploaded{}, err
	}
	sheet, err := c2mxlsx.ReadStatement(ctx, in.Content)
	if p, refused := c2mxlsx.Refused(err); refused {
		err = s.refuse(ctx, []c2mxlsx.Problem{p}, nil)
		return s.out, err
	}
	if err != nil {
		return Uploaded{}, err
	}
	defer sheet.Close()
	s.out.RowCount = sheet.Rows()
	all := sayings(sheet, number)
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if len(sheet.Problems()) > 0 {
			return errBadSheet
		}
		if err := s.keep(ctx, tx); err != nil {
			return err
		}
		if _, err := says.SayIn(ctx, tx, s.user, number, all); err != nil {
			return statementFault(sheet, all, err)
		}
		s.out.Outcome = c2mdb.Taken
		return s.note(ctx, tx)
	})
	if errors.Is(err, errBadSheet) {
		err = s.refuse(ctx, sheet.Problems(), sheet)
	}
	return s.out, err
}

func sayings(sheet *c2mxlsx.Replies, number string) []statementops.Saying {
	if len(sheet.Replies) == 0 && len(sheet.Problems()) == 0 {
		sheet.Fail(c2m.Problem{Row: -1, Reason: both("表里没有填同意或异议", "neither agreed nor disputed"), Remedy: both("请填黄色的列", "fill in the yellow columns")})
	}
	var out []statementops.Saying
	seen := map[int]bool{}
	for _, r := range sheet.Replies {
		switch {
		case r.Statement != number:
			sheet.Fail(c2m.Problem{Row: r.Index, Field: c2mxlsx.KeyStatement, Reason: both("这一行属于对账单“"+r.Statement+"”，不是 "+number, "this row belongs to “"+r.Statement+"”, not to "+number),
				Remedy: both("请在它自己的页面交回", "hand it in on its own page")})
		case r.Line == 0 || seen[r.Line]:
			sheet.Fail(c2m.Problem{Row: r.Index, Field: c2mxlsx.KeyStatementLine, Reason: both("行号缺失或重复", "the line number is missing or stands twice"), Remedy: both("请照下载的对账单填写", "copy it from the sheet that you downloaded")})
		}
		seen[r.Line] = true
		out = append(out, statementops.Saying{Line: r.Line, Agree: r.Agree, Reason: r.Reason, Claim: r.Claim})
	}
	return out
}

// statementFault points a refusal of the rules at its row.
func statementFault(sheet *c2mxlsx.Replies, all []statementops.Saying, err error) error {
	var line *statement.LineError
	if !errors.As(err, &line) {
		return err
	}
	row := -1
	for i, w := range all {
		if w.Line == line.Line {
			row = sheet.Replies[i].Index
		}
	}
	p := c2m.Problem{Row: row, Field: c2mxlsx.KeyStatementLine, Reason: both("对账单没有第 "+lineWord(line.Line)+" 行", "the statement has no line "+lineWord(line.Line)), Remedy: both("请照下载的对账单填写", "copy it from the sheet that you downloaded")}
	switch {
	case errors.Is(err, statement.ErrReason):
		p.Field, p.Reason, p.Remedy = c2mxlsx.KeySayWhy, both("异议要写原因", "a dispute needs its reason"), both("请写 1 到 500 个字", "write 1 to 500 characters")
	case errors.Is(err, statement.ErrClaim):
		p.Field, p.Reason, p.Remedy = c2mxlsx.KeyClaim, both("金额不成立：货款不小于 0，扣款不大于 0，也不能和原金额一样", "the amount cannot be: goods are not below zero, deductions not above, and it must differ"),
			both("请核对金额", "check the amount")
	}
	sheet.Fail(p)
	return errBadSheet
}
