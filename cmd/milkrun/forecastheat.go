package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"milkrun/forecasting/backtest"
	"milkrun/forecasting/models"
)

// ForecastHeatCmd finds in a set of daily sales by how many days heat leads demand, recovers the demand of sold-out days and
// forecasts.
type ForecastHeatCmd struct {
	Dir         string `arg:"" type:"existingdir" help:"Folder with train.csv, test.csv, calendar.csv and heat.csv, plain or .gz."`
	OutForecast string `required:"" type:"path" placeholder:"FILE" help:"Write series_id,origin,t,mean,q0.9 to this file."`
	OutLags     string `required:"" type:"path" placeholder:"FILE" help:"Write the lag of each topic and whether it leads demand to this file, as JSON."`
	OutDemand   string `required:"" type:"path" placeholder:"FILE" help:"Write series_id,t,demand of the training days to this file."`
	NoHeat      bool   `help:"Leave the heat out of demand and forecasts, for comparison."`
}

// topicLag is what is written of a topic.
type topicLag struct {
	Lag    int  `json:"lag"`    // days from heat to demand
	Effect bool `json:"effect"` // heat leads demand and enters forecasts
}

// Run reads the folder and writes the three files.
func (c *ForecastHeatCmd) Run(ctx context.Context, cfg *Config) error {
	d, err := backtest.ReadHeatDataset(os.DirFS(c.Dir))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Dir, err)
	}
	before := cpuSeconds()
	a, err := models.AnswerHeat(ctx, d, !c.NoHeat, cfg.workers())
	if err != nil {
		return err
	}
	fmt.Printf("%d series, %d topics, %d origins: %.1f s of processor time.\n", len(d.Items), len(d.Topics), len(d.Origins), cpuSeconds()-before)
	return errors.Join(c.writeForecasts(d, a), c.writeLags(d, a), c.writeDemand(d, a))
}

func (c *ForecastHeatCmd) writeForecasts(d *backtest.HeatDataset, a *models.HeatAnswer) (err error) {
	w, done, err := createOut(c.OutForecast, "series_id", "origin", "t", "mean", "q0.9")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for i, it := range d.Items {
		for _, o := range d.Origins {
			f := a.Forecasts[o][i].Path()
			for h := range f.Mean {
				_ = w.Write([]string{it.ID, strconv.Itoa(o), strconv.Itoa(o + h), decimal(f.Mean[h]), decimal(f.Q90[h])})
			}
		}
	}
	return nil
}

func (c *ForecastHeatCmd) writeLags(d *backtest.HeatDataset, a *models.HeatAnswer) error {
	lags := map[string]topicLag{}
	for _, topic := range d.Topics {
		e := a.Effects[topic]
		lags[topic] = topicLag{Lag: e.Lag, Effect: e.Gate}
	}
	text, err := json.MarshalIndent(lags, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.OutLags, append(text, '\n'), 0o644)
}

func (c *ForecastHeatCmd) writeDemand(d *backtest.HeatDataset, a *models.HeatAnswer) (err error) {
	w, done, err := createOut(c.OutDemand, "series_id", "t", "demand")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for i, it := range d.Items {
		for k, v := range a.Demand[i] {
			if v == v {
				_ = w.Write([]string{it.ID, strconv.Itoa(it.Start.AddDays(k).Sub(d.Start)), decimal(v)})
			}
		}
	}
	return nil
}
