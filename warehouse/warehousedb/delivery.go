package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

type deliveryRow struct {
	ID         warehouse.DeliveryID
	Kind       warehouse.DeliveryKind
	Number     string
	SiteID     catalog.SiteID
	SupplierID *catalog.SupplierID
	FromSite   *catalog.SiteID
	ASNID      *int64
	OutboundID *int64
	Carrier    string
	Tracking   string
	Arrives    *calendar.Day
	Slot       string
	State      warehouse.DeliveryState
	Reason     string
	Dock       string
	ExpectedAt time.Time
	ShippedAt  *time.Time
	StartedAt  *time.Time
	StartedBy  string
	ClosedAt   *time.Time
	ClosedBy   string
	Note       string
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func (r deliveryRow) delivery() warehouse.Delivery {
	return warehouse.Delivery{ID: r.ID, Kind: r.Kind, Number: r.Number, Site: r.SiteID, Supplier: value(r.SupplierID), FromSite: value(r.FromSite),
		ASN: value(r.ASNID), Outbound: value(r.OutboundID), Carrier: r.Carrier, Tracking: r.Tracking, Arrives: r.Arrives, Slot: r.Slot, State: r.State,
		Reason: r.Reason, Dock: r.Dock, Note: r.Note, Expected: r.ExpectedAt, Shipped: r.ShippedAt, Started: r.StartedAt, StartedBy: r.StartedBy,
		Closed: r.ClosedAt, ClosedBy: r.ClosedBy}
}

const deliveryColumns = ` id, kind, number, site_id, supplier_id, from_site, asn_id, outbound_id, carrier, tracking, arrives, slot, state, reason, dock,
	expected_at, shipped_at, started_at, started_by, closed_at, closed_by, note`

const sqlDelivery = `select` + deliveryColumns + ` from warehouse.delivery where id = $1`

const sqlDeliveryOfASN = `select` + deliveryColumns + ` from warehouse.delivery where asn_id = $1`

const sqlDeliveryOfTransfer = `select` + deliveryColumns + ` from warehouse.delivery where outbound_id = $1 and site_id = $2`

// Delivery gives a delivery with its lines. warehouse.ErrNoDelivery.
func Delivery(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) (*warehouse.Delivery, error) {
	return oneDelivery(ctx, q, sqlDelivery, id)
}

// LockDelivery is Delivery that keeps others from changing it to the end of the transaction.
func LockDelivery(ctx context.Context, tx pgx.Tx, id warehouse.DeliveryID) (*warehouse.Delivery, error) {
	return oneDelivery(ctx, tx, sqlDelivery+` for update`, id)
}

// LockDeliveryOfASN locks the delivery of a supplier's note. warehouse.ErrNoDelivery.
func LockDeliveryOfASN(ctx context.Context, tx pgx.Tx, asn int64) (*warehouse.Delivery, error) {
	return oneDelivery(ctx, tx, sqlDeliveryOfASN+` for update`, asn)
}

// LockDeliveryOfTransfer locks the delivery of a transfer's order at a site. warehouse.ErrNoDelivery.
func LockDeliveryOfTransfer(ctx context.Context, tx pgx.Tx, outbound int64, site catalog.SiteID) (*warehouse.Delivery, error) {
	return oneDelivery(ctx, tx, sqlDeliveryOfTransfer+` for update`, outbound, site)
}

func oneDelivery(ctx context.Context, q pgdb.Querier, sql string, args ...any) (*warehouse.Delivery, error) {
	found, err := deliveries(ctx, q, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, warehouse.ErrNoDelivery
	}
	return &found[0], nil
}

type deliveryLineRow struct {
	DeliveryID       warehouse.DeliveryID
	No               int
	SKUID            catalog.SKUID
	OrderID          *int64
	OrderNumber      string
	OrderLine        int
	Lot              string
	Produced         *calendar.Day
	Expiry           *calendar.Day
	Pieces           quantity.Pieces
	Cartons          int
	PerCarton        quantity.Pieces
	CartonNo         string
	Certificate      string
	MinRemainingDays int
	Good             quantity.Pieces
	Damaged          quantity.Pieces
	Refused          quantity.Pieces
}

const sqlDeliveryLines = `select delivery_id, no, sku_id, order_id, order_number, order_line, lot, produced, expiry, pieces, cartons, per_carton, carton_no,
	certificate, min_remaining_days, good, damaged, refused from warehouse.delivery_line where delivery_id = any($1) order by delivery_id, no`

func deliveries(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]warehouse.Delivery, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: deliveries: %w", err)
	}
	heads, err := pgx.CollectRows(rows, pgx.RowToStructByName[deliveryRow])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: deliveries: %w", err)
	}
	rows, err = q.Query(ctx, sqlDeliveryLines, column(heads, func(r deliveryRow) int64 { return int64(r.ID) }))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lines of deliveries: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[deliveryLineRow])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lines of deliveries: %w", err)
	}
	lines := map[warehouse.DeliveryID][]warehouse.DeliveryLine{}
	for _, r := range stored {
		lines[r.DeliveryID] = append(lines[r.DeliveryID], warehouse.DeliveryLine{No: r.No, SKU: r.SKUID, Order: value(r.OrderID), OrderNumber: r.OrderNumber,
			OrderLine: r.OrderLine, Lot: r.Lot, Produced: r.Produced, Expiry: r.Expiry, Pieces: r.Pieces, Cartons: r.Cartons, PerCarton: r.PerCarton,
			CartonNo: r.CartonNo, Certificate: r.Certificate, MinRemainingDays: r.MinRemainingDays, Good: r.Good, Damaged: r.Damaged, Refused: r.Refused})
	}
	out := make([]warehouse.Delivery, len(heads))
	for i, r := range heads {
		out[i] = r.delivery()
		out[i].Lines = lines[r.ID]
	}
	return out, nil
}

const (
	sqlInsertDelivery = `insert into warehouse.delivery (kind, number, site_id, supplier_id, from_site, asn_id, asn_revision, outbound_id, carrier, tracking, arrives,
			slot, state, reason, expected_at, shipped_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) returning id`
	sqlUpdateDelivery = `update warehouse.delivery set number = $2, site_id = $3, supplier_id = $4, carrier = $5, tracking = $6, arrives = $7, slot = $8, state = $9,
			reason = $10, dock = $11, started_at = $12, started_by = $13, closed_at = $14, closed_by = $15, note = $16, asn_revision = coalesce(nullif($17::int, 0), asn_revision)
		where id = $1`
	sqlDropDeliveryLines = `delete from warehouse.delivery_line where delivery_id = $1`
	sqlSaveDeliveryLines = `insert into warehouse.delivery_line as l (delivery_id, no, sku_id, order_id, order_number, order_line, lot, produced, expiry, pieces,
			cartons, per_carton, carton_no, certificate, min_remaining_days, good, damaged, refused)
		select $1, d.* from unnest($2::int[], $3::int[], $4::bigint[], $5::text[], $6::int[], $7::text[], $8::date[], $9::date[], $10::bigint[], $11::int[],
			$12::bigint[], $13::text[], $14::text[], $15::int[], $16::bigint[], $17::bigint[], $18::bigint[]) as d
		on conflict (delivery_id, no) do update set lot = excluded.lot, produced = excluded.produced, expiry = excluded.expiry, good = excluded.good,
			damaged = excluded.damaged, refused = excluded.refused`
)

// InsertDelivery stores a new delivery with its lines and gives it its id. revision is that of the supplier's note, 0 for none.
func InsertDelivery(ctx context.Context, tx pgx.Tx, d *warehouse.Delivery, revision int) error {
	err := tx.QueryRow(ctx, sqlInsertDelivery, d.Kind, d.Number, d.Site, some(d.Supplier), some(d.FromSite), some(d.ASN), revision, some(d.Outbound), d.Carrier,
		d.Tracking, d.Arrives, d.Slot, d.State, d.Reason, d.Expected, d.Shipped).Scan(&d.ID)
	if err != nil {
		return fmt.Errorf("warehousedb: new delivery %s: %w", d.Number, err)
	}
	return SaveDeliveryLines(ctx, tx, d.ID, d.Lines)
}

// SaveDelivery stores the head of a delivery that is locked.
func SaveDelivery(ctx context.Context, tx pgx.Tx, d *warehouse.Delivery, revision int) error {
	_, err := tx.Exec(ctx, sqlUpdateDelivery, d.ID, d.Number, d.Site, some(d.Supplier), d.Carrier, d.Tracking, d.Arrives, d.Slot, d.State, d.Reason, d.Dock,
		d.Started, d.StartedBy, d.Closed, d.ClosedBy, d.Note, revision)
	if err != nil {
		return fmt.Errorf("warehousedb: save delivery %s: %w", d.Number, err)
	}
	return nil
}

// ReplaceDeliveryLines stores other lines in place of those of a delivery of which nothing has come.
func ReplaceDeliveryLines(ctx context.Context, tx pgx.Tx, d *warehouse.Delivery) error {
	if _, err := tx.Exec(ctx, sqlDropDeliveryLines, d.ID); err != nil {
		return fmt.Errorf("warehousedb: lines of delivery %s: %w", d.Number, err)
	}
	return SaveDeliveryLines(ctx, tx, d.ID, d.Lines)
}

// SaveDeliveryLines stores lines: new ones, and what came of those that are there.
func SaveDeliveryLines(ctx context.Context, tx pgx.Tx, id warehouse.DeliveryID, lines []warehouse.DeliveryLine) error {
	type l = warehouse.DeliveryLine
	_, err := tx.Exec(ctx, sqlSaveDeliveryLines, id, column(lines, func(x l) int32 { return int32(x.No) }), column(lines, func(x l) int32 { return int32(x.SKU) }),
		column(lines, func(x l) *int64 { return some(x.Order) }), column(lines, func(x l) string { return x.OrderNumber }),
		column(lines, func(x l) int32 { return int32(x.OrderLine) }), column(lines, func(x l) string { return x.Lot }),
		days(column(lines, func(x l) *calendar.Day { return x.Produced })), days(column(lines, func(x l) *calendar.Day { return x.Expiry })),
		column(lines, func(x l) int64 { return int64(x.Pieces) }), column(lines, func(x l) int32 { return int32(x.Cartons) }),
		column(lines, func(x l) int64 { return int64(x.PerCarton) }), column(lines, func(x l) string { return x.CartonNo }),
		column(lines, func(x l) string { return x.Certificate }), column(lines, func(x l) int32 { return int32(x.MinRemainingDays) }),
		column(lines, func(x l) int64 { return int64(x.Good) }), column(lines, func(x l) int64 { return int64(x.Damaged) }),
		column(lines, func(x l) int64 { return int64(x.Refused) }))
	if err != nil {
		return fmt.Errorf("warehousedb: lines of delivery %d: %w", id, err)
	}
	return nil
}

const sqlNextNumber = `insert into warehouse.number_month as n (kind, month, last) values ($1, $2, 1)
	on conflict (kind, month) do update set last = n.last + 1 returning last`

// NextNumber gives the next number of a kind in a month, such as BR-2611-0001: without gaps, because the row stays locked.
func NextNumber(ctx context.Context, tx pgx.Tx, kind string, day calendar.Day) (string, error) {
	month := day.Time().Format("0601")
	var n int
	if err := tx.QueryRow(ctx, sqlNextNumber, kind, month).Scan(&n); err != nil {
		return "", fmt.Errorf("warehousedb: next number of %s: %w", kind, err)
	}
	return fmt.Sprintf("%s-%s-%04d", kind, month, n), nil
}

type arrivalRow struct {
	ID         int64
	DeliveryID warehouse.DeliveryID
	LineNo     int
	SKUID      catalog.SKUID
	Lot        string
	Produced   *calendar.Day
	Expiry     *calendar.Day
	Pieces     quantity.Pieces
	Outcome    warehouse.ArrivalOutcome
	Faults     []string
	Carton     string
	Bin        string
	Note       string
	At         time.Time
	Actor      string
	Device     string
	Undone     bool
}

func (r arrivalRow) arrival() warehouse.Arrival {
	a := warehouse.Arrival{ID: r.ID, Delivery: r.DeliveryID, Line: r.LineNo, SKU: r.SKUID, Lot: r.Lot, Produced: r.Produced, Expiry: r.Expiry, Pieces: r.Pieces,
		Outcome: r.Outcome, Carton: r.Carton, Bin: r.Bin, Note: r.Note, At: r.At, By: r.Actor, Device: r.Device, Undone: r.Undone}
	for _, f := range r.Faults {
		a.Faults = append(a.Faults, warehouse.ArrivalFault(f))
	}
	return a
}

const arrivalColumns = ` id, delivery_id, line_no, sku_id, lot, produced, expiry, pieces, outcome, faults, carton, bin, note, at, actor, device, undone_by is not null as undone`

const sqlArrivals = `select` + arrivalColumns + ` from warehouse.arrival where delivery_id = $1 order by id`

// Arrivals gives the scans of a delivery, the earliest first, those that were taken back too.
func Arrivals(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) ([]warehouse.Arrival, error) {
	return arrivals(ctx, q, sqlArrivals, id)
}

const sqlArrivalOfCarton = `select` + arrivalColumns + ` from warehouse.arrival where delivery_id = $1 and carton = $2 and undone_by is null`

// ArrivalOfCarton gives the scan of a carton, nil when it has not been scanned.
func ArrivalOfCarton(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID, carton string) (*warehouse.Arrival, error) {
	return oneArrival(arrivals(ctx, q, sqlArrivalOfCarton, id, carton))
}

const sqlLastArrival = `select` + arrivalColumns + ` from warehouse.arrival where delivery_id = $1 and undone_by is null and ($2 = 0 or id = $2) order by id desc limit 1`

// LastArrival gives the latest scan of a delivery that stands, or that of the id; nil when there is none.
func LastArrival(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID, arrival int64) (*warehouse.Arrival, error) {
	return oneArrival(arrivals(ctx, q, sqlLastArrival, id, arrival))
}

func oneArrival(found []warehouse.Arrival, err error) (*warehouse.Arrival, error) {
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func arrivals(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]warehouse.Arrival, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: scans of a delivery: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[arrivalRow])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: scans of a delivery: %w", err)
	}
	return column(stored, arrivalRow.arrival), nil
}

const sqlInsertArrival = `insert into warehouse.arrival (delivery_id, line_no, operation_id, sku_id, lot, produced, expiry, pieces, outcome, faults, carton, bin, note,
	at, account_id, actor, device) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) returning id`

// InsertArrival stores a scan of an operation that has begun, and gives it its id.
func InsertArrival(ctx context.Context, tx pgx.Tx, op Operation, a *warehouse.Arrival) error {
	err := tx.QueryRow(ctx, sqlInsertArrival, a.Delivery, a.Line, op.ID, a.SKU, a.Lot, a.Produced, a.Expiry, a.Pieces, a.Outcome, texts(append([]warehouse.ArrivalFault{}, a.Faults...)), a.Carton,
		a.Bin, a.Note, op.At, op.Account, op.Actor, op.Device).Scan(&a.ID)
	if err != nil {
		return fmt.Errorf("warehousedb: scan of delivery %d: %w", a.Delivery, err)
	}
	return nil
}

const sqlUndoArrival = `update warehouse.arrival set undone_by = $2 where id = $1 and undone_by is null returning operation_id`

// UndoArrival marks a scan as taken back by an operation, and gives the operation that it was.
func UndoArrival(ctx context.Context, tx pgx.Tx, id int64, by Operation) (op uuid.UUID, err error) {
	err = tx.QueryRow(ctx, sqlUndoArrival, id, by.ID).Scan(&op)
	if errors.Is(err, pgx.ErrNoRows) {
		return op, warehouse.ErrUndone
	}
	if err != nil {
		return op, fmt.Errorf("warehousedb: take back scan %d: %w", id, err)
	}
	return op, nil
}

const sqlOrderArrivals = `select l.order_id, l.order_line, sum(l.good + l.damaged)::bigint
	from warehouse.delivery_line l join warehouse.delivery d on d.id = l.delivery_id
	where l.delivery_id = $1 and l.order_id is not null and d.state = 'received'
	group by l.order_id, l.order_line order by l.order_id, l.order_line`

// OrderArrivals gives what a received delivery brought of factory orders.
func OrderArrivals(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) ([]warehouse.OrderArrival, error) {
	rows, err := q.Query(ctx, sqlOrderArrivals, id)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: orders of delivery %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.OrderArrival])
}

const sqlDeliveryOfOrder = `select d.number from warehouse.delivery d join warehouse.delivery_line l on l.delivery_id = d.id
	where l.order_id = $1 and d.state <> 'cancelled' order by d.state in ('expected','receiving') desc, d.id desc limit 1`

// DeliveryOfOrder gives the number of a delivery that brings goods of a factory order, "" when there is none.
func DeliveryOfOrder(ctx context.Context, q pgdb.Querier, order int64) (number string, err error) {
	err = q.QueryRow(ctx, sqlDeliveryOfOrder, order).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("warehousedb: deliveries of order %d: %w", order, err)
	}
	return number, nil
}

// Inbound lets the order's side read what the docks have received and inspected.
type Inbound struct{}

// Delivery gives a delivery with its lines. warehouse.ErrNoDelivery.
func (Inbound) Delivery(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) (*warehouse.Delivery, error) {
	return Delivery(ctx, q, id)
}

// OrderArrivals gives what a received delivery brought of factory orders.
func (Inbound) OrderArrivals(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) ([]warehouse.OrderArrival, error) {
	return OrderArrivals(ctx, q, id)
}

// DeliveryOfOrder gives the number of a delivery that brings goods of a factory order, "" when there is none.
func (Inbound) DeliveryOfOrder(ctx context.Context, q pgdb.Querier, order int64) (string, error) {
	return DeliveryOfOrder(ctx, q, order)
}

// Inspection gives an inspection. warehouse.ErrNoInspection.
func (Inbound) Inspection(ctx context.Context, q pgdb.Querier, id int64) (*warehouse.Inspection, error) {
	return Inspection(ctx, q, id)
}
