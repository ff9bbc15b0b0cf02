package forecastdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// topicRow is a topic of the catalog as the queries below select it.
type topicRow struct {
	ID             catalog.TopicID
	Code           string
	NameZH, NameEN string
	Kind           catalog.TopicKind
}

func (r topicRow) topic() catalog.Topic {
	return catalog.Topic{ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Kind: r.Kind}
}

const sqlTopics = `select id, code, name_zh, name_en, kind from catalog.topic order by id`

// Topics gives every topic of the catalog.
func Topics(ctx context.Context, q pgdb.Querier) ([]catalog.Topic, error) {
	rows, err := q.Query(ctx, sqlTopics)
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (catalog.Topic, error) {
		r, err := pgx.RowToStructByName[topicRow](row)
		return r.topic(), err
	})
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	return list, nil
}

const sqlWeightsColumns = `select topic_id as topic, sku_id as sku, weight::float8 as weight from catalog.topic_sku `

const (
	sqlWeights        = sqlWeightsColumns + `where sku_id between $1 and $2 order by 2, 1`
	sqlWeightsOf      = sqlWeightsColumns + `where sku_id = any($1) order by 2, 1`
	sqlWeightsOfTopic = sqlWeightsColumns + `where topic_id = $1 order by 2`
)

// Weights gives what topics mean for the SKUs of the span, in the order of SKU and topic.
func Weights(ctx context.Context, q pgdb.Querier, span Span) ([]catalog.TopicSKU, error) {
	rows, err := span.query(ctx, q, sqlWeights, sqlWeightsOf)
	return collectWeights(rows, err)
}

// TopicSKUs gives what a topic means for its SKUs, in their order.
func TopicSKUs(ctx context.Context, q pgdb.Querier, topic catalog.TopicID) ([]catalog.TopicSKU, error) {
	rows, err := q.Query(ctx, sqlWeightsOfTopic, topic)
	return collectWeights(rows, err)
}

func collectWeights(rows pgx.Rows, err error) ([]catalog.TopicSKU, error) {
	if err != nil {
		return nil, fmt.Errorf("weights of topics: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[catalog.TopicSKU])
	if err != nil {
		return nil, fmt.Errorf("weights of topics: %w", err)
	}
	return list, nil
}

const sqlEffectPut = `insert into forecast.topic_effect (run_id, topic_id, source, gate, learnt, effect) values ($1, $2, $3, $4, $5, $6)
	on conflict (run_id, topic_id) do update set source = excluded.source, gate = excluded.gate, learnt = excluded.learnt, effect = excluded.effect`

// SaveEffect stores what a topic does to demand, as the run has found it from what was known on a day.
func SaveEffect(ctx context.Context, q pgdb.Querier, run int64, e forecasting.TopicEffect, learnt calendar.Day) error {
	if _, err := q.Exec(ctx, sqlEffectPut, run, e.Topic, e.Source, e.Gate, learnt, e); err != nil {
		return fmt.Errorf("effect of topic %d: %w", e.Topic, err)
	}
	return nil
}

const sqlEffectsKeep = `insert into forecast.topic_effect (run_id, topic_id, source, gate, learnt, effect)
	select $1, e.topic_id, e.source, e.gate, e.learnt, e.effect from forecast.topic_effect e join forecast.current c using (run_id)
	join catalog.topic t on t.id = e.topic_id
	where t.kind = 'demand' and e.learnt > $2::date - 7 and e.learnt <= $2 and (e.topic_id + ($2::date - date '2000-01-01')) % 7 <> 0
	on conflict do nothing`

// KeepEffects lets a run take over the effects that the run in force has, as far as they are younger than a week and it is
// not the day of the week on which the topic is looked at: nightly runs learn a seventh of the topics anew.
func KeepEffects(ctx context.Context, q pgdb.Querier, run int64, origin calendar.Day) error {
	if _, err := q.Exec(ctx, sqlEffectsKeep, run, origin); err != nil {
		return fmt.Errorf("keep the effects of topics: %w", err)
	}
	return nil
}

const sqlEffects = `select effect from forecast.topic_effect where run_id = $1 order by topic_id`

// Effects gives what topics do to demand as the run has found it, by topic.
func Effects(ctx context.Context, q pgdb.Querier, run int64) (map[catalog.TopicID]forecasting.TopicEffect, error) {
	rows, err := q.Query(ctx, sqlEffects, run)
	if err != nil {
		return nil, fmt.Errorf("effects of topics: %w", err)
	}
	m := map[catalog.TopicID]forecasting.TopicEffect{}
	var text []byte
	_, err = pgx.ForEachRow(rows, []any{&text}, func() error {
		var e forecasting.TopicEffect
		err := json.Unmarshal(text, &e)
		m[e.Topic] = e
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("effects of topics: %w", err)
	}
	return m, nil
}

const sqlLargest = `select r.sku_id as sku, r.site_id as site from forecast.series r
	join catalog.topic_sku t using (sku_id)
	left join lateral (select sum(pieces) as pieces from forecast.sale s
		where s.sku_id = r.sku_id and s.site_id = r.site_id and s.day >= $2::date - 180 and s.day < $2) s on true
	where t.topic_id = $1 and r.first_day < $2
	order by s.pieces * t.weight desc nulls last, 1, 2 limit $3`

// Largest gives the series of a topic that sold most in the half year before the day, weighted by how much the topic
// concerns them, the largest first.
func Largest(ctx context.Context, q pgdb.Querier, topic catalog.TopicID, day calendar.Day, limit int) ([]forecasting.Key, error) {
	rows, err := q.Query(ctx, sqlLargest, topic, day, limit)
	if err != nil {
		return nil, fmt.Errorf("largest series of topic %d: %w", topic, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.Key])
	if err != nil {
		return nil, fmt.Errorf("largest series of topic %d: %w", topic, err)
	}
	return list, nil
}

const sqlStandingPut = `insert into forecast.topic_stat
	(topic_id, source, day, value, usual, ratio, sales_effect, effect_day, proven, spark, updated_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	on conflict (topic_id) do update set source = excluded.source, day = excluded.day, value = excluded.value, usual = excluded.usual,
		ratio = excluded.ratio, sales_effect = excluded.sales_effect, effect_day = excluded.effect_day, proven = excluded.proven,
		spark = excluded.spark, updated_at = excluded.updated_at`

// SaveStanding stores where a topic stands; the fields that the catalog and the spikes hold are not looked at.
func SaveStanding(ctx context.Context, q pgdb.Querier, s forecasting.TopicStanding, now time.Time) error {
	_, err := q.Exec(ctx, sqlStandingPut, s.ID, s.Source, s.Day, float32(s.Value), float32(s.Usual), float32(s.Ratio),
		float32(s.SalesEffect), s.EffectDay, s.Proven, s.Spark, now)
	if err != nil {
		return fmt.Errorf("standing of topic %d: %w", s.ID, err)
	}
	return nil
}

// standingRow is a topic's standing as the query below selects it.
type standingRow struct {
	topicRow
	Source      string
	Day         calendar.Day
	Value       float64
	Usual       float64
	Ratio       float64
	SalesEffect float64
	EffectDay   *calendar.Day
	Proven      bool
	SKUs        int
	Spark       []float32
	Spike       int64
}

const sqlStandings = `select t.id, t.code, t.name_zh, t.name_en, t.kind, s.source, s.day, s.value::float8 as value, s.usual::float8 as usual,
	s.ratio::float8 as ratio, s.sales_effect::float8 as sales_effect, s.effect_day, s.proven, s.spark,
	(select count(*)::int from catalog.topic_sku k where k.topic_id = t.id) as skus, coalesce(p.id, 0) as spike
	from forecast.topic_stat s join catalog.topic t on t.id = s.topic_id
	left join forecast.spike p on p.topic_id = t.id and p.state = 'open'
	order by s.ratio desc, t.id`

// Standings gives where every topic with heat stands, the one furthest above its usual first.
func Standings(ctx context.Context, q pgdb.Querier) ([]forecasting.TopicStanding, error) {
	rows, err := q.Query(ctx, sqlStandings)
	if err != nil {
		return nil, fmt.Errorf("standings of topics: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (forecasting.TopicStanding, error) {
		r, err := pgx.RowToStructByName[standingRow](row)
		return forecasting.TopicStanding{
			Topic: r.topic(), Source: r.Source, Day: r.Day, Value: r.Value, Usual: r.Usual, Ratio: r.Ratio, SalesEffect: r.SalesEffect,
			EffectDay: r.EffectDay, Proven: r.Proven, SKUs: r.SKUs, Spark: r.Spark, Spike: r.Spike,
		}, err
	})
	if err != nil {
		return nil, fmt.Errorf("standings of topics: %w", err)
	}
	return list, nil
}

// HeatDay is the heat of a day.
type HeatDay struct {
	Day   calendar.Day
	Value float64
}

const sqlHeatDays = `select h.day, sum(h.value) as value from forecast.heat h
	join forecast.topic_stat s on s.topic_id = h.topic_id and s.source = h.source
	join catalog.topic t on t.id = h.topic_id
	where h.day >= $1 and h.day < $2 and t.kind = 'demand'
		and ($3::int[] is null or exists (select from catalog.topic_sku k join catalog.sku u on u.id = k.sku_id
			where k.topic_id = h.topic_id and u.category_id = any($3)))
	group by 1 order by 1`

// HeatDays gives the sum of the heat of the demand topics, each at the source that is watched, of those with SKUs in the
// categories (nil for all), by day.
func HeatDays(ctx context.Context, q pgdb.Querier, from, to calendar.Day, categories []catalog.CategoryID) ([]HeatDay, error) {
	rows, err := q.Query(ctx, sqlHeatDays, from, to, categories)
	if err != nil {
		return nil, fmt.Errorf("heat by day: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[HeatDay])
	if err != nil {
		return nil, fmt.Errorf("heat by day: %w", err)
	}
	return list, nil
}
