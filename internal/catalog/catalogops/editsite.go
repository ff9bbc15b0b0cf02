package catalogops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
)

// EditSite stores a site as it was changed from the version seen; see EditSKU for the refusals.
func (o *Ops) EditSite(ctx context.Context, seen time.Time, s catalog.Site) (catalog.SiteRecord, error) {
	var out catalog.SiteRecord
	u, err := access.Require(ctx, access.EditCatalog)
	if err != nil {
		return out, err
	}
	if !u.MayTouchSite(s.ID) {
		return out, fmt.Errorf("catalogops: site %d: %w", s.ID, access.ErrForbidden)
	}
	err = o.inTx(ctx, func(tx pgx.Tx) error {
		before, err := catalogdb.LockSite(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		if !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: site %s: %w", before.Code, catalog.ErrStale)
		}
		s.Code = before.Code
		if err := s.Validate(); err != nil {
			return err
		}
		out = catalog.SiteRecord{Site: s}
		if out.UpdatedAt, err = catalogdb.UpdateSite(ctx, tx, s); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "site.edit", "site", number(s.ID), before, out); err != nil {
			return err
		}
		if before.Active == s.Active && before.Tier == s.Tier {
			return nil
		}
		return o.changed(ctx, tx)
	})
	return out, err
}

// AddSite makes a new site. It answers catalog.Faults for a broken rule or a code in use.
func (o *Ops) AddSite(ctx context.Context, s catalog.Site) (catalog.SiteRecord, error) {
	var out catalog.SiteRecord
	u, err := access.Require(ctx, access.EditCatalog)
	if err != nil {
		return out, err
	}
	if len(u.Sites) > 0 {
		return out, fmt.Errorf("catalogops: a new site: %w", access.ErrForbidden)
	}
	if err := s.Validate(); err != nil {
		return out, err
	}
	err = o.inTx(ctx, func(tx pgx.Tx) error {
		if err := unused(catalogdb.SiteCodes(ctx, tx, []string{s.Code})); err != nil {
			return err
		}
		if _, err := catalogdb.UpsertSites(ctx, tx, []catalog.Site{s}); err != nil {
			return err
		}
		ids, err := catalogdb.SiteCodes(ctx, tx, []string{s.Code})
		if err != nil {
			return err
		}
		if out, err = catalogdb.LockSite(ctx, tx, ids[s.Code]); err != nil {
			return err
		}
		return o.trace(ctx, tx, "site.add", "site", number(out.ID), nil, out)
	})
	return out, err
}

// EditLane stores a lane as it was changed from the version seen; a zero seen makes a new one. The refusals are those of
// EditTerm.
func (o *Ops) EditLane(ctx context.Context, seen time.Time, d catalog.LaneDraft) (catalog.LaneRecord, error) {
	var out catalog.LaneRecord
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return out, err
	}
	if err := d.Validate(); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		ids, err := catalogdb.SiteCodes(ctx, tx, []string{d.FromCode, d.ToCode})
		if err != nil {
			return err
		}
		from, to := ids[d.FromCode], ids[d.ToCode]
		if to != 0 {
			if _, err := catalogdb.LockSite(ctx, tx, to); err != nil { // keeps two from making the same lane
				return err
			}
		}
		before, err := catalogdb.LockLane(ctx, tx, from, to)
		exists := err == nil
		if err != nil && !errors.Is(err, catalog.ErrUnknown) {
			return err
		}
		if exists == seen.IsZero() || exists && !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: lane %s to %s: %w", d.FromCode, d.ToCode, catalog.ErrStale)
		}
		if _, err := catalogdb.UpsertLanes(ctx, tx, []catalog.LaneDraft{d}); err != nil {
			return single(err)
		}
		if out, err = catalogdb.LockLane(ctx, tx, from, to); err != nil {
			return err
		}
		verb, was := "lane.edit", any(before)
		if !exists {
			verb, was = "lane.add", nil
		}
		if err := o.trace(ctx, tx, verb, "site", number(to), was, out); err != nil {
			return err
		}
		return o.changed(ctx, tx)
	})
	return out, err
}

// RemoveLane ends a lane that is still of the version seen.
func (o *Ops) RemoveLane(ctx context.Context, seen time.Time, from, to catalog.SiteID) error {
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return err
	}
	return o.inTx(ctx, func(tx pgx.Tx) error {
		before, err := catalogdb.LockLane(ctx, tx, from, to)
		if err != nil {
			return err
		}
		if !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: lane %s to %s: %w", before.FromCode, before.ToCode, catalog.ErrStale)
		}
		if err := catalogdb.DeleteLane(ctx, tx, from, to); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "lane.remove", "site", number(to), before, nil); err != nil {
			return err
		}
		return o.changed(ctx, tx)
	})
}
