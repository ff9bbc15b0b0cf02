package scanner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// Inbound gives the parts of inbound: receive at the dock, inspect, put away.
func Inbound(ops *warehouseops.Ops) []Part {
	return []Part{receiving(ops), inspecting(ops), puttingAway(ops)}
}

// ware is what the device has to know of goods to judge a scan of them.
type ware struct {
	warehouse.Goods
	Life        int    `json:"life"`     // days of shelf life, 0 for undated goods
	MinDays     int    `json:"min_days"` // days that must be left on arrival
	Temperature string `json:"temperature"`
}

func wareOf(w warehouse.Ware) ware {
	return ware{Goods: warehouse.Goods{ID: w.SKU, Code: w.Code, GTIN: w.GTIN, Name: w.Name, Unit: w.Unit, Dated: w.ShelfLifeDays > 0,
		Carton: int64(w.Carton), Grams: w.Grams, Category: w.CategoryCode}, Life: w.ShelfLifeDays, MinDays: w.MinRemainingDays, Temperature: string(w.Temperature)}
}

// receiveTask is a delivery as the device holds it: everything that a scan at the dock is judged by.
type receiveTask struct {
	Kind     string                 `json:"kind"`
	ID       warehouse.DeliveryID   `json:"id"`
	Number   string                 `json:"number"`
	Source   warehouse.DeliveryKind `json:"source"`
	State    string                 `json:"state"`
	Dock     string                 `json:"dock"`
	Reason   string                 `json:"reason"`
	Today    calendar.Day           `json:"today"`
	Lines    []receiveLine          `json:"lines"`
	Cartons  []string               `json:"cartons"` // scanned in
	Arrivals []receiveScan          `json:"arrivals"`
	Checks   int                    `json:"checks"` // lots that wait for an inspection or a decision
}

type receiveLine struct {
	No       int             `json:"no"`
	Goods    ware            `json:"goods"`
	Lot      string          `json:"lot"`
	Produced *calendar.Day   `json:"produced"`
	Expiry   *calendar.Day   `json:"expiry"`
	Pieces   quantity.Pieces `json:"pieces"`
	Per      quantity.Pieces `json:"per"`
	Carton   string          `json:"carton"`
	MinDays  int             `json:"min_days"`
	Good     quantity.Pieces `json:"good"`
	Damaged  quantity.Pieces `json:"damaged"`
	Refused  quantity.Pieces `json:"refused"`
	Faults   []string        `json:"faults"`
}

type receiveScan struct {
	ID      int64           `json:"id"`
	Line    int             `json:"line"`
	Lot     string          `json:"lot"`
	Pieces  quantity.Pieces `json:"pieces"`
	Outcome string          `json:"outcome"`
	Carton  string          `json:"carton"`
	At      time.Time       `json:"at"`
	By      string          `json:"by"`
}

// lastScans is how many scans of a delivery the device is shown, the latest first.
const lastScans = 12

func receiveTaskOf(r warehouseops.Receipt, today calendar.Day) receiveTask {
	d := r.Delivery
	t := receiveTask{Kind: "receive", ID: d.ID, Number: d.Number, Source: d.Kind, State: string(d.State), Dock: d.Dock, Reason: d.Reason, Today: today,
		Lines: []receiveLine{}, Cartons: []string{}, Arrivals: []receiveScan{}}
	faults := map[int][]string{}
	for _, a := range slices.Backward(r.Arrivals) {
		if a.Undone {
			continue
		}
		if a.Carton != "" {
			t.Cartons = append(t.Cartons, a.Carton)
		}
		for _, f := range a.Faults {
			if !slices.Contains(faults[a.Line], string(f)) {
				faults[a.Line] = append(faults[a.Line], string(f))
			}
		}
		if len(t.Arrivals) < lastScans {
			t.Arrivals = append(t.Arrivals, receiveScan{ID: a.ID, Line: a.Line, Lot: a.Lot, Pieces: a.Pieces, Outcome: string(a.Outcome), Carton: a.Carton, At: a.At, By: a.By})
		}
	}
	for _, l := range d.Lines {
		w := wareOf(r.Wares[l.SKU])
		line := receiveLine{No: l.No, Goods: w, Lot: l.Lot, Produced: l.Produced, Expiry: l.Expiry, Pieces: l.Pieces, Per: l.PerCarton, Carton: l.CartonNo,
			MinDays: w.MinDays, Good: l.Good, Damaged: l.Damaged, Refused: l.Refused, Faults: faults[l.No]}
		if l.MinRemainingDays > 0 {
			line.MinDays = l.MinRemainingDays
		}
		if d.Kind == warehouse.TransferDelivery {
			line.MinDays = 0
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

// expectedList is what the dock awaits, to choose from.
type expectedList struct {
	Kind  string     `json:"kind"`
	ID    int        `json:"id"`
	Docks []expected `json:"docks"`
}

type expected struct {
	ID        warehouse.DeliveryID   `json:"id"`
	Number    string                 `json:"number"`
	Source    warehouse.DeliveryKind `json:"source"`
	State     string                 `json:"state"`
	From      catalog.Name           `json:"from"`
	Goods     catalog.Name           `json:"goods"`
	Arrives   *calendar.Day          `json:"arrives"`
	Slot      string                 `json:"slot"`
	Announced quantity.Pieces        `json:"announced"`
	Came      quantity.Pieces        `json:"came"`
	Cold      bool                   `json:"cold"`
}

// fromOf names where a delivery comes from.
func fromOf(d warehouse.Dock) catalog.Name {
	if d.FromName.ZH != "" {
		return d.FromName
	}
	return d.SupplierName
}

// receiver holds the use cases of a dock.
type receiver struct{ ops *warehouseops.Ops }

func receiving(ops *warehouseops.Ops) Part {
	r := receiver{ops}
	return Part{
		Kind: "receive",
		Commands: map[string]Command{
			"receive.start": Verb(r.start),
			"receive.blind": Verb(r.blind),
			"receive.scan":  Verb(r.scan),
			"receive.undo":  Verb(r.undo),
			"receive.close": Verb(r.close),
		},
		Jobs: r.jobs, Task: r.task, Find: r.find, Refusals: []func(error) *Refused{dockRefusal, floorRefusal},
	}
}

func (r receiver) state(ctx context.Context, got warehouseops.Receipt, err error) (receiveTask, error) {
	if err != nil {
		return receiveTask{}, err
	}
	t := receiveTaskOf(got, r.ops.SiteToday(ctx, got.Delivery.Site))
	if got.Delivery.State == warehouse.DeliveryReceived {
		open, _, err := r.ops.Inspections(ctx, warehouse.InspectionQuery{Site: got.Delivery.Site, Delivery: got.Delivery.ID})
		if err != nil {
			return t, err
		}
		t.Checks = len(open)
	}
	return t, nil
}

func (r receiver) start(ctx context.Context, c warehouse.Command, in struct {
	Delivery warehouse.DeliveryID `json:"delivery"`
	Dock     string               `json:"dock"`
}) (receiveTask, error) {
	got, err := r.ops.StartReceipt(ctx, c, in.Delivery, in.Dock)
	return r.state(ctx, got, err)
}

func (r receiver) blind(ctx context.Context, c warehouse.Command, in struct {
	Site    catalog.SiteID `json:"site"`
	Number  string         `json:"number"`
	Carrier string         `json:"carrier"`
	Reason  string         `json:"reason"`
}) (receiveTask, error) {
	got, err := r.ops.StartBlind(ctx, c, warehouseops.Blind{Site: in.Site, Number: in.Number, Carrier: in.Carrier, Reason: in.Reason})
	return r.state(ctx, got, err)
}

func (r receiver) scan(ctx context.Context, c warehouse.Command, in struct {
	Delivery warehouse.DeliveryID     `json:"delivery"`
	Line     int                      `json:"line"`
	SKU      catalog.SKUID            `json:"sku"`
	Lot      string                   `json:"lot"`
	Produced *calendar.Day            `json:"produced"`
	Expiry   *calendar.Day            `json:"expiry"`
	Pieces   quantity.Pieces          `json:"pieces"`
	Outcome  warehouse.ArrivalOutcome `json:"outcome"`
	Accept   []warehouse.ArrivalFault `json:"accept"`
	Carton   string                   `json:"carton"`
	Note     string                   `json:"note"`
}) (receiveTask, error) {
	_, err := r.ops.Receive(ctx, c, warehouseops.Arrive{Delivery: in.Delivery, Line: in.Line, SKU: in.SKU, Lot: in.Lot, Produced: in.Produced, Expiry: in.Expiry,
		Pieces: in.Pieces, Outcome: in.Outcome, Accept: in.Accept, Carton: in.Carton, Note: in.Note})
	if err != nil {
		return receiveTask{}, err
	}
	got, err := r.ops.Receipt(ctx, in.Delivery)
	return r.state(ctx, got, err)
}

// undo takes back the scan that the operation booked, or the scan of the id.
func (r receiver) undo(ctx context.Context, c warehouse.Command, in struct {
	Delivery warehouse.DeliveryID `json:"delivery"`
	Op       uuid.UUID            `json:"op"`
	Arrival  int64                `json:"arrival"`
}) (receiveTask, error) {
	if in.Op != uuid.Nil {
		// The same operation again answers what it did the first time; one that was never done is refused for want of goods.
		was, err := r.ops.Receive(ctx, warehouse.Command{Op: in.Op, Device: c.Device, MadeAt: c.MadeAt}, warehouseops.Arrive{Delivery: in.Delivery})
		if errors.Is(err, warehouse.ErrNoPieces) || err == nil && was.Arrival == nil {
			err = warehouse.ErrUndone
		}
		if err != nil {
			return receiveTask{}, err
		}
		in.Arrival = was.Arrival.ID
	}
	if in.Arrival == 0 { // the last of the whole dock may be another worker's
		return receiveTask{}, warehouse.ErrUndone
	}
	if _, err := r.ops.UndoArrival(ctx, c, in.Delivery, in.Arrival); err != nil {
		return receiveTask{}, err
	}
	got, err := r.ops.Receipt(ctx, in.Delivery)
	return r.state(ctx, got, err)
}

func (r receiver) close(ctx context.Context, c warehouse.Command, in struct {
	Delivery warehouse.DeliveryID `json:"delivery"`
	Note     string               `json:"note"`
}) (receiveTask, error) {
	got, err := r.ops.CloseReceipt(ctx, c, in.Delivery, in.Note)
	return r.state(ctx, got, err)
}

// jobs offers what is being received and what is due by today.
func (r receiver) jobs(ctx context.Context, site catalog.SiteID) ([]Job, error) {
	all, err := r.ops.Docks(ctx, warehouse.DockQuery{Site: site, Limit: 40})
	if err != nil {
		return nil, err
	}
	today := r.ops.SiteToday(ctx, site)
	var jobs []Job
	for _, d := range all {
		if d.State != warehouse.DeliveryReceiving && (d.Arrives == nil || *d.Arrives > today) || len(jobs) == 4 {
			continue
		}
		dock := d.Dock
		if dock == "" {
			dock = d.Number
		}
		jobs = append(jobs, Job{Kind: "receive", Key: fmt.Sprint(d.ID), Icon: "package-import", Title: Says("scanner.receive.job", "Number", d.Number), First: dock,
			Way: Says("scanner.receive.from", "Name", fromOf(d)), Urgent: d.Cold, Start: "receive.start", Body: map[string]any{"delivery": d.ID},
			Figures: []Figure{{strconv.Itoa(d.LineCount), Says("scanner.figure.lots", "Count", int64(d.LineCount))},
				{strconv.FormatInt(int64(d.Announced-d.Came), 10), Says("scanner.figure.pieces", "Count", int64(d.Announced-d.Came))}}})
	}
	return jobs, nil
}

// task gives a delivery, "0" the list of those that are awaited, "id~scan" what a scan says that the device does not know.
func (r receiver) task(ctx context.Context, site catalog.SiteID, key string) (any, error) {
	if key == "0" {
		return r.list(ctx, site)
	}
	number, scan, reading := strings.Cut(key, "~")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, catalog.ErrUnknown
	}
	if reading {
		p, err := r.ops.ScanDock(ctx, warehouse.DeliveryID(id), scan)
		if err != nil {
			return nil, err
		}
		out := map[string]any{"kind": "receive", "id": id, "goods": wareOf(p.Ware), "lot": p.Lot, "produced": p.Produced, "expiry": p.Expiry, "pieces": p.Pieces, "per": p.PerCarton, "carton": p.Carton, "line": 0}
		if p.Line != nil {
			out["line"] = p.Line.No
		}
		return out, nil
	}
	got, err := r.ops.Receipt(ctx, warehouse.DeliveryID(id))
	if err == nil && got.Delivery.Site != site {
		return nil, catalog.ErrUnknown
	}
	return r.state(ctx, got, err)
}

func (r receiver) list(ctx context.Context, site catalog.SiteID) (any, error) {
	all, err := r.ops.Docks(ctx, warehouse.DockQuery{Site: site, Limit: 60})
	if err != nil {
		return nil, err
	}
	list := expectedList{Kind: "receive", Docks: []expected{}}
	for _, d := range all {
		list.Docks = append(list.Docks, expected{ID: d.ID, Number: d.Number, Source: d.Kind, State: string(d.State), From: fromOf(d), Goods: d.Name, Arrives: d.Arrives, Slot: d.Slot,
			Announced: d.Announced, Came: d.Came, Cold: d.Cold})
	}
	return list, nil
}

// searched bounds how many deliveries a scanned carton is looked for in.
const searched = 30

// find opens a delivery by its number, or by the number of one of its cartons.
func (r receiver) find(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
	code := warehouse.CleanCode(scan)
	all, err := r.ops.Docks(ctx, warehouse.DockQuery{Site: site, Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if strings.EqualFold(d.Number, code) || d.Tracking != "" && strings.EqualFold(d.Tracking, code) {
			got, err := r.ops.Receipt(ctx, d.ID)
			return r.state(ctx, got, err)
		}
	}
	item, err := warehouse.ReadItem(scan, r.ops.SiteToday(ctx, site))
	if err != nil || item.SSCC == "" { // other numbers on cartons are used again and again
		return nil, nil
	}
	for _, d := range all[:min(len(all), searched)] {
		got, err := r.ops.Receipt(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, l := range got.Delivery.Lines {
			if l.OnCarton(item.SSCC) {
				return r.state(ctx, got, nil)
			}
		}
	}
	return nil, nil
}
