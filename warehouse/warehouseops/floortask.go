package warehouseops

import (
	"context"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// NextTasks gives the work that waits at a site beside picking and packing, kind by kind, the urgent first: what a worker without a
// task is offered. Tasks that another has in hand, and recounts of the worker's own counts, are left out of the next ones.
func (o *Ops) NextTasks(ctx context.Context, site catalog.SiteID) ([]warehouse.FloorTask, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return nil, err
	}
	var urgent, rest []warehouse.FloorTask
	for _, f := range []func(context.Context, access.User, catalog.SiteID) (warehouse.FloorTask, error){o.nextReceipt, o.nextPut, o.nextRefill, o.nextInspection, o.nextReturn, o.nextCount} {
		t, err := f(ctx, u, site)
		if err != nil {
			return nil, err
		}
		switch {
		case t.Waiting == 0:
		case t.Urgent:
			urgent = append(urgent, t)
		default:
			rest = append(rest, t)
		}
	}
	return append(urgent, rest...), nil
}

func (o *Ops) nextReceipt(ctx context.Context, _ access.User, site catalog.SiteID) (warehouse.FloorTask, error) {
	t := warehouse.FloorTask{Kind: "receive"}
	docks, err := o.Docks(ctx, warehouse.DockQuery{Site: site})
	if err != nil || len(docks) == 0 {
		return t, err
	}
	today := o.SiteToday(ctx, site)
	for _, d := range docks {
		if d.State == warehouse.DeliveryReceiving || d.Arrives == nil || *d.Arrives <= today {
			t.Waiting++
		}
	}
	d := docks[0]
	t.ID, t.Bin, t.Text, t.Name, t.Urgent = int64(d.ID), d.Dock, d.Number, d.Name, d.State == warehouse.DeliveryReceiving || d.Cold
	return t, nil
}

func (o *Ops) nextPut(ctx context.Context, _ access.User, site catalog.SiteID) (warehouse.FloorTask, error) {
	t := warehouse.FloorTask{Kind: "putaway"}
	all, err := o.PutTasks(ctx, site, 200)
	if err != nil || len(all) == 0 {
		return t, err
	}
	p := all[0]
	t.Waiting, t.Bin, t.SKU, t.Ware, t.Name, t.Urgent = len(all), p.From, p.Ware.SKU, p.Ware.Code, p.Ware.Name, p.Reserved > 0 || p.Ware.Temperature != catalog.Ambient
	return t, nil
}

func (o *Ops) nextRefill(ctx context.Context, u access.User, site catalog.SiteID) (warehouse.FloorTask, error) {
	t := warehouse.FloorTask{Kind: "refill"}
	all, err := o.Refills(ctx, site, 200)
	if err != nil {
		return t, err
	}
	for _, r := range all {
		if r.TakenBy != 0 && r.TakenBy != int64(u.ID) {
			continue
		}
		if t.Waiting++; t.Waiting == 1 {
			t.ID, t.Bin, t.To, t.SKU, t.Ware, t.Name, t.Urgent = r.ID, r.From, r.To, r.Ware.SKU, r.Ware.Code, r.Ware.Name, r.Urgent
		}
	}
	return t, nil
}

func (o *Ops) nextInspection(ctx context.Context, _ access.User, site catalog.SiteID) (warehouse.FloorTask, error) {
	t := warehouse.FloorTask{Kind: "inspect"}
	all, wares, err := o.Inspections(ctx, warehouse.InspectionQuery{Site: site, States: []warehouse.InspectionState{warehouse.InspectionWaiting}})
	if err != nil || len(all) == 0 {
		return t, err
	}
	i := all[len(all)-1] // the one that waits longest
	w := wares[i.SKU]
	t.Waiting, t.ID, t.SKU, t.Ware, t.Name, t.Text = len(all), i.ID, i.SKU, w.Code, w.Name, i.DeliveryNumber
	return t, nil
}

func (o *Ops) nextReturn(ctx context.Context, _ access.User, site catalog.SiteID) (warehouse.FloorTask, error) {
	t := warehouse.FloorTask{Kind: "return"}
	all, err := o.Returns(ctx, site, true, 200)
	if err != nil || len(all) == 0 {
		return t, err
	}
	r := all[len(all)-1]
	t.Waiting, t.ID, t.Bin, t.SKU, t.Ware, t.Name, t.Text = len(all), r.ID, r.Bin, r.Ware.SKU, r.Ware.Code, r.Ware.Name, r.Number
	return t, nil
}

func (o *Ops) nextCount(ctx context.Context, u access.User, site catalog.SiteID) (warehouse.FloorTask, error) {
	t := warehouse.FloorTask{Kind: "count"}
	all, err := o.Counts(ctx, site, []warehouse.CountState{warehouse.CountOpen, warehouse.CountRecount}, 200)
	if err != nil {
		return t, err
	}
	own, err := o.countedBy(ctx, u, all)
	if err != nil {
		return t, err
	}
	for _, c := range all {
		if c.TakenBy != 0 && c.TakenBy != int64(u.ID) || own[c.ID] {
			continue
		}
		if t.Waiting++; t.Waiting == 1 {
			t.ID, t.Bin, t.Text, t.Urgent = c.ID, c.Bin, c.Reason, c.Reason == "doubt"
		}
	}
	return t, nil
}

// countedBy tells which recounts the worker may not do.
func (o *Ops) countedBy(ctx context.Context, u access.User, all []warehouse.CountTask) (map[int64]bool, error) {
	var ids []int64
	for _, c := range all {
		if c.State == warehouse.CountRecount {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 || u.ID == 0 {
		return nil, nil
	}
	return warehousedb.CountedBy(ctx, o.Pool, ids, int64(u.ID))
}
