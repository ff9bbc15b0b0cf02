// Package forecastops holds the verbs of the demand domain and the jobs behind them: recording sales and heat, forecast
// runs in shards over any number of worker processes, the detection of heat spikes with the re-forecast of the SKUs
// they concern, and what the screens read.
//
// A run goes through the jobs begin (effects of topics, priors, shards) → shard × n → finish (comparison, lists,
// switch-over, forecasting.Published) → score × n (how earlier forecasts came out). Each job looks at the state in the
// database first and can be repeated.
package forecastops

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"milkrun/forecasting/models"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/events"
)

// Queues and the topic of the live screens.
const (
	// QueueHeavy takes the jobs that keep a core busy for long; give it as many workers as the machine has cores.
	QueueHeavy = "heavy"

	liveRun  = "forecast-run"
	liveHeat = "heat"
)

// DefaultHorizon is how many days a run forecasts: thirteen weeks.
const DefaultHorizon = 91

// Deps is what Ops works with. All fields but Engine are needed.
type Deps struct {
	Pool  *pgxpool.Pool
	Bus   *events.Bus
	Clock func() time.Time
	Log   *slog.Logger
	// Engine forecasts; nil means that of daily retail in China.
	Engine *models.Engine
	// Horizon of the runs in days; 0 means DefaultHorizon.
	Horizon int
	// NightlyHour is the hour in Shanghai at which the nightly run starts; 0 means 2.
	NightlyHour int
	// Panel bounds what the global model of a run learns from.
	Panel Panel
	// Outflow reads shipments that are counted as sales; nil where sales are only pushed.
	Outflow Outflow
}

// Ops holds the verbs.
type Ops struct {
	Deps
	globals globals
}

// New gives the verbs.
func New(d Deps) *Ops {
	if d.Engine == nil {
		d.Engine = models.New(models.Options{})
	}
	if d.Horizon == 0 {
		d.Horizon = DefaultHorizon
	}
	if d.NightlyHour == 0 {
		d.NightlyHour = 2
	}
	return &Ops{Deps: d}
}

// Register adds the workers of the domain.
func (o *Ops) Register(w *river.Workers) {
	river.AddWorker(w, &beginWorker{ops: o})
	river.AddWorker(w, &shardWorker{ops: o})
	river.AddWorker(w, &finishWorker{ops: o})
	river.AddWorker(w, &scoreWorker{ops: o})
	river.AddWorker(w, &watchWorker{ops: o})
	river.AddWorker(w, &nightlyWorker{ops: o})
	river.AddWorker(w, &heatWorker{ops: o})
	river.AddWorker(w, &refreshWorker{ops: o})
	o.registerOutflow(w)
	o.registerEvidence(w)
}

// Subscribe subscribes the domain to what was handed over to customers, and to the votes and campaigns that say who wants a product.
func (o *Ops) Subscribe(b *events.Bus) {
	o.subscribeOutflow(b)
	o.subscribeEvidence(b)
}

// shanghai is the zone of the house's business day.
var shanghai = func() *time.Location {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		// The zone has had no summer time since 1991.
		return time.FixedZone("CST", 8*60*60)
	}
	return loc
}()

// today gives the business day of the house.
func (o *Ops) today() calendar.Day { return calendar.Of(o.Clock(), shanghai) }

// todayIn gives the business day in a zone, the house's for one that is not known.
func (o *Ops) todayIn(zone string) calendar.Day {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = shanghai
	}
	return calendar.Of(o.Clock(), loc)
}

// asSystem gives a context in which the house itself acts, for jobs.
func asSystem(ctx context.Context) context.Context {
	return access.WithUser(ctx, access.TheSystem())
}

// requireAny gives the acting user when it holds one of the permissions, else the refusal of the first.
func requireAny(ctx context.Context, permissions ...access.Permission) (access.User, error) {
	u, err := access.Require(ctx, permissions[0])
	for _, p := range permissions[1:] {
		if err == nil {
			break
		}
		if v, e := access.Require(ctx, p); e == nil {
			return v, nil
		}
	}
	return u, err
}
