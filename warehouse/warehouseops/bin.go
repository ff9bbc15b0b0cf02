package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Bins lists bins of a site with how full they are.
func (o *Ops) Bins(ctx context.Context, q warehouse.BinQuery) ([]warehouse.BinFill, error) {
	if err := o.maySee(ctx, q.Site); err != nil {
		return nil, err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, 1000)
	q.Prefix = warehouse.CleanBinCode(q.Prefix)
	return warehousedb.BinList(ctx, o.Pool, q)
}

// Bin gives a bin with what stands in it. *warehouse.UnknownBinError.
func (o *Ops) Bin(ctx context.Context, site catalog.SiteID, code string) (warehouse.BinRecord, []warehouse.Content, error) {
	if err := o.maySee(ctx, site); err != nil {
		return warehouse.BinRecord{}, nil, err
	}
	b, err := warehousedb.Bin(ctx, o.Pool, site, warehouse.CleanBinCode(code))
	if err != nil {
		return b, nil, err
	}
	content, err := warehousedb.BinContent(ctx, o.Pool, site, b.Code)
	return b, content, err
}

// maySee lets whoever works on the floor, or reads stock, look at a site of theirs.
func (o *Ops) maySee(ctx context.Context, site catalog.SiteID) error {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return err
	}
	return within(u, site)
}

// within refuses a site outside of the user's bounds.
func within(u access.User, site catalog.SiteID) error {
	if !u.MayTouchSite(site) {
		return fmt.Errorf("warehouseops: site %d: %w", site, access.ErrForbidden)
	}
	return nil
}

// AddBin makes a bin. *warehouse.BinFault, warehouse.ErrBinTaken.
func (o *Ops) AddBin(ctx context.Context, b warehouse.Bin) (warehouse.BinRecord, error) {
	var out warehouse.BinRecord
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return out, err
	}
	if err := within(u, b.Site); err != nil {
		return out, err
	}
	b.Code = warehouse.CleanBinCode(b.Code)
	if err := b.Check(); err != nil {
		return out, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.LockSite(ctx, tx, b.Site); err != nil {
			return err
		}
		_, err := warehousedb.Bin(ctx, tx, b.Site, b.Code)
		if err == nil {
			return fmt.Errorf("%w: %s", warehouse.ErrBinTaken, b.Code)
		}
		if !errors.Is(err, warehouse.ErrUnknownBin) {
			return err
		}
		if err := warehousedb.SaveBins(ctx, tx, []warehouse.Bin{b}); err != nil {
			return err
		}
		if out, err = warehousedb.Bin(ctx, tx, b.Site, b.Code); err != nil {
			return err
		}
		return o.auditBin(ctx, tx, "bin.add", b, nil, out.Bin)
	})
	return out, err
}

func (o *Ops) auditBin(ctx context.Context, tx pgx.Tx, verb string, b warehouse.Bin, before, after any) error {
	return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: audit.Thing{Kind: "bin", ID: fmt.Sprintf("%d/%s", b.Site, b.Code)}, Before: before, After: after})
}

// EditBin stores a bin as it was changed from the version seen; its site and code stay. While pieces stand in it, it can be
// neither switched off nor given another temperature (warehouse.ErrBinFull). *warehouse.UnknownBinError, warehouse.ErrBinStale,
// *warehouse.BinFault.
func (o *Ops) EditBin(ctx context.Context, seen time.Time, b warehouse.Bin) (warehouse.BinRecord, error) {
	var out warehouse.BinRecord
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return out, err
	}
	if err := within(u, b.Site); err != nil {
		return out, err
	}
	b.Code = warehouse.CleanBinCode(b.Code)
	if err := b.Check(); err != nil {
		return out, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		was, err := warehousedb.LockBin(ctx, tx, b.Site, b.Code)
		if err != nil {
			return err
		}
		if !was.UpdatedAt.Equal(seen) {
			return fmt.Errorf("%w: %s", warehouse.ErrBinStale, b.Code)
		}
		if err := o.keepFull(ctx, tx, []warehouse.BinRecord{was}, []warehouse.Bin{b}); err != nil {
			return err
		}
		if err := warehousedb.SaveBins(ctx, tx, []warehouse.Bin{b}); err != nil {
			return err
		}
		if out, err = warehousedb.Bin(ctx, tx, b.Site, b.Code); err != nil {
			return err
		}
		return o.auditBin(ctx, tx, "bin.edit", b, was.Bin, out.Bin)
	})
	return out, err
}

// SwitchBin puts a bin out of use or back into it; see EditBin.
func (o *Ops) SwitchBin(ctx context.Context, site catalog.SiteID, code string, active bool) (warehouse.BinRecord, error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return warehouse.BinRecord{}, err
	}
	if err := within(u, site); err != nil {
		return warehouse.BinRecord{}, err
	}
	b, err := warehousedb.Bin(ctx, o.Pool, site, warehouse.CleanBinCode(code))
	if err != nil || b.Active == active {
		return b, err
	}
	changed := b.Bin
	changed.Active = active
	return o.EditBin(ctx, b.UpdatedAt, changed)
}

// keepFull refuses changes under the feet of pieces: another temperature, or the end of the bin.
func (o *Ops) keepFull(ctx context.Context, tx pgx.Tx, was []warehouse.BinRecord, is []warehouse.Bin) error {
	before := map[warehouse.BinKey]warehouse.Bin{}
	for _, b := range was {
		before[warehouse.BinKey{Site: b.Site, Code: b.Code}] = b.Bin
	}
	var sites []catalog.SiteID
	var codes []string
	for _, b := range is {
		if w, known := before[warehouse.BinKey{Site: b.Site, Code: b.Code}]; known && (w.Active && !b.Active || w.Temperature != b.Temperature) {
			sites, codes = append(sites, b.Site), append(codes, b.Code)
		}
	}
	if len(codes) == 0 {
		return nil
	}
	full, err := warehousedb.BinsHolding(ctx, tx, sites, codes)
	if err != nil {
		return err
	}
	for i, c := range codes {
		if full[warehouse.BinKey{Site: sites[i], Code: c}] {
			return fmt.Errorf("%w: %s", warehouse.ErrBinFull, c)
		}
	}
	return nil
}

// BinsLoaded counts what a list of bins did.
type BinsLoaded struct{ New, Changed, Same int }

// LoadBins writes bins as a sheet gives them, within the transaction of an import: new ones, and changes of those that are
// there. All or none: *warehouse.BinFault, warehouse.ErrBinFull.
func (o *Ops) LoadBins(ctx context.Context, tx pgx.Tx, operation uuid.UUID, note string, drafts []warehouse.BinDraft) (BinsLoaded, error) {
	var done BinsLoaded
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return done, err
	}
	sites, codes := make([]catalog.SiteID, len(drafts)), make([]string, len(drafts))
	for i, d := range drafts {
		if err := within(u, d.Site); err != nil {
			return done, err
		}
		sites[i], codes[i] = d.Site, warehouse.CleanBinCode(d.Code)
	}
	was, err := warehousedb.LockBins(ctx, tx, sites, codes)
	if err != nil {
		return done, err
	}
	known := map[warehouse.BinKey]warehouse.Bin{}
	for _, b := range was {
		known[warehouse.BinKey{Site: b.Site, Code: b.Code}] = b.Bin
	}
	changed := map[warehouse.BinKey]int{}
	var save []warehouse.Bin
	for i, d := range drafts {
		k := warehouse.BinKey{Site: sites[i], Code: codes[i]}
		b, there := known[k]
		if !there {
			b = warehouse.UsualBin(d.Site, d.Code)
		}
		is := d.On(b)
		if err := is.Check(); err != nil {
			return done, err
		}
		if there && is == b {
			done.Same++
			continue
		}
		known[k] = is
		if at, twice := changed[k]; twice {
			save[at] = is
			continue
		}
		changed[k] = len(save)
		save = append(save, is)
		if there {
			done.Changed++
		} else {
			done.New++
		}
	}
	if err := o.keepFull(ctx, tx, was, save); err != nil {
		return done, err
	}
	if err := warehousedb.SaveBins(ctx, tx, save); err != nil || len(save) == 0 {
		return done, err
	}
	return done, audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "bin.load", Thing: audit.Thing{Kind: "import", ID: operation.String()},
		After: map[string]any{"new": done.New, "changed": done.Changed, "note": note}})
}
