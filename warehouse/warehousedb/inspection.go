package warehousedb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

type inspectionRow struct {
	ID             int64
	DeliveryID     warehouse.DeliveryID
	DeliveryNumber string
	SiteID         catalog.SiteID
	SupplierID     *catalog.SupplierID
	SKUID          catalog.SKUID
	datedLot
	Pieces      quantity.Pieces
	State       warehouse.InspectionState
	Reasons     []string
	Lacks       json.RawMessage
	Severity    string
	Level       string
	Plans       json.RawMessage
	Sample      int
	Examined    int
	Critical    int
	Major       int
	Minor       int
	UsedUp      quantity.Pieces
	Failed      []string
	ReceivedDay calendar.Day
	At          time.Time
	DecidedAt   *time.Time
	DecidedBy   string
	Note        string
	Released    quantity.Pieces
	Scrapped    quantity.Pieces
	Returned    quantity.Pieces
}

func (r inspectionRow) inspection() (warehouse.Inspection, error) {
	i := warehouse.Inspection{ID: r.ID, Delivery: r.DeliveryID, DeliveryNumber: r.DeliveryNumber, Site: r.SiteID, Supplier: value(r.SupplierID), SKU: r.SKUID,
		Lot: r.datedLot.lot(), Pieces: r.Pieces, State: r.State, Severity: r.Severity, Level: r.Level, Sample: r.Sample, Examined: r.Examined, Critical: r.Critical,
		Major: r.Major, Minor: r.Minor, UsedUp: r.UsedUp, Failed: r.Failed, Received: r.ReceivedDay, At: r.At, Decided: r.DecidedAt, DecidedBy: r.DecidedBy, Note: r.Note,
		Released: r.Released, Scrapped: r.Scrapped, Returned: r.Returned}
	for _, s := range r.Reasons {
		i.Reasons = append(i.Reasons, warehouse.HoldReason(s))
	}
	if err := json.Unmarshal(r.Lacks, &i.Lacks); err != nil {
		return i, err
	}
	return i, json.Unmarshal(r.Plans, &i.Plans)
}

const inspectionColumns = ` i.id, i.delivery_id, d.number as delivery_number, i.site_id, i.supplier_id, i.sku_id, i.lot, l.produced, l.expiry, i.pieces, i.state, i.reasons,
	i.lacks, i.severity, i.level, i.plans, i.sample, i.examined, i.critical, i.major, i.minor, i.used_up, i.failed, i.received_day, i.at, i.decided_at, i.decided_by, i.note,
	i.released, i.scrapped, i.returned
	from warehouse.inspection i join warehouse.delivery d on d.id = i.delivery_id left join warehouse.lot l on l.sku_id = i.sku_id and l.code = i.lot`

func inspections(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]warehouse.Inspection, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: inspections: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.Inspection, error) {
		r, err := pgx.RowToStructByName[inspectionRow](row)
		if err != nil {
			return warehouse.Inspection{}, err
		}
		return r.inspection()
	})
}

const sqlInspection = `select` + inspectionColumns + ` where i.id = $1`

// Inspection gives an inspection with its defects. warehouse.ErrNoInspection.
func Inspection(ctx context.Context, q pgdb.Querier, id int64) (*warehouse.Inspection, error) {
	return oneInspection(ctx, q, sqlInspection, id)
}

// LockInspection is Inspection that keeps others from changing it to the end of the transaction.
func LockInspection(ctx context.Context, tx pgx.Tx, id int64) (*warehouse.Inspection, error) {
	return oneInspection(ctx, tx, sqlInspection+` for update of i`, id)
}

const sqlDefects = `select class, what, pieces, at, actor from warehouse.inspection_defect where inspection_id = $1 order by id`

func oneInspection(ctx context.Context, q pgdb.Querier, sql string, id int64) (*warehouse.Inspection, error) {
	found, err := inspections(ctx, q, sql, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, warehouse.ErrNoInspection
	}
	rows, err := q.Query(ctx, sqlDefects, id)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: defects of inspection %d: %w", id, err)
	}
	found[0].Defects, err = pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.Defect])
	return &found[0], err
}

const sqlInspectionList = `select` + inspectionColumns + ` where ($1 = 0 or i.site_id = $1) and (i.state = any($2)) and ($3 = 0 or i.supplier_id = $3)
	and ($4 = 0 or i.delivery_id = $4) and (not $5 or i.state = 'waiting' or i.pieces > i.used_up + i.released + i.scrapped + i.returned)
	order by case i.state when 'waiting' then 0 when 'held' then 1 when 'refused' then 2 else 3 end, i.at desc, i.id desc limit $6`

// Inspections gives inspections, those that wait first.
func Inspections(ctx context.Context, q pgdb.Querier, f warehouse.InspectionQuery) ([]warehouse.Inspection, error) {
	return inspections(ctx, q, sqlInspectionList, f.Site, texts(f.States), f.Supplier, f.Delivery, f.OpenOnly, f.Limit)
}

const sqlInsertInspection = `insert into warehouse.inspection (delivery_id, site_id, supplier_id, sku_id, lot, pieces, state, reasons, lacks, severity, level, plans, sample,
	received_day, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning id`

// InsertInspection stores a new inspection and gives it its id.
func InsertInspection(ctx context.Context, tx pgx.Tx, i *warehouse.Inspection) error {
	lacks, plans, err := listsOf(i)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, sqlInsertInspection, i.Delivery, i.Site, some(i.Supplier), i.SKU, i.Lot.Code, i.Pieces, i.State, texts(i.Reasons), lacks, i.Severity, i.Level,
		plans, i.Sample, i.Received, i.At).Scan(&i.ID)
	if err != nil {
		return fmt.Errorf("warehousedb: new inspection: %w", err)
	}
	return nil
}

func listsOf(i *warehouse.Inspection) (lacks, plans []byte, err error) {
	if lacks, err = json.Marshal(append([]warehouse.CertificateLack{}, i.Lacks...)); err == nil {
		plans, err = json.Marshal(append([]warehouse.SamplePlan{}, i.Plans...))
	}
	return lacks, plans, err
}

const (
	sqlSaveInspection = `update warehouse.inspection set state = $2, reasons = $3, lacks = $4, examined = $5, critical = $6, major = $7, minor = $8, used_up = $9, failed = $10,
		decided_at = $11, decided_by = $12, note = $13, released = $14, scrapped = $15, returned = $16 where id = $1`
	sqlInsertDefect = `insert into warehouse.inspection_defect (inspection_id, class, what, pieces, at, actor) values ($1, $2, $3, $4, $5, $6)`
)

// SaveInspection stores an inspection that is locked, with further defects.
func SaveInspection(ctx context.Context, tx pgx.Tx, i *warehouse.Inspection, found []warehouse.Defect) error {
	lacks, _, err := listsOf(i)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(sqlSaveInspection, i.ID, i.State, texts(i.Reasons), lacks, i.Examined, i.Critical, i.Major, i.Minor, i.UsedUp, append([]string{}, i.Failed...), i.Decided,
		i.DecidedBy, i.Note, i.Released, i.Scrapped, i.Returned)
	for _, d := range found {
		b.Queue(sqlInsertDefect, i.ID, d.Class, d.What, d.Pieces, d.At, d.By)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("warehousedb: save inspection %d: %w", i.ID, err)
	}
	return nil
}

const sqlSavePlans = `update warehouse.inspection set plans = $2, sample = $3, severity = $4, level = $5 where id = $1`

// SavePlans stores what is to be examined of a locked lot.
func SavePlans(ctx context.Context, tx pgx.Tx, i *warehouse.Inspection) error {
	_, plans, err := listsOf(i)
	if err == nil {
		_, err = tx.Exec(ctx, sqlSavePlans, i.ID, plans, i.Sample, i.Severity, i.Level)
	}
	if err != nil {
		return fmt.Errorf("warehousedb: plans of inspection %d: %w", i.ID, err)
	}
	return nil
}

const sqlInspectionRules = `select coalesce(r.category_id, 0), coalesce(c.code, ''), coalesce(c.name_zh, ''), coalesce(c.name_en, ''), r.inspect, r.level, r.aql_major, r.aql_minor,
	r.updated_at, r.updated_by from warehouse.inspection_rule r left join catalog.category c on c.id = r.category_id order by c.code nulls first`

// InspectionRules gives all rules, the house's own first.
func InspectionRules(ctx context.Context, q pgdb.Querier) ([]warehouse.InspectionRule, error) {
	rows, err := q.Query(ctx, sqlInspectionRules)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: rules of inspection: %w", err)
	}
	return pgx.CollectRows(rows, inspectionRuleOf)
}

func inspectionRuleOf(row pgx.CollectableRow) (r warehouse.InspectionRule, err error) {
	err = row.Scan(&r.Category, &r.CategoryCode, &r.CategoryName.ZH, &r.CategoryName.EN, &r.Inspect, &r.Level, &r.Major, &r.Minor, &r.UpdatedAt, &r.UpdatedBy)
	return r, err
}

// The rule of the category or of the nearest one above it that has one; the house's own otherwise.
const sqlRuleOfCategories = `with recursive up as (
		select c.id as want, c.id, c.parent_id, 0 as depth from catalog.category c where c.id = any($1)
		union all
		select u.want, c.id, c.parent_id, u.depth + 1 from up u join catalog.category c on c.id = u.parent_id where u.depth < 20)
	select distinct on (u.want) u.want, r.inspect, r.level, r.aql_major, r.aql_minor
	from up u join warehouse.inspection_rule r on r.category_id = u.id or r.category_id is null
	order by u.want, (r.category_id is null), u.depth`

// InspectionRuleOf gives the rule in force for each category.
func InspectionRuleOf(ctx context.Context, q pgdb.Querier, categories []catalog.CategoryID) (map[catalog.CategoryID]warehouse.InspectionRule, error) {
	rows, err := q.Query(ctx, sqlRuleOfCategories, categories)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: rules of inspection: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r warehouse.InspectionRule, err error) {
		err = row.Scan(&r.Category, &r.Inspect, &r.Level, &r.Major, &r.Minor)
		return r, err
	})
	out := make(map[catalog.CategoryID]warehouse.InspectionRule, len(found))
	for _, r := range found {
		out[r.Category] = r
	}
	return out, err
}

const (
	sqlSaveInspectionRule = `insert into warehouse.inspection_rule (category_id, inspect, level, aql_major, aql_minor, updated_at, updated_by) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (category_id) do update set inspect = excluded.inspect, level = excluded.level, aql_major = excluded.aql_major, aql_minor = excluded.aql_minor,
		updated_at = excluded.updated_at, updated_by = excluded.updated_by`
	sqlDropInspectionRule = `delete from warehouse.inspection_rule where category_id = $1`
)

// SaveInspectionRule stores a rule in place of the category's own.
func SaveInspectionRule(ctx context.Context, tx pgx.Tx, r warehouse.InspectionRule) error {
	_, err := tx.Exec(ctx, sqlSaveInspectionRule, some(r.Category), r.Inspect, r.Level, r.Major, r.Minor, r.UpdatedAt, r.UpdatedBy)
	if err != nil {
		return fmt.Errorf("warehousedb: save a rule of inspection: %w", err)
	}
	return nil
}

// DropInspectionRule ends a category's own rule.
func DropInspectionRule(ctx context.Context, tx pgx.Tx, category catalog.CategoryID) error {
	_, err := tx.Exec(ctx, sqlDropInspectionRule, category)
	if err != nil {
		return fmt.Errorf("warehousedb: drop a rule of inspection: %w", err)
	}
	return nil
}

const sqlLockLot = `select p.id, p.site_id, p.bin, p.owner, p.status, p.on_hand, p.reserved
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where ($1 = 0 or p.site_id = $1) and p.sku_id = $2 and l.code = $3 and p.status = any($4) and p.on_hand > 0
	order by p.site_id, p.bin, p.sku_id, p.lot_id, p.owner, p.status for update of p`

// LotPosition is where pieces of a lot stand.
type LotPosition struct {
	ID               int64
	Place            warehouse.Place
	OnHand, Reserved quantity.Pieces
}

// Free gives the pieces that are not reserved.
func (p LotPosition) Free() quantity.Pieces { return p.OnHand - p.Reserved }

// LockLot locks the places of a lot that have one of the statuses, at a site or everywhere (0).
func LockLot(ctx context.Context, tx pgx.Tx, site catalog.SiteID, sku catalog.SKUID, lot string, statuses ...warehouse.Status) ([]LotPosition, error) {
	rows, err := tx.Query(ctx, sqlLockLot, site, sku, lot, texts(statuses))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lock lot %q: %w", lot, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p LotPosition, err error) {
		p.Place.SKU, p.Place.Lot = sku, lot
		err = row.Scan(&p.ID, &p.Place.Site, &p.Place.Bin, &p.Place.Owner, &p.Place.Status, &p.OnHand, &p.Reserved)
		return p, err
	})
}
