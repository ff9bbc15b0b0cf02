package forecastops

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/heatmix"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// HeatArgs asks for a look at the topics whose heat has changed, or at All of them.
type HeatArgs struct {
	All bool `json:"all,omitempty"`
}

// Kind names the job.
func (HeatArgs) Kind() string { return "forecast.heat" }

// InsertOpts puts the job before the usual ones: somebody may be waiting for the spike to show. It is not unique: a job
// that is running has perhaps read the heat already; one that finds nothing new ends at once.
func (HeatArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Priority: 1, MaxAttempts: 5} }

type heatWorker struct {
	river.WorkerDefaults[HeatArgs]
	ops *Ops
}

// Timeout gives ten minutes.
func (*heatWorker) Timeout(*river.Job[HeatArgs]) time.Duration { return 10 * time.Minute }

func (w *heatWorker) Work(ctx context.Context, job *river.Job[HeatArgs]) error {
	return w.ops.attempt(ctx, job.JobRow, func(ctx context.Context) error { return w.ops.CheckHeat(ctx, job.Args.All) }, nil)
}

// heatWindow is how much heat is read to judge the present: what is usual, and the same season of last year.
const heatWindow = 500

// quietDays is after how many days without a value a spike is taken to be over.
const quietDays = 14

// CheckHeat looks at the topics whose heat has changed since the last look (or at all): it notes where they stand,
// detects spikes, ends and withdraws them, and has the forecasts of the SKUs that a spike concerns refreshed.
func (o *Ops) CheckHeat(ctx context.Context, all bool) error {
	watches, err := forecastdb.DirtyTopics(ctx, o.Pool)
	if err != nil {
		return err
	}
	dirty := make(map[catalog.TopicID]forecastdb.Watch, len(watches))
	for _, w := range watches {
		dirty[w.Topic] = w
	}
	if !all && len(dirty) == 0 {
		return nil
	}
	topics, err := forecastdb.Topics(ctx, o.Pool)
	if err != nil {
		return err
	}
	effects, err := o.currentEffects(ctx)
	if err != nil {
		return err
	}
	for _, t := range topics {
		w, changed := dirty[t.ID]
		if !all && !changed {
			continue
		}
		if err := o.checkTopic(ctx, t, effects); err != nil {
			return err
		}
		if changed {
			if err := forecastdb.SawHeat(ctx, o.Pool, w); err != nil {
				return err
			}
		}
	}
	return events.Tell(ctx, o.Pool, liveHeat, "")
}

// currentEffects gives the effects found by the run in force, none before the first.
func (o *Ops) currentEffects(ctx context.Context) (map[catalog.TopicID]forecasting.TopicEffect, error) {
	run, err := forecastdb.CurrentRun(ctx, o.Pool)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return forecastdb.Effects(ctx, o.Pool, run.ID)
}

// checkTopic looks at one topic.
func (o *Ops) checkTopic(ctx context.Context, t catalog.Topic, effects map[catalog.TopicID]forecasting.TopicEffect) error {
	today := o.today()
	list, err := forecastdb.HeatSeries(ctx, o.Pool, []catalog.TopicID{t.ID}, today.AddDays(-heatWindow), today.AddDays(1))
	if err != nil || len(list) == 0 {
		return err
	}
	var effect *forecasting.TopicEffect
	if e, ok := effects[t.ID]; ok && t.Kind == catalog.DemandTopic {
		effect = &e
	}
	if t.Kind == catalog.DemandTopic {
		list = mixed(list, effect)
	}
	heat, spike, hot := watched(list, effect)
	stale := today.Sub(heat.End()) > quietDays
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := forecastdb.SaveStanding(ctx, tx, standing(t, heat, spike, hot, effect, today), o.Clock()); err != nil {
			return err
		}
		open, was, err := forecastdb.LockOpenSpike(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		switch {
		case hot && !spike.Ended && !stale:
			return o.raise(ctx, tx, t, open, spike, effect)
		case was:
			return o.lower(ctx, tx, open, list, spike, hot)
		}
		return nil
	})
}

// mixed gives the heat of a demand topic over all its sources, led by the one of the effect. A leap that one source alone shows is so
// no leap of the topic. Complaints are watched source by source: one is enough.
func mixed(list []forecasting.HeatSeries, effect *forecasting.TopicEffect) []forecasting.HeatSeries {
	lead := ""
	if effect != nil {
		lead = effect.Source
	}
	m := heatmix.Of(list, lead)
	if len(m.Heat.Value) == 0 {
		return list
	}
	return []forecasting.HeatSeries{m.Heat}
}

// watched gives the heat series of a topic to watch, with its spike if there is one: that of the source that leads
// demand where one is proven to, else the one with the highest spike, else the one with the newest and longest history.
func watched(list []forecasting.HeatSeries, effect *forecasting.TopicEffect) (heat forecasting.HeatSeries, spike forecasting.Spike, hot bool) {
	if effect != nil && effect.Gate {
		for _, h := range list {
			if h.Source == effect.Source {
				spike, hot = models.DetectSpike(h, h.End().AddDays(-1))
				return h, spike, hot
			}
		}
	}
	for i, h := range list {
		s, ok := models.DetectSpike(h, h.End().AddDays(-1))
		better := h.End() > heat.End() || h.End() == heat.End() && len(h.Value) > len(heat.Value)
		if i == 0 || ok && (!hot || s.Score > spike.Score) || !ok && !hot && better {
			heat, spike, hot = h, s, ok
		}
	}
	return heat, spike, hot
}

// standing gives where a topic stands on the last day of its heat.
func standing(t catalog.Topic, h forecasting.HeatSeries, spike forecasting.Spike, hot bool, effect *forecasting.TopicEffect, today calendar.Day) forecasting.TopicStanding {
	n := len(h.Value)
	s := forecasting.TopicStanding{
		Topic: t, Source: h.Source, Day: h.End().AddDays(-1), Value: h.Value[n-1], SalesEffect: 1, Spark: spark(h),
	}
	if hot {
		s.Usual, s.Ratio = spike.Usual, spike.Ratio
	} else if s.Usual = usual(h); s.Usual > 0 {
		s.Ratio = s.Value / s.Usual
	}
	if effect == nil || !effect.Gate || effect.Source != h.Source {
		return s
	}
	s.Proven = true
	// Every value that is known counts, also one newer than a nightly run would have had.
	const ahead = 28
	from := max(h.End().AddDays(forecasting.HeatDelay-1), today)
	for i, m := range models.Multiplier(*effect, heatmix.Mix{Heat: h}.At(effect.Usual), from, ahead) {
		if !effect.OpenAt(i) {
			continue
		}
		if s.EffectDay == nil || math.Abs(math.Log(m)) > math.Abs(math.Log(s.SalesEffect)) {
			day := from.AddDays(i)
			s.SalesEffect, s.EffectDay = m, &day
		}
	}
	return s
}

// usual gives the median heat of the twelve weeks before the last one, as the spike detector takes it before it looks
// at weekdays.
func usual(h forecasting.HeatSeries) float64 {
	var known []float64
	n := len(h.Value)
	for i := max(0, n-91); i < n-7; i++ {
		if v := h.Value[i]; !math.IsNaN(v) {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		return 0
	}
	slices.Sort(known)
	return known[len(known)/2]
}

// spark gives the heat of the last days; a day that was not delivered carries the one before on.
func spark(h forecasting.HeatSeries) []float32 {
	n := len(h.Value)
	out := make([]float32, 0, forecasting.SparkDays)
	last := 0.0
	for i := max(0, n-forecasting.SparkDays); i < n; i++ {
		if v := h.Value[i]; !math.IsNaN(v) {
			last = v
		}
		out = append(out, float32(last))
	}
	return out
}

// raise opens a spike or carries it on. One that moves demand has its SKUs refreshed, whose job publishes it; one of a
// complaint topic is published at once.
func (o *Ops) raise(ctx context.Context, tx pgx.Tx, t catalog.Topic, r forecasting.SpikeRecord, s forecasting.Spike, effect *forecasting.TopicEffect) error {
	proven := effect != nil && effect.Gate
	if r.Spike != s || r.Proven != proven {
		r.Run = 0 // what it adds is to be worked out anew
	}
	r.Topic, r.Spike, r.Effect, r.Proven = t, s, effect, proven
	if r.ID != 0 {
		full, err := forecastdb.Spike(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		r.SKUs = full.SKUs
	}
	id, err := forecastdb.SaveSpike(ctx, tx, r, o.Clock())
	if err != nil {
		return err
	}
	switch {
	case t.Kind == catalog.ComplaintTopic:
		return o.alert(ctx, tx, id, t, s)
	case r.Proven:
		run, err := forecastdb.CurrentRun(ctx, tx)
		if err != nil || run.ID == r.Run {
			return err // a proven effect was found by a run, so there is one
		}
		return o.Bus.Enqueue(ctx, tx, events.Job(RefreshArgs{Topic: t.ID, Spike: id}))
	}
	return nil
}

// alert publishes a spike of complaints, once.
func (o *Ops) alert(ctx context.Context, tx pgx.Tx, id int64, t catalog.Topic, s forecasting.Spike) error {
	first, err := forecastdb.PublishSpike(ctx, tx, id, o.Clock())
	if err != nil || !first {
		return err
	}
	weights, err := forecastdb.TopicSKUs(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	fact := forecasting.ComplaintSpiked{SpikeID: id, Topic: t.ID, Source: s.Source, Day: s.Day, Spike: s}
	for _, w := range weights {
		fact.SKUs = append(fact.SKUs, w.SKU)
	}
	return o.Bus.Publish(ctx, tx, fact)
}

// lower closes a spike that is over: withdrawn when a corrected value undoes it, ended when the heat has gone. Forecasts
// that it had moved are refreshed.
func (o *Ops) lower(ctx context.Context, tx pgx.Tx, r forecasting.SpikeRecord, list []forecasting.HeatSeries, now forecasting.Spike, hot bool) error {
	state, last := forecasting.SpikeEnded, r.Spike
	last.Ended = true
	if hot {
		last = now
	}
	if !hot && !standsUp(r, list) {
		state = forecasting.SpikeWithdrawn
	}
	if err := forecastdb.CloseSpike(ctx, tx, r.ID, state, last, o.Clock()); err != nil {
		return err
	}
	if r.PublishedAt == nil || r.Topic.Kind != catalog.DemandTopic {
		return nil
	}
	return o.Bus.Enqueue(ctx, tx, events.Job(RefreshArgs{Topic: r.Topic.ID}))
}

// standsUp tells whether the heat as it is known now still shows the spike on the day that it was last seen.
func standsUp(r forecasting.SpikeRecord, list []forecasting.HeatSeries) bool {
	for _, h := range list {
		if h.Source == r.Spike.Source {
			s, ok := models.DetectSpike(h.Before(r.Spike.Day.AddDays(1)), r.Spike.Day)
			return ok && !s.Ended
		}
	}
	return false
}
