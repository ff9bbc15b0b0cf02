package warehouseops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// inHand is for how long a task that somebody has taken is theirs.
const inHand = 30 * time.Minute

// SetPickFaces stores from where SKUs are picked, with the pieces at which they are refilled and up to which; within a list all
// or none. warehouse.ErrFace for a bin that is no pick bin, or a minimum above the maximum.
func (o *Ops) SetPickFaces(ctx context.Context, list []warehouse.PickFace) error {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return err
	}
	sites, codes := make([]catalog.SiteID, len(list)), make([]string, len(list))
	for i := range list {
		f := &list[i]
		f.Bin = warehouse.CleanBinCode(f.Bin)
		if err := within(u, f.Site); err != nil {
			return err
		}
		if f.Min < 0 || f.Max < 1 || f.Min > f.Max {
			return warehouse.ErrFace
		}
		sites[i], codes[i] = f.Site, f.Bin
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		bins, err := warehousedb.LockBins(ctx, tx, sites, codes)
		if err != nil {
			return err
		}
		pick := map[warehouse.BinKey]bool{}
		for _, b := range bins {
			pick[warehouse.BinKey{Site: b.Site, Code: b.Code}] = b.Kind == warehouse.BinPick && b.Active
		}
		for _, f := range list {
			if !pick[warehouse.BinKey{Site: f.Site, Code: f.Bin}] {
				return warehouse.ErrFace
			}
		}
		if err := warehousedb.SaveFaces(ctx, tx, list); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "face.set", Thing: audit.Thing{Kind: "bin", ID: ""}, After: map[string]any{"faces": len(list)}})
	})
}

// PickFaces gives the pick faces of a site, of one SKU or of all (0), by bin.
func (o *Ops) PickFaces(ctx context.Context, site catalog.SiteID, sku catalog.SKUID) (map[string]warehouse.PickFace, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	return warehousedb.FacesOf(ctx, o.Pool, site, sku)
}

// DropPickFace ends a pick face.
func (o *Ops) DropPickFace(ctx context.Context, f warehouse.PickFace) error {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return err
	}
	if err := within(u, f.Site); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return warehousedb.DropFace(ctx, tx, f) })
}

// PlanRefills makes the refills of a site that its pick faces need, first to expire first, and cancels those that cannot be done
// any more. It gives how many are new.
func (o *Ops) PlanRefills(ctx context.Context, site catalog.SiteID) (made int, err error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return 0, err
	}
	if err := within(u, site); err != nil {
		return 0, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		made = 0
		if err := warehousedb.LockSite(ctx, tx, site); err != nil {
			return err
		}
		now := o.Clock()
		if err := warehousedb.DropStaleRefills(ctx, tx, site, now); err != nil {
			return err
		}
		low, err := warehousedb.LowFaces(ctx, tx, site)
		if err != nil {
			return err
		}
		type face struct {
			sku catalog.SKUID
			bin string
		}
		given := map[face]quantity.Pieces{}
		for _, f := range low {
			k := face{f.SKU, f.Bin}
			n := min(f.Want-given[k], f.Have)
			if n <= 0 {
				continue
			}
			fresh, err := warehousedb.InsertRefill(ctx, tx, site, f, n, now)
			if err != nil {
				return err
			}
			if fresh {
				given[k] += n
				made++
			}
		}
		return nil
	})
	return made, err
}

// Refills gives the open refills of a site, urgent ones first.
func (o *Ops) Refills(ctx context.Context, site catalog.SiteID, limit int) ([]warehouse.Refill, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 200
	}
	all, err := warehousedb.Refills(ctx, o.Pool, site, o.Clock(), min(limit, 1000))
	if err != nil {
		return nil, err
	}
	return all, o.wareRefills(ctx, all)
}

func (o *Ops) wareRefills(ctx context.Context, all []warehouse.Refill) error {
	var skus []catalog.SKUID
	for _, r := range all {
		skus = append(skus, r.Ware.SKU)
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	for i := range all {
		all[i].Ware = wares[all[i].Ware.SKU]
	}
	return err
}

// TakeRefill puts a refill into the worker's hand for half an hour. warehouse.ErrNoRefill, warehouse.ErrTaskTaken.
func (o *Ops) TakeRefill(ctx context.Context, id int64) (warehouse.Refill, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return warehouse.Refill{}, err
	}
	var out warehouse.Refill
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		r, err := o.lockRefill(ctx, tx, u, id)
		if err != nil {
			return err
		}
		out = r
		return warehousedb.TakeRefill(ctx, tx, id, account(u), o.Clock().Add(inHand))
	})
	if err != nil {
		return out, err
	}
	one := []warehouse.Refill{out}
	err = o.wareRefills(ctx, one)
	return one[0], err
}

func (o *Ops) lockRefill(ctx context.Context, tx pgx.Tx, u access.User, id int64) (warehouse.Refill, error) {
	r, err := warehousedb.LockRefill(ctx, tx, id, o.Clock())
	if err != nil {
		return r, err
	}
	if r.TakenBy != 0 && r.TakenBy != int64(u.ID) {
		return r, warehouse.ErrTaskTaken
	}
	return r, within(u, r.Site)
}

// DoRefill brings pieces of a refill to its pick face: all, or fewer where fewer are there. See PutAway for the refusals;
// warehouse.ErrNoRefill, warehouse.ErrTaskTaken.
func (o *Ops) DoRefill(ctx context.Context, c warehouse.Command, id int64, pieces quantity.Pieces, force bool) (warehouse.Carried, error) {
	return once(ctx, o, access.WorkFloor, c, "floor.refill", "replenish", func(ctx context.Context, x *deed) (warehouse.Carried, error) {
		r, err := o.lockRefill(ctx, x.tx, x.user, id)
		if err != nil {
			return warehouse.Carried{}, err
		}
		done, err := o.carry(ctx, x, Taking{Site: r.Site, From: r.From, SKU: r.Ware.SKU, Lot: r.Lot.Code, Owner: r.Owner, Pieces: pieces}, r.To, false, force)
		if err != nil {
			return done, err
		}
		return done, warehousedb.EndRefill(ctx, x.tx, id, "done", x.now, x.user.Name, pieces)
	})
}

// SkipRefill ends a refill that cannot be done: the place is empty, or blocked.
func (o *Ops) SkipRefill(ctx context.Context, id int64) error {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if _, err := o.lockRefill(ctx, tx, u, id); err != nil {
			return err
		}
		return warehousedb.EndRefill(ctx, tx, id, "cancelled", o.Clock(), u.Name, 0)
	})
}
