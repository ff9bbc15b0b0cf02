package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"milkrun/forecasting"
)

// ForecastCmd runs the forecast and measures the engine.
type ForecastCmd struct {
	Run  ForecastRunCmd  `cmd:"" default:"withargs" help:"Run the forecast and the plan and wait for them."`
	Eval ForecastEvalCmd `cmd:"" help:"Measure the engine on sets of series whose outcome is known."`
	Heat ForecastHeatCmd `cmd:"" help:"Find the lead of heat over demand, recover the demand of sold-out days and forecast."`
}

// ForecastRunCmd runs the forecast and the plan.
type ForecastRunCmd struct {
	Horizon int `help:"Days to forecast; 0 means thirteen weeks." default:"0"`
}

// Run starts a forecast run, works on it together with any other process, and waits until it and its plan are done.
func (c *ForecastRunCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	defer h.stopJobs()
	began := time.Now()
	run, err := h.Forecasts.StartRun(h.asSystem(ctx), forecasting.Manual, h.today(), c.Horizon)
	var running *forecasting.RunningError
	if errors.As(err, &running) {
		run.ID = running.Run
	} else if err != nil {
		return err
	}
	run, err = h.awaitForecast(ctx, run.ID)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("Forecast run %d: %d series in %.1f s, %.0f series/s, %d could not be forecast.\n", run.ID, run.Series, took.Seconds(),
		float64(run.Series)/took.Seconds(), run.Problems)
	return h.awaitPlan(ctx)
}

// progressTo is where progress bars are drawn: a terminal, else nowhere.
func progressTo() io.Writer {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		return os.Stderr
	}
	return io.Discard
}

func (h *house) awaitForecast(ctx context.Context, id int64) (forecasting.Run, error) {
	bar := progressbar.NewOptions(0, progressbar.OptionSetDescription("forecast"), progressbar.OptionSetWriter(progressTo()), progressbar.OptionShowCount())
	defer func() { _ = bar.Finish() }()
	for {
		d, err := h.Forecasts.Run(h.asSystem(ctx), id)
		if err != nil {
			return d.Run, err
		}
		if d.Series > 0 {
			bar.ChangeMax(d.Series)
			_ = bar.Set(d.SeriesDone)
		}
		switch d.State {
		case forecasting.RunPublished:
			return d.Run, nil
		case forecasting.RunFailed:
			return d.Run, fmt.Errorf("forecast run %d failed: %s", id, d.Error)
		}
		select {
		case <-ctx.Done():
			return d.Run, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// awaitPlan waits for the plan that follows a published forecast.
func (h *house) awaitPlan(ctx context.Context) error {
	for {
		runs, err := h.Plan.Runs(h.asSystem(ctx), 1)
		if err != nil {
			return err
		}
		if len(runs) > 0 && runs[0].State != "running" {
			r := runs[0]
			if r.State == "failed" {
				return fmt.Errorf("plan run %d failed: %s", r.ID, r.Error)
			}
			took := r.FinishedAt.Sub(r.StartedAt)
			fmt.Printf("Plan run %d: %d SKUs in %.1f s, %d suggestions.\n", r.ID, r.SKUs, took.Seconds(), r.Suggestions)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
