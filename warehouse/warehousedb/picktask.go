package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// NewTask is a picking task to be made: the stops in the order of the path.
type NewTask struct {
	Mode   string // cluster, batch
	Metres int
	Totes  []int64 // the shipment of each place of the cart; 0 for a tote that all share
	Stops  []NewStop
}

// NewStop is a stop to be made. Place counts from 1.
type NewStop struct {
	ToPick
	Place int
}

const sqlInsertTask = `insert into warehouse.pick_task (site_id, wave_id, no, mode, path_metres) values ($1, $2, $3, $4, $5) returning id`

const sqlInsertTotes = `insert into warehouse.pick_tote (task_id, place, shipment_id)
	select $1, t.place, nullif(t.shipment, 0) from unnest($2::bigint[]) with ordinality as t (shipment, place)`

const sqlInsertStops = `insert into warehouse.pick_stop (task_id, seq, allocation_id, shipment_id, place, bin, sku_id, lot_id, pieces)
	select $1, t.seq, t.allocation, t.shipment, t.place, t.bin, t.sku, t.lot, t.pieces
	from unnest($2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::int[], $7::bigint[], $8::bigint[]) with ordinality
		as t (allocation, shipment, place, bin, sku, lot, pieces, seq)`

// SaveTask makes the no-th task of a wave.
func SaveTask(ctx context.Context, tx pgx.Tx, site catalog.SiteID, wave int64, no int, t NewTask) error {
	var id int64
	if err := tx.QueryRow(ctx, sqlInsertTask, site, wave, no, t.Mode, t.Metres).Scan(&id); err != nil {
		return fmt.Errorf("warehousedb: picking task: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertTotes, id, t.Totes); err != nil {
		return fmt.Errorf("warehousedb: totes of a task: %w", err)
	}
	_, err := tx.Exec(ctx, sqlInsertStops, id, column(t.Stops, func(s NewStop) int64 { return s.Allocation }),
		column(t.Stops, func(s NewStop) int64 { return s.Shipment }), column(t.Stops, func(s NewStop) int32 { return int32(s.Place) }),
		column(t.Stops, func(s NewStop) string { return s.Bin }), column(t.Stops, func(s NewStop) int32 { return int32(s.SKU) }),
		column(t.Stops, func(s NewStop) int64 { return s.LotID }), column(t.Stops, func(s NewStop) int64 { return s.Pieces }))
	if err != nil {
		return fmt.Errorf("warehousedb: stops of a task: %w", err)
	}
	return nil
}

type taskRow struct {
	ID         int64
	SiteID     int32
	WaveID     int64
	No         int
	Number     string
	Mode       string
	State      string
	AccountID  *int64
	Actor      string
	Device     string
	Until      *time.Time
	Carrier    string
	Cutoff     *time.Time
	Cold       bool
	PathMetres int
}

const sqlTask = `select k.id, k.site_id, k.wave_id, k.no, w.number, k.mode, k.state, k.account_id, k.actor, k.device, k.leased_until as until,
	w.carrier, w.cutoff_at as cutoff, w.cold, k.path_metres
	from warehouse.pick_task k join warehouse.wave w on w.id = k.wave_id where k.id = $1`

const sqlLockTask = sqlTask + ` for no key update of k`

// TaskLock is a locked task.
type TaskLock struct {
	ID, Wave int64
	Site     catalog.SiteID
	State    string
	Mode     string
	Account  *int64
	Actor    string
	Device   string
	Until    *time.Time
}

// LockTask locks a task; catalog.ErrUnknown where there is none.
func LockTask(ctx context.Context, tx pgx.Tx, id int64) (TaskLock, error) {
	rows, err := tx.Query(ctx, sqlLockTask, id)
	if err != nil {
		return TaskLock{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[taskRow])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: picking task %d: %w", id, catalog.ErrUnknown)
	}
	return TaskLock{ID: r.ID, Wave: r.WaveID, Site: catalog.SiteID(r.SiteID), State: r.State, Mode: r.Mode, Account: r.AccountID, Actor: r.Actor,
		Device: r.Device, Until: r.Until}, err
}

// goodsColumns are what a handheld knows of the SKU k in the category c.
const goodsColumns = ` k.id as sku_id, k.code as sku_code, k.gtin, k.name_zh, k.name_en, k.unit_zh, k.unit_en, k.shelf_life_days > 0 as dated,
	k.carton_pieces, k.weight_grams::bigint as weight_grams, c.code as category`

type goodsRow struct {
	SKUID        catalog.SKUID `db:"sku_id"`
	SKUCode      string        `db:"sku_code"`
	GTIN         string        `db:"gtin"`
	NameZH       string        `db:"name_zh"`
	NameEN       string        `db:"name_en"`
	UnitZH       string        `db:"unit_zh"`
	UnitEN       string        `db:"unit_en"`
	Dated        bool
	CartonPieces int64
	WeightGrams  int64
	Category     string
}

func (r goodsRow) goods() warehouse.Goods {
	return warehouse.Goods{ID: r.SKUID, Code: r.SKUCode, GTIN: r.GTIN, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN},
		Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN}, Dated: r.Dated, Carton: r.CartonPieces, Grams: r.WeightGrams, Category: r.Category}
}

// An order that is cancelled while its stop is open, or of which somebody released the promise, is not picked any more; what
// lies in a tote then is put back.
const sqlStops = `select st.id, st.seq, case
		when st.state = 'open' and (o.state = 'cancelled' or a.state <> 'reserved') then 'cancelled'
		when st.state = 'picked' and a.state = 'picked' and (o.state = 'cancelled'
			or exists (select from warehouse.put_back pb where pb.allocation_id = a.id and pb.done_at is null)) then 'putback'
		else st.state end as state,
		st.bin, coalesce(b.zone, '') as zone, coalesce(b.aisle, 0) as aisle, coalesce(b.bay, 0) as bay, coalesce(b.level, 0) as level,
		coalesce(b.side, 0)::int as side, b.code is not null as known,` + goodsColumns + `,
		l.code as lot, l.expiry, st.pieces, st.place, pt.tote, o.number as "order", coalesce(st.op::text, '') as op,
		st.state = 'open' and (select count(distinct x.lot_id) from warehouse.position x
			where x.site_id = a.site_id and x.bin = st.bin and x.sku_id = st.sku_id and x.on_hand > 0) > 1 as mixed,
		case when st.state = 'open' then p.on_hand else 0 end as "left"
	from warehouse.pick_stop st
	join warehouse.pick_task t on t.id = st.task_id
	join warehouse.pick_tote pt on pt.task_id = st.task_id and pt.place = st.place
	join warehouse.allocation a on a.id = st.allocation_id
	join warehouse.position p on p.id = a.position_id
	join warehouse.outbound o on o.id = a.outbound_id
	join catalog.sku k on k.id = st.sku_id join catalog.category c on c.id = k.category_id
	join warehouse.lot l on l.id = st.lot_id
	left join warehouse.bin b on b.site_id = t.site_id and b.code = st.bin
	where st.task_id = $1 order by st.seq, st.id`

type stopRow struct {
	goodsRow
	ID     int64
	Seq    int
	State  warehouse.StopState
	Bin    string
	Zone   string
	Aisle  int
	Bay    int
	Level  int
	Side   int
	Known  bool
	Lot    string
	Expiry *calendar.Day
	Pieces int64
	Place  int
	Tote   string
	Order  string
	Op     string
	Mixed  bool
	Left   int64
}

func dayText(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func (r stopRow) stop() warehouse.PickStop {
	return warehouse.PickStop{ID: r.ID, Seq: r.Seq, State: r.State, Bin: r.Bin,
		Spot: warehouse.Spot{Zone: r.Zone, Aisle: r.Aisle, Bay: r.Bay, Level: r.Level, Side: r.Side, Known: r.Known}, Goods: r.goods(), Lot: r.Lot,
		Expiry: dayText(r.Expiry), Pieces: quantity.Pieces(r.Pieces), Place: r.Place, Tote: r.Tote, Order: r.Order, Op: r.Op, Mixed: r.Mixed, Left: quantity.Pieces(r.Left)}
}

const sqlTotes = `select pt.place, pt.tote, coalesce(o.number, '') as "order", coalesce((select sum(st.pieces) from warehouse.pick_stop st
		where st.task_id = pt.task_id and st.place = pt.place and st.state in ('open','picked')), 0)::bigint as pieces
	from warehouse.pick_tote pt left join warehouse.shipment s on s.id = pt.shipment_id left join warehouse.outbound o on o.id = s.outbound_id
	where pt.task_id = $1 order by pt.place`

// PickTask gives a task with its stops; catalog.ErrUnknown where there is none.
func PickTask(ctx context.Context, q pgdb.Querier, id int64) (warehouse.PickTask, error) {
	rows, err := q.Query(ctx, sqlTask, id)
	if err != nil {
		return warehouse.PickTask{}, fmt.Errorf("warehousedb: picking task: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[taskRow])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: picking task %d: %w", id, catalog.ErrUnknown)
	}
	if err != nil {
		return warehouse.PickTask{}, err
	}
	t := warehouse.PickTask{Kind: "pick", ID: r.ID, Number: fmt.Sprintf("%s-%d", r.Number, r.No), Wave: r.WaveID, Site: r.SiteID, Mode: r.Mode, State: r.State,
		Device: r.Device, Actor: r.Actor, Carrier: r.Carrier, Due: r.Cutoff, Until: r.Until, Metres: r.PathMetres, Cold: r.Cold}
	if rows, err = q.Query(ctx, sqlTotes, id); err != nil {
		return t, fmt.Errorf("warehousedb: totes of a task: %w", err)
	}
	if t.Totes, err = pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.PickTote]); err != nil {
		return t, err
	}
	if rows, err = q.Query(ctx, sqlStops, id); err != nil {
		return t, fmt.Errorf("warehousedb: stops of a task: %w", err)
	}
	t.Stops, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.PickStop, error) {
		s, err := pgx.RowToStructByName[stopRow](row)
		return s.stop(), err
	})
	return t, err
}

// Tasks that wait for a picker, or whose lease has run out, and those of the account itself.
const sqlPickJobs = `select k.id, w.number || '-' || k.no as number, k.wave_id as wave, k.state, k.actor, coalesce(k.account_id = $2, false) as mine, w.carrier,
		w.cutoff_at as due, w.urgent, w.cold, coalesce(n.first, '') as first, n.stops, n.done, n.pieces, k.path_metres as metres
	from warehouse.pick_task k join warehouse.wave w on w.id = k.wave_id
	cross join lateral (select (array_agg(st.bin order by st.seq) filter (where st.state = 'open'))[1] as first, count(*) as stops,
		count(*) filter (where st.state <> 'open') as done, coalesce(sum(st.pieces), 0)::bigint as pieces
		from warehouse.pick_stop st where st.task_id = k.id and st.state not in ('cancelled','returned')) n
	where k.site_id = $1 and (k.state = 'open' or k.state = 'taken' and (k.account_id = $2 or k.leased_until < $3))
	order by coalesce(k.account_id = $2 and k.state = 'taken', false) desc, w.urgent desc, w.cutoff_at nulls last, w.released_at, k.no limit $4`

// PickJobs gives the tasks that an account may take up: its own first.
func PickJobs(ctx context.Context, q pgdb.Querier, site catalog.SiteID, account int64, now time.Time, limit int) ([]warehouse.PickJob, error) {
	rows, err := q.Query(ctx, sqlPickJobs, site, account, now, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: picking jobs: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.PickJob])
}

const sqlTaskOfTote = `select k.id from warehouse.pick_tote pt join warehouse.pick_task k on k.id = pt.task_id
	where k.site_id = $1 and pt.tote = $2 and k.state = 'taken' order by k.id desc limit 1`

// TaskOfTote gives the task whose cart a tote stands on, 0 for none.
func TaskOfTote(ctx context.Context, q pgdb.Querier, site catalog.SiteID, tote string) (id int64, err error) {
	err = q.QueryRow(ctx, sqlTaskOfTote, site, tote).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

const sqlTakeTask = `update warehouse.pick_task set state = 'taken', account_id = $2, actor = $3, device = $4, leased_until = $5,
	taken_at = coalesce(taken_at, $6) where id = $1`

const sqlShipmentsPicking = `update warehouse.shipment set state = 'picking' where state = 'released' and id in
	(select shipment_id from warehouse.pick_stop where task_id = $1 and state = 'open')`

// TakeTask leases a task.
func TakeTask(ctx context.Context, tx pgx.Tx, id int64, account *int64, actor, device string, until, now time.Time) error {
	if _, err := tx.Exec(ctx, sqlTakeTask, id, account, actor, device, until, now); err != nil {
		return fmt.Errorf("warehousedb: take a task: %w", err)
	}
	_, err := tx.Exec(ctx, sqlShipmentsPicking, id)
	return err
}

const sqlRenewTask = `update warehouse.pick_task set leased_until = $2 where id = $1 and leased_until < $2::timestamptz - interval '5 minutes'`

// RenewTask puts the end of a lease off, at most every five minutes.
func RenewTask(ctx context.Context, tx pgx.Tx, id int64, until time.Time) error {
	_, err := tx.Exec(ctx, sqlRenewTask, id, until)
	return err
}

const sqlDropTask = `update warehouse.pick_task set state = 'open', account_id = null, actor = '', device = '', leased_until = null where id = $1`

// DropTask gives a task back to whoever takes it next.
func DropTask(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, sqlDropTask, id)
	return err
}

const sqlToteBusy = `select coalesce((select sum(on_hand) from warehouse.position where site_id = $1 and bin = $2 and on_hand > 0), 0)::bigint as pieces,
	exists (select from warehouse.pick_tote pt join warehouse.pick_task k on k.id = pt.task_id
		where k.site_id = $1 and k.state = 'taken' and pt.tote = $2 and (k.id, pt.place) <> ($3::bigint, $4::int)) as promised`

// ToteBusy tells whether a tote holds pieces or stands on another place of a cart.
func ToteBusy(ctx context.Context, tx pgx.Tx, site catalog.SiteID, tote string, task int64, place int) (bool, error) {
	var pieces int64
	var promised bool
	err := tx.QueryRow(ctx, sqlToteBusy, site, tote, task, place).Scan(&pieces, &promised)
	return pieces > 0 || promised, err
}

const sqlToteTwice = `select exists (select from warehouse.pick_tote where task_id = $1 and place <> $2 and tote = $3)`

// ToteTwice tells whether a tote stands on another place of the same cart already.
func ToteTwice(ctx context.Context, tx pgx.Tx, task int64, place int, tote string) (twice bool, err error) {
	err = tx.QueryRow(ctx, sqlToteTwice, task, place, tote).Scan(&twice)
	return twice, err
}

const sqlSetTote = `update warehouse.pick_tote set tote = $3 where task_id = $1 and place = $2`

const sqlShipmentTote = `update warehouse.shipment s set tote = $3 from warehouse.pick_tote pt
	where pt.task_id = $1 and pt.place = $2 and s.id = pt.shipment_id`

const sqlBatchTote = `update warehouse.shipment set tote = $2 where id in (select shipment_id from warehouse.pick_stop where task_id = $1)`

// SetTote puts a tote on a place of the cart; catalog.ErrUnknown where the cart has no such place.
func SetTote(ctx context.Context, tx pgx.Tx, task int64, place int, tote, mode string) error {
	tag, err := tx.Exec(ctx, sqlSetTote, task, place, tote)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("warehousedb: place %d of task %d: %w", place, task, catalog.ErrUnknown)
	}
	if mode == "batch" {
		_, err = tx.Exec(ctx, sqlBatchTote, task, tote)
		return err
	}
	_, err = tx.Exec(ctx, sqlShipmentTote, task, place, tote)
	return err
}

const sqlExpiredTasks = `select id from warehouse.pick_task where state = 'taken' and leased_until < $1 order by id limit 500 for update skip locked`

// ExpiredTasks locks and gives the tasks whose lease has run out.
func ExpiredTasks(ctx context.Context, tx pgx.Tx, now time.Time) ([]int64, error) {
	rows, err := tx.Query(ctx, sqlExpiredTasks, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
