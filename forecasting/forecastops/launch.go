package forecastops

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// evidenceArgs carries what a vote or a campaign says of the demand for a product.
type evidenceArgs struct {
	Evidence forecasting.Evidence `json:"evidence"`
	Drop     bool                 `json:"drop,omitempty"` // it says nothing any more
}

// Kind names the job.
func (evidenceArgs) Kind() string { return "forecast.evidence" }

func (o *Ops) registerEvidence(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[evidenceArgs]) error {
		if e := j.Args.Evidence; j.Args.Drop {
			return forecastdb.DropEvidence(ctx, o.Pool, e.Kind, e.Ref)
		}
		return forecastdb.SaveEvidence(ctx, o.Pool, j.Args.Evidence)
	}))
}

// subscribeEvidence hears of votes and campaigns: who wants a product before it sells. The next run uses it.
func (o *Ops) subscribeEvidence(b *events.Bus) {
	events.Subscribe(b, func(f c2m.VoteClosed) []river.InsertManyParams {
		return evidenceJob(forecasting.Evidence{
			Kind: forecasting.VoteEvidence, Ref: f.Proposal, SKU: f.SKU, Pieces: quantity.Pieces(f.WouldBuy), At: f.At,
		}, f.SKU == 0 || f.WouldBuy <= 0)
	})
	events.Subscribe(b, func(f c2m.CampaignClosed) []river.InsertManyParams {
		return evidenceJob(forecasting.Evidence{
			Kind: forecasting.CampaignEvidence, Ref: strconv.FormatInt(f.Campaign, 10), SKU: f.SKU, Site: f.ShipTo, Pieces: f.Pieces, At: f.At,
		}, f.SKU == 0 || !f.Won || f.Pieces <= 0)
	})
	events.Subscribe(b, func(f c2m.CampaignCancelled) []river.InsertManyParams {
		return evidenceJob(forecasting.Evidence{Kind: forecasting.CampaignEvidence, Ref: strconv.FormatInt(f.Campaign, 10)}, true)
	})
}

func evidenceJob(e forecasting.Evidence, drop bool) []river.InsertManyParams {
	return []river.InsertManyParams{events.Job(evidenceArgs{Evidence: e, Drop: drop})}
}

// alikeMost is how many launches of a category are looked at for each new SKU.
const alikeMost = 60

// planLaunches works out the expected course of each new SKU at each site that sells its category, at overseas and bonded warehouses only
// if it crosses borders: from the launches of its like,
// from votes and pledges, and where it takes over from another, that it is to be forecast at all.
func (o *Ops) planLaunches(ctx context.Context, run forecasting.Run) error {
	since := run.Origin.AddDays(-forecasting.EvidenceDays).In(shanghai)
	news, err := forecastdb.Newcomers(ctx, o.Pool, run.Origin, since)
	if err != nil {
		return err
	}
	evidence, err := forecastdb.EvidenceOf(ctx, o.Pool, since, nil)
	if err != nil {
		return err
	}
	bySKU := map[catalog.SKUID][]forecasting.Evidence{}
	for _, e := range evidence {
		bySKU[e.SKU] = append(bySKU[e.SKU], e)
	}
	var plans []forecasting.LaunchPlan
	beat := time.Now()
	for part := range chunksBy(news, func(n forecastdb.Newcomer) catalog.CategoryID { return n.Category }) {
		if err := ctx.Err(); err != nil {
			return err
		}
		list, err := o.launchesOf(ctx, run, part, bySKU)
		if err != nil {
			return fmt.Errorf("launches of category %d: %w", part[0].Category, err)
		}
		plans = append(plans, list...)
		if time.Since(beat) > time.Second {
			beat = time.Now()
			if err := forecastdb.BeatRun(ctx, o.Pool, run.ID, o.Clock()); err != nil {
				return err
			}
		}
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := forecastdb.SaveLaunches(ctx, tx, run.ID, plans); err != nil {
			return err
		}
		_, err := forecastdb.PlanShards(ctx, tx, run.ID, forecastdb.PhaseForecast, run.Origin)
		return err
	})
}

// chunksBy cuts a list into stretches of the same key.
func chunksBy[T any, K comparable](list []T, key func(T) K) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for from := 0; from < len(list); {
			to := from
			for to < len(list) && key(list[to]) == key(list[from]) {
				to++
			}
			if !yield(list[from:to]) {
				return
			}
			from = to
		}
	}
}

// launchesOf plans the new SKUs of one category.
func (o *Ops) launchesOf(ctx context.Context, run forecasting.Run, news []forecastdb.Newcomer, evidence map[catalog.SKUID][]forecasting.Evidence) ([]forecasting.LaunchPlan, error) {
	past, err := forecastdb.PastLaunches(ctx, o.Pool, news[0].Category, run.Origin, alikeMost)
	if err != nil {
		return nil, err
	}
	shares, err := forecastdb.SiteShares(ctx, o.Pool, news[0].Category, run.Origin)
	if err != nil {
		return nil, err
	}
	if len(shares) == 0 {
		if shares, err = forecastdb.SiteShares(ctx, o.Pool, 0, run.Origin); err != nil {
			return nil, err
		}
	}
	launches := make([]models.Launch, len(past))
	for i, p := range past {
		launches[i] = models.Launch{Traits: traitsOf(p.Topic, p.StageFrom, p.StageTo, p.PriceFen), Demand: lifeOf(p, run)}
	}
	var out []forecasting.LaunchPlan
	for _, n := range news {
		out = append(out, launchPlans(n, run, launches, past, shares, evidence[n.SKU])...)
	}
	return out, nil
}

func traitsOf(topic catalog.TopicID, from, to int, price int64) models.Traits {
	t := models.Traits{Price: float64(price) / 100}
	if topic != 0 {
		t.Topic = strconv.Itoa(int(topic))
	}
	if to > 0 {
		t.Stage = fmt.Sprintf("%d-%d", from, to)
	}
	return t
}

// lifeOf lays the sales of a past launch on the axis of its days, as far as they have passed.
func lifeOf(p forecastdb.PastLaunch, run forecasting.Run) []float64 {
	days := make([]float64, min(run.Origin.Sub(p.First), forecastdb.LaunchDays))
	for i, d := range p.Days {
		if int(d) < len(days) {
			days[d] = max(float64(p.Pieces[i]), 0)
		}
	}
	return days
}

// launchPlans plans one new SKU at each site that sells its like.
func launchPlans(n forecastdb.Newcomer, run forecasting.Run, launches []models.Launch, past []forecastdb.PastLaunch, shares []forecastdb.SiteShare,
	evidence []forecasting.Evidence,
) []forecasting.LaunchPlan {
	days := forecasting.YoungDays + run.Horizon
	traits := traitsOf(n.Topic, n.StageFrom, n.StageTo, n.PriceFen)
	note := forecasting.LaunchNote{Successor: n.Predecessor}
	curve, alike := models.LaunchCurve(traits, launches, days)
	if alike {
		best := -1.0
		for i, l := range launches {
			if w := models.Likeness(traits, l.Traits); w > .01 {
				note.Alike++
				if w > best {
					best, note.First = w, past[i].SKU
				}
			}
		}
	} else {
		curve = make([]float64, days)
	}
	if n.Predecessor != 0 {
		// It begins where the other leaves off: what that hands over is added when it is forecast.
		clear(curve)
		note.Alike, note.First = 0, 0
	}
	pledged, votes := map[catalog.SiteID]float64{}, 0.0
	for _, e := range evidence {
		if e.Kind == forecasting.VoteEvidence {
			votes += float64(e.Pieces)
		} else {
			pledged[e.Site] += float64(e.Pieces)
		}
	}
	for _, v := range pledged {
		note.Pledged += v
	}
	note.Votes = votes
	if !alike && n.Predecessor == 0 && note.Pledged == 0 && votes == 0 {
		return nil
	}
	start := run.Origin
	switch {
	case n.FirstSale != nil:
		start = *n.FirstSale
	case n.Launched != nil && *n.Launched > run.Origin:
		start = *n.Launched
	}
	// What no supplier ships abroad is not sold from there.
	shares = slices.DeleteFunc(slices.Clone(shares), func(s forecastdb.SiteShare) bool { return s.Abroad && !n.CrossBorder && pledged[s.Site] == 0 })
	total := 0.0
	for _, s := range shares {
		total += float64(s.Pieces)
	}
	var out []forecasting.LaunchPlan
	for _, s := range shares {
		note.Share = float64(s.Pieces) / total
		if note.Share < leastShare && pledged[s.Site] == 0 {
			continue
		}
		part := make([]float64, len(curve))
		for i, v := range curve {
			part[i] = v * note.Share
		}
		part = models.WithPledges(part, pledged[s.Site]+pledged[0]*note.Share, votes*note.Share, 0)
		plan := forecasting.LaunchPlan{Key: forecasting.Key{SKU: n.SKU, Site: s.Site}, Start: start, Curve: make([]float32, len(part)), Note: note}
		for i, v := range part {
			plan.Curve[i] = float32(v)
		}
		out = append(out, plan)
	}
	slices.SortFunc(out, func(a, b forecasting.LaunchPlan) int { return cmp.Compare(a.Site, b.Site) })
	return out
}

// leastShare is the share of a category below which a site is not taken to sell a new SKU of it.
const leastShare = .01
