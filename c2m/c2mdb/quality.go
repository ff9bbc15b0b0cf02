package c2mdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/c2m"
	"milkrun/c2m/quality"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// CertificateFile is a scanned certificate.
const CertificateFile FileKind = "certificate"

type certificateRow struct {
	ID           int64
	SupplierID   catalog.SupplierID
	Kind         quality.CertificateKind
	Number       string
	Issuer       string
	Scope        string
	Categories   []catalog.CategoryID
	ValidFrom    calendar.Day
	ValidTo      calendar.Day
	FileID       *int64
	AddedAt      time.Time
	AddedBy      string
	VerifiedAt   *time.Time
	VerifiedBy   string
	Revoked      *calendar.Day
	RevokedBy    string
	RevokeReason string
}

const certificateColumns = ` id, supplier_id, kind, number, issuer, scope, categories, valid_from, valid_to, file_id, added_at, added_by, verified_at, verified_by, revoked,
	revoked_by, revoke_reason from c2m.certificate`

func certificates(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]c2m.Certificate, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: certificates: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c2m.Certificate, error) {
		r, err := pgx.RowToStructByName[certificateRow](row)
		c := c2m.Certificate{ID: r.ID, Supplier: r.SupplierID, Kind: r.Kind, Number: r.Number, Issuer: r.Issuer, Scope: r.Scope, Categories: r.Categories, From: r.ValidFrom,
			To: r.ValidTo, Added: r.AddedAt, AddedBy: r.AddedBy, Verified: r.VerifiedAt, VerifiedBy: r.VerifiedBy, Revoked: r.Revoked, RevokedBy: r.RevokedBy, Why: r.RevokeReason}
		if r.FileID != nil {
			c.File = *r.FileID
		}
		return c, err
	})
	return found, wrap(err, "c2mdb: certificates")
}

const sqlCertificates = `select` + certificateColumns + ` where supplier_id = $1 order by kind, valid_to desc, id desc`

// Certificates gives a supplier's certificates, by kind, the latest first.
func Certificates(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID) ([]c2m.Certificate, error) {
	return certificates(ctx, q, sqlCertificates, supplier)
}

// One that a later one of its supplier and kind follows is nobody's worry.
const sqlCertificatesEnding = `select` + certificateColumns + ` c where c.revoked is null and c.verified_at is not null and c.valid_to < $1 and c.valid_to >= $2
	and not exists (select from c2m.certificate n where n.supplier_id = c.supplier_id and n.kind = c.kind and n.revoked is null and n.verified_at is not null and n.valid_to > c.valid_to)
	order by c.valid_to, c.id limit 500`

// CertificatesEnding gives the certificates that end before a day, or have ended since another, without one that follows.
func CertificatesEnding(ctx context.Context, q pgdb.Querier, before, since calendar.Day) ([]c2m.Certificate, error) {
	return certificates(ctx, q, sqlCertificatesEnding, before, since)
}

const sqlLockCertificate = `select` + certificateColumns + ` where id = $1 for update`

// LockCertificate gives a certificate and keeps others from changing it. c2m.ErrUnknown when there is none.
func LockCertificate(ctx context.Context, tx pgx.Tx, id int64) (*c2m.Certificate, error) {
	found, err := certificates(ctx, tx, sqlLockCertificate, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: certificate %d", c2m.ErrUnknown, id)
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

const (
	sqlInsertCertificate = `insert into c2m.certificate (supplier_id, kind, number, issuer, scope, categories, valid_from, valid_to, file_id, added_at, added_by, verified_at, verified_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9::bigint, 0), $10, $11, $12, $13) returning id`
	sqlSaveCertificate = `update c2m.certificate set verified_at = $2, verified_by = $3, revoked = $4, revoked_by = $5, revoke_reason = $6 where id = $1`
)

// InsertCertificate stores a new certificate and gives it its id. c2m.ErrCertificateTaken.
func InsertCertificate(ctx context.Context, tx pgx.Tx, c *c2m.Certificate) error {
	if c.Categories == nil {
		c.Categories = []catalog.CategoryID{}
	}
	err := tx.QueryRow(ctx, sqlInsertCertificate, c.Supplier, c.Kind, c.Number, c.Issuer, c.Scope, c.Categories, c.From, c.To, c.File, c.Added, c.AddedBy, c.Verified,
		c.VerifiedBy).Scan(&c.ID)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return fmt.Errorf("%w: %s", c2m.ErrCertificateTaken, c.Number)
	}
	return wrap(err, "c2mdb: new certificate")
}

// SaveCertificate stores what became of a locked certificate.
func SaveCertificate(ctx context.Context, tx pgx.Tx, c *c2m.Certificate) error {
	_, err := tx.Exec(ctx, sqlSaveCertificate, c.ID, c.Verified, c.VerifiedBy, c.Revoked, c.RevokedBy, c.Why)
	return wrap(err, "c2mdb: save certificate")
}

const sqlNeeds = `select n.category_id, c.code, c.name_zh, c.name_en, array_agg(n.kind order by n.kind) from c2m.certificate_need n join catalog.category c on c.id = n.category_id
	group by 1, 2, 3, 4 order by c.code`

// CertificateNeeds gives which categories need which certificates.
func CertificateNeeds(ctx context.Context, q pgdb.Querier) ([]c2m.CertificateNeed, error) {
	rows, err := q.Query(ctx, sqlNeeds)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: needs of certificates: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (n c2m.CertificateNeed, err error) {
		err = row.Scan(&n.Category, &n.CategoryCode, &n.CategoryName.ZH, &n.CategoryName.EN, &n.Kinds)
		return n, err
	})
}

const (
	sqlDropNeeds = `delete from c2m.certificate_need where category_id = $1`
	sqlAddNeeds  = `insert into c2m.certificate_need (category_id, kind) select $1, k from unnest($2::text[]) k on conflict do nothing`
)

// SetCertificateNeeds stores which certificates a category needs, in place of what it needed.
func SetCertificateNeeds(ctx context.Context, tx pgx.Tx, category catalog.CategoryID, kinds []quality.CertificateKind) error {
	if _, err := tx.Exec(ctx, sqlDropNeeds, category); err != nil {
		return fmt.Errorf("c2mdb: needs of category %d: %w", category, err)
	}
	_, err := tx.Exec(ctx, sqlAddNeeds, category, column(kinds, func(k quality.CertificateKind) string { return string(k) }))
	return wrap(err, "c2mdb: needs of a category")
}

// What each SKU needs by its category or one above, with the supplier's certificates of that kind that cover its category.
const sqlNeededPapers = `with recursive up as (
		select s.id as sku, c.id, c.parent_id, 0 as depth from catalog.sku s join catalog.category c on c.id = s.category_id where s.id = any($1)
		union all
		select u.sku, c.id, c.parent_id, u.depth + 1 from up u join catalog.category c on c.id = u.parent_id where u.depth < 20)
	select distinct u.sku, n.kind, p.number, p.valid_from, p.valid_to, p.revoked
	from up u join c2m.certificate_need n on n.category_id = u.id
	left join c2m.certificate p on p.supplier_id = $2 and p.kind = n.kind and p.verified_at is not null
		and (cardinality(p.categories) = 0 or exists (select from up x where x.sku = u.sku and x.id = any(p.categories)))
	order by 1, 2, p.valid_to desc nulls last`

// Quality tells the warehouse what a supplier's record and certificates say of its next lots.
type Quality struct{}

// Lacking gives the certificates that the SKUs need and that were not valid on the day.
func (Quality) Lacking(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []catalog.SKUID, day calendar.Day) (map[catalog.SKUID][]quality.Lack, error) {
	rows, err := q.Query(ctx, sqlNeededPapers, skus, supplier)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: certificates of supplier %d: %w", supplier, err)
	}
	needs, papers := map[catalog.SKUID][]quality.CertificateKind{}, map[catalog.SKUID][]quality.Certificate{}
	var sku catalog.SKUID
	var kind quality.CertificateKind
	var number *string
	var from, to, revoked *calendar.Day
	_, err = pgx.ForEachRow(rows, []any{&sku, &kind, &number, &from, &to, &revoked}, func() error {
		if n := needs[sku]; len(n) == 0 || n[len(n)-1] != kind {
			needs[sku] = append(n, kind)
		}
		if number != nil {
			papers[sku] = append(papers[sku], quality.Certificate{Kind: kind, Number: *number, From: *from, To: *to, Revoked: revoked})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("c2mdb: certificates of supplier %d: %w", supplier, err)
	}
	out := map[catalog.SKUID][]quality.Lack{}
	for sku, kinds := range needs {
		if lacks := quality.Lacking(papers[sku], day, kinds); len(lacks) > 0 {
			out[sku] = lacks
		}
	}
	return out, nil
}

// Standings gives how a supplier's SKUs stand; SKUs without a lot are left out. A supplier that is banned for its lots bans all.
func (Quality) Standings(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []catalog.SKUID) (map[catalog.SKUID]quality.Standing, error) {
	record, err := Record(ctx, q, supplier)
	if err != nil {
		return nil, err
	}
	of := map[catalog.SKUID][]c2m.LotResult{}
	for _, r := range record {
		of[r.SKU] = append(of[r.SKU], r)
	}
	out := map[catalog.SKUID]quality.Standing{}
	for _, sku := range skus {
		if len(of[sku]) > 0 {
			out[sku] = c2m.StandingOf(of[sku])
		}
	}
	return out, nil
}

const sqlRecord = `select id, supplier_id, sku_id, coalesce(inspection_id, 0), lot, what, safety, void, at, by_name, reason, pieces, sample, defects from c2m.lot_result where supplier_id = $1 order by at, id`

// Record gives a supplier's lots and the decisions on its record, in their order.
func Record(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID) ([]c2m.LotResult, error) {
	rows, err := q.Query(ctx, sqlRecord, supplier)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: record of supplier %d: %w", supplier, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[c2m.LotResult])
}

const sqlLockRecord = `select pg_advisory_xact_lock(hashtextextended('c2m.record:' || $1::int, 0))`

// LockRecord lets one transaction at a time work on a supplier's record.
func LockRecord(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID) error {
	_, err := tx.Exec(ctx, sqlLockRecord, supplier)
	return wrap(err, "c2mdb: lock a supplier's record")
}

const sqlAddResult = `insert into c2m.lot_result (supplier_id, sku_id, inspection_id, lot, what, safety, at, by_name, reason, pieces, sample, defects)
	values ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (inspection_id) do nothing`

// AddResult writes an entry of a record; false when the inspection stands there already.
func AddResult(ctx context.Context, tx pgx.Tx, r c2m.LotResult) (bool, error) {
	tag, err := tx.Exec(ctx, sqlAddResult, r.Supplier, r.SKU, r.Inspection, r.Lot, r.What, r.Safety, r.At, r.By, r.Reason, r.Pieces, r.Sample, r.Defects)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "c2mdb: entry of a record")
}

const sqlVoidResult = `update c2m.lot_result set void = true where inspection_id = $1 and not void`

// VoidResult strikes a lot from the record.
func VoidResult(ctx context.Context, tx pgx.Tx, inspection int64) error {
	_, err := tx.Exec(ctx, sqlVoidResult, inspection)
	return wrap(err, "c2mdb: strike a lot")
}
