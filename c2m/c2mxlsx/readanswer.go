package c2mxlsx

import (
	"context"
	"fmt"

	"milkrun/c2m"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// Answer is a sheet with a supplier's answer, of one order or several.
type Answer struct {
	*upload
	Replies []AnswerRow
}

// AnswerRow is one row of an answer as it was filled in.
type AnswerRow struct {
	Row     int    // as a person counts
	Order   string // number in the written form, empty where the sheet names none
	Version int    // 0 where the sheet names none
	SKU     string // code, empty where the sheet names none
	Reply   c2m.Reply
}

var (
	unanswered = &notice.Reason{Code: "c2m.unanswered", ZH: "没有填答复", EN: "no answer was filled in"}
	badOrder   = &notice.Reason{Code: "c2m.order_number", ZH: "订单号“{0}”不对，应为 FO-2611-0412 的样子", EN: "“{0}” is not an order number such as FO-2611-0412",
		FixZH: "请照订单表填写订单号", FixEN: "Copy the order number from the order sheet"}
	badLine = &notice.Reason{Code: "c2m.line_number", ZH: "行号“{0}”不对", EN: "“{0}” is not a line number",
		FixZH: "请填订单表上的行号，例如 2", FixEN: "Give the line number of the order sheet, such as 2"}
	badCount = &notice.Reason{Code: "c2m.count", ZH: "“{0}”太大", EN: "“{0}” is too large",
		FixZH: "请核对数字", FixEN: "Check the number"}
)

// ReadAnswer reads a sheet with a supplier's answer. Close it when done. For a file that cannot be read, or that lacks the column of
// the confirmed quantity, the error is told by Refused. Codes of goods are not looked up.
func ReadAnswer(ctx context.Context, content []byte) (*Answer, error) {
	u, err := open(content, answerColumns, answerFields, unanswered)
	if err != nil {
		return nil, err
	}
	a := &Answer{upload: u}
	if err := u.read(ctx, a.row); err != nil {
		_ = u.Close()
		return nil, err
	}
	return a, nil
}

func (a *Answer) row(r *sheet.Row) bool {
	if !anyOf(r, colPieces, colDay, colPieces2, colDay2, colPieces3, colDay3, colPrice, colReason, colNote) {
		return false
	}
	out := AnswerRow{Row: r.Number, Order: orderNumber(r), Version: count(r, colVersion, badCount), SKU: code(r, colSKU)}
	out.Reply.Line = count(r, colLine, badLine)
	for _, b := range batches {
		var batch c2m.ReplyBatch
		if n, ok := r.Pieces(b[0]); ok {
			batch.Pieces = &n
		}
		if d, ok := r.Day(b[1]); ok {
			batch.Day = &d
		}
		out.Reply.Batches = append(out.Reply.Batches, batch)
	}
	if p, ok := r.Fen(colPrice); ok {
		out.Reply.Price = &p
	}
	out.Reply.Note, _ = r.Text(colNote)
	if text, ok := r.Text(colReason); ok {
		reason, known := c2m.ParseReason(text)
		out.Reply.Reason = reason
		if !known {
			out.Reply.Note = join("；", text, out.Reply.Note)
		}
	}
	a.Replies = append(a.Replies, out)
	return true
}

func anyOf(r *sheet.Row, ids ...string) bool {
	for _, id := range ids {
		if r.Has(id) {
			return true
		}
	}
	return false
}

// code reads an identifier that may be missing.
func code(r *sheet.Row, id string) string {
	s, _ := r.Code(id)
	return s
}

// orderNumber reads an order number that may be missing.
func orderNumber(r *sheet.Row) string {
	s, ok := r.Code(colOrder)
	if !ok {
		return ""
	}
	number, err := c2m.ParseNumber(s)
	if err != nil {
		r.Fail(colOrder, badOrder.With(s))
	}
	return number
}

// count reads a small whole number that may be missing: 0 then.
func count(r *sheet.Row, id string, bad *notice.Reason) int {
	n, ok := r.Pieces(id)
	if !ok {
		return 0
	}
	if n < 1 || n > 1_000_000 {
		r.Fail(id, bad.With(fmt.Sprint(n)))
		return 0
	}
	return int(n)
}
