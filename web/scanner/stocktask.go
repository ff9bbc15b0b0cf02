package scanner

import (
	"context"
	"errors"
	"strings"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// Stock gives the parts of stock: move and look up, count, refill pick faces, returns.
func Stock(ops *warehouseops.Ops) []Part {
	return []Part{counting(ops), refilling(ops), moving(ops), returning(ops)}
}

// whoIs gives the account of who works here.
func whoIs(ctx context.Context) int64 {
	u, _ := access.FromContext(ctx)
	return int64(u.ID)
}

// spotOf says where a bin is by its code.
func spotOf(bin string) warehouse.Spot {
	b := warehouse.UsualBin(0, bin)
	return warehouse.Spot{Zone: b.Zone, Aisle: b.Aisle, Bay: b.Bay, Level: b.Level, Side: b.Side, Known: b.Bay > 0}
}

// moveTask is a bin with what stands in it, or goods with the places where they stand. Its id is the bin's code, or that of the
// goods behind a #.
type moveTask struct {
	Kind    string     `json:"kind"`
	ID      string     `json:"id"`
	Bin     string     `json:"bin,omitempty"`
	Sort    string     `json:"sort,omitempty"`
	Counted *time.Time `json:"counted,omitempty"`
	Goods   *ware      `json:"goods,omitempty"`
	Lot     string     `json:"lot,omitempty"`
	Here    []content  `json:"here"`
}

type content struct {
	Key      string           `json:"key"`
	Bin      string           `json:"bin"`
	Goods    ware             `json:"goods"`
	Lot      string           `json:"lot"`
	Expiry   *calendar.Day    `json:"expiry"`
	Owner    string           `json:"owner"`
	Status   warehouse.Status `json:"status"`
	Pieces   quantity.Pieces  `json:"pieces"`
	Reserved quantity.Pieces  `json:"reserved"`
}

type mover struct{ ops *warehouseops.Ops }

func moving(ops *warehouseops.Ops) Part {
	m := mover{ops}
	return Part{
		Kind: "move",
		Commands: map[string]Command{
			"move.move": Verb(func(ctx context.Context, c warehouse.Command, in taking) (moveTask, error) {
				if _, err := ops.Move(ctx, c, in.taking(), in.To, in.Force); err != nil {
					return moveTask{}, err
				}
				return m.bin(ctx, in.Site, in.From)
			}),
			// Back brings pieces of an earlier move to where they came from; the answer is the bin that the worker looks at.
			"move.back": Verb(func(ctx context.Context, c warehouse.Command, in taking) (moveTask, error) {
				if _, err := ops.Move(ctx, c, in.taking(), in.To, true); err != nil {
					return moveTask{}, err
				}
				return m.bin(ctx, in.Site, in.To)
			}),
			"move.aside": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				taking
				Into   warehouse.Status `json:"into"` // "" writes off
				Reason string           `json:"reason"`
			}) (moveTask, error) {
				var err error
				if in.Into == "" {
					_, err = ops.Scrap(ctx, c, in.taking.taking(), in.Reason)
				} else {
					_, err = ops.Reclass(ctx, c, in.taking.taking(), in.Into, in.Reason)
				}
				if err != nil {
					return moveTask{}, err
				}
				return m.bin(ctx, in.Site, in.From)
			}),
		},
		Task: m.task, Find: m.find, Refusals: []func(error) *Refused{floorRefusal, dockRefusal},
	}
}

func (m mover) bin(ctx context.Context, site catalog.SiteID, code string) (moveTask, error) {
	b, all, err := m.ops.BinGoods(ctx, site, code)
	if err != nil {
		return moveTask{}, err
	}
	t := moveTask{Kind: "move", ID: b.Code, Bin: b.Code, Sort: string(b.Kind), Counted: b.CountedAt, Here: []content{}}
	for _, s := range all {
		t.Here = append(t.Here, content{Key: placeKey(b.Code, s.Ware.Code, s.Lot.Code, s.Owner, s.Status), Bin: b.Code, Goods: wareOf(s.Ware), Lot: s.Lot.Code, Expiry: s.Lot.Expiry, Owner: s.Owner,
			Status: s.Status, Pieces: s.OnHand, Reserved: s.Reserved})
	}
	return t, nil
}

func placeKey(bin, sku, lot, owner string, s warehouse.Status) string {
	return strings.Join([]string{bin, sku, lot, owner, string(s)}, "/")
}

// task gives a bin, or the places of scanned goods.
func (m mover) task(ctx context.Context, site catalog.SiteID, key string) (any, error) {
	if scan, ok := strings.CutPrefix(key, "#"); ok {
		return m.goods(ctx, site, scan)
	}
	t, err := m.bin(ctx, site, key)
	if unknown := (*warehouse.UnknownBinError)(nil); !errors.As(err, &unknown) {
		return t, err
	}
	g, other := m.goods(ctx, site, key)
	if e := (*warehouse.UnknownGoodsError)(nil); errors.As(other, &e) && !strings.ContainsAny(key, "\x1d]") && len(key) < 14 {
		return nil, err // what looks like a bin is said to be none
	}
	return g, other
}

func (m mover) goods(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
	w, item, err := m.ops.Goods(ctx, site, scan)
	if err != nil {
		return nil, err
	}
	places, err := m.ops.WhereStands(ctx, site, w.SKU, item.Lot)
	if err != nil {
		return nil, err
	}
	g := wareOf(w)
	t := moveTask{Kind: "move", ID: "#" + w.Code, Goods: &g, Lot: item.Lot, Here: []content{}}
	for _, p := range places {
		t.Here = append(t.Here, content{Key: placeKey(p.Bin, w.Code, p.Lot, "", p.Status), Bin: p.Bin, Goods: g, Lot: p.Lot, Expiry: p.Expiry, Status: p.Status, Pieces: p.OnHand, Reserved: p.Reserved})
	}
	return t, nil
}

// find opens whatever bin or goods were scanned and belong to no other work.
func (m mover) find(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
	code := warehouse.CleanCode(scan)
	if t, err := m.bin(ctx, site, code); err == nil {
		return t, nil
	} else if unknown := (*warehouse.UnknownBinError)(nil); !errors.As(err, &unknown) {
		return nil, err
	}
	t, err := m.goods(ctx, site, scan)
	if e := (*warehouse.UnknownGoodsError)(nil); errors.As(err, &e) {
		return nil, nil
	}
	return t, err
}
