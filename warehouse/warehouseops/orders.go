package warehouseops

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// orderReader gives who may read orders: staff, and other systems.
func orderReader(ctx context.Context) (access.User, error) {
	return access.RequireAny(ctx, access.ViewSales, access.ReadData)
}

// Outbounds gives a page of orders, newest first: of the sites that the user may see, and those that no site has yet.
func (o *Ops) Outbounds(ctx context.Context, q warehouse.OutboundQuery) (warehouse.OutboundPage, error) {
	u, err := orderReader(ctx)
	if err != nil {
		return warehouse.OutboundPage{}, err
	}
	q.Limit = min(q.Limit, 500)
	return warehousedb.OutboundPage(ctx, o.Pool, q, u.Sites, o.Clock())
}

// Outbound gives an order with all that its page shows.
func (o *Ops) Outbound(ctx context.Context, id warehouse.OutboundID) (warehouse.OutboundDetail, error) {
	u, err := orderReader(ctx)
	if err != nil {
		return warehouse.OutboundDetail{}, err
	}
	d, err := warehousedb.OutboundDetail(ctx, o.Pool, id, o.Clock())
	if err != nil {
		return d, err
	}
	if len(d.Shipments) > 0 && len(u.Sites) > 0 {
		mine := false
		for _, s := range d.Shipments {
			mine = mine || u.MayTouchSite(s.Site)
		}
		if !mine {
			return warehouse.OutboundDetail{}, fmt.Errorf("warehouseops: order %d: %w", id, access.ErrForbidden)
		}
	}
	return d, nil
}

// Shortages gives what the sites that the user may see are short of, most pieces first; site 0 is all of them.
func (o *Ops) Shortages(ctx context.Context, site catalog.SiteID, limit int) ([]warehouse.Shortage, error) {
	u, err := access.Require(ctx, access.ViewSales)
	if err != nil {
		return nil, err
	}
	sites, err := boundTo(u, site)
	if err != nil {
		return nil, err
	}
	return warehousedb.Shortages(ctx, o.Pool, sites, max(1, min(limit, 1000)))
}

// boundTo gives the sites of a question about one site or, with 0, about all that the user may see; nil is all.
func boundTo(u access.User, site catalog.SiteID) ([]catalog.SiteID, error) {
	switch {
	case site == 0:
		return u.Sites, nil
	case !u.MayTouchSite(site):
		return nil, fmt.Errorf("warehouseops: site %d: %w", site, access.ErrForbidden)
	}
	return []catalog.SiteID{site}, nil
}

// OrderFigures gives the figures of open orders, and of those received from the day from on to the day to, both in it; site 0 is
// all sites that the user may see.
func (o *Ops) OrderFigures(ctx context.Context, site catalog.SiteID, from, to calendar.Day) (warehouse.OrderFigures, error) {
	u, err := access.Require(ctx, access.ViewSales)
	if err != nil {
		return warehouse.OrderFigures{}, err
	}
	sites, err := boundTo(u, site)
	if err != nil {
		return warehouse.OrderFigures{}, err
	}
	return warehousedb.OrderFigures(ctx, o.Pool, sites, from.In(o.Zone), to.AddDays(1).In(o.Zone), o.Clock())
}

// SourcingRules gives the versions of the rules, the one in force first; where nobody has set any, version 0 with the usual ones.
func (o *Ops) SourcingRules(ctx context.Context) ([]warehousedb.RuleVersion, error) {
	if _, err := access.RequireAny(ctx, access.ViewSales, access.LeadFloor); err != nil {
		return nil, err
	}
	v, err := warehousedb.SourcingRules(ctx, o.Pool, 20)
	if err == nil && len(v) == 0 {
		v = []warehousedb.RuleVersion{{Rules: warehouse.DefaultSourcing()}}
	}
	return v, err
}

// ErrRulesStale refuses to replace rules that another has replaced meanwhile.
var ErrRulesStale = errors.New("warehouseops: the rules were changed meanwhile; read them again")

// SetSourcingRules puts rules in force in the place of the version was. Orders that no site could serve are looked at again.
// Rules that cannot be applied answer *allocation.RuleError.
func (o *Ops) SetSourcingRules(ctx context.Context, was int, rules warehouse.SourcingRules, note string) (int, error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return 0, err
	}
	if err := rules.Validate(); err != nil {
		return 0, err
	}
	retried := int64(0)
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		_, before, err := rulesInForce(ctx, tx)
		if err != nil {
			return err
		}
		err = warehousedb.InsertRules(ctx, tx, warehousedb.RuleVersion{Version: was + 1, Rules: rules, Note: note, Actor: u.Name, At: o.Clock()}, account(u))
		if errors.Is(err, warehousedb.ErrRuleVersion) {
			return ErrRulesStale
		}
		if err != nil {
			return err
		}
		if retried, err = warehousedb.RetryUnsourced(ctx, tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "sourcing.rules", Thing: audit.Thing{Kind: "sourcing", ID: fmt.Sprint(was + 1)},
			Before: before, After: map[string]any{"rules": rules, "note": note}})
	})
	if err != nil {
		return 0, fmt.Errorf("warehouseops: sourcing rules: %w", err)
	}
	if retried > 0 {
		o.wakeSourcing()
	}
	return was + 1, nil
}

// RulesPreview compares rules with those in force, on orders that have come in.
type RulesPreview struct {
	Orders, Changed int
	// Of all orders under the rules in force and under the new ones.
	Now, Then PreviewFigures
	// Examples are orders that would go otherwise.
	Examples []PreviewExample
}

// PreviewFigures are what sourcing comes to over orders: those wholly in time, pieces without stock, parcels, cost, and orders by site.
type PreviewFigures struct {
	OnTime  int
	Missing int64
	Parcels int
	CostFen int64
	BySite  map[string]int
}

// PreviewExample is an order that would go from other sites.
type PreviewExample struct {
	ID        warehouse.OutboundID
	Now, Then []string // site codes
}

// previewOrders bounds the orders that a preview looks at.
const previewOrders = 2000

// PreviewSourcing plays yesterday's orders, or today's where there were none, against the rules, with the stock that is there
// now. Nothing is changed.
func (o *Ops) PreviewSourcing(ctx context.Context, rules warehouse.SourcingRules) (RulesPreview, error) {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return RulesPreview{}, err
	}
	if err := rules.Validate(); err != nil {
		return RulesPreview{}, err
	}
	var p RulesPreview
	today := calendar.Of(o.Clock(), o.Zone)
	err := pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		var orders []warehousedb.NewOrder
		for _, day := range []calendar.Day{today.AddDays(-1), today} {
			var err error
			if orders, err = warehousedb.OrdersOf(ctx, tx, day.In(o.Zone), day.AddDays(1).In(o.Zone), previewOrders); err != nil {
				return err
			}
			if len(orders) > 0 {
				break
			}
		}
		p.Orders = len(orders)
		now, err := o.play(ctx, tx, orders, nil)
		if err != nil {
			return err
		}
		then, err := o.play(ctx, tx, orders, &rules)
		if err != nil {
			return err
		}
		p.compare(orders, now, then)
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("warehouseops: preview the rules: %w", err)
	}
	return p, nil
}

// played is what sourcing chose for an order.
type played struct {
	sites   []string
	onTime  bool
	missing int64
	cost    int64
}

// play sources the orders by the rules, nil for those in force, each as if the ones before had taken their pieces.
func (o *Ops) play(ctx context.Context, q pgdb.Querier, orders []warehousedb.NewOrder, rules *warehouse.SourcingRules) ([]played, error) {
	s := &sourcing{ops: o}
	if err := s.look(ctx, q); err != nil {
		return nil, err
	}
	if rules != nil {
		s.rules = *rules
	}
	in, err := s.read(ctx, q, orders, true)
	if err != nil {
		return nil, err
	}
	given := map[siteSKU]quantity.Pieces{}
	out := make([]played, len(orders))
	for i := range orders {
		lines := in.lines[orders[i].ID]
		choice, sites := s.choose(&orders[i], lines, in.lots, given)
		p := played{onTime: len(choice.Waiting) == 0, cost: int64(choice.Score.Cost)}
		for _, c := range choice.Parcels {
			p.sites = append(p.sites, sites[c.Site].Code)
			p.onTime = p.onTime && c.OnTime
			for _, q := range c.Portions {
				given[siteSKU{sites[c.Site].ID, lines[q.Need].SKU}] += q.Pieces
			}
		}
		for _, w := range choice.Waiting {
			p.missing += int64(w.Pieces)
		}
		out[i] = p
	}
	return out, nil
}

func (p *RulesPreview) compare(orders []warehousedb.NewOrder, now, then []played) {
	p.Now, p.Then = figures(now), figures(then)
	for i := range orders {
		if fmt.Sprint(now[i].sites) == fmt.Sprint(then[i].sites) {
			continue
		}
		p.Changed++
		if len(p.Examples) < 20 {
			p.Examples = append(p.Examples, PreviewExample{orders[i].ID, now[i].sites, then[i].sites})
		}
	}
}

func figures(all []played) PreviewFigures {
	f := PreviewFigures{BySite: map[string]int{}}
	for _, p := range all {
		if p.onTime {
			f.OnTime++
		}
		f.Missing += p.missing
		f.Parcels += len(p.sites)
		f.CostFen += p.cost
		for _, s := range p.sites {
			f.BySite[s]++
		}
	}
	return f
}
