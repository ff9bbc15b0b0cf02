package c2mops_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// together runs f n times at once and gives the errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func TestNumbersHaveNoGapsAndNoTwins(t *testing.T) {
	w := newWorld(t)
	numbers := make([]string, 12)
	for i, err := range together(len(numbers), func(i int) error {
		supplier := w.supplier
		if i%3 == 2 { // every third fails and must leave no gap
			supplier = 999
		}
		o, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: supplier, ShipTo: w.site, Lines: []c2mops.NewLine{{SKU: w.skus[0], Pieces: 60}}})
		if err == nil {
			numbers[i] = o.Number
		}
		return err
	}) {
		if (err != nil) != (i%3 == 2) {
			t.Errorf("%d: %v", i, err)
		}
	}
	numbers = slices.DeleteFunc(numbers, func(s string) bool { return s == "" })
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := c2m.FormatNumber(w.ops.Today(), i+1); n != want {
			t.Errorf("got %s, want %s", n, want)
		}
	}
	w.pass(15 * 24 * time.Hour)
	o, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site})
	if err != nil || o.Number != "FO-2612-0001" {
		t.Errorf("the next month begins with %v, %v", o, err)
	}
}

// Two uploads of one sheet at once: one is taken, the other repeats it. Two different ones: both are taken, one after the other.
func TestUploadsAtOnce(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	same := w.sheet(o.ID, "采购单", storyCells())
	outcomes := map[c2mops.Outcome]int{}
	var mu sync.Mutex
	upload := func(content []byte) error {
		u, err := w.ops.UploadAnswer(w.beili, c2mops.Uploading{Name: "a.xlsx", Content: content})
		mu.Lock()
		defer mu.Unlock()
		outcomes[u.Outcome]++
		return err
	}
	for _, err := range together(4, func(int) error { return upload(same) }) {
		if err != nil {
			t.Error(err)
		}
	}
	if outcomes[c2mops.Taken] != 1 || outcomes[c2mops.Repeated] != 3 {
		t.Errorf("%v", outcomes)
	}
	other := w.sheet(o.ID, "采购单", map[string]any{"N11": 1200, "N12": 1800, "N13": 2400, "N14": 1200})
	third := w.sheet(o.ID, "采购单", map[string]any{"N11": 2400, "N12": 1800, "N13": 2400, "N14": 600})
	for _, err := range together(2, func(i int) error { return upload([][]byte{other, third}[i]) }) {
		if err != nil {
			t.Error(err)
		}
	}
	d := w.detail(o.ID)
	if n := d.Order.Undecided(); d.Order.State != c2m.StateAnswered || n != 1 && n != 2 || outcomes[c2mops.Taken] != 3 {
		t.Errorf("%s, %d undecided, %v", d.Order.State, n, outcomes)
	}
}

func TestTheLastPiecesAreSentOnce(t *testing.T) {
	w := newWorld(t)
	o := w.confirmed()
	errs := together(3, func(i int) error {
		csv := fmt.Sprintf("送货单号,订单号,行号,数量,计划到货\nSH-%d,%s,1,2000,2026-12-02\n", i, o.Number)
		u, err := w.ops.UploadASN(w.beili, c2mops.Uploading{Name: "asn.csv", Content: []byte(csv)})
		if err == nil && u.Outcome != c2mops.Taken {
			err = fmt.Errorf("%s", u.Outcome)
		}
		return err
	})
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		}
	}
	if l, _ := w.detail(o.ID).Order.Line(1); taken != 1 || l.Shipped != 2000 {
		t.Errorf("%d notes taken, %d pieces on their way of 2,400", taken, l.Shipped)
	}
}

// confirmed gives the story's order, answered as asked.
func (w *world) confirmed() *c2m.FactoryOrder {
	w.t.Helper()
	o := w.story()
	u := w.answer(o.ID, map[string]any{"N11": 2400, "N12": 1800, "N13": 2400, "N14": 1200})
	if len(u.Changed) != 1 || u.Changed[0].State != c2m.StateConfirmed {
		w.t.Fatalf("%+v", u)
	}
	return w.detail(o.ID).Order
}

func (w *world) teether(id replenishment.SuggestionID, state replenishment.State, pieces, decided quantity.Pieces, site catalog.SiteID) {
	w.suggest(id, replenishment.Suggestion{SKU: w.skus[0], Key: replenishment.Key{Kind: replenishment.Buy, Site: site, Supplier: w.supplier},
		Pieces: pieces, Decided: decided, Unit: 1280, ArriveBy: day("2026-12-02"), State: state})
}

func TestApprovedSuggestionsGoOntoADraftOnce(t *testing.T) {
	w := newWorld(t)
	w.teether(1, replenishment.StateApproved, 4200, 4000, w.site)
	w.teether(2, replenishment.StateApproved, 600, 0, w.far)
	w.teether(3, replenishment.StateRejected, 600, 0, w.site)
	w.suggest(4, replenishment.Suggestion{SKU: w.skus[1], Key: replenishment.Key{Kind: replenishment.Transfer, Site: w.site}, Pieces: 5, State: replenishment.StateApproved})
	ids := []replenishment.SuggestionID{1, 2, 3, 4}
	for _, err := range together(4, func(int) error { _, err := w.ops.TakeSuggestions(w.system, ids); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	page, err := w.ops.Orders(w.buyer, c2mops.Query{})
	if err != nil || len(page.Rows) != 2 {
		t.Fatalf("%+v, %v", page.Rows, err)
	}
	var near c2m.OrderID
	for _, r := range page.Rows {
		if r.LineCount != 1 {
			t.Errorf("%+v", r)
		}
		if r.ShipTo == w.site {
			near = r.ID
		}
	}
	d := w.detail(near)
	if l := d.Order.Lines[0]; l.Pieces != 4000 || l.Price != 1280 || l.Suggestion != 1 || l.Due != day("2026-12-02") || l.Note != "" {
		t.Errorf("%+v", l)
	}
	if len(d.Cautions) != 1 || d.Cautions[0].Kind != c2m.CautionPack || d.Cautions[0].Unit != 60 {
		t.Errorf("cautions %+v", d.Cautions)
	}
	open, err := w.ops.OpenSupply(w.buyer, w.skus[0])
	if err != nil || len(open) != 2 || open[0].Confirmed || open[0].Suggestion == 0 {
		t.Errorf("%+v, %v", open, err)
	}
	if count[c2m.Drafted](w) != 2 {
		t.Errorf("%d facts", count[c2m.Drafted](w))
	}

	// Removed by the buyer, a repeated message must not bring it back; a new suggestion joins the same draft.
	if _, err := w.ops.RemoveLine(w.buyer, near, 0, 1, ""); err != nil {
		t.Fatal(err)
	}
	w.teether(5, replenishment.StateApproved, 1200, 0, w.site)
	if _, err := w.ops.TakeSuggestions(w.system, []replenishment.SuggestionID{1, 5}); err != nil {
		t.Fatal(err)
	}
	if d := w.detail(near); len(d.Order.Lines) != 1 || d.Order.Lines[0].Suggestion != 5 || d.Order.Lines[0].No != 2 {
		t.Errorf("%+v", d.Order.Lines)
	}

	// Taken back before sending, it comes off; approved again, it goes on again.
	w.teether(5, replenishment.StateOpen, 1200, 0, w.site)
	if _, err := w.ops.TakeSuggestions(w.system, []replenishment.SuggestionID{5}); err != nil {
		t.Fatal(err)
	}
	if d := w.detail(near); len(d.Order.Lines) != 0 {
		t.Errorf("%+v", d.Order.Lines)
	}
	w.teether(5, replenishment.StateApproved, 1260, 0, w.site)
	if _, err := w.ops.TakeSuggestions(w.system, []replenishment.SuggestionID{5}); err != nil {
		t.Fatal(err)
	}
	if d := w.detail(near); len(d.Order.Lines) != 1 || d.Order.Lines[0].Pieces != 1260 {
		t.Errorf("%+v", d.Order.Lines)
	}

	// After sending, the next one opens a new draft.
	w.send(w.detail(near).Order, "")
	w.teether(6, replenishment.StateApproved, 120, 0, w.site)
	changed, err := w.ops.TakeSuggestions(w.system, []replenishment.SuggestionID{6})
	if err != nil || len(changed) != 1 || changed[0] == near {
		t.Errorf("%v, %v", changed, err)
	}
}

func TestThePublishedFactBecomesAJob(t *testing.T) {
	w := newWorld(t)
	err := pgdb.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		return w.bus.Publish(context.WithoutCancel(t.Context()), tx, replenishment.Approved{SuggestionIDs: []replenishment.SuggestionID{1, 2}})
	})
	if err != nil {
		t.Fatal(err)
	}
	var args string
	if err := w.pool.QueryRow(t.Context(), `select args::text from river_job where kind = 'c2m.suggestions'`).Scan(&args); err != nil || args != `{"ids": [1, 2]}` {
		t.Errorf("%s, %v", args, err)
	}
}

func TestThePlannerIsToldOnlyWhenSupplyMoves(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	before := count[c2m.SupplyChanged](w)
	if _, err := w.ops.Say(w.buyer, o.ID, "早"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.SetConditions(w.buyer, o.ID, 0, c2m.Conditions{Note: "周末不收货"}); err != nil {
		t.Fatal(err)
	}
	if n := count[c2m.SupplyChanged](w); n != before {
		t.Errorf("told %d times of nothing", n-before)
	}
	w.answer(o.ID, storyCells())
	if n := count[c2m.SupplyChanged](w); n != before+1 {
		t.Errorf("told %d times of an answer", n-before)
	}
	// Everything is refused at once: the next version asks for the same again.
	got, err := w.ops.Refuse(w.buyer, o.ID, 0, c2m.Select{}, c2m.Counter{}, "都要")
	if err != nil || got.Undecided() != 0 || got.State != c2m.StateAnswered {
		t.Fatalf("%v, %+v", err, got)
	}
	if got = w.send(got, "都要"); got.State != c2m.StateSent || got.Version() != 2 || len(got.Agreed) != 1 {
		t.Errorf("%s, version %d", got.State, got.Version())
	}
}
