package ui

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

func at(address string) context.Context {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return WithView(context.Background(), &View{Language: Chinese, Keys: true, URL: u, Now: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)})
}

func TestWith(t *testing.T) {
	ctx := at("/list?type=buy&page=4&after=x")
	for got, want := range map[string]string{
		With(ctx, "sort", "-amount"):          "/list?sort=-amount&type=buy",
		With(ctx, "type", ""):                 "/list",
		With(ctx, "page", "5", "type", "a b"): "/list?page=5&type=a+b",
		With(context.Background(), "q", "1"):  "/?q=1",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSorted(t *testing.T) {
	for query, want := range map[string]string{
		"sort=amount": "amount false", "sort=-amount": "amount true", "": "lost true", "sort=evil": "lost true", "sort=--amount": "lost true",
	} {
		q, _ := url.ParseQuery(query)
		by, desc := Sorted(q, "-lost", "amount", "lost")
		if got := by + map[bool]string{true: " true", false: " false"}[desc]; got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

func TestSortingTurns(t *testing.T) {
	ctx := at("/list")
	amount := Column{By: "amount", Num: true}
	for current, want := range map[string]string{"": "none -amount", "-amount": "descending amount", "amount": "ascending -amount"} {
		aria, href := amount.sorting(ctx, current)
		if got := aria + " " + strings.TrimPrefix(href, "/list?sort="); got != want {
			t.Errorf("%q: %s, want %s", current, got, want)
		}
	}
	if aria, href := (Column{By: "name"}).sorting(ctx, "amount"); aria != "none" || href != "/list?sort=name" {
		t.Error(aria, href)
	}
}

func TestPlace(t *testing.T) {
	ctx := in(Chinese)
	for got, want := range map[string]string{
		place(ctx, Pager{First: 51, Last: 100, Total: 1204}):   "51–100 / 1,204",
		place(ctx, Pager{First: 1, Last: 50, Total: Most + 1}): "1–50 / 10,000+",
		place(ctx, Pager{First: 1, Last: 50, Total: -1}):       "1–50",
		place(ctx, Pager{}): "没有符合的行",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSeriesJSON(t *testing.T) {
	b, err := json.Marshal(Series{1, Gap, 2.345, math.Inf(1), -0.5})
	if err != nil || string(b) != "[1,null,2.35,null,-0.5]" {
		t.Errorf("%s, %v", b, err)
	}
	if b, _ := json.Marshal(Series(nil)); string(b) != "[]" {
		t.Errorf("no series: %s", b)
	}
}

func TestProjectionFindsTheGap(t *testing.T) {
	day := calendar.Date(2026, 11, 23)
	p := StockProjection{First: day, Level: 100, Stock: []quantity.Pieces{300, 200, 100, 0, 0, 0, 500, 400}, Arrivals: []Arrival{{day.AddDays(6), 500, true}}}
	g := p.draw(at("/"))
	if len(g.Gaps) != 1 || g.Gaps[0].X != percent(3.0/7) || g.Gaps[0].W != percent(3.0/7) {
		t.Errorf("gaps %+v", g.Gaps)
	}
	var texts []string
	for _, l := range g.Texts {
		texts = append(texts, l.Text)
	}
	all := strings.Join(texts, "|")
	for _, want := range []string{"缺 3 天", "本单 500", "安全水位 100", "今天", "11-30"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
}

// Drawings must stand whatever the planner hands over: no NaN, nothing outside the box.
func TestDrawingsStand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := at("/")
		p := StockProjection{First: 20000, Level: quantity.Pieces(rapid.Int64Range(0, 1e9).Draw(t, "level"))}
		for _, s := range rapid.SliceOfN(rapid.Int64Range(-5, 1e9), 0, 60).Draw(t, "stock") {
			p.Stock = append(p.Stock, quantity.Pieces(s))
		}
		values := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 0, 40).Draw(t, "values")
		r := RollingChart{Capacity: p.Level}
		for _, v := range values {
			r.Weeks = append(r.Weeks, RollingWeek{Pieces: quantity.Pieces(math.Abs(v)), Firm: true})
		}
		h := HeatEffect{First: 20000, Today: 20003, Factor: values}
		out, err := json.Marshal([]any{p.draw(ctx), sparkOf(values, 104, 24), r.draw(ctx), h.draw(ctx)})
		if err != nil || strings.Contains(string(out), "NaN") || strings.Contains(string(out), "Inf") {
			t.Fatalf("%s, %v", out, err)
		}
	})
}

func TestCoverNeverReliesOnColourAlone(t *testing.T) {
	ctx := in(English)
	for state, want := range map[string]string{"low": "Low", "running_out": "Running out", "out": "Out", "too_much": "Too much", "enough": ""} {
		if got := (CoverCell{State: state}).word(ctx); got != want {
			t.Errorf("%s: %q", state, got)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"周敏": "周", "Zhou Min": "ZM", "Anna Maria Lang": "AM", "": "", "beili": "B"} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func BenchmarkT(b *testing.B) {
	ctx := at("/")
	for b.Loop() {
		T(ctx, "kit.selected", Count, 1204)
	}
}
