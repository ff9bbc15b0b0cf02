package c2mops_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// quay is the warehouse as a test sets it.
type quay struct {
	mu          sync.Mutex
	deliveries  map[warehouse.DeliveryID]*warehouse.Delivery
	arrivals    map[warehouse.DeliveryID][]warehouse.OrderArrival
	inspections map[int64]*warehouse.Inspection
	docked      map[int64]string
	bans        []string
}

func (q *quay) Delivery(_ context.Context, _ pgdb.Querier, id warehouse.DeliveryID) (*warehouse.Delivery, error) {
	if d, ok := q.deliveries[id]; ok {
		return d, nil
	}
	return nil, warehouse.ErrNoDelivery
}

func (q *quay) OrderArrivals(_ context.Context, _ pgdb.Querier, id warehouse.DeliveryID) ([]warehouse.OrderArrival, error) {
	return q.arrivals[id], nil
}

func (q *quay) DeliveryOfOrder(_ context.Context, _ pgdb.Querier, order int64) (string, error) {
	return q.docked[order], nil
}

func (q *quay) Inspection(_ context.Context, _ pgdb.Querier, id int64) (*warehouse.Inspection, error) {
	if i, ok := q.inspections[id]; ok {
		return i, nil
	}
	return nil, warehouse.ErrNoInspection
}

func (q *quay) SetBan(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, reason string) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bans = append(q.bans, reason)
	_, err := tx.Exec(ctx, `update catalog.supplier set banned = $2 where id = $1`, id, reason)
	return true, err
}

func withQuay(t *testing.T) (*world, *quay) {
	w := newWorld(t)
	q := &quay{deliveries: map[warehouse.DeliveryID]*warehouse.Delivery{}, arrivals: map[warehouse.DeliveryID][]warehouse.OrderArrival{},
		inspections: map[int64]*warehouse.Inspection{}, docked: map[int64]string{}}
	w.ops.Dock, w.ops.Suppliers = q, q
	return w, q
}

// onTheWay gives a confirmed order with a delivery note of 1,200 of its first line's pieces, and the note.
func (w *world) onTheWay(t *testing.T) (*c2m.FactoryOrder, int64) {
	t.Helper()
	o := w.confirmed()
	csv := "送货单号,采购单号,行号,SKU,批次,生产日期,有效期至,数量,箱数,每箱数量,计划到货日期\n" +
		"SH-1," + o.Number + ",1,,L261120,2026-11-18,," + "1200,20,60,2026-11-25\n"
	up, err := w.ops.UploadASN(w.beili, c2mops.Uploading{Name: "note.csv", Content: []byte(csv), Order: o.ID})
	if err != nil || len(up.Problems) > 0 || len(up.ASNs) != 1 {
		t.Fatalf("%+v, %v", up, err)
	}
	return o, up.ASNs[0]
}

func TestADeliveryCountsOnItsOrderOnce(t *testing.T) {
	w, q := withQuay(t)
	o, asn := w.onTheWay(t)
	q.docked[int64(o.ID)] = "SH-1"
	var docked *c2m.DockedError
	if _, err := w.ops.Receive(w.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{1: 60}}); !errors.As(err, &docked) || docked.Delivery != "SH-1" {
		t.Errorf("entered by hand beside the dock: %v", err)
	}
	closed := w.clock()
	q.deliveries[5] = &warehouse.Delivery{ID: 5, Number: "SH-1", ASN: asn, State: warehouse.DeliveryReceived, Closed: &closed, ClosedBy: "王"}
	q.arrivals[5] = []warehouse.OrderArrival{{Order: int64(o.ID), Line: 1, Pieces: 1140}}
	var wg sync.WaitGroup
	for range 4 { // the job may run more than once, and at once
		wg.Go(func() {
			if err := w.ops.BookArrival(w.system, 5); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	d := w.detail(o.ID)
	l, _ := d.Order.Line(1)
	if l.Came != 1140 || l.Shipped != 1140 {
		t.Errorf("came %d, on its way or come %d; want 1140: the 60 short are awaited anew", l.Came, l.Shipped)
	}
	receipts, err := c2mdb.Receipts(t.Context(), w.pool, o.ID)
	if err != nil || len(receipts) != 1 || receipts[0].Note != "收货 SH-1" || receipts[0].ByName != "王" {
		t.Errorf("%+v, %v", receipts, err)
	}
	supply, err := w.ops.OpenSupply(w.buyer, l.SKU)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range supply {
		if s.Dispatched && s.Line == 1 && s.Order == o.ID {
			t.Errorf("%d pieces are still on their way: %+v", s.Pieces, s)
		}
	}
	if err := w.ops.BookArrival(w.system, 99); err != nil {
		t.Errorf("a delivery that is gone: %v", err)
	}
}

func TestMoreThanAgreedIsWrittenOnTheReceipt(t *testing.T) {
	w, q := withQuay(t)
	o, asn := w.onTheWay(t)
	l := o.Lines[0]
	agreed := o.AwaitedPieces(1)
	q.deliveries[5] = &warehouse.Delivery{ID: 5, Number: "SH-1", ASN: asn, State: warehouse.DeliveryReceived}
	q.arrivals[5] = []warehouse.OrderArrival{{Order: int64(o.ID), Line: 1, Pieces: agreed + 7}}
	if err := w.ops.BookArrival(w.system, 5); err != nil {
		t.Fatal(err)
	}
	got, _ := w.detail(o.ID).Order.Line(l.No)
	receipts, _ := c2mdb.Receipts(t.Context(), w.pool, o.ID)
	if got.Came != agreed || len(receipts) != 1 || receipts[0].Note != "收货 SH-1，多到 7" {
		t.Errorf("came %d of %d, %+v", got.Came, agreed, receipts)
	}
}

// lot writes an inspected lot and lets the job take it.
func (w *world) lot(t *testing.T, q *quay, id int64, sku catalog.SKUID, accepted bool) {
	t.Helper()
	w.pass(time.Hour)
	at := w.clock()
	i := &warehouse.Inspection{ID: id, Supplier: w.supplier, SKU: sku, Lot: warehouse.Lot{Code: "L"}, State: warehouse.InspectionAccepted, Decided: &at, DecidedBy: "王"}
	if !accepted {
		i.State, i.Failed = warehouse.InspectionRefused, []string{"major"}
	}
	q.inspections[id] = i
	for range 2 {
		if err := w.ops.RecordLot(w.system, id); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) banned(t *testing.T) string {
	t.Helper()
	s, err := c2mdb.Supplier(t.Context(), w.pool, w.supplier)
	if err != nil {
		t.Fatal(err)
	}
	return s.Banned
}

func (w *world) card(t *testing.T) *c2m.Card {
	t.Helper()
	all, err := w.ops.Cards(w.buyer, w.supplier, true)
	if err != nil || len(all) > 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

func TestThreeRefusedLotsBanTheSupplier(t *testing.T) {
	w, q := withQuay(t)
	sku := w.skus[0]
	w.lot(t, q, 1, sku, true)
	if w.card(t) != nil {
		t.Error("a card for a good lot")
	}
	for i, want := range []quality.Card{quality.Yellow, quality.Red, quality.Ban} {
		w.lot(t, q, int64(2+i), sku, false)
		if c := w.card(t); c == nil || c.Kind != want {
			t.Errorf("after %d refused lots: %+v, want %s", i+1, c, want)
		}
		if (w.banned(t) != "") != (want == quality.Ban) {
			t.Errorf("after %d refused lots the supplier is banned: %q", i+1, w.banned(t))
		}
	}
	if _, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site}); !errors.Is(err, c2m.ErrSupplier) {
		t.Errorf("ordered from a banned supplier: %v", err)
	}
	standings, err := c2mdb.Quality{}.Standings(t.Context(), w.pool, w.supplier, w.skus)
	if err != nil || !standings[sku].Banned || len(standings) != 1 {
		t.Errorf("%+v, %v", standings, err)
	}
	// An appeal that is granted strikes the lot: two in a row remain.
	c := w.card(t)
	if _, err := w.ops.Appeal(w.other, c.ID, "不服"); !errors.Is(err, c2m.ErrUnknown) {
		t.Errorf("another supplier appeals: %v", err)
	}
	if _, err := w.ops.Appeal(w.beili, c.ID, "  "); !errors.Is(err, c2m.ErrReason) {
		t.Errorf("an appeal without words: %v", err)
	}
	if _, err := w.ops.Appeal(w.beili, c.ID, "复检报告合格"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.Appeal(w.beili, c.ID, "再说一次"); !errors.Is(err, c2m.ErrAppeal) {
		t.Errorf("a second appeal: %v", err)
	}
	first, err := w.ops.DecideAppeal(w.buyer, c.ID, true, "复检成立")
	if err != nil || first.Decision != "" || first.Proposal != c2m.AppealWithdrawn || first.Ended != nil {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := w.ops.DecideAppeal(w.buyer, c.ID, true, "复检成立"); !errors.Is(err, c2m.ErrSamePerson) {
		t.Errorf("one person decided alone: %v", err)
	}
	lead := access.WithUser(t.Context(), access.User{ID: 77, Name: "林仓管", Role: access.Lead, Language: "zh"})
	done, err := w.ops.DecideAppeal(lead, c.ID, true, "看过报告")
	if err != nil || done.Decision != c2m.AppealWithdrawn || done.Ended == nil || done.EndedWhy != "withdrawn" {
		t.Fatalf("%+v, %v", done, err)
	}
	if now := w.card(t); now == nil || now.Kind != quality.Red || w.banned(t) != "" {
		t.Errorf("after the appeal: %+v, banned %q", now, w.banned(t))
	}
	if _, err := w.ops.DecideAppeal(w.buyer, c.ID, false, "x"); !errors.Is(err, c2m.ErrAppeal) {
		t.Errorf("decided twice: %v", err)
	}
	// A third one again bans, and a person lifts the ban.
	w.lot(t, q, 9, sku, false)
	if w.banned(t) == "" {
		t.Error("not banned again")
	}
	if err := w.ops.LiftBan(w.buyer, w.supplier, w.skus[1], "错的"); !errors.Is(err, c2m.ErrStanding) {
		t.Errorf("lifted where nothing was refused: %v", err)
	}
	if err := w.ops.LiftBan(w.buyer, w.supplier, sku, "整改完成"); err != nil {
		t.Fatal(err)
	}
	if c := w.card(t); w.banned(t) != "" || c == nil || c.Kind == quality.Ban {
		t.Errorf("lifted: %+v, banned %q", c, w.banned(t))
	}
}

func TestABanByHandStays(t *testing.T) {
	w, q := withQuay(t)
	if _, err := w.pool.Exec(t.Context(), `update catalog.supplier set banned = '合同纠纷' where id = $1`, w.supplier); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		w.lot(t, q, int64(i+1), w.skus[i], false)
	}
	if w.banned(t) != "合同纠纷" || len(q.bans) != 0 {
		t.Errorf("the buyer's ban became %q", w.banned(t))
	}
}

func TestCertificates(t *testing.T) {
	w := newWorld(t)
	today := w.ops.Today()
	need := func(sku catalog.SKUID, day int) int {
		t.Helper()
		got, err := c2mdb.Quality{}.Lacking(t.Context(), w.pool, w.supplier, []catalog.SKUID{sku}, today.AddDays(day))
		if err != nil {
			t.Fatal(err)
		}
		return len(got[sku])
	}
	var category catalog.CategoryID
	if err := w.pool.QueryRow(t.Context(), `select id from catalog.category`).Scan(&category); err != nil {
		t.Fatal(err)
	}
	if need(w.skus[0], 0) != 0 {
		t.Error("nothing is needed yet")
	}
	if err := w.ops.SetCertificateNeeds(w.buyer, category, quality.DualQualification()); err != nil {
		t.Fatal(err)
	}
	if n := need(w.skus[0], 0); n != 2 {
		t.Errorf("%d certificates are missing, want both", n)
	}
	iso := c2m.Certificate{Supplier: w.supplier, Kind: quality.ISO22000, Number: " FSMS-1 ", From: today.AddDays(-100), To: today.AddDays(10)}
	if _, err := w.ops.AddCertificate(w.buyer, iso, &c2mops.Scan{Name: "iso.pdf", Content: []byte("%PDF-1.7\n…")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.AddCertificate(w.buyer, iso, nil); !errors.Is(err, c2m.ErrCertificateTaken) {
		t.Errorf("the same again: %v", err)
	}
	if n := need(w.skus[0], 0); n != 1 {
		t.Errorf("%d missing with the first", n)
	}
	own, err := w.ops.AddCertificate(w.beili, c2m.Certificate{Kind: quality.InfantFood, Number: "SC-1", From: today.AddDays(-1), To: today.AddDays(300)}, nil)
	if err != nil || own.Supplier != w.supplier || own.Verified != nil {
		t.Fatalf("%+v, %v", own, err)
	}
	if n := need(w.skus[0], 0); n != 1 {
		t.Error("one that nobody has verified counts")
	}
	if _, err := w.ops.VerifyCertificate(w.beili, own.ID); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a supplier verifies its own: %v", err)
	}
	if _, err := w.ops.VerifyCertificate(w.buyer, own.ID); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[int]int{0: 0, -1: 0, -2: 1, 10: 0, 11: 1, 301: 2} {
		if n := need(w.skus[0], day); n != want {
			t.Errorf("%d missing on day %d, want %d", n, day, want)
		}
	}
	if ends, err := w.ops.CertificatesEnding(w.buyer, 30); err != nil || len(ends) != 1 || ends[0].Number != "FSMS-1" {
		t.Errorf("%+v, %v", ends, err)
	}
	if _, err := w.ops.RevokeCertificate(w.buyer, own.ID, today, "吊销"); err != nil {
		t.Fatal(err)
	}
	if n := need(w.skus[0], 0); n != 1 {
		t.Error("a revoked one counts")
	}
	for field, c := range map[string]c2m.Certificate{"kind": {Kind: "x", Number: "1", From: 1, To: 2}, "number": {Kind: quality.ISO22000, From: 1, To: 2}, "to": {Kind: quality.ISO22000, Number: "1", From: 5, To: 4}} {
		var fault *c2m.CertificateFault
		if _, err := w.ops.AddCertificate(w.buyer, c, nil); !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	var fault *c2m.CertificateFault
	lapsed := iso
	lapsed.Number, lapsed.To = "FSMS-0", today.AddDays(-1)
	if _, err := w.ops.AddCertificate(w.beili, lapsed, nil); !errors.As(err, &fault) || fault.Field != "expired" {
		t.Errorf("one that has lapsed: %v", err)
	}
	// The licence was revoked: a new order is refused with what lacks, one that was sent may still be changed.
	o, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site, Lines: []c2mops.NewLine{{SKU: w.skus[0], Pieces: 1200}}})
	if err != nil {
		t.Fatal(err)
	}
	var lack *c2m.LackError
	if _, err := w.ops.Send(w.buyer, o.ID, c2mops.Sending{Revision: o.Revision}); !errors.As(err, &lack) || len(lack.Kinds()) != 1 || lack.Kinds()[0] != quality.InfantFood {
		t.Errorf("sent without a licence: %v", err)
	}
	iso.Number = "FSMS-2"
	if _, err := w.ops.AddCertificate(w.buyer, iso, &c2mops.Scan{Name: "a.exe", Content: []byte("MZ\x90\x00")}); !errors.As(err, &fault) || fault.Field != "file" {
		t.Errorf("a program as a scan: %v", err)
	}
}
