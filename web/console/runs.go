package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Runs are the nightly and manual runs of forecast and plan: what they came to, how good the forecasts were, and the buttons to
// start and resume them.
type Runs struct {
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
}

// Screens gives the routes of the runs. /runs/forecast and /runs/plan answer the progress bars of the live pages.
func (s Runs) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/runs", access.ViewDemand, s.show),
			route.GET("/runs/forecast", access.Console, s.forecastBar),
			route.GET("/runs/plan", access.Console, s.planBar),
			route.GET("/runs/forecast/{id}", access.ViewDemand, s.one),
			{Method: http.MethodPost, Pattern: "/runs/forecast", Permission: access.RunForecast, Handler: s.startForecast, Heavy: true},
			{Method: http.MethodPost, Pattern: "/runs/forecast/{id}/resume", Permission: access.RunForecast, Handler: s.resume, Heavy: true},
			{Method: http.MethodPost, Pattern: "/runs/plan", Permission: access.RunForecast, Handler: s.startPlan, Heavy: true},
		},
		Errors: []route.Mapper{runRefusal},
	}
}

func runRefusal(err error) *route.Refusal {
	var running *forecasting.RunningError
	switch {
	case errors.As(err, &running):
		return route.Conflict("runserr.running", "Run", strconv.FormatInt(running.Run, 10)).With("runserr.next", "/runs")
	case errors.Is(err, forecasting.ErrNotFailed):
		return route.Conflict("runserr.not_failed").With("runserr.next", "/runs")
	case errors.Is(err, forecasting.ErrSuperseded):
		return route.Conflict("runserr.superseded").With("runserr.next", "/runs")
	case errors.Is(err, forecasting.ErrNoSales):
		return route.Conflict("runserr.no_sales").With("runserr.next_import", "/imports")
	case errors.Is(err, forecasting.ErrNoRun), errors.Is(err, forecasting.ErrNoSpike):
		return route.NotFound()
	case errors.Is(err, forecasting.ErrPlace), errors.Is(err, replenishops.ErrPlace):
		return route.Invalid("runserr.place")
	}
	return nil
}

// runsLength is how many runs each list shows.
const runsLength = 20

// runsPage is what the page of the runs shows.
type runsPage struct {
	Current  *forecasting.Run         // in force
	Accuracy *forecasting.RunAccuracy // the newest that is known
	Measured *forecasting.Run         // the run that Accuracy is of
	Open     *forecasting.Run         // under way
	List     []forecasting.Run        // newest first
	Before   int64                    // for the older ones; 0 at the end
	Plans    []replenishops.Run
}

func (s Runs) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p runsPage
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, err := s.Forecasts.Runs(ctx, max(before, 0), runsLength+1)
	if err != nil {
		return err
	}
	if len(list) > runsLength {
		list = list[:runsLength]
		p.Before = list[runsLength-1].ID
	}
	p.List = list
	if newest, err := s.Forecasts.RunProgress(ctx); err == nil && newest.Open() {
		p.Open = &newest
	} else if err != nil && !errors.Is(err, forecasting.ErrNoRun) {
		return err
	}
	for i := range list {
		if list[i].Current {
			p.Current = &list[i]
		}
		if p.Accuracy == nil && list[i].Accuracy != nil {
			p.Accuracy, p.Measured = list[i].Accuracy, &list[i]
		}
	}
	if p.Plans, err = s.Plan.Runs(ctx, runsLength); err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "runs-lists" {
		return route.Render(w, r, runsLists(p))
	}
	return route.Render(w, r, runsScreen(p))
}

// runDetail is one run with what it could not forecast.
type runDetail struct {
	forecasting.Run
	Problems []runProblem
}

// runProblem is a series that could not be forecast.
type runProblem struct {
	Code, Site, Reason string
	Name               catalog.Name
}

// problemsShown bounds the table of what could not be forecast.
const problemsShown = 50

func (s Runs) one(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	found, err := s.Forecasts.Run(ctx, id)
	if err != nil {
		return err
	}
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return err
	}
	d := runDetail{Run: found.Run}
	for _, f := range found.Failed[:min(len(found.Failed), problemsShown)] {
		site, _ := desk.SiteByID(sites, f.Site)
		x := runProblem{Site: ui.Name(ctx, site.Name), Reason: f.Reason}
		if sku, err := s.Catalog.SKU(ctx, f.SKU); err == nil {
			x.Code, x.Name = sku.Code, sku.Name
		} else if !errors.Is(err, catalog.ErrUnknown) {
			return err
		}
		d.Problems = append(d.Problems, x)
	}
	return route.Render(w, r, runScreen(d))
}

// herePage gives the page that an htmx request came from, as an address of this house.
func herePage(r *http.Request) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return "/runs"
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).RequestURI()
}

func (s Runs) forecastBar(w http.ResponseWriter, r *http.Request) error {
	if !route.Partial(r) {
		return route.See(w, r, "/runs")
	}
	if !desk.Can(r.Context(), access.ViewDemand) {
		return route.Render(w, r, nothingRuns())
	}
	run, err := s.Forecasts.RunProgress(r.Context())
	if errors.Is(err, forecasting.ErrNoRun) {
		return route.Render(w, r, nothingRuns())
	}
	if err != nil {
		return err
	}
	return route.Render(w, r, forecastBar(run, herePage(r)))
}

func (s Runs) planBar(w http.ResponseWriter, r *http.Request) error {
	if !route.Partial(r) {
		return route.See(w, r, "/runs")
	}
	runs, err := s.Plan.Runs(r.Context(), 1)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return route.Render(w, r, nothingRuns())
	}
	return route.Render(w, r, planBar(runs[0]))
}

func (s Runs) startForecast(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Forecasts.StartRun(r.Context(), forecasting.Manual, 0, 0); err != nil {
		return err
	}
	return route.See(w, r, route.Back(r, "/runs"))
}

func (s Runs) resume(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if _, err := s.Forecasts.ResumeRun(r.Context(), id); err != nil {
		return err
	}
	return route.See(w, r, "/runs")
}

func (s Runs) startPlan(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Plan.PlanNow(r.Context()); err != nil {
		return err
	}
	return route.See(w, r, route.Back(r, "/runs"))
}

// forecastProgress is the progress of a run, for the live bar.
func forecastProgress(ctx context.Context, r forecasting.Run) ui.Progress {
	return ui.Progress{ID: "forecast-run", Label: ui.T(ctx, "runs.doing_"+string(r.State)), Done: int64(r.SeriesDone), Total: int64(r.Series),
		Topic: "forecast-run", Source: "/runs/forecast"}
}

// runStatus gives the status word of the kind "job".
func runStatus(s forecasting.RunState) string {
	switch s {
	case forecasting.RunQueued:
		return "queued"
	case forecasting.RunPublished:
		return "done"
	case forecasting.RunFailed:
		return "failed"
	}
	return "running"
}

// demandTabs are the pages of the demand area.
func demandTabs(ctx context.Context, current string) []ui.Link { return desk.DemandTabs(ctx, current) }

// seconds says how long something took.
func seconds(ctx context.Context, s float64) string {
	switch {
	case s < 0.5:
		return ui.T(ctx, "runs.instant")
	case s < 100:
		return ui.T(ctx, "runs.seconds", ui.Count, int(s+0.5))
	}
	return ui.T(ctx, "runs.minutes", ui.Count, int(s/60+0.5))
}
