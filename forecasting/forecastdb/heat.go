package forecastdb

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlHeatStage = `create temp table if not exists heat_stage (ord int, topic_id int, source text, day date, value double precision) on commit drop`

const sqlHeatStageClear = `truncate heat_stage`

// Topics whose heat changed are marked for the spike check.
const sqlHeatMerge = `with fresh as (
		select distinct on (topic_id, source, day) * from heat_stage order by topic_id, source, day, ord desc),
	diff as materialized (
		select n.*, o.topic_id is null as added from fresh n left join forecast.heat o using (topic_id, source, day)
		where o.topic_id is null or o.value <> n.value),
	put as (
		insert into forecast.heat (topic_id, source, day, value) select topic_id, source, day, value from diff
		on conflict (topic_id, source, day) do update set value = excluded.value),
	mark as (
		insert into forecast.heat_watch as w (topic_id) select distinct topic_id from diff order by 1
		on conflict (topic_id) do update set dirty = w.dirty + 1)
	select count(*) filter (where added)::int, count(*) filter (where not added)::int from diff`

// MergeHeat records heat values, set-based and idempotent like MergeSales, and marks the topics whose heat changed
// for the spike check. q must be a transaction.
func MergeHeat(ctx context.Context, q pgdb.Querier, points iter.Seq2[forecasting.HeatPoint, error]) (forecasting.Merged, error) {
	var m forecasting.Merged
	for _, sql := range []string{sqlHeatStage, sqlHeatStageClear} {
		if _, err := q.Exec(ctx, sql); err != nil {
			return m, fmt.Errorf("merge heat: %w", err)
		}
	}
	next, stop := iter.Pull2(points)
	defer stop()
	ord := int32(0)
	source := pgx.CopyFromFunc(func() ([]any, error) {
		p, err, ok := next()
		if !ok || err != nil {
			return nil, err
		}
		ord++
		return []any{ord, int32(p.Topic), p.Source, p.Day.Time(), p.Value}, nil
	})
	n, err := q.CopyFrom(ctx, pgx.Identifier{"heat_stage"}, []string{"ord", "topic_id", "source", "day", "value"}, source)
	if err != nil {
		return m, fmt.Errorf("merge heat: copy: %w", err)
	}
	if err := q.QueryRow(ctx, sqlHeatMerge).Scan(&m.Inserted, &m.Changed); err != nil {
		return m, fmt.Errorf("merge heat: %w", err)
	}
	m.Unchanged = int(n) - m.Inserted - m.Changed
	return m, nil
}

// Watch is a topic whose heat has changed since the spike check looked at it.
type Watch struct {
	Topic catalog.TopicID
	Dirty int64
}

const sqlHeatDirty = `select topic_id as topic, dirty from forecast.heat_watch where dirty > done order by topic_id`

// DirtyTopics gives the topics whose heat the spike check has not seen.
func DirtyTopics(ctx context.Context, q pgdb.Querier) ([]Watch, error) {
	rows, err := q.Query(ctx, sqlHeatDirty)
	if err != nil {
		return nil, fmt.Errorf("topics with new heat: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Watch])
	if err != nil {
		return nil, fmt.Errorf("topics with new heat: %w", err)
	}
	return list, nil
}

const sqlHeatSeen = `update forecast.heat_watch set done = greatest(done, $2) where topic_id = $1`

// SawHeat notes that the spike check has looked at the topic as it was at w.Dirty.
func SawHeat(ctx context.Context, q pgdb.Querier, w Watch) error {
	if _, err := q.Exec(ctx, sqlHeatSeen, w.Topic, w.Dirty); err != nil {
		return fmt.Errorf("note the heat of topic %d as seen: %w", w.Topic, err)
	}
	return nil
}

const sqlHeat = `select topic_id, source, (day - date '1970-01-01')::int4, value from forecast.heat
	where ($1::int[] is null or topic_id = any($1)) and day >= $2 and day < $3 order by topic_id, source, day`

// HeatSeries gives the heat of the topics (nil for all) from a day up to but without another, one series a topic and
// source in that order, from its first value to its last. Days that were not delivered are NaN.
func HeatSeries(ctx context.Context, q pgdb.Querier, topics []catalog.TopicID, from, to calendar.Day) ([]forecasting.HeatSeries, error) {
	rows, err := q.Query(ctx, sqlHeat, topics, from, to)
	if err != nil {
		return nil, fmt.Errorf("heat: %w", err)
	}
	var list []forecasting.HeatSeries
	var topic, day int32
	var source string
	var value float64
	_, err = pgx.ForEachRow(rows, []any{&topic, &source, &day, &value}, func() error {
		n := len(list)
		if n == 0 || list[n-1].Topic != catalog.TopicID(topic) || list[n-1].Source != source {
			list = append(list, forecasting.HeatSeries{Topic: catalog.TopicID(topic), Source: source, Start: calendar.Day(day)})
			n++
		}
		h := &list[n-1]
		for h.End() < calendar.Day(day) {
			h.Value = append(h.Value, math.NaN())
		}
		h.Value = append(h.Value, value)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("heat: %w", err)
	}
	return list, nil
}
