package c2mops_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// The whole life of the order in the pictures: partly confirmed, split over dates, one price refused, a second version, goods in two
// lorries, 24 pieces short.
func TestTheWholeLifeOfAnOrder(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	if o.State != c2m.StateSent || o.Number != "FO-2611-0001" || o.Version() != 1 {
		t.Fatalf("%s %s version %d", o.Number, o.State, o.Version())
	}
	if got := o.Current.ReplyBy.In(zone).Format("2006-01-02 15:04"); got != "2026-11-22 18:00" {
		t.Errorf("reply by %s", got)
	}

	w.pass(42 * time.Hour)
	u := w.answer(o.ID, storyCells())
	if u.Outcome != c2mops.Taken || len(u.Problems) != 0 || len(u.Changed) != 1 || u.Changed[0].Undecided != 4 {
		t.Fatalf("%+v", u)
	}
	d := w.detail(o.ID)
	if d.Order.State != c2m.StateAnswered || d.Asked.Gross != 8_052_000 || d.Answered.Gross != 7_584_000 || d.Answered.Pieces != 6600 {
		t.Errorf("%s, asked %+v, answered %+v", d.Order.State, d.Asked, d.Answered)
	}
	if p := d.Pairs[1]; len(p.Answer.Splits) != 2 || p.Deviations[0].Days != 7 || p.Deviations[0].Moved != 600 || p.Answer.Note != "蓝色母料 12-05 到" {
		t.Errorf("%+v", p)
	}
	if d.AnswerFile == 0 || d.Score.Answers != 1 && w.ops.Today() > day("2026-11-22") {
		t.Errorf("answer file %d, score %+v", d.AnswerFile, d.Score)
	}

	// The price of line 3 is refused, everything else accepted.
	if _, err := w.ops.Refuse(w.buyer, o.ID, 0, c2m.Select{Line: 3, Kinds: []c2m.DeviationKind{c2m.DeviationPrice}}, c2m.Counter{Price: ptr(money.Fen(900))}, "涨幅太大"); err != nil {
		t.Fatal(err)
	}
	o, left, err := w.ops.Accept(w.buyer, o.ID, 0, c2m.Select{}, "")
	if err != nil || len(left) != 0 || o.State != c2m.StateAnswered || !o.Changed() {
		t.Fatalf("%v, left %v, %s", err, left, o.State)
	}
	o = w.send(o, "还价")
	if o.State != c2m.StateSent || o.Version() != 2 || len(o.Agreed) != 3 {
		t.Fatalf("%s version %d, %d agreed", o.State, o.Version(), len(o.Agreed))
	}
	diff, _, err := w.ops.Diff(w.beili, o.ID, 1, 2)
	if err != nil || len(diff.Lines) != 1 || diff.Lines[0].No != 3 || diff.Lines[0].After.Price != 900 {
		t.Errorf("difference %+v, %v", diff, err)
	}

	// The sheet of version 2 has the agreed lines filled in and one more line above the table; line 3 stands in row 14.
	u = w.answer(o.ID, map[string]any{"N14": 2400, "O14": "2026-12-06"})
	if u.Outcome != c2mops.Taken || u.Changed[0].State != c2m.StateConfirmed {
		t.Fatalf("%+v", u)
	}
	d = w.detail(o.ID)
	if d.Order.Confirmation() != c2m.PartlyAgreed || d.Agreed.Pieces != 6600 || d.Agreed.Gross != 3_072_000+2_304_000+2400*900 {
		t.Errorf("%s, %+v", d.Order.Confirmation(), d.Agreed)
	}
	supply, err := w.ops.OpenSupply(w.buyer, w.skus[1])
	if err != nil || len(supply) != 2 || !supply[0].Confirmed || supply[1].Pieces != 600 || supply[1].Day != day("2026-12-09") {
		t.Errorf("%+v, %v", supply, err)
	}

	if _, err := w.ops.StartProduction(w.beili, o.ID); err != nil {
		t.Fatal(err)
	}
	w.deliver(o)
	d = w.detail(o.ID)
	if d.Order.State != c2m.StateClosed || len(d.Versions) != 2 || len(d.ASNs) != 2 || len(d.History) < 9 {
		t.Errorf("%s, %d versions, %d notes, %d entries", d.Order.State, len(d.Versions), len(d.ASNs), len(d.History))
	}
	for _, e := range d.History {
		if e.Actor == "" || e.Verb == "" {
			t.Errorf("audit: %+v", e)
		}
	}
	if count[c2m.OrderSent](w) != 2 || count[c2m.OrderAnswered](w) != 1 || count[c2m.OrderConfirmed](w) != 1 || count[c2m.Dispatched](w) != 2 || count[c2m.OrderClosed](w) != 1 {
		t.Errorf("facts %v", w.facts)
	}
}

// deliver sends and receives the goods of the story.
func (w *world) deliver(o *c2m.FactoryOrder) {
	t := w.t
	t.Helper()
	asn := func(number string, rows ...string) c2mops.Uploaded {
		t.Helper()
		csv := "送货单号,订单号,行号,批号,生产日期,本次数量,计划到货\n"
		for _, r := range rows {
			csv += number + "," + o.Number + "," + r + "\n"
		}
		u, err := w.ops.UploadASN(w.beili, c2mops.Uploading{Name: number + ".csv", Content: []byte(csv)})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	w.now = time.Date(2026, 12, 1, 9, 0, 0, 0, zone)
	if u := asn("SH-1", "1,A1,2026-11-20,2400,2026-12-02", "2,A2,2026-11-20,1200,2026-12-02"); u.Outcome != c2mops.Taken || u.Changed[0].State != c2m.StateDispatched {
		t.Fatalf("%+v", u)
	}
	if u := asn("SH-1", "2,A2,2026-11-20,1200,2026-12-02", "1,A1,2026-11-20,2400,2026-12-02"); u.Outcome != c2mops.Repeated {
		t.Errorf("the same note again: %+v", u)
	}
	if u := asn("SH-2", "2,A3,2026-11-20,601,2026-12-09"); u.Outcome != c2mops.Refused || !strings.Contains(u.Problems[0].Reason.EN, "600 left") || u.AnnotatedID == nil {
		t.Errorf("too many: %+v", u)
	}
	w.now = time.Date(2026, 12, 3, 9, 0, 0, 0, zone)
	r := c2mops.Receiving{Operation: "op-1", Day: ptr(day("2026-12-02")), Pieces: map[int]quantity.Pieces{1: 2400, 2: 1200}}
	for range 2 { // sent twice, it happens once
		if _, err := w.ops.Receive(w.buyer, o.ID, r); err != nil {
			t.Fatal(err)
		}
	}
	w.now = time.Date(2026, 12, 8, 9, 0, 0, 0, zone)
	if u := asn("SH-3", "2,A3,2026-11-20,600,2026-12-09", "3,B1,2026-11-20,2400,2026-12-09"); u.Outcome != c2mops.Taken {
		t.Fatalf("%+v", u)
	}
	w.now = time.Date(2026, 12, 10, 9, 0, 0, 0, zone)
	got, err := w.ops.Receive(w.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{2: 600, 3: 2376}})
	if err != nil || got.State != c2m.StateDispatched || got.ShortPieces() != 24 {
		t.Fatalf("%v, %s, short %d", err, got.State, got.ShortPieces())
	}
	if _, err := w.ops.Close(w.buyer, o.ID, 0, ""); !errors.Is(err, c2m.ErrReason) {
		t.Errorf("closed short without a reason: %v", err)
	}
	if _, err := w.ops.Close(w.buyer, o.ID, 0, "24 件不再补"); err != nil {
		t.Fatal(err)
	}
	// 6,600 promised; 3,600 by 12-02 on time; 2,400 promised for 12-06 and 600 for 12-09 came on 12-10.
	s, err := w.ops.Score(w.beili, w.supplier)
	if err != nil || s.Promised != 6600 || s.OnTime != 3600 || s.Came != 6576 || s.Answers != 2 || s.AnswersInTime != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	if open, err := w.ops.OpenSupply(w.buyer); err != nil || len(open) != 0 {
		t.Errorf("a closed order is awaited: %+v, %v", open, err)
	}
}

func TestABadSheetChangesNothingAndComesBackAnnotated(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	cells := storyCells()
	cells["O11"], cells["N14"] = "2026-02-30", "约 800"
	u := w.answer(o.ID, cells)
	if u.Outcome != c2mops.Refused || len(u.Problems) != 2 || u.AnnotatedID == nil || u.FileID == nil {
		t.Fatalf("%+v", u)
	}
	if p := u.Problems[0]; p.Row != 11 || p.Cell != "O11" || p.Value != "2026-02-30" || p.Header != "确认交期" {
		t.Errorf("%+v", p)
	}
	if d := w.detail(o.ID); d.Order.State != c2m.StateSent || d.Order.Answer != nil || len(d.Uploads) != 0 && d.Uploads[0].Outcome != c2mops.Refused {
		t.Errorf("%s", d.Order.State)
	}
	f, err := w.ops.File(w.beili, *u.AnnotatedID)
	if err != nil || f.Name != "答复_v1_结果.xlsx" || len(f.Content) == 0 {
		t.Errorf("%+v, %v", f.Name, err)
	}
	_, err = w.ops.File(w.other, *u.AnnotatedID)
	wantErr(t, "another supplier's file", err, c2m.ErrUnknown)
	ups, err := w.ops.Uploads(w.beili, 0, 5)
	if err != nil || len(ups) != 1 || len(ups[0].Problems) != 2 {
		t.Errorf("%+v, %v", ups, err)
	}
	if u, err := w.ops.UploadAnswer(w.beili, c2mops.Uploading{Name: "../../etc/x\x00.xlsx", Content: []byte("rubbish")}); err != nil || u.Outcome != c2mops.Refused || u.Name != "x.xlsx" || u.Problems[0].Remedy.ZH == "" {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestRulesOfTheSheetAreReportedByCell(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	cells := map[string]any{"N11": 2400, "O11": "2026-11-01", "V12": "等通知", "C13": "NO-SUCH", "N13": 5}
	u := w.answer(o.ID, cells)
	if u.Outcome != c2mops.Refused || len(u.Problems) != 3 {
		t.Fatalf("%+v", u.Problems)
	}
	for i, want := range []string{"O11", "N12", "C13"} {
		if u.Problems[i].Cell != want {
			t.Errorf("got %+v, want %s", u.Problems[i], want)
		}
	}
}

func TestTheSameSheetTwiceIsHarmless(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	w.answer(o.ID, storyCells())
	before := w.detail(o.ID)
	if _, _, err := w.ops.Accept(w.buyer, o.ID, before.Order.Revision, c2m.Select{Line: 2}, ""); err != nil {
		t.Fatal(err)
	}
	u := w.answer(o.ID, storyCells())
	d := w.detail(o.ID)
	if u.Outcome != c2mops.Repeated || len(u.Repeats) != 1 || d.Order.Undecided() != 3 || d.Order.Revision != before.Order.Revision+1 {
		t.Errorf("%+v, %d undecided", u, d.Order.Undecided())
	}
	// A stale revision is told, not overwritten.
	_, _, err := w.ops.Accept(w.buyer, o.ID, before.Order.Revision, c2m.Select{}, "")
	wantErr(t, "stale", err, c2m.ErrStale)
}

func TestAnOldVersionIsRefused(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	old := w.sheet(o.ID, "采购单", storyCells())
	if _, err := w.ops.ChangeLine(w.buyer, o.ID, 0, 1, c2m.LineChange{Pieces: ptr(quantity.Pieces(3000))}, "heat"); err != nil {
		t.Fatal(err)
	}
	w.send(w.detail(o.ID).Order, "more")
	u, err := w.ops.UploadAnswer(w.beili, c2mops.Uploading{Name: "old.xlsx", Content: old})
	if err != nil || u.Outcome != c2mops.Refused || len(u.Problems) != 4 || !strings.Contains(u.Problems[0].Reason.ZH, "第 1 版") || u.Problems[0].Header != "版本" {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestSuppliersSeeTheirOwnOrdersAsTheyWereSent(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	_, err := w.ops.PortalOrder(w.other, o.ID)
	wantErr(t, "another supplier", err, c2m.ErrUnknown)
	_, err = w.ops.OrderSheet(w.other, o.ID, 0, "zh")
	wantErr(t, "another supplier's sheet", err, c2m.ErrUnknown)
	draft, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ops.PortalOrder(w.beili, draft.ID)
	wantErr(t, "a draft", err, c2m.ErrUnknown)
	if _, err := w.ops.ChangeLine(w.buyer, o.ID, 0, 1, c2m.LineChange{Pieces: ptr(quantity.Pieces(9001))}, "secret"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.AddLine(w.buyer, o.ID, 0, c2mops.NewLine{SKU: w.skus[0], Pieces: 60}); err != nil {
		t.Fatal(err)
	}
	d, err := w.ops.PortalOrder(w.beili, o.ID)
	if err != nil || len(d.Pairs) != 4 || d.Pairs[0].Wanted != nil || d.Pairs[0].Line.Pieces != 2400 || len(d.Order.Lines) != 4 || d.History != nil || d.Cautions != nil {
		t.Errorf("%+v, %v", d.Pairs, err)
	}
	page, err := w.ops.PortalOrders(w.beili, c2mops.Query{})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Pieces != 7800 {
		t.Errorf("%+v, %v", page.Rows, err)
	}
	if page, err := w.ops.PortalOrders(w.other, c2mops.Query{Filter: c2mops.Filter{Supplier: w.supplier}}); err != nil || len(page.Rows) != 0 {
		t.Errorf("another supplier sees %+v, %v", page.Rows, err)
	}
	house := w.detail(o.ID)
	if len(house.Pairs) != 5 || house.Pairs[0].Wanted == nil || house.Pairs[0].Wanted.Pieces != 9001 || len(house.Cautions) == 0 {
		t.Errorf("%+v", house.Pairs)
	}
}

func TestPricesAreCheckedAgainstTheTermsWhenSending(t *testing.T) {
	w := newWorld(t)
	o, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site, Lines: []c2mops.NewLine{{SKU: w.skus[0], Pieces: 4000}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.pool.Exec(t.Context(), `update catalog.term set breaks = '[{"from": 1, "price": 1310}]' where sku_id = $1`, w.skus[0]); err != nil {
		t.Fatal(err)
	}
	_, err = w.ops.Send(w.buyer, o.ID, c2mops.Sending{})
	var moved *c2m.PricesMovedError
	if !errors.As(err, &moved) || moved.Moves[0] != (c2m.PriceMove{Line: 1, SKU: w.skus[0], Price: 1280, Terms: 1310}) {
		t.Fatalf("%v", err)
	}
	if _, err := w.pool.Exec(t.Context(), `update catalog.supplier set banned = '红牌' where id = $1`, w.supplier); err != nil {
		t.Fatal(err)
	}
	_, err = w.ops.Send(w.buyer, o.ID, c2mops.Sending{Prices: c2mops.TermPrices})
	wantErr(t, "banned", err, c2m.ErrSupplier)
	if _, err := w.pool.Exec(t.Context(), `update catalog.supplier set banned = '' where id = $1`, w.supplier); err != nil {
		t.Fatal(err)
	}
	got, err := w.ops.Send(w.buyer, o.ID, c2mops.Sending{Prices: c2mops.TermPrices})
	if err != nil || got.Current.Lines[0].Price != 1310 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site, Lines: []c2mops.NewLine{{SKU: catalog.SKUID(999), Pieces: 1}}})
	wantErr(t, "unknown goods", err, catalog.ErrUnknown)
}

func TestOnlineAnswersFollowTheRulesOfTheSheet(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	n := func(v int) []c2m.ReplyBatch { return []c2m.ReplyBatch{{Pieces: ptr(quantity.Pieces(v))}} }
	_, _, problems, err := w.ops.AnswerOnline(w.beili, o.ID, 1, []c2m.Reply{{Line: 1, Note: "wait"}})
	if err != nil || len(problems) != 1 {
		t.Fatalf("%+v, %v", problems, err)
	}
	_, _, _, err = w.ops.AnswerOnline(w.beili, o.ID, 2, []c2m.Reply{{Line: 1, Batches: n(5)}})
	wantErr(t, "a version that is not", err, c2m.ErrVersion)
	all := []c2m.Reply{{Line: 1, Batches: n(2400)}, {Line: 2, Batches: n(1800)}, {Line: 3, Batches: n(2400)}, {Line: 4, Batches: n(1200)}}
	got, repeated, problems, err := w.ops.AnswerOnline(w.beili, o.ID, 1, all)
	if err != nil || repeated || len(problems) != 0 || got.State != c2m.StateConfirmed || got.Confirmation() != c2m.WhollyAgreed {
		t.Fatalf("%v, %+v", err, got)
	}
	if _, repeated, _, err := w.ops.AnswerOnline(w.beili, o.ID, 1, all); err != nil || !repeated {
		t.Errorf("again: %v, %v", repeated, err)
	}
}
