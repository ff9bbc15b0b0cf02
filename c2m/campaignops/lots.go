package campaignops

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Making says how much is made and by when: the pledges and Extra pieces for stock, within DueDays of today. Surplus is what a piece costs
// that nobody pledged; MinGrade leaves out factories of a lower quality grade.
type Making struct {
	Extra    quantity.Pieces
	DueDays  int
	Surplus  money.Fen
	MinGrade int
	Release  lotplan.Release
	// ShareSlackBP is what keeping to the factories' shares may cost above the least cost, in ten-thousandths of it. At 0 the shares decide between
	// plans of equal cost alone.
	ShareSlackBP int
}

// maxSlack bounds what shares may cost: a fifth.
const maxSlack = 2000

// need gives what has to be made of so many pieces for the mathematics.
func (m Making) need(pieces quantity.Pieces) lotplan.Need {
	return lotplan.Need{Pieces: pieces, DueDays: m.DueDays, Surplus: m.Surplus, MinGrade: m.MinGrade, ShareSlackBP: min(max(m.ShareSlackBP, 0), maxSlack)}
}

// Plan is what could be made: the need beyond what lots make already, the factories' offers, and the dates to choose from with their costs.
type Plan struct {
	Pledged quantity.Pieces
	// Made is what the lots ordered so far make, Need what is to be made now.
	Made, Need quantity.Pieces
	Offers     []campaign.Quotation
	Frontier   []lotplan.Point
	// Rest is what is forecast to be wanted beyond the pledges, to be proposed as what is made for stock.
	Rest Rest
	// Why tells of every offer what its factory makes in the last point of the frontier, which is the one that is ordered, and why.
	Why  []lotplan.Reason
	lots []campaign.Lot
}

// Open gives the pledged pieces that no lot makes yet.
func (p *Plan) Open() quantity.Pieces { return max(0, p.Pledged-p.Made) }

// Last gives the number of the last lot ordered before, 0 for none.
func (p *Plan) Last() int {
	last := 0
	for _, l := range p.lots {
		last = max(last, l.No)
	}
	return last
}

// PlanLots gives what the campaign's pledges (and some stock) can be made for, at each date. Nothing is stored. campaign.ErrNoFactory,
// campaign.ErrLots where lots make all that is pledged, *lotplan.ShortError.
func (o *Ops) PlanLots(ctx context.Context, id campaign.ID, m Making) (*Plan, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	c, err := campaigndb.Get(ctx, o.Pool, id)
	if err != nil {
		return nil, err
	}
	return o.plan(ctx, o.Pool, c, m)
}

func (o *Ops) plan(ctx context.Context, q pgdb.Querier, c *campaign.Campaign, m Making) (*Plan, error) {
	p := &Plan{Pledged: c.Reserved}
	if c.State == campaign.Succeeded || c.State == campaign.Producing {
		p.Pledged = c.ToDeliver
	}
	var err error
	if p.lots, err = campaigndb.Lots(ctx, q, c.ID); err != nil {
		return nil, err
	}
	for _, l := range p.lots {
		if l.State == campaign.LotOrdered {
			p.Made += l.Pieces
		}
	}
	if len(p.lots) > 0 && p.Open() == 0 {
		return nil, campaign.ErrLots
	}
	if p.Offers, err = campaigndb.Quotations(ctx, q, c.ID, c.SKU); err != nil {
		return nil, err
	}
	if len(p.Offers) == 0 {
		return nil, campaign.ErrNoFactory
	}
	if p.Rest, err = o.rest(ctx, q, c, max(0, p.Made-p.Pledged)); err != nil {
		return nil, err
	}
	p.Need = p.Open() + max(m.Extra, 0)
	if p.Frontier, err = lotplan.Frontier(m.need(p.Need), p.factories()); err != nil {
		return p, err
	}
	p.Why = lotplan.Reasons(m.need(p.Need), p.factories(), p.Frontier[len(p.Frontier)-1].Split)
	return p, nil
}

// factories gives the offers for the mathematics: a piece costs its price and its materials, and what a factory makes already takes from
// its capacity.
func (p *Plan) factories() []lotplan.Factory {
	busy := map[catalog.SupplierID]quantity.Pieces{}
	for _, l := range p.lots {
		if l.State == campaign.LotOrdered {
			busy[l.Supplier] += l.Pieces
		}
	}
	out := make([]lotplan.Factory, len(p.Offers))
	for i, q := range p.Offers {
		out[i] = lotplan.Factory{ID: itoa(int64(q.Supplier)), MOQ: q.MOQ, Capacity: max(0, q.Capacity-busy[q.Supplier]), Price: q.Price + q.Materials, Setup: q.Setup, LeadDays: q.LeadDays, Grade: q.Grade, ShareBP: q.ShareBP}
		for _, b := range q.Breaks {
			out[i].Breaks = append(out[i].Breaks, lotplan.Break{From: b.From, Price: b.Price + q.Materials})
		}
	}
	return out
}

// Quote stores what a factory offers for a campaign. campaign.ErrQuotation.
func (o *Ops) Quote(ctx context.Context, id campaign.ID, q campaign.Quotation) error {
	if _, err := access.Require(ctx, access.EditOrders); err != nil {
		return err
	}
	if err := q.Check(); err != nil {
		return err
	}
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := campaigndb.Quote(ctx, tx, id, q, now); err != nil {
			return err
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "campaign.quote", Thing: audit.Thing{Kind: "campaign", ID: itoa(int64(id))}, After: q})
	})
}

// SaveBill replaces the bill of materials of a SKU.
func (o *Ops) SaveBill(ctx context.Context, sku catalog.SKUID, lines []campaigndb.BillLine) error {
	if _, err := access.Require(ctx, access.EditOrders); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return campaigndb.SaveBill(ctx, tx, sku, lines) })
}

// OrderLots orders the lots of a won campaign, or of one past its threshold: the least cost for the number of days chosen. Each factory gets
// a draft order whose lines are its lots, every pledge its lot and promise, and the materials are reckoned. The buyer sends the orders. Where
// lots were ordered before, what is pledged beyond them is ordered: more pledges came, or a lot failed.
// campaign.ErrNoGoods, campaign.ErrLots, campaign.ErrNoFactory, *lotplan.ShortError, *campaign.StateError.
func (o *Ops) OrderLots(ctx context.Context, id campaign.ID, revision int64, m Making) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(ctx context.Context, a *act) error {
		switch {
		case a.c.SKU == 0 || a.c.ShipTo == 0:
			return campaign.ErrNoGoods
		case !a.c.MayOrder():
			return &campaign.StateError{Number: a.c.Number, State: a.c.State, Verb: "order the lots of"}
		}
		p, err := o.plan(ctx, a.tx, a.c, m)
		if err != nil {
			return err
		}
		if m.Release == (lotplan.Release{}) {
			m.Release = lotplan.DefaultRelease
		}
		lots := append(slices.Clone(p.lots), cut(p, m, o.Today(), a.c.Owner)...)
		if err := a.orderLots(ctx, lots, p.Made+p.Need); err != nil {
			return err
		}
		if err := a.keepRule(ctx, m.Release); err != nil {
			return err
		}
		a.verb, a.after = "campaign.lots", map[string]any{"lots": lots, "need": p.Need, "days": m.DueDays, "why": p.Why}
		if a.c.State == campaign.Succeeded {
			return a.c.Produce(a.now)
		}
		return nil
	})
}

// cut makes lots of the cheapest split: the last point of the frontier is the least cost within the days asked for.
func cut(p *Plan, m Making, today calendar.Day, owner string) []campaign.Lot {
	best := p.Frontier[len(p.Frontier)-1].Split
	moq := map[string]quantity.Pieces{}
	for _, q := range p.Offers {
		moq[itoa(int64(q.Supplier))] = q.MOQ
	}
	var out []campaign.Lot
	charged := map[string]bool{}
	for _, l := range lotplan.Lots(best, p.Open(), m.Release, moq, today) {
		lot := campaign.Lot{No: p.Last() + l.No, Asked: l.Pieces, Pieces: l.Pieces, First: l.Promise, Promise: l.Promise, State: campaign.LotOrdered, Owner: owner}
		if l.Held {
			lot.State = campaign.LotHeld
		}
		for _, part := range best.Parts {
			if part.Factory == l.Factory {
				lot.Price = part.Price
				if !charged[l.Factory] {
					lot.Setup, charged[l.Factory] = part.Setup, true
				}
			}
		}
		for _, q := range p.Offers {
			if itoa(int64(q.Supplier)) == l.Factory {
				lot.Supplier, lot.Price = q.Supplier, lot.Price-q.Materials
			}
		}
		out = append(out, lot)
	}
	return out
}

// orderLots drafts the factory orders of the lots that are let go, serves the pledges and reckons the materials.
func (a *act) orderLots(ctx context.Context, lots []campaign.Lot, need quantity.Pieces) error {
	if err := a.draftOrders(ctx, lots); err != nil {
		return err
	}
	if err := a.serve(ctx, lots); err != nil {
		return err
	}
	return a.buyMaterials(ctx, need)
}

// draftOrders makes a draft for each factory with a line for each of its lots that has none yet.
func (a *act) draftOrders(ctx context.Context, lots []campaign.Lot) error {
	bySupplier := map[catalog.SupplierID][]int{}
	var suppliers []catalog.SupplierID
	for i, l := range lots {
		if l.State == campaign.LotOrdered && l.Order == 0 {
			if bySupplier[l.Supplier] == nil {
				suppliers = append(suppliers, l.Supplier)
			}
			bySupplier[l.Supplier] = append(bySupplier[l.Supplier], i)
		}
	}
	for _, s := range suppliers {
		n := c2mops.NewOrder{Supplier: s, ShipTo: a.c.ShipTo, Conditions: c2m.Conditions{Note: a.c.Number}}
		for _, i := range bySupplier[s] {
			l := lots[i]
			n.Lines = append(n.Lines, c2mops.NewLine{SKU: a.c.SKU, Pieces: l.Asked, Price: &l.Price, Due: &l.Promise, Spec: a.c.Spec,
				Note: fmt.Sprintf("%s · %d", a.c.Number, l.No)})
		}
		order, err := a.ops.Orders.DraftIn(ctx, a.tx, n)
		if err != nil {
			return err
		}
		for k, i := range bySupplier[s] {
			lots[i].Order, lots[i].Line = int64(order.ID), order.Lines[k].No
		}
	}
	return nil
}

// serve gives every pledge its lot and promise, earlier pledges the earlier lots, and drafts a message where that moved.
func (a *act) serve(ctx context.Context, lots []campaign.Lot) error {
	ps, err := campaigndb.Pledges(ctx, a.tx, a.c.ID, campaign.Accepted, campaign.Confirmed)
	if err != nil {
		return err
	}
	plain := make([]lotplan.Lot, len(lots))
	for i, l := range lots {
		plain[i] = lotplan.Lot{No: l.No, Pieces: l.Pieces, Promise: l.Promise, Held: l.State != campaign.LotOrdered}
	}
	slices.SortStableFunc(plain, func(x, y lotplan.Lot) int { return x.Promise.Sub(y.Promise) })
	claims := make([]lotplan.Claim, len(ps))
	for i, p := range ps {
		claims[i] = lotplan.Claim{Seq: p.Seq, Pieces: p.Pieces}
	}
	var told []campaign.Notice
	for i, s := range lotplan.Assign(plain, claims) {
		if n, moved := a.c.Serve(ps[i], s.Lot, s.Promise); moved {
			told = append(told, n)
		}
	}
	for _, x := range plain {
		for i := range lots {
			if lots[i].No == x.No {
				lots[i].Pledged = x.Pledged
			}
		}
	}
	if len(ps) > 0 && ps[0].Promise != nil {
		a.c.Promise = ps[0].Promise
	}
	campaigndb.SaveLots(&a.batch, a.c.ID, lots)
	campaigndb.SavePledges(&a.batch, a.c.ID, ps)
	campaigndb.Tell(&a.batch, a.c.ID, told, a.now)
	return nil
}

// DeliverAll notes that the goods of every confirmed pledge have reached their members: the money is earned, and the campaign is done.
// It tells how many pledges that were.
func (o *Ops) DeliverAll(ctx context.Context, id campaign.ID) (n int, err error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return 0, err
	}
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		ps, err := campaigndb.Pledges(ctx, a.tx, id, campaign.Confirmed, campaign.Accepted)
		if err != nil {
			return err
		}
		was := states(ps)
		var out campaign.Outcome
		for _, p := range ps {
			if p.State != campaign.Confirmed {
				continue
			}
			one, err := a.c.Deliver(p)
			if err != nil {
				return err
			}
			out.Entries = append(out.Entries, one.Entries...)
			n++
		}
		if n == 0 {
			return campaign.ErrPledgeState
		}
		a.settleAll(ps, was, out)
		if a.c.Finish(ps, a.now) {
			campaigndb.UseMaterials(&a.batch, id)
		}
		a.verb, a.after = "campaign.deliver", map[string]any{"pledges": n, "state": a.c.State}
		return nil
	})
	return n, err
}
