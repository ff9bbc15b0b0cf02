package warehouseops_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// paper is the supplier's side as a test sets it.
type paper struct {
	notes     map[int64]*c2m.ASN
	lives     map[c2m.OrderID]map[int]int
	standings map[catalog.SKUID]quality.Standing
	lacks     map[catalog.SKUID][]quality.Lack
	asked     []calendar.Day
}

func (p *paper) Note(_ context.Context, _ pgdb.Querier, id int64) (*c2m.ASN, map[c2m.OrderID]map[int]int, error) {
	n, ok := p.notes[id]
	if !ok {
		return nil, nil, c2m.ErrUnknown
	}
	return n, p.lives, nil
}

func (p *paper) Standings(context.Context, pgdb.Querier, catalog.SupplierID, []catalog.SKUID) (map[catalog.SKUID]quality.Standing, error) {
	return p.standings, nil
}

func (p *paper) Lacking(_ context.Context, _ pgdb.Querier, _ catalog.SupplierID, _ []catalog.SKUID, day calendar.Day) (map[catalog.SKUID][]quality.Lack, error) {
	p.asked = append(p.asked, day)
	return p.lacks, nil
}

func openDock(t *testing.T) (*house, *paper) {
	p := &paper{notes: map[int64]*c2m.ASN{}, lives: map[c2m.OrderID]map[int]int{}, lacks: map[catalog.SKUID][]quality.Lack{}, standings: map[catalog.SKUID]quality.Standing{}}
	h := openHouse(t, func(d *warehouseops.Deps) { d.Notes, d.Quality = p, p })
	return h, p
}

// note makes a delivery note of 240 tins of one lot in 40 cartons of 6, and 600 rings in 10 cartons.
func (h *house) note(p *paper, id int64) *c2m.ASN {
	made, expires := h.today().AddDays(-30), h.today().AddDays(700)
	n := &c2m.ASN{ID: id, Number: "SH-5521", Supplier: h.supplier, ShipTo: h.jx, Carrier: "德邦", Arrives: h.today(), Revision: 1, Lines: []c2m.ASNLine{
		{No: 1, Order: 7, OrderNumber: "FO-2611-0007", Line: 1, SKU: h.milk, Lot: "MH260815", Produced: &made, Expires: &expires, Pieces: 240, Cartons: 40, PerCarton: 6, CartonNo: "069710023600000017"},
		{No: 2, Order: 7, OrderNumber: "FO-2611-0007", Line: 2, SKU: h.ring, Lot: "R-1", Pieces: 600, Cartons: 10, PerCarton: 60, CartonNo: "C001-C010"},
	}}
	p.notes[id], p.lives[7] = n, map[int]int{1: 480}
	return n
}

// expect makes the note's expected delivery and begins its receipt.
func (h *house) receive(t *testing.T, p *paper) warehouse.DeliveryID {
	t.Helper()
	h.note(p, 1)
	if err := h.ops.ExpectNote(h.boss, 1); err != nil {
		t.Fatal(err)
	}
	docks, err := h.ops.Docks(h.worker, warehouse.DockQuery{Site: h.jx})
	if err != nil || len(docks) != 1 {
		t.Fatalf("%+v, %v", docks, err)
	}
	r, err := h.ops.StartReceipt(h.worker, h.command(), docks[0].ID, "")
	if err != nil || r.Delivery.Dock != "DOCK-1" || len(r.Wares) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	return docks[0].ID
}

func (h *house) tins(d warehouse.DeliveryID, n quantity.Pieces) warehouseops.Arrive {
	day := h.today().AddDays(700)
	return warehouseops.Arrive{Delivery: d, SKU: h.milk, Lot: "MH260815", Expiry: &day, Pieces: n}
}

func TestANoteBecomesAnExpectedDelivery(t *testing.T) {
	h, p := openDock(t)
	h.note(p, 1)
	var wg sync.WaitGroup
	for range 4 { // the job may run more than once
		wg.Go(func() {
			if err := h.ops.ExpectNote(h.boss, 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	docks, err := h.ops.Docks(h.worker, warehouse.DockQuery{Site: h.jx})
	if err != nil || len(docks) != 1 || docks[0].Announced != 840 || docks[0].LineCount != 2 || docks[0].SupplierCode != "S-1" {
		t.Fatalf("%+v, %v", docks, err)
	}
	p.notes[1].Lines = p.notes[1].Lines[:1]
	p.notes[1].Revision = 2
	if err := h.ops.ExpectNote(h.boss, 1); err != nil {
		t.Fatal(err)
	}
	r, err := h.ops.Receipt(h.worker, docks[0].ID)
	if err != nil || len(r.Delivery.Lines) != 1 || r.Delivery.Lines[0].MinRemainingDays != 480 {
		t.Errorf("the corrected note: %+v, %v", r.Delivery, err)
	}
	if _, err := h.ops.StartReceipt(h.worker, h.command(), docks[0].ID, "A01-01-1"); !errors.Is(err, warehouse.ErrNotDock) {
		t.Errorf("received in a rack: %v", err)
	}
	if _, err := h.ops.StartReceipt(h.worker, h.command(), docks[0].ID, "dock-1"); err != nil {
		t.Fatal(err)
	}
	p.notes[1].Lines[0].Pieces = 1
	if err := h.ops.ExpectNote(h.boss, 1); err != nil {
		t.Fatal(err)
	}
	if r, _ := h.ops.Receipt(h.worker, docks[0].ID); r.Delivery.Lines[0].Pieces != 240 {
		t.Error("a note changed a delivery that is being received")
	}
	if err := h.ops.ExpectNote(h.boss, 99); err != nil {
		t.Errorf("a note that is gone: %v", err)
	}
	if err := h.ops.CancelDelivery(h.lead, docks[0].ID, "不来了"); !errors.Is(err, warehouse.ErrDeliveryState) {
		t.Errorf("cancelled while it is received: %v", err)
	}
}

func TestDockScansFindTheirGoods(t *testing.T) {
	h, p := openDock(t)
	d := h.receive(t, p)
	expiry := h.today().AddDays(700)
	for scan, want := range map[string]struct {
		sku    catalog.SKUID
		lot    string
		pieces quantity.Pieces
	}{
		"]C100069710023600000017":               {h.milk, "MH260815", 6},
		"C007":                                  {h.ring, "R-1", 60},
		"6971002360017":                         {h.milk, "MH260815", 1},
		"mr-2":                                  {h.ring, "R-1", 60},
		"]C1010697100236001710MH260815\x1d3712": {h.milk, "MH260815", 12},
		"(01)06971002360017(17)281024(10)MH260815": {h.milk, "MH260815", 6},
	} {
		got, err := h.ops.ScanDock(h.worker, d, scan)
		if err != nil || got.Ware.SKU != want.sku || got.Lot != want.lot || got.Pieces != want.pieces || got.Line == nil {
			t.Errorf("%q: %+v, %v", scan, got, err)
		}
		if got.Lot == "MH260815" && (got.Expiry == nil || scan != "(01)06971002360017(17)281024(10)MH260815" && *got.Expiry != expiry) {
			t.Errorf("%q: expiry %v", scan, got.Expiry)
		}
	}
	got, err := h.ops.ScanDock(h.worker, d, "]d2010697100236001710MH269999\x1d17261201")
	if err != nil || got.Fault == nil || !slices.Contains(got.Fault.Faults, warehouse.FaultWrongLot) || !slices.Contains(got.Fault.Faults, warehouse.FaultShortLife) || got.Fault.WantedLot != "MH260815" {
		t.Errorf("another lot, nearly expired: %+v, %v", got.Fault, err)
	}
	for _, scan := range []string{"C011", "NOTHING", "]C10106971002360018"} {
		var unknown *warehouse.UnknownGoodsError
		if _, err := h.ops.ScanDock(h.worker, d, scan); !errors.As(err, &unknown) {
			t.Errorf("%q: %v", scan, err)
		}
	}
}

func TestReceiptRefusesWhatIsNotAnnounced(t *testing.T) {
	h, p := openDock(t)
	d := h.receive(t, p)
	faults := func(in warehouseops.Arrive, want ...warehouse.ArrivalFault) {
		t.Helper()
		var bad *warehouse.ArrivalError
		if _, err := h.ops.Receive(h.worker, h.command(), in); !errors.As(err, &bad) || !slices.Equal(bad.Faults, want) {
			t.Errorf("%+v: %v, want %v", in, err, want)
		}
	}
	over := h.tins(d, 241)
	faults(over, warehouse.FaultOver)
	wrong := h.tins(d, 6)
	wrong.Lot = "MH260999"
	faults(wrong, warehouse.FaultWrongLot)
	short := h.tins(d, 6)
	soon := h.today().AddDays(479)
	short.Expiry = &soon
	faults(short, warehouse.FaultShortLife)
	past := h.tins(d, 6)
	yesterday := h.today()
	past.Expiry, past.Lot = &yesterday, "OLD"
	faults(past, warehouse.FaultWrongLot, warehouse.FaultPastExpiry)
	wrong.Expiry = nil
	faults(wrong, warehouse.FaultWrongLot, warehouse.FaultNoExpiry)
	for _, n := range []quantity.Pieces{0, -1, warehouse.MaxArrival + 1} {
		if _, err := h.ops.Receive(h.worker, h.command(), h.tins(d, n)); !errors.Is(err, warehouse.ErrNoPieces) {
			t.Errorf("%d pieces: %v", n, err)
		}
	}
	if n, _ := h.stands(t, h.jx, "DOCK-1", h.milk, "MH260815", warehouse.Held); n != 0 {
		t.Errorf("refused scans left %d pieces", n)
	}
	h.inOrder(t)
}

func TestAScanCountsOnce(t *testing.T) {
	h, p := openDock(t)
	d := h.receive(t, p)
	c, in := h.command(), h.tins(d, 6)
	in.Carton = "069710023600000017"
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			got, err := h.ops.Receive(h.worker, c, in)
			if err != nil || got.Line.Good != 6 || got.Came != 6 || got.Announced != 840 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	var twice *warehouse.CartonError
	if _, err := h.ops.Receive(h.second, h.command(), in); !errors.As(err, &twice) || twice.By != "wang" {
		t.Errorf("the carton again: %v", err)
	}
	if _, err := h.ops.StartReceipt(h.worker, c, d, ""); !errors.Is(err, warehouse.ErrOtherCommand) {
		t.Errorf("another verb under the same id: %v", err)
	}
	if n, _ := h.stands(t, h.jx, "DOCK-1", h.milk, "MH260815", warehouse.Held); n != 6 {
		t.Errorf("%d pieces at the dock", n)
	}
	back, err := h.ops.UndoArrival(h.worker, h.command(), d, 0)
	if err != nil || back.Arrival != nil || back.Came != 0 {
		t.Errorf("%+v, %v", back, err)
	}
	if _, err := h.ops.UndoArrival(h.worker, h.command(), d, 0); !errors.Is(err, warehouse.ErrUndone) {
		t.Errorf("nothing is left to take back: %v", err)
	}
	if _, err := h.ops.Receive(h.second, h.command(), in); err != nil {
		t.Errorf("after it was taken back: %v", err)
	}
	h.inOrder(t)
}

// Two handhelds scan different cartons of one line at once: both count, and the last carton is not taken twice.
func TestTwoHandheldsAtOneDock(t *testing.T) {
	h, p := openDock(t)
	d := h.receive(t, p)
	var wg sync.WaitGroup
	var mu sync.Mutex
	over := 0
	for i := range 50 {
		wg.Go(func() {
			who := h.worker
			if i%2 == 0 {
				who = h.second
			}
			_, err := h.ops.Receive(who, h.command(), h.tins(d, 6))
			var bad *warehouse.ArrivalError
			if errors.As(err, &bad) {
				mu.Lock()
				over++
				mu.Unlock()
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, _ := h.stands(t, h.jx, "DOCK-1", h.milk, "MH260815", warehouse.Held); n != 240 || over != 10 {
		t.Errorf("%d pieces at the dock, %d cartons too many; want 240 and 10", n, over)
	}
	h.inOrder(t)
}

func TestClosingSortsTheLotsOut(t *testing.T) {
	h, p := openDock(t)
	d := h.receive(t, p)
	must := func(in warehouseops.Arrive) {
		t.Helper()
		if _, err := h.ops.Receive(h.worker, h.command(), in); err != nil {
			t.Fatal(err)
		}
	}
	must(h.tins(d, 228))
	broken := h.tins(d, 6)
	broken.Outcome, broken.Note = warehouse.ArrivedDamaged, "箱角压坏"
	must(broken)
	wrong := h.tins(d, 12)
	wrong.Lot, wrong.Accept = "MH260816", []warehouse.ArrivalFault{warehouse.FaultWrongLot, warehouse.FaultOver}
	must(wrong)
	away := warehouseops.Arrive{Delivery: d, SKU: h.ring, Lot: "R-1", Pieces: 60, Outcome: warehouse.ArrivedRefused, Note: "漏液"}
	must(away)
	must(warehouseops.Arrive{Delivery: d, SKU: h.ring, Lot: "R-1", Pieces: 500})
	if err := h.ops.SetInspectionRule(h.lead, warehouse.InspectionRule{Category: h.category(t, "toys"), Level: "II", Major: "2.5", Minor: "4"}); err != nil {
		t.Fatal(err)
	}
	r, err := h.ops.CloseReceipt(h.worker, h.command(), d, "")
	if err != nil || r.Delivery.State != warehouse.DeliveryReceived {
		t.Fatalf("%+v, %v", r.Delivery, err)
	}
	if n, _ := h.stands(t, h.jx, "DOCK-1", h.ring, "R-1", warehouse.Available); n != 500 {
		t.Errorf("%d rings available, which need no inspection", n)
	}
	if n, _ := h.stands(t, h.jx, "DOCK-1", h.milk, "MH260815", warehouse.Damaged); n != 6 {
		t.Errorf("%d damaged", n)
	}
	waits, _, err := h.ops.Inspections(h.worker, warehouse.InspectionQuery{Site: h.jx})
	if err != nil || len(waits) != 2 || waits[0].State != warehouse.InspectionWaiting {
		t.Fatalf("%+v, %v", waits, err)
	}
	for _, i := range waits {
		if i.Lot.Code == "MH260815" && (i.Pieces != 228 || i.Sample != 32 || i.Plans[1].Accept != 2) { // letter G: ISO 2859-1
			t.Errorf("%+v", i)
		}
	}
	diff, err := h.ops.Differences(h.lead, d)
	if err != nil || len(diff) != 3 {
		t.Fatalf("%+v, %v", diff, err)
	}
	if diff[0].Line.Difference() != -6 || diff[1].Line.Refused != 60 || diff[1].Line.Difference() != -100 || !slices.Contains(diff[2].Faults, warehouse.FaultWrongLot) {
		t.Errorf("differences %+v", diff)
	}
	if _, err := h.ops.Receive(h.worker, h.command(), h.tins(d, 1)); !errors.Is(err, warehouse.ErrDeliveryState) {
		t.Errorf("scanned after the end: %v", err)
	}
	h.inOrder(t)
}

func (h *house) category(t *testing.T, code string) (id catalog.CategoryID) {
	h.ask(t, &id, `select id from catalog.category where code = $1`, code)
	return id
}

func TestBlindReceiptNeedsAReason(t *testing.T) {
	h, _ := openDock(t)
	if _, err := h.ops.StartBlind(h.worker, h.command(), warehouseops.Blind{Site: h.jx, Reason: "  "}); !errors.Is(err, warehouse.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	c := h.command()
	r, err := h.ops.StartBlind(h.worker, c, warehouseops.Blind{Site: h.jx, Supplier: h.supplier, Reason: "司机没带单"})
	if err != nil || r.Delivery.Number != "BR-2611-0001" || r.Delivery.State != warehouse.DeliveryReceiving {
		t.Fatalf("%+v, %v", r.Delivery, err)
	}
	if again, err := h.ops.StartBlind(h.worker, c, warehouseops.Blind{Site: h.jx, Reason: "x"}); err != nil || again.Delivery.ID != r.Delivery.ID {
		t.Errorf("the command again: %+v, %v", again.Delivery, err)
	}
	if _, err := h.ops.Receive(h.worker, h.command(), h.tins(r.Delivery.ID, 12)); err != nil {
		t.Error(err)
	}
	if _, err := h.ops.CloseReceipt(h.worker, h.command(), r.Delivery.ID, ""); err != nil {
		t.Fatal(err)
	}
	waits, _, err := h.ops.Inspections(h.lead, warehouse.InspectionQuery{Site: h.jx})
	if err != nil || len(waits) != 1 || waits[0].Pieces != 12 {
		t.Errorf("goods without a note are inspected: %+v, %v", waits, err)
	}
	elsewhere := access.WithUser(context.Background(), access.User{Role: access.Warehouse, Sites: []catalog.SiteID{h.xh}})
	if _, err := h.ops.Receipt(elsewhere, r.Delivery.ID); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another site's receipt is shown: %v", err)
	}
	h.inOrder(t)
	h.pass(time.Hour)
}
