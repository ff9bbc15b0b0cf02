// Package workbench holds the planner's pages of the forecast: how good it is and where it is not, warnings, changes by hand and births.
package workbench

import (
	"errors"
	"net/http"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog/catalogops"
	"milkrun/web/route"
)

// Pages are the pages of the forecast.
type Pages struct {
	Forecasts *forecastops.Ops
	Catalog   *catalogops.Ops
}

// Screens gives the routes of the pages.
func (s Pages) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/demand/workbench", access.ViewDemand, s.bench),
			route.GET("/demand/warnings", access.ViewDemand, s.warnings),
			route.POST("/demand/warnings/{id}/seen", access.RunForecast, s.seen),
			route.GET("/demand/changes", access.ViewDemand, s.changes),
			route.GET("/demand/changes/new", access.RunForecast, s.newChange),
			route.POST("/demand/changes/new", access.RunForecast, s.makeChange),
			route.POST("/demand/changes/{id}/withdraw", access.RunForecast, s.withdraw),
			route.GET("/demand/cohorts", access.ViewDemand, s.cohorts),
			route.POST("/demand/cohorts/site", access.RunForecast, s.setRegion),
		},
		Errors: []route.Mapper{refusals},
	}
}

// refusals says what the pages refuse in words.
func refusals(err error) *route.Refusal {
	switch {
	case errors.Is(err, forecasting.ErrNoOverride):
		return route.Conflict("workbench.no_change").With("workbench.all_changes", "/demand/changes")
	case errors.Is(err, forecasting.ErrNoAlarm):
		return route.Conflict("workbench.no_warning").With("workbench.all_warnings", "/demand/warnings")
	case errors.Is(err, forecasting.ErrOverride):
		return route.Invalid("workbench.bad_change").Because(err)
	}
	return nil
}

func (s Pages) bench(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Forecasts.Workbench(r.Context())
	if err != nil {
		return err
	}
	return route.Render(w, r, benchScreen(p))
}
