package forecastdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Finding is an alarm as a run has found it.
type Finding struct {
	forecasting.Key
	Kind         forecasting.AlarmKind
	Value, Limit float64
	From         calendar.Day
	Weight       float64
}

const sqlAlarmsPut = `insert into forecast.alarm as a (sku_id, site_id, kind, value, bound, from_day, weight, first_run, last_run, raised_at, updated_at)
	select nullif(f.sku, 0), f.site, f.kind, f.value, f.bound, f.from_day, f.weight, $8, $8, $9, $9
	from unnest($1::int[], $2::int[], $3::text[], $4::real[], $5::real[], $6::date[], $7::real[]) as f(sku, site, kind, value, bound, from_day, weight)
	on conflict (coalesce(sku_id, 0), site_id, kind) where state <> 'over' do update set value = excluded.value, bound = excluded.bound,
		from_day = least(a.from_day, excluded.from_day), weight = excluded.weight, last_run = excluded.last_run, updated_at = excluded.updated_at`

// SaveAlarms raises the findings of a run, or carries those on that stand already.
func SaveAlarms(ctx context.Context, q pgdb.Querier, run int64, list []Finding, now time.Time) error {
	return putAlarms(ctx, q, run, list, now)
}

const sqlAlarmsOver = `update forecast.alarm set state = 'over', over_at = $2, updated_at = $2 where state <> 'over' and last_run < $1`

// EndAlarms ends the alarms that a run, looked through whole, has not found again.
func EndAlarms(ctx context.Context, q pgdb.Querier, run int64, now time.Time) error {
	if _, err := q.Exec(ctx, sqlAlarmsOver, run, now); err != nil {
		return fmt.Errorf("end alarms: %w", err)
	}
	return nil
}

func putAlarms(ctx context.Context, q pgdb.Querier, run int64, list []Finding, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	var skus, sites []int32
	var kinds []string
	var values, bounds, weights []float64
	var days []time.Time
	for _, f := range list {
		skus, sites, kinds = append(skus, int32(f.SKU)), append(sites, int32(f.Site)), append(kinds, string(f.Kind))
		values, bounds, weights = append(values, f.Value), append(bounds, f.Limit), append(weights, f.Weight)
		days = append(days, f.From.Time())
	}
	if _, err := q.Exec(ctx, sqlAlarmsPut, skus, sites, kinds, values, bounds, days, weights, run, now); err != nil {
		return fmt.Errorf("raise alarms: %w", err)
	}
	return nil
}

const sqlAlarmColumns = `select a.id, coalesce(a.sku_id, 0) as sku, a.site_id as site, coalesce(k.code, '') as code, coalesce(k.name_zh, '') as name_zh,
	coalesce(k.name_en, '') as name_en, w.code as site_code, w.name_zh as site_zh, w.name_en as site_en, a.kind, a.state, a.value::float8 as value, a.bound::float8 as bound,
	a.from_day, a.weight::float8 as weight, a.last_run as run, a.raised_at, a.updated_at, a.acked_by, a.acked_note, a.acked_at
	from forecast.alarm a left join catalog.sku k on k.id = a.sku_id join catalog.site w on w.id = a.site_id `

const (
	sqlAlarms   = sqlAlarmColumns + `where a.state = $1 and ($2::text = '' or a.kind = $2) and ($3::int[] is null or a.site_id = any($3)) order by (a.sku_id is null) desc, a.weight desc, a.id desc limit $4`
	sqlAlarm    = sqlAlarmColumns + `where a.id = $1`
	sqlAlarmsOf = sqlAlarmColumns + `where a.sku_id = $1 and a.state <> 'over' order by a.weight desc, a.id`
)

type alarmRow struct {
	ID                                             int64
	SKU                                            catalog.SKUID
	Site                                           catalog.SiteID
	Code, NameZH, NameEN, SiteCode, SiteZH, SiteEN string
	Kind                                           forecasting.AlarmKind
	State                                          forecasting.AlarmState
	Value, Bound                                   float64
	FromDay                                        calendar.Day
	Weight                                         float64
	Run                                            int64
	RaisedAt, UpdatedAt                            time.Time
	AckedBy, AckedNote                             string
	AckedAt                                        *time.Time
}

func alarms(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]forecasting.AlarmRecord, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("alarms: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[alarmRow])
	if err != nil {
		return nil, fmt.Errorf("alarms: %w", err)
	}
	out := make([]forecasting.AlarmRecord, len(list))
	for i, r := range list {
		out[i] = forecasting.AlarmRecord{
			ID: r.ID, Key: forecasting.Key{SKU: r.SKU, Site: r.Site}, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, SiteCode: r.SiteCode,
			SiteName: catalog.Name{ZH: r.SiteZH, EN: r.SiteEN}, Kind: r.Kind, State: r.State, Value: r.Value, Limit: r.Bound, From: r.FromDay, Weight: r.Weight,
			Run: r.Run, RaisedAt: r.RaisedAt, UpdatedAt: r.UpdatedAt, AckedBy: r.AckedBy, AckedNote: r.AckedNote, AckedAt: r.AckedAt,
		}
	}
	return out, nil
}

// Alarms gives the alarms in a state, of a kind (empty for all) and of sites (nil for all), those of whole sites and then those with the
// most at stake first.
func Alarms(ctx context.Context, q pgdb.Querier, state forecasting.AlarmState, kind forecasting.AlarmKind, sites []catalog.SiteID, limit int) ([]forecasting.AlarmRecord, error) {
	return alarms(ctx, q, sqlAlarms, state, kind, sites, limit)
}

// AlarmsOf gives the standing alarms of a SKU.
func AlarmsOf(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) ([]forecasting.AlarmRecord, error) {
	return alarms(ctx, q, sqlAlarmsOf, sku)
}

// Alarm gives an alarm. forecasting.ErrNoAlarm.
func Alarm(ctx context.Context, q pgdb.Querier, id int64) (forecasting.AlarmRecord, error) {
	list, err := alarms(ctx, q, sqlAlarm, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("alarm %d: %w", id, forecasting.ErrNoAlarm)
	}
	if err != nil {
		return forecasting.AlarmRecord{}, err
	}
	return list[0], nil
}

const sqlAlarmAck = `update forecast.alarm set state = 'acknowledged', acked_by = $2, acked_note = $3, acked_at = $4, updated_at = $4 where id = $1 and state <> 'over' returning id`

// AckAlarm notes who has taken care of an alarm. forecasting.ErrNoAlarm when it is over.
func AckAlarm(ctx context.Context, q pgdb.Querier, id int64, by, note string, now time.Time) error {
	err := q.QueryRow(ctx, sqlAlarmAck, id, by, note, now).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("acknowledge alarm %d: %w", id, forecasting.ErrNoAlarm)
	}
	if err != nil {
		return fmt.Errorf("acknowledge alarm %d: %w", id, err)
	}
	return nil
}

const sqlAlarmCounts = `select kind, count(*) filter (where state = 'open')::int as open, count(*) filter (where state = 'acknowledged')::int as acked
	from forecast.alarm where state <> 'over' and ($1::int[] is null or site_id = any($1)) group by 1 order by 1`

// AlarmCounts counts the standing alarms of sites (nil for all) by kind.
func AlarmCounts(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID) ([]forecasting.AlarmCount, error) {
	rows, err := q.Query(ctx, sqlAlarmCounts, sites)
	if err != nil {
		return nil, fmt.Errorf("count alarms: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.AlarmCount])
	if err != nil {
		return nil, fmt.Errorf("count alarms: %w", err)
	}
	return list, nil
}
