package scanner

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// putTask is what stands at the docks of a site and waits for a place, the next first. Its id is the site's: it is one list for
// everybody, and the goods in the worker's hands say what is next.
type putTask struct {
	Kind string         `json:"kind"`
	ID   catalog.SiteID `json:"id"`
	Left int            `json:"left"` // lots, those not listed included
	Todo []putGoods     `json:"todo"`
}

type putGoods struct {
	Key      string           `json:"key"`
	From     string           `json:"from"`
	Goods    ware             `json:"goods"`
	Lot      string           `json:"lot"`
	Expiry   *calendar.Day    `json:"expiry"`
	Owner    string           `json:"owner"`
	Status   warehouse.Status `json:"status"`
	Pieces   quantity.Pieces  `json:"pieces"`
	Reserved quantity.Pieces  `json:"reserved"`
	Delivery string           `json:"delivery"`
	Advice   []putBin         `json:"advice"`
}

type putBin struct {
	Bin     string          `json:"bin"`
	Pieces  quantity.Pieces `json:"pieces"`
	Reasons []string        `json:"reasons"`
	Spot    warehouse.Spot  `json:"spot"`
}

// taking is what a command or a question says of pieces at a place.
type taking struct {
	Site   catalog.SiteID   `json:"site"`
	From   string           `json:"from"`
	SKU    catalog.SKUID    `json:"sku"`
	Lot    string           `json:"lot"`
	Owner  string           `json:"owner"`
	Status warehouse.Status `json:"status"`
	Pieces quantity.Pieces  `json:"pieces"`
	To     string           `json:"to"`
	Force  bool             `json:"force"`
}

func (t taking) taking() warehouseops.Taking {
	return warehouseops.Taking{Site: t.Site, From: t.From, SKU: t.SKU, Lot: t.Lot, Owner: t.Owner, Status: t.Status, Pieces: t.Pieces}
}

// listed is how many lots the device holds, advised how many of them with bins: those that it can put away without the network.
const (
	listed  = 24
	advised = 4
)

type putter struct{ ops *warehouseops.Ops }

func puttingAway(ops *warehouseops.Ops) Part {
	p := putter{ops}
	return Part{
		Kind: "putaway",
		Commands: map[string]Command{
			"putaway.put": Verb(func(ctx context.Context, c warehouse.Command, in taking) (putTask, error) {
				if _, err := ops.PutAway(ctx, c, in.taking(), in.To, in.Force); err != nil {
					return putTask{}, err
				}
				return p.state(ctx, in.Site, nil)
			}),
			"putaway.back": Verb(func(ctx context.Context, c warehouse.Command, in taking) (putTask, error) {
				if _, err := ops.Move(ctx, c, in.taking(), in.To, true); err != nil {
					return putTask{}, err
				}
				return p.state(ctx, in.Site, nil)
			}),
		},
		Jobs: p.jobs, Task: p.task, Find: p.find, Refusals: []func(error) *Refused{floorRefusal},
	}
}

// state lists what waits; first, where given, chooses what comes first.
func (p putter) state(ctx context.Context, site catalog.SiteID, first func(warehouse.PutTask) bool) (putTask, error) {
	all, err := p.ops.PutTasks(ctx, site, 500)
	if err != nil {
		return putTask{}, err
	}
	if first != nil {
		slices.SortStableFunc(all, func(a, b warehouse.PutTask) int { return order(first(a)) - order(first(b)) })
	}
	t := putTask{Kind: "putaway", ID: site, Left: len(all), Todo: []putGoods{}}
	for i, x := range all[:min(len(all), listed)] {
		g := putGoods{Key: strings.Join([]string{x.From, x.Ware.Code, x.Lot.Code, x.Owner, string(x.Status)}, "/"), From: x.From, Goods: wareOf(x.Ware), Lot: x.Lot.Code, Expiry: x.Lot.Expiry, Owner: x.Owner,
			Status: x.Status, Pieces: x.Pieces, Reserved: x.Reserved, Delivery: x.Delivery, Advice: []putBin{}}
		if i < advised {
			advice, err := p.ops.PutAdvice(ctx, warehouseops.Taking{Site: site, From: x.From, SKU: x.Ware.SKU, Lot: x.Lot.Code, Owner: x.Owner, Status: x.Status, Pieces: x.Pieces}, 4)
			if err != nil {
				return t, err
			}
			for _, a := range advice {
				g.Advice = append(g.Advice, putBinOf(a))
			}
		}
		t.Todo = append(t.Todo, g)
	}
	return t, nil
}

func order(first bool) int {
	if first {
		return 0
	}
	return 1
}

func putBinOf(a warehouse.BinAdvice) putBin {
	b := putBin{Bin: a.Bin, Pieces: a.Pieces, Reasons: []string{}, Spot: warehouse.Spot{Zone: a.Zone, Aisle: a.Aisle, Bay: a.Bay, Level: a.Level, Known: a.Bay > 0}}
	for _, r := range a.Reasons {
		if r.Points > 0 {
			b.Reasons = append(b.Reasons, r.Why)
		}
	}
	return b
}

func (p putter) jobs(ctx context.Context, site catalog.SiteID) ([]Job, error) {
	all, err := p.ops.PutTasks(ctx, site, 500)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var pieces quantity.Pieces
	urgent := false
	for _, t := range all {
		pieces += t.Pieces
		urgent = urgent || t.Reserved > 0
	}
	return []Job{{Kind: "putaway", Key: strconv.Itoa(int(site)), Icon: "stack-2", Title: Says("scanner.putaway.job"), First: all[0].From, Way: Says("scanner.putaway.first", "Name", all[0].Ware.Name), Urgent: urgent,
		Figures: []Figure{{strconv.Itoa(len(all)), Says("scanner.figure.lots", "Count", int64(len(all)))}, {strconv.FormatInt(int64(pieces), 10), Says("scanner.figure.pieces", "Count", int64(pieces))}}}}, nil
}

// task gives the list; "goods~scan" with the scanned goods first, "fit~…" whether goods may go to a bin.
func (p putter) task(ctx context.Context, site catalog.SiteID, key string) (any, error) {
	verb, rest, asks := strings.Cut(key, "~")
	switch {
	case asks && verb == "goods":
		t, err := p.find(ctx, site, rest)
		if err == nil && t == nil {
			err = catalog.ErrUnknown
		}
		return t, err
	case asks && verb == "fit":
		return fit(ctx, p.ops, site, rest)
	}
	return p.state(ctx, site, nil)
}

// fit answers whether goods may go to a bin: nothing, or the refusal.
func fit(ctx context.Context, ops *warehouseops.Ops, site catalog.SiteID, query string) (any, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil, catalog.ErrUnknown
	}
	sku, _ := strconv.ParseInt(q.Get("sku"), 10, 64)
	pieces, _ := strconv.ParseInt(q.Get("pieces"), 10, 64)
	t := warehouseops.Taking{Site: site, From: q.Get("from"), SKU: catalog.SKUID(sku), Lot: q.Get("lot"), Owner: q.Get("owner"), Status: warehouse.Status(q.Get("status")), Pieces: quantity.Pieces(pieces)}
	if err := ops.Fits(ctx, t, q.Get("to"), q.Get("store") == "1", q.Get("force") == "1"); err != nil {
		return nil, err
	}
	return map[string]any{"fits": true}, nil
}

// find puts the scanned goods first where they wait at a dock.
func (p putter) find(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
	item, err := warehouse.ReadItem(scan, p.ops.SiteToday(ctx, site))
	if err != nil || item.Trade() == "" && item.Text == "" {
		return nil, nil
	}
	is := func(t warehouse.PutTask) bool {
		if item.Trade() == "" {
			return strings.EqualFold(item.Text, t.Ware.Code) || item.Text == t.Lot.Code && t.Lot.Code != ""
		}
		return warehouse.SameTrade(item.Trade(), t.Ware.GTIN) && (item.Lot == "" || item.Lot == t.Lot.Code)
	}
	all, err := p.ops.PutTasks(ctx, site, 500)
	if err != nil || !slices.ContainsFunc(all, is) {
		return nil, err
	}
	return p.state(ctx, site, is)
}
