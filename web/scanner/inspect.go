package scanner

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// inspectTask is one received lot with its sample and what was found, or with id 0 the lots that wait.
type inspectTask struct {
	Kind     string                      `json:"kind"`
	ID       int64                       `json:"id"`
	Delivery string                      `json:"delivery"`
	Goods    ware                        `json:"goods"`
	Lot      string                      `json:"lot"`
	Expiry   *calendar.Day               `json:"expiry"`
	Pieces   quantity.Pieces             `json:"pieces"`
	State    warehouse.InspectionState   `json:"state"`
	Severity string                      `json:"severity"`
	Level    string                      `json:"level"`
	Reasons  []warehouse.HoldReason      `json:"reasons"`
	Lacks    []warehouse.CertificateLack `json:"lacks"`
	Plans    []samplePlan                `json:"plans"`
	Sample   int                         `json:"sample"`
	Examined int                         `json:"examined"`
	UsedUp   quantity.Pieces             `json:"used"`
	Failed   []string                    `json:"failed"`
	Waiting  []waitingLot                `json:"waiting,omitempty"`
}

type samplePlan struct {
	Class  string `json:"class"`
	Letter string `json:"letter"`
	Sample int    `json:"sample"`
	Accept int    `json:"ac"`
	Reject int    `json:"re"`
	Full   bool   `json:"full"`
	Found  int    `json:"found"`
}

type waitingLot struct {
	ID     int64                     `json:"id"`
	Name   catalog.Name              `json:"name"`
	Lot    string                    `json:"lot"`
	Sample int                       `json:"sample"`
	State  warehouse.InspectionState `json:"state"`
}

func inspectTaskOf(i *warehouse.Inspection, w warehouse.Ware) inspectTask {
	t := inspectTask{Kind: "inspect", ID: i.ID, Delivery: i.DeliveryNumber, Goods: wareOf(w), Lot: i.Lot.Code, Expiry: i.Lot.Expiry, Pieces: i.Pieces, State: i.State,
		Severity: i.Severity, Level: i.Level, Reasons: i.Reasons, Lacks: i.Lacks, Sample: i.Sample, Examined: i.Examined, UsedUp: i.UsedUp, Failed: i.Failed, Plans: []samplePlan{}}
	found := map[string]int{"critical": i.Critical, "major": i.Major, "minor": i.Minor}
	for _, p := range i.Plans {
		t.Plans = append(t.Plans, samplePlan{Class: p.Class, Letter: p.Letter, Sample: p.Sample, Accept: p.Accept, Reject: p.Reject, Full: p.Full, Found: found[p.Class]})
	}
	return t
}

type inspector struct{ ops *warehouseops.Ops }

func inspecting(ops *warehouseops.Ops) Part {
	s := inspector{ops}
	return Part{Kind: "inspect", Commands: map[string]Command{"inspect.record": Verb(s.record)}, Jobs: s.jobs, Task: s.task, Find: s.find, Refusals: []func(error) *Refused{dockRefusal}}
}

func (s inspector) record(ctx context.Context, c warehouse.Command, in struct {
	Inspection int64           `json:"inspection"`
	Examined   int             `json:"examined"`
	Critical   int             `json:"critical"`
	Major      int             `json:"major"`
	Minor      int             `json:"minor"`
	Used       quantity.Pieces `json:"used"`
	Note       string          `json:"note"`
	Defects    []struct {
		Class  string `json:"class"`
		What   string `json:"what"`
		Pieces int    `json:"pieces"`
	} `json:"defects"`
}) (inspectTask, error) {
	f := warehouseops.Findings{Examined: in.Examined, Critical: in.Critical, Major: in.Major, Minor: in.Minor, UsedUp: in.Used, Note: in.Note}
	for _, d := range in.Defects {
		f.Defects = append(f.Defects, warehouse.Defect{Class: d.Class, What: cut(d.What, 200), Pieces: d.Pieces})
	}
	if _, err := s.ops.Inspect(ctx, c, in.Inspection, f); err != nil {
		return inspectTask{}, err
	}
	return s.read(ctx, in.Inspection)
}

func (s inspector) read(ctx context.Context, id int64) (inspectTask, error) {
	i, w, err := s.ops.Inspection(ctx, id)
	if err != nil {
		return inspectTask{}, err
	}
	return inspectTaskOf(i, w), nil
}

func (s inspector) waiting(ctx context.Context, site catalog.SiteID) ([]warehouse.Inspection, map[catalog.SKUID]warehouse.Ware, error) {
	return s.ops.Inspections(ctx, warehouse.InspectionQuery{Site: site, States: []warehouse.InspectionState{warehouse.InspectionWaiting}, Limit: 60})
}

func (s inspector) jobs(ctx context.Context, site catalog.SiteID) ([]Job, error) {
	all, wares, err := s.waiting(ctx, site)
	if err != nil {
		return nil, err
	}
	var jobs []Job
	for _, i := range all[:min(len(all), 4)] {
		first := i.Lot.Code
		if first == "" {
			first = wares[i.SKU].Code
		}
		jobs = append(jobs, Job{Kind: "inspect", Key: fmt.Sprint(i.ID), Icon: "microscope", Title: Says("scanner.inspect.job", "Number", i.DeliveryNumber), First: first,
			Way:     Says("scanner.inspect.of", "Name", wares[i.SKU].Name),
			Figures: []Figure{{strconv.Itoa(i.Sample), Says("scanner.figure.sample", "Count", int64(i.Sample))}, {strconv.FormatInt(int64(i.Pieces), 10), Says("scanner.figure.pieces", "Count", int64(i.Pieces))}}})
	}
	return jobs, nil
}

func (s inspector) task(ctx context.Context, site catalog.SiteID, key string) (any, error) {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return nil, catalog.ErrUnknown
	}
	if id > 0 {
		return s.read(ctx, id)
	}
	all, wares, err := s.waiting(ctx, site)
	if err != nil {
		return nil, err
	}
	t := inspectTask{Kind: "inspect", Waiting: []waitingLot{}}
	for _, i := range all {
		t.Waiting = append(t.Waiting, waitingLot{ID: i.ID, Name: wares[i.SKU].Name, Lot: i.Lot.Code, Sample: i.Sample, State: i.State})
	}
	return t, nil
}

// find opens the waiting inspection of a scanned lot, by the goods' code with its lot or by the lot alone.
func (s inspector) find(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
	item, err := warehouse.ReadItem(scan, s.ops.SiteToday(ctx, site))
	if err != nil {
		return nil, nil
	}
	lot := item.Lot
	if lot == "" {
		lot = item.Text
	}
	if lot == "" {
		return nil, nil
	}
	all, wares, err := s.waiting(ctx, site)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		w := wares[i.SKU]
		if strings.EqualFold(i.Lot.Code, lot) && (item.Trade() == "" || warehouse.SameTrade(item.Trade(), w.GTIN)) {
			return s.read(ctx, i.ID)
		}
	}
	return nil, nil
}
