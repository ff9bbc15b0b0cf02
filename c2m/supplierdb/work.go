package supplierdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/statement"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// VMI is stock that a supplier keeps for the house, as it reported it last.
type VMI struct {
	SKU          catalog.SKUID
	Code         string
	NameZH       string
	NameEN       string
	OnHand       quantity.Pieces
	Reserved     quantity.Pieces
	InProduction quantity.Pieces
	MinPieces    quantity.Pieces
	MaxPieces    quantity.Pieces
	Day          calendar.Day
	ByName       string
	At           time.Time
}

const (
	sqlVMI = `select v.sku_id as sku, k.code, k.name_zh, k.name_en, v.on_hand, v.reserved, v.in_production, v.min_pieces, v.max_pieces, v.day, v.by_name, v.at
		from c2m.vmi v join catalog.sku k on k.id = v.sku_id where v.supplier_id = $1 order by (v.on_hand - v.reserved < v.min_pieces) desc, k.code`
	sqlSaveVMI = `insert into c2m.vmi (supplier_id, sku_id, on_hand, reserved, in_production, min_pieces, max_pieces, day, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (supplier_id, sku_id) do update set on_hand = excluded.on_hand, reserved = excluded.reserved, in_production = excluded.in_production,
			min_pieces = excluded.min_pieces, max_pieces = excluded.max_pieces, day = excluded.day, by_name = excluded.by_name, at = excluded.at`
	sqlMayMake = `select count(*)::int from catalog.term where supplier_id = $1 and sku_id = any($2)`
)

// Stock gives a supplier's report of what it keeps for the house, what is below its least first.
func Stock(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]VMI, error) {
	return collect[VMI](ctx, q, "stock at the supplier", sqlVMI, id)
}

// SaveStock stores a report.
func SaveStock(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, v VMI) error {
	_, err := tx.Exec(ctx, sqlSaveVMI, id, v.SKU, v.OnHand, v.Reserved, v.InProduction, v.MinPieces, v.MaxPieces, v.Day, v.ByName, v.At)
	return wrap(err, "stock at the supplier")
}

// Makes tells whether a supplier has terms for all of these SKUs.
func Makes(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, of []catalog.SKUID) (bool, error) {
	var n int
	err := q.QueryRow(ctx, sqlMayMake, id, skus(of)).Scan(&n)
	return n == len(of), wrap(err, "terms")
}

// Stages lists the stages of work in their order.
func Stages() []string { return []string{"material", "cutting", "production", "qc", "packed"} }

// Progress is how far a line is: pieces done by stage, with the day on which the stage ends.
type Progress struct {
	Order  c2m.OrderID
	Line   int
	Stage  string
	Done   quantity.Pieces
	Finish *calendar.Day
	Reason string
	ByName string
	At     time.Time
}

// WorkLine is an agreed line that has not wholly come.
type WorkLine struct {
	Order  c2m.OrderID
	Number string
	State  c2m.State
	Line   int
	SKU    catalog.SKUID
	Code   string
	NameZH string
	NameEN string
	Pieces quantity.Pieces
	Came   quantity.Pieces
	Due    calendar.Day
}

const (
	sqlWork = `select o.id as order, o.number, o.state, l.no as line, l.sku_id as sku, k.code, k.name_zh, k.name_en, coalesce(sum(p.pieces), 0)::bigint as pieces, l.came, max(p.day) as due
		from c2m.factory_order o join c2m.order_line l on l.order_id = o.id join c2m.promise p on p.order_id = o.id and p.line = l.no join catalog.sku k on k.id = l.sku_id
		where o.supplier_id = $1 and o.state in ('confirmed','producing','shipped') group by o.id, o.number, o.state, l.no, l.sku_id, k.code, k.name_zh, k.name_en, l.came
		having coalesce(sum(p.pieces), 0) > l.came order by max(p.day), o.number, l.no limit 200`
	sqlProgress = `select g.order_id as order, g.line, g.stage, g.done, g.finish, g.reason, g.by_name, g.at from c2m.progress g join c2m.factory_order o on o.id = g.order_id
		where o.supplier_id = $1 and o.state in ('confirmed','producing','shipped')`
	sqlSaveProgress = `insert into c2m.progress (order_id, line, stage, done, finish, reason, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (order_id, line, stage) do update set done = excluded.done, finish = excluded.finish, reason = excluded.reason, by_name = excluded.by_name, at = excluded.at`
)

// Work gives a supplier's agreed lines that have not wholly come, the first due first.
func Work(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]WorkLine, error) {
	return collect[WorkLine](ctx, q, "work", sqlWork, id)
}

// ProgressOf gives what a supplier reported of its open lines.
func ProgressOf(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]Progress, error) {
	return collect[Progress](ctx, q, "progress", sqlProgress, id)
}

// SaveProgress stores a report.
func SaveProgress(ctx context.Context, tx pgx.Tx, p Progress) error {
	_, err := tx.Exec(ctx, sqlSaveProgress, p.Order, p.Line, p.Stage, p.Done, p.Finish, p.Reason, p.ByName, p.At)
	return wrap(err, "progress")
}

const (
	sqlTrade     = `select currency, incoterm, payment_days, late_bp, late_most_bp, grace, short_bp, rebate_bp, rebate_from_fen as rebate_from from c2m.trade where supplier_id = $1`
	sqlSaveTrade = `insert into c2m.trade (supplier_id, currency, incoterm, payment_days, late_bp, late_most_bp, grace, short_bp, rebate_bp, rebate_from_fen, at, by_name)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (supplier_id) do update set currency = excluded.currency, incoterm = excluded.incoterm,
			payment_days = excluded.payment_days, late_bp = excluded.late_bp, late_most_bp = excluded.late_most_bp, grace = excluded.grace, short_bp = excluded.short_bp,
			rebate_bp = excluded.rebate_bp, rebate_from_fen = excluded.rebate_from_fen, at = excluded.at, by_name = excluded.by_name`
)

// Trade gives the terms on which a supplier is paid; those of the house where none were agreed.
func Trade(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (statement.Terms, error) {
	all, err := collect[statement.Terms](ctx, q, "terms of payment", sqlTrade, id)
	if err != nil || len(all) == 0 {
		return statement.DefaultTerms(), err
	}
	return all[0], nil
}

// SaveTrade stores the terms on which a supplier is paid.
func SaveTrade(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, t statement.Terms, by string, now time.Time) error {
	_, err := tx.Exec(ctx, sqlSaveTrade, id, t.Currency, t.Incoterm, t.PaymentDays, t.LateBP, t.LateMostBP, t.Grace, t.ShortBP, t.RebateBP, t.RebateFrom, now, by)
	return wrap(err, "terms of payment")
}

const (
	sqlRates    = `select distinct on (currency) currency, day, rate from c2m.exchange where day <= $1 order by currency, day desc`
	sqlSaveRate = `insert into c2m.exchange (currency, day, rate, by_name) values ($1, $2, $3, $4) on conflict (currency, day) do update set rate = excluded.rate, by_name = excluded.by_name`
)

// DayRate is a currency's rate of a day.
type DayRate struct {
	Currency supplier.Currency
	Day      calendar.Day
	Rate     supplier.Rate
}

// Rates gives the last rates up to a day.
func Rates(ctx context.Context, q pgdb.Querier, day calendar.Day) (map[supplier.Currency]DayRate, error) {
	all, err := collect[DayRate](ctx, q, "rates", sqlRates, day)
	out := map[supplier.Currency]DayRate{}
	for _, r := range all {
		out[r.Currency] = r
	}
	return out, err
}

// SaveRate stores a rate.
func SaveRate(ctx context.Context, tx pgx.Tx, r DayRate, by string) error {
	_, err := tx.Exec(ctx, sqlSaveRate, r.Currency, r.Day, r.Rate, by)
	return wrap(err, "rate")
}

// Offered is an offer with its supplier's name. Own terms of trade are offers too: in yuan, delivered within the country.
type Offered struct {
	Supplier catalog.SupplierID
	Code     string
	NameZH   string
	NameEN   string
	Active   bool
	Banned   string
	Currency supplier.Currency
	Incoterm supplier.Incoterm
	From     quantity.Pieces
	Price    int64
	Tooling  money.Fen
	Freight  money.Fen
	DutyBP   int
	VATBP    int
	LeadDays int
	MOQ      quantity.Pieces
	ValidTo  *calendar.Day
	Note     string
	Terms    bool
}

// Offer gives the offer itself.
func (o Offered) Offer(sku catalog.SKUID) supplier.Offer {
	out := supplier.Offer{Supplier: o.Supplier, SKU: sku, Currency: o.Currency, Incoterm: o.Incoterm, From: o.From, Price: o.Price, Tooling: o.Tooling, Freight: o.Freight, DutyBP: o.DutyBP, VATBP: o.VATBP,
		LeadDays: o.LeadDays, MOQ: o.MOQ, Note: o.Note}
	if o.ValidTo != nil {
		out.ValidTo = *o.ValidTo
	}
	return out
}

const (
	sqlOffers = `select x.*, s.code, s.name_zh, s.name_en, s.active, s.banned from (
			select o.supplier_id as supplier, o.currency, o.incoterm, o.from_pieces as from, o.price, o.tooling_fen as tooling, o.freight_fen as freight, o.duty_bp, o.vat_bp, o.lead_days, o.moq,
				o.valid_to, o.note, false as terms from c2m.offer o where o.sku_id = $1 and (o.valid_to is null or o.valid_to >= $2)
			union all
			select t.supplier_id, 'CNY', 'DOM', (b ->> 'from')::bigint, (b ->> 'price')::bigint, 0, 0, 0, 1300, least(365, ceil(t.lead_mean_days))::int, t.moq, null, '', true
			from catalog.term t cross join jsonb_array_elements(t.breaks) b where t.sku_id = $1
				and not exists (select from c2m.offer o where o.sku_id = t.sku_id and o.supplier_id = t.supplier_id and (o.valid_to is null or o.valid_to >= $2))) x
		join catalog.supplier s on s.id = x.supplier order by s.code, x.from`
	sqlSaveOffer = `insert into c2m.offer (supplier_id, sku_id, currency, incoterm, from_pieces, price, tooling_fen, freight_fen, duty_bp, vat_bp, lead_days, moq, valid_to, note, at, by_name)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (supplier_id, sku_id, from_pieces) do update set currency = excluded.currency,
			incoterm = excluded.incoterm, price = excluded.price, tooling_fen = excluded.tooling_fen, freight_fen = excluded.freight_fen, duty_bp = excluded.duty_bp,
			vat_bp = excluded.vat_bp, lead_days = excluded.lead_days, moq = excluded.moq, valid_to = excluded.valid_to, note = excluded.note, at = excluded.at, by_name = excluded.by_name`
	sqlWeight = `select code, name_zh, name_en, weight_grams from catalog.sku where id = $1`
)

// Offers gives what suppliers ask for a SKU: their offers that are valid on a day, and the terms of trade of those without one.
func Offers(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, day calendar.Day) ([]Offered, error) {
	return collect[Offered](ctx, q, "offers", sqlOffers, sku, day)
}

// SaveOffer stores an offer in place of the one for the same quantity.
func SaveOffer(ctx context.Context, tx pgx.Tx, o supplier.Offer, by string, now time.Time) error {
	var until *calendar.Day
	if o.ValidTo != 0 {
		until = &o.ValidTo
	}
	_, err := tx.Exec(ctx, sqlSaveOffer, o.Supplier, o.SKU, o.Currency, o.Incoterm, o.From, o.Price, o.Tooling, o.Freight, o.DutyBP, o.VATBP, o.LeadDays, o.MOQ, until, o.Note, now, by)
	return wrap(err, "offer")
}

// Goods gives a SKU's code, name and weight in grams; false when there is none.
func Goods(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) (code string, name catalog.Name, grams int, ok bool, err error) {
	err = q.QueryRow(ctx, sqlWeight, sku).Scan(&code, &name.ZH, &name.EN, &grams)
	if isNone(err) {
		return "", catalog.Name{}, 0, false, nil
	}
	return code, name, grams, err == nil, wrap(err, "goods")
}

// Reminder is a certificate that lapses within some days and has not been reminded of at that distance.
type Reminder struct {
	ID       int64
	Supplier catalog.SupplierID
	ValidTo  calendar.Day
}

const (
	sqlDueReminders = `select c.id, c.supplier_id as supplier, c.valid_to from c2m.certificate c where c.revoked is null and c.verified_at is not null and c.valid_to >= $1 and c.valid_to <= $1::date + $2::int
		and not exists (select from c2m.certificate n where n.supplier_id = c.supplier_id and n.kind = c.kind and n.revoked is null and n.verified_at is not null and n.valid_to > c.valid_to)
		and not exists (select from c2m.certificate_reminder r where r.certificate_id = c.id and r.days <= $2) order by c.valid_to, c.id`
	sqlRemind    = `insert into c2m.certificate_reminder (certificate_id, days, at) values ($1, $2, $3) on conflict do nothing`
	sqlReminders = `select certificate_id, days, at from c2m.certificate_reminder where certificate_id = any($1) order by certificate_id, days desc`
)

// DueReminders gives the certificates that lapse within days of today, that nothing follows, and that were not reminded of at this or a
// shorter distance.
func DueReminders(ctx context.Context, q pgdb.Querier, today calendar.Day, days int) ([]Reminder, error) {
	return collect[Reminder](ctx, q, "reminders", sqlDueReminders, today, days)
}

// Remind notes a reminder; false when it was given before.
func Remind(ctx context.Context, tx pgx.Tx, certificate int64, days int, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlRemind, certificate, days, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "remind")
}

// Given is a reminder that was given.
type Given struct {
	CertificateID int64
	Days          int
	At            time.Time
}

// Reminders gives what was reminded of these certificates.
func Reminders(ctx context.Context, q pgdb.Querier, certificates []int64) ([]Given, error) {
	return collect[Given](ctx, q, "reminders", sqlReminders, certificates)
}
