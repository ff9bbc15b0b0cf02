package warehouseops

import (
	"cmp"
	"context"
	"slices"

	"milkrun/c2m/quality"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Quality tells what a supplier's record says of the next lot; c2mdb.Quality fits.
type Quality interface {
	// Standings gives how a supplier's SKUs stand; SKUs without a lot are left out.
	Standings(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []catalog.SKUID) (map[catalog.SKUID]quality.Standing, error)
	// Lacking gives the certificates that the SKUs need and that were not valid on the day.
	Lacking(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []catalog.SKUID, day calendar.Day) (map[catalog.SKUID][]quality.Lack, error)
}

// lotCame is a lot of a closed receipt.
type lotCame struct {
	sku    catalog.SKUID
	lot    warehouse.Lot
	pieces quantity.Pieces
	holds  []warehouse.HoldReason
}

// holdOf gives the reason that a fault holds a lot for.
var holdOf = map[warehouse.ArrivalFault]warehouse.HoldReason{warehouse.FaultShortLife: warehouse.HoldShortLife, warehouse.FaultPastExpiry: warehouse.HoldExpired,
	warehouse.FaultNoExpiry: warehouse.HoldNoExpiry, warehouse.FaultUnexpected: warehouse.HoldUnexpected}

// lotsOf sums the good pieces of a receipt by lot, with what was wrong with them.
func lotsOf(all []warehouse.Arrival) []*lotCame {
	type key struct {
		sku catalog.SKUID
		lot string
	}
	index := map[key]*lotCame{}
	var lots []*lotCame
	for _, a := range all {
		if a.Undone || a.Outcome != warehouse.ArrivedGood {
			continue
		}
		k := key{a.SKU, a.Lot}
		l := index[k]
		if l == nil {
			l = &lotCame{sku: a.SKU, lot: warehouse.Lot{Code: a.Lot, Produced: a.Produced, Expiry: a.Expiry}}
			index[k] = l
			lots = append(lots, l)
		}
		l.pieces += a.Pieces
		for _, f := range a.Faults {
			if h, holds := holdOf[f]; holds && !slices.Contains(l.holds, h) {
				l.holds = append(l.holds, h)
			}
		}
	}
	slices.SortFunc(lots, func(a, b *lotCame) int { return cmp.Or(cmp.Compare(a.sku, b.sku), cmp.Compare(a.lot.Code, b.lot.Code)) })
	return lots
}

// sortOut decides what becomes of the lots of a receipt: available at once, to be inspected, or held.
func (o *Ops) sortOut(ctx context.Context, x *deed, d *warehouse.Delivery) error {
	all, err := warehousedb.Arrivals(ctx, x.tx, d.ID)
	if err != nil {
		return err
	}
	lots := lotsOf(all)
	if len(lots) == 0 {
		return nil
	}
	j, err := o.jury(ctx, x, d, lots)
	if err != nil {
		return err
	}
	var moves []warehouse.Move
	var freed []catalog.SKUID
	for _, l := range lots {
		i := j.look(d, l)
		if i == nil {
			moves = append(moves, warehouse.Move{From: &warehouse.Place{Site: d.Site, Bin: d.Dock, SKU: l.sku, Lot: l.lot.Code, Status: warehouse.Held},
				To: &warehouse.Place{Site: d.Site, Bin: d.Dock, SKU: l.sku, Lot: l.lot.Code, Status: warehouse.Available}, Pieces: l.pieces})
			freed = append(freed, l.sku)
			continue
		}
		i.At = x.now
		if err := warehousedb.InsertInspection(ctx, x.tx, i); err != nil {
			return err
		}
	}
	if err := x.post(ctx, moves...); err != nil {
		return err
	}
	return o.freed(ctx, x, d.Site, freed)
}

// freed says that pieces of SKUs became available at a site.
func (o *Ops) freed(ctx context.Context, x *deed, site catalog.SiteID, skus []catalog.SKUID) error {
	if len(skus) == 0 {
		return nil
	}
	slices.Sort(skus)
	return o.Bus.Publish(ctx, x.tx, warehouse.Freed{Site: site, SKUs: slices.Compact(skus)})
}

// jury is what is known for the decision on a receipt's lots.
type jury struct {
	today     calendar.Day
	wares     map[catalog.SKUID]warehouse.Ware
	rules     map[catalog.CategoryID]warehouse.InspectionRule
	standings map[catalog.SKUID]quality.Standing
	lacks     map[catalog.SKUID][]quality.Lack
	frozen    map[warehouse.LotKey]warehouse.Status
}

func (o *Ops) jury(ctx context.Context, x *deed, d *warehouse.Delivery, lots []*lotCame) (j jury, err error) {
	var skus []catalog.SKUID
	var keys []warehouse.LotKey
	for _, l := range lots {
		skus, keys = append(skus, l.sku), append(keys, warehouse.LotKey{SKU: l.sku, Code: l.lot.Code})
	}
	if j.today, err = o.siteToday(ctx, x.tx, d.Site); err != nil {
		return j, err
	}
	if j.wares, err = warehousedb.Wares(ctx, x.tx, skus...); err != nil {
		return j, err
	}
	var categories []catalog.CategoryID
	for _, w := range j.wares {
		categories = append(categories, w.Category)
	}
	if j.rules, err = warehousedb.InspectionRuleOf(ctx, x.tx, categories); err != nil {
		return j, err
	}
	if j.frozen, err = warehousedb.FrozenLots(ctx, x.tx, keys); err != nil || o.Quality == nil || d.Kind == warehouse.TransferDelivery {
		return j, err
	}
	if j.standings, err = o.Quality.Standings(ctx, x.tx, d.Supplier, skus); err != nil {
		return j, err
	}
	j.lacks, err = o.Quality.Lacking(ctx, x.tx, d.Supplier, skus, j.today)
	return j, err
}

// look gives the inspection of a lot, nil for one that is available at once.
func (j jury) look(d *warehouse.Delivery, l *lotCame) *warehouse.Inspection {
	i := &warehouse.Inspection{Delivery: d.ID, Site: d.Site, Supplier: d.Supplier, SKU: l.sku, Lot: l.lot, Pieces: l.pieces, State: warehouse.InspectionWaiting,
		Reasons: l.holds, Received: j.today, Severity: string(quality.Normal)}
	if lacks := j.lacks[l.sku]; len(lacks) > 0 {
		i.Reasons, i.Lacks = append(i.Reasons, warehouse.HoldCertificate), lacksOf(lacks)
	}
	if _, frozen := j.frozen[warehouse.LotKey{SKU: l.sku, Code: l.lot.Code}]; frozen {
		i.Reasons = append(i.Reasons, warehouse.HoldRecall)
	}
	standing := j.standings[l.sku]
	rule := j.rules[j.wares[l.sku].Category]
	i.Severity, i.Level = string(standing.Severity()), rule.Level
	switch {
	case d.Kind == warehouse.TransferDelivery || !rule.Inspect:
		if len(i.Reasons) == 0 {
			return nil
		}
		i.State = warehouse.InspectionHeld
		return i
	case standing.Banned:
		i.Reasons, i.State = append(i.Reasons, warehouse.HoldBanned), warehouse.InspectionHeld
		return i
	}
	s, err := quality.Draw(int(l.pieces), termsOf(rule), standing.Severity())
	if err != nil { // inspection of the supplier's lots is stopped
		i.Reasons, i.State = append(i.Reasons, warehouse.HoldStopped), warehouse.InspectionHeld
		return i
	}
	i.Sample = s.Sample()
	for _, c := range quality.Classes() {
		p := s.Plan(c)
		i.Plans = append(i.Plans, warehouse.SamplePlan{Class: string(c), Letter: p.Used, Sample: p.Sample, Accept: p.Accept, Reject: p.Reject, Full: p.Full})
	}
	return i
}

func termsOf(r warehouse.InspectionRule) quality.Terms {
	return quality.Terms{Level: quality.Level(r.Level), Major: quality.AQL(r.Major), Minor: quality.AQL(r.Minor)}
}

func lacksOf(in []quality.Lack) []warehouse.CertificateLack {
	out := make([]warehouse.CertificateLack, len(in))
	for i, l := range in {
		out[i] = warehouse.CertificateLack{Kind: string(l.Kind)}
		if l.Last != nil {
			end := l.Last.To
			if l.Last.Revoked != nil && *l.Last.Revoked <= end {
				end = l.Last.Revoked.AddDays(-1)
			}
			out[i].Number, out[i].Expired = l.Last.Number, &end
		}
	}
	return out
}
