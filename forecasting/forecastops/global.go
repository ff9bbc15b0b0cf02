package forecastops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Panel says how much the global model of a run may learn from. The zero Panel is usual.
type Panel struct {
	Most  int           // series of the sample; 0 = 600, negative = no global model
	Least int           // fewer series than this teach nothing; 0 = 150
	Rows  int           // of the training table; 0 = 60,000, in a small house 4 for each series that is forecast
	Trees int           // of each part; 0 = 140, in a small house 90
	Time  time.Duration // after which the training is given up and the run goes on without; 0 = 10 minutes
}

const (
	leastRows  = 15_000 // that trees are grown on
	smallHouse = 10_000 // series
)

// filled gives the bounds for a run of so many series.
func (p Panel) filled(series int) Panel {
	set := func(v *int, usual int) {
		if *v == 0 {
			*v = usual
		}
	}
	set(&p.Most, 600)
	set(&p.Least, 150)
	set(&p.Rows, min(60_000, max(leastRows, 4*series)))
	if series < smallHouse {
		set(&p.Trees, 90)
	}
	set(&p.Trees, 140)
	if p.Time == 0 {
		p.Time = 10 * time.Minute
	}
	return p
}

// panelShare is the share of the series that the sample may be, so that learning stays small beside forecasting.
const panelShare = 40

// trainGlobal learns over a sample of all series what they have in common, and stores it with the run: also that there was
// nothing to learn, or no time. It is done once for a run.
func (o *Ops) trainGlobal(ctx context.Context, run forecasting.Run) error {
	if _, done, err := forecastdb.GlobalModel(ctx, o.Pool, run.ID); err != nil || done {
		return err
	}
	began := time.Now()
	note := forecasting.GlobalNote{}
	stop := o.beating(ctx, run.ID)
	prior, g, err := o.learnPanel(ctx, run)
	stop()
	if err != nil {
		return err
	}
	var bytes []byte
	if g != nil {
		g.Spare(forecasting.ClassNew, forecasting.ClassDead)
		note.Series, note.Lessons = g.Series, lessons(g)
		if bytes, err = g.MarshalBinary(); err != nil {
			return err
		}
	}
	note.Seconds = time.Since(began).Seconds()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if prior != nil {
			text, err := json.Marshal(prior)
			if err != nil {
				return fmt.Errorf("prior of the house: %w", err)
			}
			if err := forecastdb.SavePrior(ctx, tx, run.ID, 0, text); err != nil {
				return err
			}
		}
		return forecastdb.SaveGlobal(ctx, tx, run.ID, note, bytes)
	})
}

// learnPanel gives the prior of the house and its global model; nil where there is too little to learn from or no time left.
func (o *Ops) learnPanel(ctx context.Context, run forecasting.Run) (prior *models.Prior, g *models.Global, err error) {
	p := o.Panel.filled(run.Series)
	if p.Most < 0 {
		return nil, nil, nil
	}
	keys, err := forecastdb.Panel(ctx, o.Pool, run.Origin, min(p.Most, max(p.Least, run.Series/panelShare)))
	if err != nil || len(keys) < p.Least {
		return nil, nil, err
	}
	f, err := o.newForecaster(ctx, o.Pool, run.ID, spanOfKeys(keys, run))
	if err != nil {
		return nil, nil, err
	}
	series, err := o.seriesOf(ctx, keys, f.span, f.known)
	if err != nil {
		return nil, nil, err
	}
	members := make([]models.Member, len(series))
	group, heat := make([]forecasting.Series, len(series)), make([][]forecasting.HeatDriver, len(series))
	for i, s := range series {
		members[i] = f.member(s, 0)
		group[i], heat[i] = members[i].Series, members[i].Heat
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("global model: broke off: %v", p)
		}
	}()
	prior = o.Engine.Pool(group, heat)
	limited, cancel := context.WithTimeout(ctx, p.Time)
	defer cancel()
	g, err = o.Engine.WithPrior(withCohort(prior)).TrainGlobal(limited, members, models.GlobalOptions{MaxRows: p.Rows, Trees: p.Trees, Seed: 1})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		o.Log.WarnContext(ctx, "no time for the global model, the run goes on without", "run", run.ID, "after", p.Time)
		return prior, nil, nil
	}
	return prior, g, err
}

// lessons gives what is shown of the model, the classes in their usual order.
func lessons(g *models.Global) []forecasting.GlobalLesson {
	var list []forecasting.GlobalLesson
	for class, l := range g.Classes {
		if l.Points > 0 {
			list = append(list, forecasting.GlobalLesson{Class: class, Days: l.Points, Alone: l.Local, With: l.Mixed, Share: l.Share, Bias: l.Bias})
		}
	}
	slices.SortFunc(list, func(a, b forecasting.GlobalLesson) int {
		return slices.Index(classOrder, a.Class) - slices.Index(classOrder, b.Class)
	})
	return list
}

// classOrder is the order in which classes are shown.
var classOrder = []forecasting.Class{
	forecasting.ClassSmooth, forecasting.ClassErratic, forecasting.ClassIntermittent, forecasting.ClassLumpy, forecasting.ClassNew, forecasting.ClassDead, "",
}

// beating notes now and then that the run is being worked on, until the function it gives is called.
func (o *Ops) beating(ctx context.Context, run int64) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				// A beat that fails is made up for by the next one.
				_ = forecastdb.BeatRun(ctx, o.Pool, run, o.Clock())
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}

// globals keeps the model of the run that was asked for last: a shard is forecast in seconds, reading the trees takes a tenth of one.
type globals struct {
	mu    sync.Mutex
	run   int64
	model *models.Global
}

// global gives the global model of a run, nil where it has none.
func (o *Ops) global(ctx context.Context, q pgdb.Querier, run int64) (*models.Global, error) {
	o.globals.mu.Lock()
	defer o.globals.mu.Unlock()
	if o.globals.run == run && run != 0 {
		return o.globals.model, nil
	}
	bytes, done, err := forecastdb.GlobalModel(ctx, q, run)
	if err != nil || !done {
		return nil, err
	}
	var g *models.Global
	if len(bytes) > 0 {
		g = &models.Global{}
		if err := g.UnmarshalBinary(bytes); err != nil {
			// A run of an earlier version of the program: its trees were grown on other features.
			o.Log.WarnContext(ctx, "the global model of the run cannot be read, its SKUs are forecast without", "run", run, "error", err)
			g = nil
		}
	}
	o.globals.run, o.globals.model = run, g
	return g, nil
}

// groupOf names the category of a SKU and the place of a site for the global model.
func groupOf(c catalog.CategoryID) []string { return []string{strconv.Itoa(int(c))} }
func placeOf(s catalog.SiteID) string       { return strconv.Itoa(int(s)) }
