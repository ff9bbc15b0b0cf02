package replenishdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

const sqlAlarmRules = `select watch, is_on, threshold, hours, owner_id from replenish.alarm_rule`

// AlarmRules gives the rules, in the order of the kinds: the default one where none is stored.
func AlarmRules(ctx context.Context, q pgdb.Querier) ([]replenishment.AlarmRule, error) {
	rows, err := q.Query(ctx, sqlAlarmRules)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: alarm rules: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[replenishment.AlarmRule])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: alarm rules: %w", err)
	}
	out := replenishment.DefaultAlarmRules()
	for i := range out {
		for _, r := range stored {
			if r.Watch == out[i].Watch {
				out[i] = r
			}
		}
	}
	return out, nil
}

const sqlSaveAlarmRule = `insert into replenish.alarm_rule (watch, is_on, threshold, hours, owner_id) values ($1, $2, $3, $4, $5)
	on conflict (watch) do update set is_on = excluded.is_on, threshold = excluded.threshold, hours = excluded.hours, owner_id = excluded.owner_id`

// SaveAlarmRule stores a rule.
func SaveAlarmRule(ctx context.Context, tx pgx.Tx, r replenishment.AlarmRule) error {
	if _, err := tx.Exec(ctx, sqlSaveAlarmRule, string(r.Watch), r.On, r.Limit, r.Hours, r.Owner); err != nil {
		return fmt.Errorf("replenishdb: alarm rule %s: %w", r.Watch, err)
	}
	return nil
}

const sqlRaise = `insert into replenish.alarm (watch, sku_id, site_id, supplier_id, ref, value, threshold, pieces, grave, remedy, do_kind, do_site,
		do_from, do_supplier, owner_id, raised_at, due_at)
	select a.*, $16::timestamptz, $16::timestamptz + make_interval(hours => h)
	from unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::text[], $6::float8[], $7::float8[], $8::bigint[], $9::bool[], $10::text[],
		$11::text[], $12::int[], $13::int[], $14::int[], $15::bigint[], $17::int[])
		as t (watch, sku, site, supplier, ref, value, threshold, pieces, grave, remedy, dk, ds, df, dsu, owner, h),
		lateral (select t.watch, t.sku, t.site, t.supplier, t.ref, t.value, t.threshold, t.pieces, t.grave, t.remedy, t.dk, t.ds, t.df, t.dsu, t.owner) a
	order by t.sku, t.watch, t.site, t.supplier, t.ref
	on conflict (sku_id, watch, site_id, supplier_id, ref) where state <> 'closed' do update set value = excluded.value,
		threshold = excluded.threshold, pieces = excluded.pieces, grave = excluded.grave, remedy = excluded.remedy, do_kind = excluded.do_kind,
		do_site = excluded.do_site, do_from = excluded.do_from, do_supplier = excluded.do_supplier
	returning id, raised_at = $16`

const sqlGone = `update replenish.alarm set state = 'closed', closed_at = $3, note = 'gone'
	where state <> 'closed' and sku_id = any($1) and id <> all($2) and watch = any($4)`

// RaiseAlarms holds what was found against what is open: what is new is raised, what lasts is brought up to date, and what
// of the kinds watched was not found again for these SKUs (0 stands for no SKU) is closed. It tells how many are new.
func RaiseAlarms(ctx context.Context, tx pgx.Tx, skus []catalog.SKUID, watched []replenishment.Watch, found []replenishment.Alarm,
	rules []replenishment.AlarmRule, now time.Time) (fresh int, err error) {
	hours, owner := map[replenishment.Watch]int32{}, map[replenishment.Watch]int64{}
	for _, r := range rules {
		hours[r.Watch], owner[r.Watch] = int32(r.Hours), r.Owner
	}
	var c struct {
		watch, ref, remedy, kind             []string
		sku, site, supplier, ds, df, dsu, hs []int32
		value, limit                         []float64
		pieces, owner                        []int64
		grave                                []bool
	}
	for _, a := range found {
		c.watch, c.ref, c.remedy, c.kind = append(c.watch, string(a.Watch)), append(c.ref, a.Ref), append(c.remedy, string(a.Remedy)), append(c.kind, string(a.Do.Kind))
		c.sku, c.site, c.supplier = append(c.sku, int32(a.SKU)), append(c.site, int32(a.Site)), append(c.supplier, int32(a.Supplier))
		c.ds, c.df, c.dsu = append(c.ds, int32(a.Do.Site)), append(c.df, int32(a.Do.From)), append(c.dsu, int32(a.Do.Supplier))
		c.hs, c.value, c.limit = append(c.hs, hours[a.Watch]), append(c.value, a.Value), append(c.limit, a.Limit)
		c.pieces, c.owner, c.grave = append(c.pieces, int64(a.Pieces)), append(c.owner, owner[a.Watch]), append(c.grave, a.Grave)
	}
	ids := []int64{}
	if len(found) > 0 {
		rows, err := tx.Query(ctx, sqlRaise, c.watch, c.sku, c.site, c.supplier, c.ref, c.value, c.limit, c.pieces, c.grave, c.remedy,
			c.kind, c.ds, c.df, c.dsu, c.owner, now, c.hs)
		if err != nil {
			return 0, fmt.Errorf("replenishdb: raise alarms: %w", err)
		}
		type raised struct {
			ID  int64
			New bool
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[raised])
		if err != nil {
			return 0, fmt.Errorf("replenishdb: raise alarms: %w", err)
		}
		for _, r := range all {
			if ids = append(ids, r.ID); r.New {
				fresh++
			}
		}
	}
	of, kinds := make([]int32, len(skus)), make([]string, len(watched))
	for i, s := range skus {
		of[i] = int32(s)
	}
	for i, w := range watched {
		kinds[i] = string(w)
	}
	if _, err := tx.Exec(ctx, sqlGone, of, ids, now, kinds); err != nil {
		return 0, fmt.Errorf("replenishdb: close alarms whose cause is gone: %w", err)
	}
	return fresh, nil
}

const sqlDone = `update replenish.alarm a set state = 'closed', closed_at = $2, closed_by = $3, note = 'done'
	from replenish.suggestion s where s.id = any($1) and a.state <> 'closed' and a.sku_id = s.sku_id and a.do_kind = s.kind
	and a.do_site = s.site_id and a.do_from = s.from_id and a.do_supplier = s.supplier_id`

// CloseDone closes the alarms whose remedy these suggestions are.
func CloseDone(ctx context.Context, tx pgx.Tx, ids []replenishment.SuggestionID, by int64, now time.Time) (int, error) {
	list := make([]int64, len(ids))
	for i, id := range ids {
		list[i] = int64(id)
	}
	tag, err := tx.Exec(ctx, sqlDone, list, now, by)
	if err != nil {
		return 0, fmt.Errorf("replenishdb: close alarms: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// AlarmLine is an alarm with the names it is shown with.
type AlarmLine struct {
	replenishment.Alarm
	SKUCode              string
	SKUName, SiteName    catalog.Name
	SupplierName         catalog.Name
	FromName             catalog.Name // of a lane's source
	OwnerName, CloseName string
	Suggestion           replenishment.SuggestionID // that carries the remedy out and waits; 0 for none
}

// AlarmFilter says which alarms.
type AlarmFilter struct {
	Closed bool // those closed, the last first; else those that wait, the most urgent first
	Watch  replenishment.Watch
	Owner  int64            // 0 for all
	Mine   bool             // Owner's and nobody's
	Sites  []catalog.SiteID // nil for all; alarms without a site are for everybody
	SKU    catalog.SKUID
	Limit  int
}

const sqlAlarmColumns = `a.id, a.watch, a.sku_id, a.site_id, a.supplier_id, a.ref, a.value, a.threshold, a.pieces, a.grave, a.remedy, a.do_kind,
	a.do_site, a.do_from, a.do_supplier, a.state, a.owner_id, a.raised_at, a.due_at, a.taken_at, a.closed_at, a.closed_by, a.note`

const sqlAlarms = `select ` + sqlAlarmColumns + `, coalesce(k.code, '') as sku_code, coalesce(k.name_zh, '') as sku_zh, coalesce(k.name_en, '') as sku_en,
		coalesce(s.name_zh, '') as site_zh, coalesce(s.name_en, '') as site_en, coalesce(u.name_zh, '') as supplier_zh, coalesce(u.name_en, '') as supplier_en,
		coalesce(f.name_zh, '') as from_zh, coalesce(f.name_en, '') as from_en, coalesce(o.name, '') as owner_name, coalesce(c.name, '') as close_name,
		coalesce((select g.id from replenish.suggestion g where a.do_kind <> '' and g.sku_id = a.sku_id and g.kind = a.do_kind and g.site_id = a.do_site
			and g.from_id = a.do_from and g.supplier_id = a.do_supplier and g.state in ('open','changed')), 0) as suggestion_id
	from replenish.alarm a
	left join catalog.sku k on k.id = a.sku_id
	left join catalog.site s on s.id = a.site_id
	left join catalog.supplier u on u.id = a.supplier_id
	left join catalog.site f on a.watch = 'lane_slow' and f.id::text = a.ref
	left join access.account o on o.id = a.owner_id
	left join access.account c on c.id = a.closed_by
	where (a.state = 'closed') = $1 and ($2 = '' or a.watch = $2) and ($3 = 0 or a.owner_id = $3 or $4 and a.owner_id = 0)
		and ($5::int[] is null or a.site_id = 0 or a.site_id = any($5)) and ($6 = 0 or a.sku_id = $6)
	order by case when $1 then null else not a.grave end, case when $1 then null else a.due_at end, a.closed_at desc, a.id desc
	limit $7`

type alarmRow struct {
	ID                                                            int64
	Watch                                                         string
	SKU, Site, Supplier                                           int32
	Ref                                                           string
	Value, Limit                                                  float64
	Pieces                                                        int64
	Grave                                                         bool
	Remedy, DoKind                                                string
	DoSite, DoFrom, DoSupplier                                    int32
	State                                                         string
	Owner                                                         int64
	Raised, Due                                                   time.Time
	Taken, Closed                                                 *time.Time
	By                                                            int64
	Note                                                          string
	SKUCode, SKUZH, SKUEN, SiteZH, SiteEN, SupplierZH, SupplierEN string
	FromZH, FromEN, OwnerName, CloseName                          string
	Suggestion                                                    int64
}

// Alarms lists alarms.
func Alarms(ctx context.Context, q pgdb.Querier, f AlarmFilter) ([]AlarmLine, error) {
	var sites []int32
	for _, s := range f.Sites {
		sites = append(sites, int32(s))
	}
	rows, err := q.Query(ctx, sqlAlarms, f.Closed, string(f.Watch), f.Owner, f.Mine, sites, int32(f.SKU), f.Limit)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: alarms: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[alarmRow])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: alarms: %w", err)
	}
	out := make([]AlarmLine, len(all))
	for i := range all {
		out[i] = all[i].line()
	}
	return out, nil
}

func (r *alarmRow) line() AlarmLine {
	return AlarmLine{
		Alarm: replenishment.Alarm{ID: r.ID, AlarmKey: replenishment.AlarmKey{Watch: replenishment.Watch(r.Watch), SKU: catalog.SKUID(r.SKU),
			Site: catalog.SiteID(r.Site), Supplier: catalog.SupplierID(r.Supplier), Ref: r.Ref},
			Value: r.Value, Limit: r.Limit, Pieces: quantity.Pieces(r.Pieces), Grave: r.Grave, Remedy: replenishment.Remedy(r.Remedy),
			Do: replenishment.Key{Kind: replenishment.Kind(r.DoKind), Site: catalog.SiteID(r.DoSite), From: catalog.SiteID(r.DoFrom),
				Supplier: catalog.SupplierID(r.DoSupplier)},
			State: replenishment.AlarmState(r.State), Owner: r.Owner, Raised: r.Raised, Due: r.Due, Taken: r.Taken, Closed: r.Closed, By: r.By, Note: r.Note},
		SKUCode: r.SKUCode, SKUName: catalog.Name{ZH: r.SKUZH, EN: r.SKUEN}, SiteName: catalog.Name{ZH: r.SiteZH, EN: r.SiteEN},
		SupplierName: catalog.Name{ZH: r.SupplierZH, EN: r.SupplierEN}, FromName: catalog.Name{ZH: r.FromZH, EN: r.FromEN},
		OwnerName: r.OwnerName, CloseName: r.CloseName, Suggestion: replenishment.SuggestionID(r.Suggestion),
	}
}

// AlarmCount is how many alarms of a kind wait.
type AlarmCount struct {
	Watch          replenishment.Watch
	Open, Overdue  int
	Grave, Unowned int
}

const sqlAlarmCounts = `select watch, count(*)::int, (count(*) filter (where due_at < $1))::int, (count(*) filter (where grave))::int,
	(count(*) filter (where owner_id = 0))::int from replenish.alarm
	where state <> 'closed' and ($2::int[] is null or site_id = 0 or site_id = any($2)) group by watch order by watch`

// AlarmCounts counts the alarms that wait, by kind.
func AlarmCounts(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, now time.Time) ([]AlarmCount, error) {
	var of []int32
	for _, s := range sites {
		of = append(of, int32(s))
	}
	rows, err := q.Query(ctx, sqlAlarmCounts, now, of)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: count alarms: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AlarmCount])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: count alarms: %w", err)
	}
	return out, nil
}

// ErrNoAlarm is the answer to the id of an alarm that does not exist.
var ErrNoAlarm = errors.New("replenishdb: no such alarm")

const sqlLockAlarm = `select ` + sqlAlarmColumns + `, '', '', '', '', '', '', '', '', '', '', '', 0::bigint from replenish.alarm a where a.id = $1 for update`

// LockAlarm gives an alarm and keeps others from changing it. ErrNoAlarm.
func LockAlarm(ctx context.Context, tx pgx.Tx, id int64) (replenishment.Alarm, error) {
	rows, err := tx.Query(ctx, sqlLockAlarm, id)
	if err != nil {
		return replenishment.Alarm{}, fmt.Errorf("replenishdb: alarm %d: %w", id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[alarmRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return replenishment.Alarm{}, fmt.Errorf("replenishdb: alarm %d: %w", id, ErrNoAlarm)
	}
	if err != nil {
		return replenishment.Alarm{}, fmt.Errorf("replenishdb: alarm %d: %w", id, err)
	}
	return r.line().Alarm, nil
}

const sqlSaveAlarm = `update replenish.alarm set state = $2, owner_id = $3, taken_at = $4, closed_at = $5, closed_by = $6, note = $7 where id = $1`

// SaveAlarm stores what became of an alarm.
func SaveAlarm(ctx context.Context, tx pgx.Tx, a replenishment.Alarm) error {
	if _, err := tx.Exec(ctx, sqlSaveAlarm, a.ID, string(a.State), a.Owner, a.Taken, a.Closed, a.By, a.Note); err != nil {
		return fmt.Errorf("replenishdb: alarm %d: %w", a.ID, err)
	}
	return nil
}
