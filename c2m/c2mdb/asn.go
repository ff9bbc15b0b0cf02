package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

type asnRow struct {
	ID         int64
	Number     string
	SupplierID catalog.SupplierID
	ShipTo     catalog.SiteID
	Carrier    string
	Tracking   string
	Arrives    calendar.Day
	Slot       string
	SentAt     time.Time
	ByID       int64
	ByName     string
	Revision   int
}

type asnLineRow struct {
	ASNID       int64
	No          int
	OrderID     c2m.OrderID
	OrderNumber string
	OrderLine   int
	SKUID       catalog.SKUID
	Barcode     string
	Lot         string
	Produced    *calendar.Day
	Expires     *calendar.Day
	Pieces      quantity.Pieces
	Cartons     int
	PerCarton   quantity.Pieces
	CartonNo    string
	GrossGrams  int64
	NetGrams    int64
	VolumeML    int64
	Temperature catalog.Temperature
	Certificate string
	Came        quantity.Pieces
}

const asnColumns = `id, number, supplier_id, ship_to, carrier, tracking, arrives, slot, sent_at, by_id, by_name, revision`

const sqlLockASN = `select ` + asnColumns + ` from c2m.asn where supplier_id = $1 and number = $2 for update`

// LockASN gives a supplier's delivery note by its number and keeps others from changing it; nil when there is none.
func LockASN(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, number string) (*c2m.ASN, error) {
	notes, err := asns(ctx, tx, sqlLockASN, supplier, number)
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	return &notes[0], nil
}

const sqlASN = `select ` + asnColumns + ` from c2m.asn where id = $1`

// ASN gives a delivery note. c2m.ErrUnknown when there is none.
func ASN(ctx context.Context, q pgdb.Querier, id int64) (*c2m.ASN, error) {
	notes, err := asns(ctx, q, sqlASN, id)
	if err == nil && len(notes) == 0 {
		err = fmt.Errorf("%w: delivery note %d", c2m.ErrUnknown, id)
	}
	if err != nil {
		return nil, err
	}
	return &notes[0], nil
}

const sqlASNsOfOrder = `select ` + asnColumns + ` from c2m.asn where id in (select asn_id from c2m.asn_line where order_id = $1) order by arrives, id`

// ASNsOfOrder gives the delivery notes that carry goods of the order, whole, in the order of their arrival.
func ASNsOfOrder(ctx context.Context, q pgdb.Querier, id c2m.OrderID) ([]c2m.ASN, error) {
	return asns(ctx, q, sqlASNsOfOrder, id)
}

const sqlASNsOfSupplier = `select ` + asnColumns + ` from c2m.asn where supplier_id = $1 order by id desc limit $2`

// ASNsOfSupplier gives a supplier's last delivery notes, the newest first.
func ASNsOfSupplier(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, limit int) ([]c2m.ASN, error) {
	return asns(ctx, q, sqlASNsOfSupplier, supplier, limit)
}

const sqlASNLines = `select l.asn_id, l.no, l.order_id, o.number as order_number, l.order_line, l.sku_id, l.barcode, l.lot, l.produced, l.expires, l.pieces,
	l.cartons, l.per_carton, l.carton_no, l.gross_grams, l.net_grams, l.volume_ml, l.temperature, l.certificate, l.came
	from c2m.asn_line l join c2m.factory_order o on o.id = l.order_id where l.asn_id = any($1) order by l.asn_id, l.no`

func asns(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]c2m.ASN, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: delivery notes: %w", err)
	}
	heads, err := pgx.CollectRows(rows, pgx.RowToStructByName[asnRow])
	if err != nil || len(heads) == 0 {
		return nil, wrap(err, "c2mdb: delivery notes")
	}
	rows, err = q.Query(ctx, sqlASNLines, column(heads, func(r asnRow) int64 { return r.ID }))
	if err != nil {
		return nil, fmt.Errorf("c2mdb: lines of delivery notes: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[asnLineRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: lines of delivery notes: %w", err)
	}
	lines := map[int64][]c2m.ASNLine{}
	for _, r := range stored {
		lines[r.ASNID] = append(lines[r.ASNID], c2m.ASNLine{No: r.No, Order: r.OrderID, OrderNumber: r.OrderNumber, Line: r.OrderLine, SKU: r.SKUID,
			Barcode: r.Barcode, Lot: r.Lot, Produced: r.Produced, Expires: r.Expires, Pieces: r.Pieces, Cartons: r.Cartons, PerCarton: r.PerCarton,
			CartonNo: r.CartonNo, GrossGrams: r.GrossGrams, NetGrams: r.NetGrams, VolumeML: r.VolumeML, Temperature: r.Temperature,
			Certificate: r.Certificate, Came: r.Came})
	}
	notes := make([]c2m.ASN, len(heads))
	for i, r := range heads {
		notes[i] = c2m.ASN{ID: r.ID, Number: r.Number, Supplier: r.SupplierID, ShipTo: r.ShipTo, Carrier: r.Carrier, Tracking: r.Tracking,
			Arrives: r.Arrives, Slot: r.Slot, Sent: r.SentAt, By: c2m.Person{ID: r.ByID, Name: r.ByName}, Revision: r.Revision, Lines: lines[r.ID]}
	}
	return notes, nil
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

const (
	sqlSaveASN = `insert into c2m.asn as a (number, supplier_id, ship_to, carrier, tracking, arrives, slot, sent_at, by_id, by_name, revision, file_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, nullif($11::bigint, 0))
		on conflict (supplier_id, number) do update set ship_to = excluded.ship_to, carrier = excluded.carrier, tracking = excluded.tracking,
			arrives = excluded.arrives, slot = excluded.slot, sent_at = excluded.sent_at, by_id = excluded.by_id, by_name = excluded.by_name,
			revision = a.revision + 1, file_id = coalesce(excluded.file_id, a.file_id)
		returning id, revision`
	sqlDropASNLines  = `delete from c2m.asn_line where asn_id = $1`
	sqlInsertASNLine = `insert into c2m.asn_line (asn_id, no, order_id, order_line, sku_id, barcode, lot, produced, expires, pieces, cartons, per_carton,
		carton_no, gross_grams, net_grams, volume_ml, temperature, certificate)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
)

// SaveASN stores a delivery note, in place of the one with its number where there is one, and gives it its id and revision.
// The caller has made sure that nothing of the old one has come. file is the sheet it came in, 0 for none.
func SaveASN(ctx context.Context, tx pgx.Tx, a *c2m.ASN, file int64) error {
	err := tx.QueryRow(ctx, sqlSaveASN, a.Number, a.Supplier, a.ShipTo, a.Carrier, a.Tracking, a.Arrives, a.Slot, a.Sent, a.By.ID, a.By.Name,
		file).Scan(&a.ID, &a.Revision)
	if err != nil {
		return fmt.Errorf("c2mdb: save delivery note %s: %w", a.Number, err)
	}
	b := &pgx.Batch{}
	b.Queue(sqlDropASNLines, a.ID)
	for i, l := range a.Lines {
		b.Queue(sqlInsertASNLine, a.ID, i+1, l.Order, l.Line, l.SKU, l.Barcode, l.Lot, l.Produced, l.Expires, l.Pieces, l.Cartons, l.PerCarton,
			l.CartonNo, l.GrossGrams, l.NetGrams, l.VolumeML, l.Temperature, l.Certificate)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("c2mdb: save delivery note %s: %w", a.Number, err)
	}
	return nil
}

const sqlReserveASNNumber = `select pg_advisory_xact_lock(hashtextextended('c2m.asn:' || $1::int || ':' || $2::text, 0))`

// ReserveASNNumber lets one transaction at a time work under a delivery-note number of a supplier, also when it is new.
func ReserveASNNumber(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, number string) error {
	_, err := tx.Exec(ctx, sqlReserveASNNumber, supplier, number)
	return wrap(err, "c2mdb: reserve delivery note "+number)
}

type awaitedRow struct {
	OrderID          c2m.OrderID
	Number           string
	State            c2m.State
	ShipTo           catalog.SiteID
	SiteZH           string
	SiteEN           string
	Line             int
	SKUID            catalog.SKUID
	Open             quantity.Pieces
	MinRemainingDays int
}

const sqlAwaited = `select o.id as order_id, o.number, o.state, o.ship_to, s.name_zh as site_zh, s.name_en as site_en, l.no as line, l.sku_id,
		greatest(0, coalesce(p.pieces, 0) - greatest(l.shipped, l.came))::bigint as open, l.min_remaining_days
	from c2m.factory_order o join catalog.site s on s.id = o.ship_to join c2m.order_line l on l.order_id = o.id
	left join (select order_id, line, sum(pieces) as pieces from c2m.promise group by order_id, line) p on p.order_id = o.id and p.line = l.no
	where o.supplier_id = $1 and o.version > 0 and (o.number = any($2) or cardinality($2) = 0 and o.state in ('confirmed','producing','shipped'))
	order by o.id, l.no`

// AwaitedLines gives the lines of a supplier's orders with these numbers, or of all its orders that may be delivered where no
// number is given. Their goods are whole.
func AwaitedLines(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, numbers ...string) ([]c2m.Awaited, error) {
	if numbers == nil {
		numbers = []string{}
	}
	rows, err := q.Query(ctx, sqlAwaited, supplier, numbers)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: awaited lines: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[awaitedRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: awaited lines: %w", err)
	}
	skus, err := SKUs(ctx, q, column(stored, func(r awaitedRow) catalog.SKUID { return r.SKUID }))
	if err != nil {
		return nil, err
	}
	lines := make([]c2m.Awaited, len(stored))
	for i, r := range stored {
		lines[i] = c2m.Awaited{Order: r.OrderID, Number: r.Number, State: r.State, ShipTo: r.ShipTo, Site: catalog.Name{ZH: r.SiteZH, EN: r.SiteEN},
			Line: r.Line, SKU: skus[r.SKUID], Open: r.Open, MinRemainingDays: r.MinRemainingDays}
	}
	return lines, nil
}
