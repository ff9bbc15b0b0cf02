package models

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"milkrun/forecasting"
	"milkrun/forecasting/backtest"
)

// limits are the worst figures that a set may show; they were set slightly looser than measured. The measures that
// suit a set only: a flat 0 wins MASE on sparse demand.
type limits struct {
	mase, rmsse, wape, bias, wql50, wql90, cov90 float64 // cov90 = most distance from 0.9
}

var benches = []struct {
	name   string
	limits limits
	beat   string // what the reference methods reach, for the reader
}{
	{"frat_weekly", limits{mase: .76, rmsse: .665, wape: 30.3, bias: 3, wql50: .31, wql90: .168, cov90: .02}, "WAPE 30.0 RMSSE .641 wQL.9 .174 global"},
	{"online_retail_daily", limits{mase: 1.43, rmsse: .84, wape: 100, bias: 5, wql50: .84, wql90: .845, cov90: .02}, "RMSSE .827 wQL.9 .869"},
	{"carparts_monthly", limits{mase: .99, rmsse: .58, wape: 137, bias: 10, wql50: 1.025, wql90: .98, cov90: .022}, "RMSSE .595 wQL.9 .970"},
	{"m3_monthly", limits{mase: .848, rmsse: 1.85, wape: 11, bias: 2, wql50: .111, wql90: .067, cov90: .02}, "MASE .852"},
	{"m3_quarterly", limits{mase: 1.11, rmsse: 1.92, wape: 8.1, bias: 3, wql50: .084, wql90: .057, cov90: .02}, "MASE 1.120"},
	{"m4_weekly", limits{mase: 2.08, rmsse: 1.47, wape: 5.3, bias: 2, wql50: .054, wql90: .027, cov90: .02}, "MASE 2.219"},
}

// TestQuality measures the engine on public series against the committed limits. MILKRUN_BACK moves the origins so many horizons
// into the past, and MILKRUN_SETS names the sets: figures are then printed only.
func TestQuality(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT MEASURED: -short")
	}
	back, _ := strconv.Atoi(os.Getenv("MILKRUN_BACK"))
	for _, b := range benches {
		if sets := os.Getenv("MILKRUN_SETS"); sets != "" && !strings.Contains(sets, b.name) {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			d, err := backtest.ReadDataset(os.DirFS(filepath.Join(dataDir(t), b.name)), b.name, "")
			if err != nil {
				t.Fatal(err)
			}
			d.HoldBack(back)
			before := cpuSeconds()
			list, err := ForecastSet(context.Background(), d, 2)
			if err != nil {
				t.Fatal(err)
			}
			cpu := 1000 * (cpuSeconds() - before) / float64(len(list))
			if err := d.ReadActuals(); err != nil {
				t.Fatal(err)
			}
			score := forecasting.Scorer{Season: d.Scale}
			for i, it := range d.Items {
				score.Add(it.Past, it.Actual, list[i].Path())
			}
			a := score.Accuracy()
			fmt.Fprintf(os.Stderr, "%-20s MASE %.3f RMSSE %.4f sMAPE %5.1f WAPE %6.2f bias %6.2f wQL.5 %.3f wQL.9 %.4f wQL.95 %.4f cov90 %.3f CPU s/1000 %.2f   (to beat: %s)\n",
				b.name, a.MASE, a.RMSSE, a.SMAPE, a.WAPE, a.Bias, a.WQL50, a.WQL90, a.WQL95, a.Cov90, cpu, b.beat)
			if back == 0 {
				b.limits.check(t, a)
			}
		})
	}
}

func (l limits) check(t *testing.T, a forecasting.Accuracy) {
	t.Helper()
	above := func(name string, got, limit float64) {
		if !(got <= limit) {
			t.Errorf("%s %.3f is worse than %.3f", name, got, limit)
		}
	}
	above("MASE", a.MASE, l.mase)
	above("RMSSE", a.RMSSE, l.rmsse)
	above("WAPE", a.WAPE, l.wape)
	above("|bias|", max(a.Bias, -a.Bias), l.bias)
	above("wQL.5", a.WQL50, l.wql50)
	above("wQL.9", a.WQL90, l.wql90)
	above("|cov90 − .9|", max(a.Cov90-.9, .9-a.Cov90), l.cov90)
}

// cpuSeconds gives the user time of the process.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec) + float64(u.Utime.Usec)/1e6
}
