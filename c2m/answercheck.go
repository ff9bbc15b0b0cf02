package c2m

import (
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Keys of the fields of an answer row and of a delivery-note row. Sheets, forms and problems share them.
const (
	KeyOrder     = "order"
	KeyVersion   = "version"
	KeyLine      = "line"
	KeySKU       = "sku"
	KeyPieces    = "pieces"
	KeyDay       = "day"
	KeyPrice     = "price"
	KeyReason    = "reason"
	KeyNote      = "note"
	KeyASN       = "asn"
	KeyBarcode   = "barcode"
	KeyLot       = "lot"
	KeyProduced  = "produced"
	KeyExpires   = "expires"
	KeyCartons   = "cartons"
	KeyPerCarton = "per_carton"
	KeySSCC      = "sscc"
	KeyArrival   = "arrival"
)

// Reply is one row of a supplier's answer as it was filled in. Nil fields were left empty.
type Reply struct {
	Line int           // 0 when the row names none
	SKU  catalog.SKUID // 0 when the row names none
	// Batches hold quantity and day of up to three deliveries; all nil when the row was left empty.
	Batches []ReplyBatch
	Price   *money.Fen
	Reason  ReasonCode
	Note    string
}

// ReplyBatch is one delivery of a Reply.
type ReplyBatch struct {
	Pieces *quantity.Pieces
	Day    *calendar.Day
}

// empty tells whether the supplier said nothing in this row.
func (r Reply) empty() bool {
	for _, b := range r.Batches {
		if b.Pieces != nil || b.Day != nil {
			return false
		}
	}
	return r.Price == nil && r.Reason == ReasonNone && r.Note == ""
}

// ReadReplies makes an answer of the rows of a sheet or form, by the rules that the sheet's first page states:
//
//   - A row left empty is no answer. A quantity without a day means the day asked for; a day or a price without a quantity means
//     the whole quantity asked for. 0 says that nothing can be delivered.
//   - A second or third delivery needs quantity and day. Several rows of one line are further deliveries of it.
//   - A price left empty is the price asked for.
//   - A row without a line number means the line of its SKU.
//   - A line that is not in the version is an offer and needs SKU, quantity, day and price.
//
// The problems name rows by their index in replies; with any problem the answer must not be used.
func ReadReplies(v Version, replies []Reply, today calendar.Day) (Answer, []Problem) {
	r := replyReader{version: v, today: today, at: map[int]int{}, rows: map[string]bool{}, offers: map[catalog.SKUID]int{}}
	for i, reply := range replies {
		r.read(i, reply)
	}
	return Answer{Version: v.No, Lines: r.lines}, r.problems
}

type replyReader struct {
	version  Version
	today    calendar.Day
	lines    []AnswerLine
	at       map[int]int     // line number → index in lines
	rows     map[string]bool // what the rows so far say, to find copies
	offers   map[catalog.SKUID]int
	problems []Problem
}

func (r *replyReader) bad(row int, field string, reason, remedy catalog.Name) {
	r.problems = append(r.problems, Problem{Row: row, Field: field, Reason: reason, Remedy: remedy})
}

func (r *replyReader) read(row int, reply Reply) {
	if reply.empty() {
		return
	}
	before := len(r.problems)
	if reply.Line == 0 && !r.find(row, &reply) {
		return
	}
	asked, known := r.version.Line(reply.Line)
	if known && reply.SKU != 0 && reply.SKU != asked.SKU {
		r.bad(row, KeySKU, words(fmt.Sprintf("第 %d 行订的不是这个商品", reply.Line), fmt.Sprintf("line %d of the order is another item", reply.Line)),
			words("请按订单表的行号与 SKU 对应填写，不要移动行", "keep line number and SKU together as on the order sheet"))
		return
	}
	if !known && !r.offer(row, reply) {
		return
	}
	if reply.Price != nil && (*reply.Price < 1 || *reply.Price > MaxPrice) {
		r.bad(row, KeyPrice, words("单价须在 0.01 到 1,000,000.00 元之间", "the unit price must be from 0.01 to 1,000,000.00 yuan"),
			words("填含税单价（元/件）；不变请留空", "give the price per piece with tax, or leave it empty if unchanged"))
	}
	splits := r.splits(row, reply, asked, known)
	if len(r.problems) > before || r.copied(row, reply, splits) {
		return
	}
	r.put(reply, asked, known, splits)
}

// find gives a row without a line number the line that its SKU points to; an offer gets a negative number of its own.
func (r *replyReader) find(row int, reply *Reply) bool {
	var found []int
	for _, l := range r.version.Lines {
		if l.SKU == reply.SKU {
			found = append(found, l.No)
		}
	}
	switch {
	case len(found) == 1:
		reply.Line = found[0]
	case len(found) > 1 || reply.SKU == 0:
		r.bad(row, KeyLine, words("缺行号", "the line number is missing"),
			words("请填订单表上的行号", "give the line number of the order sheet"))
		return false
	default:
		if r.offers[reply.SKU] == 0 {
			r.offers[reply.SKU] = -1 - len(r.offers)
		}
		reply.Line = r.offers[reply.SKU]
	}
	return true
}

// offer checks a row for a line that was not asked for.
func (r *replyReader) offer(row int, reply Reply) bool {
	switch {
	case reply.SKU == 0:
		r.bad(row, KeyLine, words(fmt.Sprintf("订单第 %d 版没有第 %d 行", r.version.No, reply.Line), fmt.Sprintf("version %d of the order has no line %d", r.version.No, reply.Line)),
			words("请改正行号；若是另外报的货，请同时填写 SKU、数量、交期和单价", "mend the line number; for an extra offer give SKU, quantity, date and price too"))
		return false
	case len(reply.Batches) == 0 || reply.Batches[0].Pieces == nil || reply.Batches[0].Day == nil || reply.Price == nil:
		r.bad(row, KeyPieces, words("订单里没有这一行，另外报的货缺数量、交期或单价", "an offer of goods that were not ordered lacks quantity, date or price"),
			words("请填写数量、交期和含税单价，或删除此行", "give quantity, date and price with tax, or delete the row"))
		return false
	}
	return true
}

func (r *replyReader) splits(row int, reply Reply, asked Line, known bool) []Split {
	price := asked.Price
	if reply.Price != nil {
		price = *reply.Price
	}
	first := ReplyBatch{}
	if len(reply.Batches) > 0 {
		first = reply.Batches[0]
	}
	if first.Pieces == nil && first.Day == nil && reply.Price == nil {
		r.bad(row, KeyPieces, words("只写了原因或说明，没有数量", "a reason or remark without a quantity"),
			words("请填确认数量；不能交货请填 0", "give the quantity you confirm, 0 if you cannot deliver"))
		return nil
	}
	if first.Pieces == nil && known {
		first.Pieces = &asked.Pieces
	}
	if first.Day == nil && known {
		first.Day = &asked.Due
	}
	splits := []Split{{Pieces: *first.Pieces, Day: *first.Day, Price: price}}
	for i, b := range reply.Batches[min(1, len(reply.Batches)):] {
		if b.Pieces == nil && b.Day == nil {
			continue
		}
		if b.Pieces == nil || b.Day == nil {
			n := i + 2
			r.bad(row, KeyPieces, words(fmt.Sprintf("第 %d 批只填了数量或交期中的一个", n), fmt.Sprintf("delivery %d has only a quantity or only a date", n)),
				words("数量和交期请都填，或都留空", "give both, or leave both empty"))
			continue
		}
		splits = append(splits, Split{Pieces: *b.Pieces, Day: *b.Day, Price: price})
	}
	for _, s := range splits {
		r.checkSplit(row, s)
	}
	return splits
}

func (r *replyReader) checkSplit(row int, s Split) {
	if s.Pieces < 0 || s.Pieces > MaxPieces {
		r.bad(row, KeyPieces, words("确认数量须是 0 到 100,000,000 的整数", "the quantity must be a whole number from 0 to 100,000,000"),
			words("请改正数量", "mend the quantity"))
	}
	// A day asked for that has passed meanwhile may be repeated only by naming a new one.
	if s.Pieces > 0 && checkDay(s.Day, r.today) != nil {
		r.bad(row, KeyDay, words("确认交期 "+s.Day.String()+" 已过或太远", "the date "+s.Day.String()+" has passed or is too far ahead"),
			words("请填今天到两年之内的到货日期", "give an arrival date from today to two years ahead"))
	}
}

// copied finds a row that repeats another one word for word: a slip of the mouse that would double the delivery.
func (r *replyReader) copied(row int, reply Reply, splits []Split) bool {
	key := fmt.Sprint(reply.Line, reply.SKU, splits)
	if !r.rows[key] {
		r.rows[key] = true
		return false
	}
	r.bad(row, KeyLine, words("与前面一行完全相同", "repeats an earlier row word for word"),
		words("请删除重复的行；确要分批请填不同的交期", "delete the copy; for a further delivery give another date"))
	return true
}

func (r *replyReader) put(reply Reply, asked Line, known bool, splits []Split) {
	sku := reply.SKU
	if known {
		sku = asked.SKU
	}
	i, ok := r.at[reply.Line]
	if !ok {
		r.at[reply.Line] = len(r.lines)
		r.lines = append(r.lines, AnswerLine{Line: reply.Line, SKU: sku, Splits: splits, Reason: reply.Reason, Note: reply.Note})
		return
	}
	l := &r.lines[i]
	l.Splits = append(l.Splits, splits...)
	if l.Reason == ReasonNone {
		l.Reason = reply.Reason
	}
	if reply.Note != "" && reply.Note != l.Note {
		if l.Note != "" {
			l.Note += "；"
		}
		l.Note += reply.Note
	}
}
