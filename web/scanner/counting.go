package scanner

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// countTask is the bins that a worker has in hand to be counted, along the aisles: the device counts them without the network.
// Nothing in it says how many pieces the book has. Its id is the site's.
type countTask struct {
	Kind string         `json:"kind"`
	ID   catalog.SiteID `json:"id"`
	Left int            `json:"left"` // bins of the site still to be counted, these included
	Bins []countBin     `json:"bins"`
}

type countBin struct {
	ID     int64                `json:"id"`
	Bin    string               `json:"bin"`
	Spot   warehouse.Spot       `json:"spot"`
	Reason string               `json:"reason"`
	Again  bool                 `json:"again"` // another has counted before
	Known  []countGoods         `json:"known"`
	State  warehouse.CountState `json:"state"`
}

type countGoods struct {
	Goods  ware          `json:"goods"`
	Lot    string        `json:"lot"`
	Expiry *calendar.Day `json:"expiry"`
	Owner  string        `json:"owner"`
}

// inHandAtOnce is how many bins a worker takes at once.
const inHandAtOnce = 6

type counter struct{ ops *warehouseops.Ops }

func counting(ops *warehouseops.Ops) Part {
	c := counter{ops}
	return Part{
		Kind: "count",
		Commands: map[string]Command{
			"count.open": Verb(func(ctx context.Context, _ warehouse.Command, in struct {
				Site catalog.SiteID `json:"site"`
				Bin  string         `json:"bin"`
			}) (countTask, error) {
				return c.open(ctx, in.Site, in.Bin)
			}),
			"count.bin": Verb(c.count),
		},
		Jobs: c.jobs, Task: c.task, Refusals: []func(error) *Refused{countRefusal, floorRefusal, dockRefusal},
	}
}

// open takes bins for the worker: a bin that was asked for, else those in hand already, those in doubt, and then along the aisles.
func (c counter) open(ctx context.Context, site catalog.SiteID, bin string) (countTask, error) {
	t := countTask{Kind: "count", ID: site, Bins: []countBin{}}
	if bin != "" {
		if _, err := c.ops.AskCount(ctx, site, bin, ""); err != nil {
			return t, err
		}
	}
	all, err := c.waiting(ctx, site)
	if err != nil {
		return t, err
	}
	t.Left = len(all)
	code := warehouse.CleanBinCode(bin)
	var refused error
	for _, x := range all {
		if bin != "" && x.Bin != code || len(t.Bins) == inHandAtOnce {
			continue
		}
		taken, err := c.ops.TakeCount(ctx, x.ID)
		if errors.Is(err, warehouse.ErrTaskTaken) || errors.Is(err, warehouse.ErrSamePerson) || errors.Is(err, warehouse.ErrNoCount) {
			refused = err
			continue
		}
		if err != nil {
			return t, err
		}
		t.Bins = append(t.Bins, countBinOf(taken))
	}
	if len(t.Bins) == 0 && refused != nil {
		return t, refused
	}
	return t, nil
}

// waiting lists what is to be counted, what the worker has in hand first.
func (c counter) waiting(ctx context.Context, site catalog.SiteID) ([]warehouse.CountTask, error) {
	all, err := c.ops.Counts(ctx, site, []warehouse.CountState{warehouse.CountOpen, warehouse.CountRecount}, 500)
	if err != nil {
		return nil, err
	}
	me := whoIs(ctx)
	slices.SortStableFunc(all, func(a, b warehouse.CountTask) int { return order(a.TakenBy == me) - order(b.TakenBy == me) })
	return all, nil
}

func countBinOf(t *warehouse.CountTask) countBin {
	b := countBin{ID: t.ID, Bin: t.Bin, Spot: spotOf(t.Bin), Reason: t.Reason, Again: t.State == warehouse.CountRecount, State: t.State, Known: []countGoods{}}
	for _, k := range t.Known {
		b.Known = append(b.Known, countGoods{Goods: wareOf(k.Ware), Lot: k.Lot.Code, Expiry: k.Lot.Expiry, Owner: k.Owner})
	}
	return b
}

// count books a bin. Its answer tells the counter nothing but that the bin is done: a second counter must not know the first count.
func (c counter) count(ctx context.Context, cmd warehouse.Command, in struct {
	Count int64 `json:"count"`
	Goods []struct {
		SKU    catalog.SKUID   `json:"sku"`
		Lot    string          `json:"lot"`
		Expiry *calendar.Day   `json:"expiry"`
		Owner  string          `json:"owner"`
		Pieces quantity.Pieces `json:"pieces"`
	} `json:"goods"`
}) (any, error) {
	var counted []warehouse.CountedGoods
	for _, g := range in.Goods {
		counted = append(counted, warehouse.CountedGoods{SKU: g.SKU, Lot: g.Lot, Expiry: g.Expiry, Owner: g.Owner, Pieces: g.Pieces})
	}
	_, err := c.ops.CountBin(ctx, cmd, in.Count, counted)
	return nil, err
}

func (c counter) jobs(ctx context.Context, site catalog.SiteID) ([]Job, error) {
	all, err := c.waiting(ctx, site)
	if err != nil {
		return nil, err
	}
	me := whoIs(ctx)
	all = slices.DeleteFunc(all, func(t warehouse.CountTask) bool { return t.TakenBy != 0 && t.TakenBy != me })
	if len(all) == 0 {
		return nil, nil
	}
	doubts := 0
	for _, t := range all {
		if t.Reason == "doubt" {
			doubts++
		}
	}
	j := Job{Kind: "count", Key: strconv.Itoa(int(site)), Icon: "clipboard-check", Title: Says("scanner.count.job"), First: all[0].Bin, Way: Says("scanner.count.reason." + all[0].Reason), Urgent: doubts > 0, Mine: all[0].TakenBy == me && me != 0,
		Start: "count.open", Body: map[string]any{"site": site}, Figures: []Figure{{strconv.Itoa(len(all)), Says("scanner.figure.bins", "Count", int64(len(all)))}}}
	if doubts > 0 {
		j.Figures = append(j.Figures, Figure{strconv.Itoa(doubts), Says("scanner.figure.doubts", "Count", int64(doubts))})
	}
	return []Job{j}, nil
}

// task reads which goods a scan names: "goods~scan".
func (c counter) task(ctx context.Context, site catalog.SiteID, key string) (any, error) {
	verb, scan, _ := strings.Cut(key, "~")
	if verb != "goods" {
		return nil, catalog.ErrUnknown
	}
	w, item, err := c.ops.Goods(ctx, site, scan)
	if err != nil {
		return nil, err
	}
	return countGoods{Goods: wareOf(w), Lot: item.Lot, Expiry: item.LastDay()}, nil
}

// countRefusal says the refusals of counts.
func countRefusal(err error) *Refused {
	for refusal, code := range map[error]string{warehouse.ErrSamePerson: "sameperson", warehouse.ErrNoCount: "gone", warehouse.ErrCountGoods: "countgoods"} {
		if errors.Is(err, refusal) {
			return &Refused{Code: code, Text: Says("scanner.refused." + code), Next: Says("scanner.next." + code)}
		}
	}
	return nil
}
