package forecastdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// spikeRow is a spike as the queries below select it.
type spikeRow struct {
	ID              int64
	TopicID         catalog.TopicID
	Code            string
	NameZH, NameEN  string
	Kind            catalog.TopicKind
	State           forecasting.SpikeState
	Spike           forecasting.Spike
	Effect          *forecasting.TopicEffect
	Proven          bool
	RunID           int64
	Pieces          float64
	Origin          *calendar.Day
	ByDay           []float32
	FromDay, ToDay  *calendar.Day
	DetectedAt      time.Time
	UpdatedAt       time.Time
	PublishedAt     *time.Time
	EndedAt, SeenAt *time.Time
	SeenBy          string
	SeenNote        string
}

func (r spikeRow) record() forecasting.SpikeRecord {
	return forecasting.SpikeRecord{
		ID: r.ID, Topic: topicRow{r.TopicID, r.Code, r.NameZH, r.NameEN, r.Kind}.topic(), State: r.State, Spike: r.Spike, Effect: r.Effect,
		Proven: r.Proven, Run: r.RunID, Pieces: r.Pieces, Origin: r.Origin, ByDay: r.ByDay, From: r.FromDay, To: r.ToDay, DetectedAt: r.DetectedAt,
		UpdatedAt: r.UpdatedAt, PublishedAt: r.PublishedAt, EndedAt: r.EndedAt, SeenBy: r.SeenBy, SeenNote: r.SeenNote, SeenAt: r.SeenAt,
	}
}

const sqlSpikeColumns = `select s.id, s.topic_id, t.code, t.name_zh, t.name_en, s.kind, s.state, s.spike, s.effect, s.proven,
	s.run_id, s.pieces, s.origin, s.by_day, s.from_day, s.to_day, s.detected_at, s.updated_at, s.published_at, s.ended_at,
	s.seen_at, s.seen_by, s.seen_note
	from forecast.spike s join catalog.topic t on t.id = s.topic_id `

const sqlSpikeOpenLock = sqlSpikeColumns + `where s.topic_id = $1 and s.state = 'open' for update of s`

// LockOpenSpike gives the open spike of the topic and holds it until the end of the transaction. false for none.
func LockOpenSpike(ctx context.Context, q pgdb.Querier, topic catalog.TopicID) (forecasting.SpikeRecord, bool, error) {
	list, err := spikes(ctx, q, sqlSpikeOpenLock, topic)
	if err != nil || len(list) == 0 {
		return forecasting.SpikeRecord{}, false, err
	}
	return list[0], true, nil
}

const sqlSpikesOpen = sqlSpikeColumns + `where s.state = 'open' order by s.kind desc, s.pieces desc, s.ratio desc, s.id`

// OpenSpikes gives the spikes that are open, those of demand topics first, the largest addition first, without their SKUs.
func OpenSpikes(ctx context.Context, q pgdb.Querier) ([]forecasting.SpikeRecord, error) {
	return spikes(ctx, q, sqlSpikesOpen)
}

const sqlSpikesPast = sqlSpikeColumns + `where s.topic_id = $1 order by s.id desc limit $2`

// PastSpikes gives the latest spikes of a topic, the newest first, without their SKUs.
func PastSpikes(ctx context.Context, q pgdb.Querier, topic catalog.TopicID, limit int) ([]forecasting.SpikeRecord, error) {
	return spikes(ctx, q, sqlSpikesPast, topic, limit)
}

const sqlSpike = sqlSpikeColumns + `where s.id = $1`

// Spike gives a spike with its SKUs. forecasting.ErrNoSpike when there is none of that id.
func Spike(ctx context.Context, q pgdb.Querier, id int64) (forecasting.SpikeRecord, error) {
	list, err := spikes(ctx, q, sqlSpike, id)
	if err != nil {
		return forecasting.SpikeRecord{}, err
	}
	if len(list) == 0 {
		return forecasting.SpikeRecord{}, fmt.Errorf("spike %d: %w", id, forecasting.ErrNoSpike)
	}
	s := list[0]
	s.SKUs, err = spikeSKUs(ctx, q, id)
	return s, err
}

const sqlSpikesOfSKU = sqlSpikeColumns + `join forecast.spike_sku k on k.spike_id = s.id where k.sku_id = $1 and s.state = 'open' order by s.id`

// SpikesOfSKU gives the open spikes that add to the demand of a SKU, without their SKUs.
func SpikesOfSKU(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) ([]forecasting.SpikeRecord, error) {
	return spikes(ctx, q, sqlSpikesOfSKU, sku)
}

func spikes(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]forecasting.SpikeRecord, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("spikes: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (forecasting.SpikeRecord, error) {
		r, err := pgx.RowToStructByName[spikeRow](row)
		return r.record(), err
	})
	if err != nil {
		return nil, fmt.Errorf("spikes: %w", err)
	}
	return list, nil
}

const sqlSpikeSKUs = `select p.sku_id, k.code, k.name_zh, k.name_en, p.pieces::float8, p.by_day from forecast.spike_sku p
	join catalog.sku k on k.id = p.sku_id where p.spike_id = $1 order by p.pieces desc, p.sku_id`

func spikeSKUs(ctx context.Context, q pgdb.Querier, id int64) ([]forecasting.SpikeSKU, error) {
	rows, err := q.Query(ctx, sqlSpikeSKUs, id)
	if err != nil {
		return nil, fmt.Errorf("skus of spike %d: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s forecasting.SpikeSKU, err error) {
		return s, row.Scan(&s.SKU, &s.Code, &s.Name.ZH, &s.Name.EN, &s.Pieces, &s.ByDay)
	})
	if err != nil {
		return nil, fmt.Errorf("skus of spike %d: %w", id, err)
	}
	return list, nil
}

const sqlSpikeInsert = `insert into forecast.spike (topic_id, kind, state, source, start_day, day, peak_day, ratio, proven, spike, effect,
	run_id, origin, pieces, by_day, from_day, to_day, detected_at, updated_at)
	values ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17) returning id`

const sqlSpikeUpdate = `update forecast.spike set source = $2, start_day = $3, day = $4, peak_day = $5, ratio = $6, proven = $7, spike = $8,
	effect = $9, run_id = $10, origin = $11, pieces = $12, by_day = $13, from_day = $14, to_day = $15, updated_at = $16 where id = $1`

const sqlSpikeSKUsClear = `delete from forecast.spike_sku where spike_id = $1`

const sqlSpikeSKUsPut = `insert into forecast.spike_sku (spike_id, sku_id, pieces, by_day) values ($1, $2, $3, $4)`

// SaveSpike stores an open spike with its SKUs, a new one when its id is 0, and gives its id. q must be a transaction.
func SaveSpike(ctx context.Context, q pgdb.Querier, r forecasting.SpikeRecord, now time.Time) (int64, error) {
	s := r.Spike
	var effect any
	if r.Effect != nil {
		effect = r.Effect
	}
	days := r.ByDay
	if days == nil {
		days = []float32{}
	}
	id := r.ID
	var err error
	if id == 0 {
		err = q.QueryRow(ctx, sqlSpikeInsert, r.Topic.ID, r.Topic.Kind, s.Source, s.Start, s.Day, s.Peak, float32(s.Ratio), r.Proven, s, effect,
			r.Run, r.Origin, r.Pieces, days, r.From, r.To, now).Scan(&id)
	} else {
		_, err = q.Exec(ctx, sqlSpikeUpdate, id, s.Source, s.Start, s.Day, s.Peak, float32(s.Ratio), r.Proven, s, effect,
			r.Run, r.Origin, r.Pieces, days, r.From, r.To, now)
	}
	if err != nil {
		return 0, fmt.Errorf("save spike of topic %d: %w", r.Topic.ID, err)
	}
	b := &pgx.Batch{}
	b.Queue(sqlSpikeSKUsClear, id)
	for _, k := range r.SKUs {
		b.Queue(sqlSpikeSKUsPut, id, k.SKU, float32(k.Pieces), k.ByDay)
	}
	if err := q.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("save the skus of spike %d: %w", id, err)
	}
	return id, nil
}

const sqlSpikeClose = `update forecast.spike set state = $2, spike = $3, day = $4, ratio = $5, updated_at = $6, ended_at = $6 where id = $1 and state = 'open'`

// CloseSpike ends or withdraws a spike.
func CloseSpike(ctx context.Context, q pgdb.Querier, id int64, state forecasting.SpikeState, s forecasting.Spike, now time.Time) error {
	if _, err := q.Exec(ctx, sqlSpikeClose, id, state, s, s.Day, float32(s.Ratio), now); err != nil {
		return fmt.Errorf("close spike %d: %w", id, err)
	}
	return nil
}

const sqlSpikePublished = `update forecast.spike set published_at = $2 where id = $1 and published_at is null and state = 'open'`

// PublishSpike notes that the fact of the spike is being published. false when it was before, or the spike is over.
func PublishSpike(ctx context.Context, q pgdb.Querier, id int64, now time.Time) (bool, error) {
	tag, err := q.Exec(ctx, sqlSpikePublished, id, now)
	if err != nil {
		return false, fmt.Errorf("publish spike %d: %w", id, err)
	}
	return tag.RowsAffected() == 1, nil
}

const sqlSpikeSeen = `update forecast.spike set seen_by = $2, seen_note = $3, seen_at = $4 where id = $1`

// SeeSpike notes who has taken note of a spike.
func SeeSpike(ctx context.Context, q pgdb.Querier, id int64, by, note string, now time.Time) error {
	if _, err := q.Exec(ctx, sqlSpikeSeen, id, by, note, now); err != nil {
		return fmt.Errorf("take note of spike %d: %w", id, err)
	}
	return nil
}
