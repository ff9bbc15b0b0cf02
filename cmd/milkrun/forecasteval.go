package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"milkrun/forecasting"
	"milkrun/forecasting/backtest"
	"milkrun/forecasting/models"
)

// ForecastEvalCmd measures the engine on sets of series whose outcome is known.
type ForecastEvalCmd struct {
	Dirs   []string `arg:"" name:"dir" type:"existingdir" help:"Folders with train.csv and test.csv, plain or .gz, or series.csv."`
	JSON   bool     `help:"Print one JSON object a line."`
	Out    string   `help:"Write the forecasts to this file." placeholder:"FILE" type:"path"`
	Period string   `help:"day, week, month or quarter; without it, told from the folder's name or the columns." enum:",day,week,month,quarter" default:""`
	Back   int      `help:"Forecast from so many horizons before the end of the past instead, and score by that past: the test values are not read." default:"0"`
}

// evalRow is what is printed of a set.
type evalRow struct {
	Set        string         `json:"set"`
	Series     int            `json:"series"`
	MASE       figure         `json:"mase"`
	RMSSE      figure         `json:"rmsse"`
	SMAPE      figure         `json:"smape"`
	WAPE       figure         `json:"wape"`
	Bias       figure         `json:"bias"`
	WQL50      figure         `json:"wql50"`
	WQL90      figure         `json:"wql90"`
	WQL95      figure         `json:"wql95"`
	Cov90      figure         `json:"cov90"`
	CPUPer1000 figure         `json:"cpu_s_per_1000"`
	Models     map[string]int `json:"models"`
}

// figure is a number that JSON writes as null where it has no value.
type figure float64

// MarshalJSON implements json.Marshaler.
func (f figure) MarshalJSON() ([]byte, error) {
	if v := float64(f); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(f), 'g', 6, 64), nil
}

func (r *evalRow) set(a forecasting.Accuracy) {
	r.Series = a.Series
	r.MASE, r.RMSSE, r.SMAPE, r.WAPE, r.Bias = figure(a.MASE), figure(a.RMSSE), figure(a.SMAPE), figure(a.WAPE), figure(a.Bias)
	r.WQL50, r.WQL90, r.WQL95, r.Cov90 = figure(a.WQL50), figure(a.WQL90), figure(a.WQL95), figure(a.Cov90)
}

// Run reads each set, forecasts it, then reads what came and prints how far off it was.
func (c *ForecastEvalCmd) Run(ctx context.Context, cfg *Config) (err error) {
	if c.Back < 0 {
		return fmt.Errorf("--back %d: want 0 or more", c.Back)
	}
	heading := []string{"series_id", "t", "mean", "q0.5", "q0.9", "q0.95"}
	for _, dir := range c.Dirs {
		if found, _ := hasSignals(dir); found && len(heading) == 6 {
			heading = append(heading, "ahead") // such a set has several forecasts of a period
		}
	}
	out, closeOut, err := createOut(c.Out, heading...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOut()) }()
	debug.SetGCPercent(400) // a set is small and the machine is ours: time matters more than memory
	if !c.JSON {
		fmt.Printf("%-22s %6s %7s %7s %6s %6s %6s %6s %6s %6s %5s %9s  %s\n",
			"set", "series", "MASE", "RMSSE", "sMAPE", "WAPE%", "bias%", "wQL.5", "wQL.9", "wQL.95", "cov90", "CPUs/1000", "models")
	}
	for _, dir := range c.Dirs {
		rows, err := c.evalDir(ctx, cfg, dir, out)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		for _, r := range rows {
			if err := r.print(os.Stdout, c.JSON); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *ForecastEvalCmd) evalDir(ctx context.Context, cfg *Config, dir string, out *csv.Writer) ([]evalRow, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if found, err := hasSignals(dir); found || err != nil {
		if err != nil {
			return nil, err
		}
		return evalSignals(dir, filepath.Base(absolute), out)
	}
	d, err := backtest.ReadDataset(os.DirFS(dir), filepath.Base(absolute), backtest.Period(c.Period))
	if err != nil {
		return nil, err
	}
	d.HoldBack(c.Back)
	before := cpuSeconds()
	list, err := models.ForecastSet(ctx, d, cfg.workers())
	if err != nil {
		return nil, err
	}
	row := evalRow{Set: d.Name, Models: map[string]int{}, CPUPer1000: figure(1000 * (cpuSeconds() - before) / float64(len(list)))}
	for i, it := range d.Items {
		writePath(out, it, list[i].Path())
		row.Models[list[i].Model]++
	}
	if err := d.ReadActuals(); err != nil {
		return nil, err
	}
	score := forecasting.Scorer{Season: d.Scale}
	for i, it := range d.Items {
		score.Add(it.Past, it.Actual, list[i].Path())
	}
	row.set(score.Accuracy())
	return []evalRow{row}, nil
}

// hasSignals says whether the folder holds series.csv instead of train.csv and test.csv.
func hasSignals(dir string) (bool, error) {
	for _, name := range []string{"series.csv", "series.csv.gz"} {
		_, err := os.Stat(filepath.Join(dir, name))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return false, err
		}
	}
	return false, nil
}

// createOut creates the file and writes its heading; without a name what is written goes nowhere.
func createOut(name string, heading ...string) (*csv.Writer, func() error, error) {
	if name == "" {
		return csv.NewWriter(io.Discard), func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, err
	}
	buffer := bufio.NewWriter(f)
	w := csv.NewWriter(buffer)
	_ = w.Write(heading)
	return w, func() error {
		w.Flush()
		return errors.Join(w.Error(), buffer.Flush(), f.Close())
	}, nil
}

func writePath(w *csv.Writer, it *backtest.Item, p forecasting.Path) {
	for i := range p.Mean {
		_ = w.Write([]string{it.ID, strconv.Itoa(it.First + len(it.Past) + i),
			decimal(p.Mean[i]), decimal(p.Q50[i]), decimal(p.Q90[i]), decimal(p.Q95[i])})
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }

func (r evalRow) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, "%-22s %6d %7.3f %7.3f %6.1f %6.2f %6.2f %6.3f %6.3f %6.3f %5.3f %9.2f  %s\n", r.Set, r.Series,
		r.MASE, r.RMSSE, r.SMAPE, r.WAPE, r.Bias, r.WQL50, r.WQL90, r.WQL95, r.Cov90, r.CPUPer1000, r.shares())
	return err
}

// shares names the models used, the most frequent first.
func (r evalRow) shares() string {
	const most = 4
	var names []string
	total := 0
	for name, n := range r.Models {
		names = append(names, name)
		total += n
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Models[b], r.Models[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(most, len(names))] {
		parts = append(parts, fmt.Sprintf("%s %.0f%%", name, 100*float64(r.Models[name])/float64(total)))
	}
	if len(names) > most {
		parts = append(parts, fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(parts, ", ")
}
