package c2mops

import (
	"context"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Dealing is how things stand with a supplier: orders sent and not over, those of them that are late, and its figures.
type Dealing struct {
	Open, Late int
	Score      c2m.Score
}

// Dealings gives how things stand with suppliers; those never dealt with are missing. Orders beyond the user's sites do not count.
func (o *Ops) Dealings(ctx context.Context, suppliers []catalog.SupplierID) (map[catalog.SupplierID]Dealing, error) {
	u, err := access.Require(ctx, access.ViewSuppliers)
	if err != nil {
		return nil, err
	}
	standings, err := c2mdb.Standings(ctx, o.Pool, suppliers, u.Sites, o.Today(), o.Clock())
	if err != nil {
		return nil, err
	}
	scores, err := c2mdb.Scores(ctx, o.Pool, suppliers, o.Today())
	if err != nil {
		return nil, err
	}
	out := map[catalog.SupplierID]Dealing{}
	for id, s := range standings {
		out[id] = Dealing{Open: s.Open, Late: s.Late}
	}
	for id, s := range scores {
		d := out[id]
		d.Score = s
		out[id] = d
	}
	return out, nil
}

// Numbers gives the numbers of orders by id, for pages that name them.
func (o *Ops) Numbers(ctx context.Context, ids []c2m.OrderID) (map[c2m.OrderID]string, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ViewAudit); err != nil {
		return nil, err
	}
	return c2mdb.Numbers(ctx, o.Pool, ids)
}
