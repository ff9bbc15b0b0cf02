package demo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// ledger sums the whole of the sales once for all tests of this file.
type ledger struct {
	rows, series, empty, again, active int
	pieces                             map[calendar.Day]int
	yuan                               map[calendar.Day]float64
	expected, sold                     float64 // on days with enough stock
	byCategory                         map[string][]float64
}

var book = func() ledger {
	l := ledger{pieces: map[calendar.Day]int{}, yuan: map[calendar.Day]float64{}, byCategory: map[string][]float64{}}
	for s := range world.Sales() {
		it := world.find(s.SKU)
		l.series++
		l.rows += len(s.Days)
		first, last := max(world.First, *it.Launched), world.Today
		if it.Retired != nil {
			last = min(last, *it.Retired)
		}
		l.active += max(last.Sub(first), 0)
		empty := map[calendar.Day]bool{}
		byDay := map[calendar.Day]int{}
		for _, d := range s.Days {
			l.pieces[d.Day] += int(d.Pieces)
			l.yuan[d.Day] += float64(d.Pieces) * float64(d.Price) / 100
			byDay[d.Day] = int(d.Pieces)
			if d.SoldOut {
				empty[d.Day] = true
				l.empty++
				if empty[d.Day-1] {
					l.again++
				}
			}
		}
		for d := first; d < last; d++ {
			if !empty[d] && !empty[d-1] {
				l.sold += float64(byDay[d])
				l.expected += world.Mean(s.SKU, s.Site, d)
			}
		}
	}
	return l
}()

func TestTotalsArePlausible(t *testing.T) {
	t.Logf("%d series, %d rows, %.1f %% of the days sold out", book.series, book.rows, 100*float64(book.empty)/float64(book.active))
	if book.rows < 1_500_000 || book.rows > 3_000_000 {
		t.Errorf("%d rows", book.rows)
	}
	if p := float64(book.empty) / float64(book.active); p < .08 || p > .12 {
		t.Errorf("%.3f of the days sold out", p)
	}
	if p := float64(book.again) / float64(book.empty); p < .5 {
		t.Errorf("shortages do not last: %.2f of the sold-out days follow another", p)
	}
	// Sales are cut by the stock, so that what is left of days without a shortage is a little below the truth.
	if r := book.sold / book.expected; r < .9 || r > 1.02 {
		t.Errorf("sold %.3f of the true mean on days with stock", r)
	}
	pieces, yuan := 0, 0.0
	for d := today.AddDays(-60); d < today.AddDays(-30); d++ {
		pieces += book.pieces[d]
		yuan += book.yuan[d]
	}
	if p := pieces / 30; p < 9_000 || p > 18_000 {
		t.Errorf("%d pieces a day", p)
	}
	if y := yuan / 30; y < 600_000 || y > 1_600_000 {
		t.Errorf("¥%.0f a day", y)
	}
	if _, ok := book.pieces[today]; ok || book.pieces[today-1] == 0 || book.pieces[world.First] == 0 {
		t.Error("the history must run from the first day to yesterday")
	}
}

func TestShoppingDaysShow(t *testing.T) {
	usual := func(d calendar.Day) float64 {
		var days []float64
		for i := 35; i <= 60; i++ {
			days = append(days, float64(book.pieces[d.AddDays(-i)]))
		}
		slices.Sort(days)
		return days[len(days)/2]
	}
	for d, want := range map[calendar.Day][2]float64{
		calendar.Date(2025, 11, 11): {1.5, 4}, calendar.Date(2026, 6, 18): {1.4, 4}, calendar.Date(2025, 12, 12): {1.2, 4},
		calendar.Date(2026, 2, 17): {.2, .75}, // Spring Festival
	} {
		if r := float64(book.pieces[d]) / usual(d); r < want[0] || r > want[1] {
			t.Errorf("%s: %.2f times the usual", d, r)
		}
	}
}

// Babies born in a wave grow out of one size and into the next: the sizes have their best month one after the other.
func TestSizesGrow(t *testing.T) {
	best := func(size string) int {
		var months [25]float64
		for i := range world.list {
			it := &world.list[i]
			if !strings.HasPrefix(it.CategoryCode, "nappy-") || !strings.Contains(it.Name.ZH, " "+size+" ") {
				continue
			}
			ages := babies(-History, -1, it.from, it.to)
			for m := range months {
				for d := m * 29; d < m*29+29; d++ {
					months[m] += ages[d] / 29
				}
			}
		}
		top := 0
		for m := range months {
			if months[m] > months[top] {
				top = m
			}
		}
		return top
	}
	sizes := []string{"NB", "S", "M", "L", "XL"}
	for i := 1; i < len(sizes); i++ {
		if a, b := best(sizes[i-1]), best(sizes[i]); a >= b {
			t.Errorf("%s is best in month %d, %s in month %d", sizes[i-1], a, sizes[i], b)
		}
	}
}

// The demand of a leading topic follows its heat by the true lag: measured on sales alone, by the correlation of the
// heat with the sales of the topic's SKUs after taking out what is usual for the weekday and season.
func TestHeatLeadsSalesByTheLag(t *testing.T) {
	heat := map[string]Heat{}
	for _, h := range world.HeatSeries() {
		if _, ok := heat[h.Topic]; !ok {
			heat[h.Topic] = h
		}
	}
	found := 0
	for n, topic := range topics {
		if topic.role != leads || topic.elasticity < .26 {
			continue
		}
		lag, r := bestLag(n, heat[topic.code])
		t.Logf("%-15s true lag %2d, found %2d (r = %.2f)", topic.code, topic.lag, lag, r)
		if math.Abs(float64(lag-topic.lag)) <= 1 && r > .1 {
			found++
		} else if topic.code == StoryTopic {
			t.Errorf("the story's lag is %d, found %d", topic.lag, lag)
		}
	}
	if found < 11 {
		t.Errorf("the lag of %d topics shows in the sales", found)
	}
}

func bestLag(n int, heat Heat) (lag int, r float64) {
	sold, usual := make([]float64, History), make([]float64, History)
	for i := range world.list {
		it := &world.list[i]
		for _, x := range it.topics {
			if x.topic != n || x.w < .35 || !it.predates {
				continue
			}
			for _, s := range it.sites {
				series := plainDays(it, places[s.place].Code)
				for day, v := range series {
					if !math.IsNaN(v) && day >= 42 {
						sold[day] += v
						usual[day] += mean28(series, day)
					}
				}
			}
		}
	}
	r = -1
	for k := 0; k <= 20; k++ {
		var a, b []float64
		for day := 60; day < History; day++ {
			h := heat.Values[day-k+warmUp]
			if usual[day] > 0 && sold[day] > 0 && !math.IsNaN(h) {
				a = append(a, math.Log(h/mean28(heat.Values, day-k+warmUp)))
				b = append(b, math.Log(sold[day]/usual[day]))
			}
		}
		if c := stat.Correlation(a, b, nil); c > r {
			lag, r = k, c
		}
	}
	return lag, r
}

// plainDays gives the pieces by day, NaN where a shortage, a price cut or a festival hides what heat did.
func plainDays(it *item, site string) []float64 {
	out := make([]float64, History)
	for i, f := range world.shared.festive {
		if i < History && f != 0 {
			out[i] = math.NaN()
		}
	}
	s, _ := world.SalesOf(it.Code, site)
	for _, d := range s.Days {
		if i := d.Day.Sub(world.First); d.SoldOut || d.PromoBP > 0 {
			out[i] = math.NaN()
		} else {
			out[i] += float64(d.Pieces)
		}
	}
	return out
}

// mean28 gives the mean of the known days 15..42 before i.
func mean28(x []float64, i int) float64 {
	sum, n := 0.0, 0.0
	for j := max(i-42, 0); j < i-14; j++ {
		if !math.IsNaN(x[j]) {
			sum += x[j]
			n++
		}
	}
	return sum / max(n, 1)
}

func TestCountsHaveTheirMoments(t *testing.T) {
	rng := world.random("moments")
	for _, c := range []struct{ mean, size float64 }{{.3, 1.1}, {4, 3.5}, {25, .6}, {120, 16}} {
		const n = 200_000
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(rng.count(c.mean, c.size))
		}
		m, v := stat.MeanVariance(x, nil)
		want := c.mean + c.mean*c.mean/c.size
		if math.Abs(m/c.mean-1) > .03 || math.Abs(v/want-1) > .06 {
			t.Errorf("mean %.3f of %.3f, variance %.3f of %.3f", m, c.mean, v, want)
		}
	}
	if rng.count(0, 1) != 0 || rng.count(-1, 1) != 0 {
		t.Error("nothing is asked for, something comes")
	}
}

func TestNothingSellsBeforeItsLaunch(t *testing.T) {
	for s := range world.Sales() {
		it := world.find(s.SKU)
		for i, d := range s.Days {
			switch {
			case d.Day < *it.Launched || it.Retired != nil && d.Day >= *it.Retired:
				t.Fatalf("%s sold on %s", s.SKU, d.Day)
			case d.Pieces < 0 || d.Pieces == 0 && !d.SoldOut || d.Price <= 0 || d.PromoBP < 0 || d.PromoBP > 3000:
				t.Fatalf("%s at %s: %+v", s.SKU, s.Site, d)
			case i > 0 && d.Day <= s.Days[i-1].Day:
				t.Fatalf("%s at %s: days out of order", s.SKU, s.Site)
			}
		}
	}
}

func TestStockOfToday(t *testing.T) {
	type key struct{ sku, site string }
	have := map[key]int64{}
	late, held, lots := 0, 0, 0
	for l := range world.Stock() {
		lots++
		have[key{l.SKU, l.Site}] += l.Pieces
		if l.Pieces <= 0 || l.Code == "" || strings.ContainsAny(l.Bin[:1], "IO") {
			t.Fatalf("%+v", l)
		}
		it := world.find(l.SKU)
		if (it.ShelfLifeDays > 0) != (l.Expires != nil) {
			t.Fatalf("%s: expiry %v at a shelf life of %d days", l.SKU, l.Expires, it.ShelfLifeDays)
		}
		if l.Expires != nil {
			left := l.Expires.Sub(today)
			if left < 0 || *l.Made > today || l.Expires.Sub(*l.Made) != it.ShelfLifeDays {
				t.Fatalf("%+v made %s, expires %s", l, l.Made, l.Expires)
			}
			if float64(left) < .34*float64(it.ShelfLifeDays) {
				late++
			}
		}
		if l.Held {
			held++
		}
	}
	out, low, much, all := 0, 0, 0, 0
	most := map[catalog.Tier]float64{catalog.Bonded: 75, catalog.Regional: 60, catalog.Front: 30, catalog.Station: 20}
	for i := range world.list {
		it := &world.list[i]
		for _, s := range it.sites {
			p := places[s.place]
			mean := 0.0
			for d := range 7 {
				mean += world.Mean(it.Code, p.Code, today.AddDays(d)) / 7
			}
			if mean == 0 {
				continue
			}
			all++
			days := float64(have[key{it.Code, p.Code}]) / mean
			switch gap := it.gapDays(p.Tier); {
			case days == 0:
				out++
			case days < .6*gap:
				low++
			case days > 1.3*most[p.Tier] && band(it.rate) > 0:
				much++
			}
			// What is sold out today was sold out yesterday, and what is not was not.
			sold, _ := world.SalesOf(it.Code, p.Code)
			if n := len(sold.Days); n > 0 && sold.Days[n-1].Day == today-1 && it.Code != StorySKU && it.predates {
				if last := sold.Days[n-1]; last.SoldOut != (days == 0) {
					t.Errorf("%s at %s: sold out %t, today %d pieces", it.Code, p.Code, last.SoldOut, have[key{it.Code, p.Code}])
				}
			}
		}
	}
	t.Logf("%d series: %d out, %d low, %d too much; %d lots, %d near their end, %d held", all, out, low, much, lots, late, held)
	share := func(n int) float64 { return float64(n) / float64(all) }
	if share(out) < .002 || share(out) > .02 || share(low) < .004 || share(low) > .04 || share(much) < .002 || share(much) > .04 {
		t.Error("the stock of today is not plausible")
	}
	if late < 10 || held < 5 {
		t.Error("nothing expires or is held")
	}
}

func TestImportsSellFromBondedSitesOnly(t *testing.T) {
	for i := range world.list {
		for _, s := range world.list[i].sites {
			if (places[s.place].Tier == catalog.Bonded) != (world.list[i].firm.origin != domestic) {
				t.Errorf("%s sells at %s", world.list[i].Code, places[s.place].Code)
			}
		}
	}
}
