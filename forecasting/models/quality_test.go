package models

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// limits are the worst figures that a set may show; they were set slightly looser than measured. The measures that
// suit a set only: a flat 0 wins MASE on sparse demand.
type limits struct {
	mase, rmsse, wape, bias, wql50, wql90, cov90 float64 // cov90 = most distance from 0.9
}

// bench is one public set and how the engine is to look at it.
type bench struct {
	name          string
	season, scale int // of the models and of the MASE
	every         int // one series in so many, to keep the test short
	promo         bool
	limits        limits
	beat          string // what the reference methods reach, for the reader
}

var benches = []bench{
	{"online_retail_daily", 7, 7, 1, false, limits{mase: 1.43, rmsse: .84, wape: 100, bias: 14, wql50: .93, wql90: .88, cov90: .03}, "RMSSE .827 wQL.9 .869"},
	{"carparts_monthly", 1, 1, 1, false, limits{mase: 1.02, rmsse: .595, wape: 143, bias: 22, wql50: 1.04, wql90: .985, cov90: .03}, "RMSSE .595 wQL.9 .970"},
	{"m3_monthly", 12, 12, 2, false, limits{mase: .88, rmsse: 1.95, wape: 11.5, bias: 2, wql50: .115, wql90: .069, cov90: .09}, "MASE .852"},
	{"m3_quarterly", 4, 4, 1, false, limits{mase: 1.13, rmsse: 1.95, wape: 8.3, bias: 3, wql50: .084, wql90: .057, cov90: .06}, "MASE 1.120"},
	{"m4_weekly", 52, 1, 2, false, limits{mase: 2.12, rmsse: 1.5, wape: 5.8, bias: 2.5, wql50: .059, wql90: .029, cov90: .04}, "MASE 2.219"},
	{"frat_weekly", 1, 1, 3, false, limits{mase: .96, rmsse: .82, wape: 49, bias: 18, wql50: .49, wql90: .41, cov90: .07}, "WAPE 45.5 RMSSE .786 without promotions"},
	{"frat_weekly", 1, 1, 3, true, limits{mase: .83, rmsse: .73, wape: 35, bias: 8, wql50: .35, wql90: .195, cov90: .06}, "WAPE 30.0 RMSSE .641 global, 32.6 .711 local"},
}

// TestQuality measures the engine on public series against the committed limits.
func TestQuality(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT MEASURED: -short")
	}
	for _, b := range benches {
		name := b.name
		if b.promo {
			name += "+promo"
		}
		t.Run(name, func(t *testing.T) {
			sets := readSet(t, b.name, b.columns()...)
			engine := New(Options{Season: b.season, Calendar: forecasting.NewCalendar(nil), Year: -1})
			score := forecasting.Scorer{Season: b.scale}
			before, n := cpuSeconds(), 0
			for i := 0; i < len(sets); i += b.every {
				s, fut := b.series(sets[i])
				f, err := engine.Forecast(s, fut, nil, len(sets[i].test))
				if err != nil {
					t.Fatalf("%s: %v", sets[i].id, err)
				}
				score.Add(sets[i].train, sets[i].test, f.Path())
				n++
			}
			a := score.Accuracy()
			fmt.Fprintf(os.Stderr, "%-26s MASE %.3f RMSSE %.3f sMAPE %5.1f WAPE %5.1f bias %5.1f wQL.5 %.3f wQL.9 %.3f wQL.95 %.3f cov90 %.2f CPU s/1000 %.2f   (to beat: %s)\n",
				name, a.MASE, a.RMSSE, a.SMAPE, a.WAPE, a.Bias, a.WQL50, a.WQL90, a.WQL95, a.Cov90, 1000*(cpuSeconds()-before)/float64(n), b.beat)
			b.limits.check(t, a)
		})
	}
}

func (b bench) columns() []string {
	if b.promo {
		return []string{"price", "base_price", "feature", "display", "tpr_only"}
	}
	return nil
}

// series makes the engine's input; for a set with promotions the plan over the test weeks is known.
func (b bench) series(s *benchSeries) (forecasting.Series, forecasting.Future) {
	x := forecasting.Series{Sales: s.train, Start: calendar.Date(2010, 12, 1).AddDays(s.first - 1)}
	var fut forecasting.Future
	if !b.promo {
		return x, fut
	}
	n := len(s.train)
	depth := make([]float64, n+len(s.test))
	for i, p := range s.columns["price"] {
		if cut := 1 - p/s.columns["base_price"][i]; cut > 0 {
			depth[i] = min(cut, 1)
		}
	}
	x.Promo, fut.Promo = depth[:n], depth[n:]
	for _, c := range []string{"feature", "display", "tpr_only"} {
		x.Extra = append(x.Extra, s.columns[c][:n])
		fut.Extra = append(fut.Extra, s.columns[c][n:])
	}
	return x, fut
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
