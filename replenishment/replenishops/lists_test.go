package replenishops_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
)

// spread gives the SKUs of the world stocks that differ, with ties in every column.
func (w *world) spread(t *testing.T) {
	t.Helper()
	for _, sql := range []string{
		`update replenish.sku_stat set rank = sku_id % 5, cover_days = sku_id % 7 + 0.1, on_hand = sku_id % 4, value_fen = sku_id % 3 * 100, per_day = sku_id % 6`,
		`update replenish.level set status = (array['out','running_out','low','too_much','enough'])[sku_id % 5 + 1], cover_days = sku_id % 7 + 0.1, on_hand = 1`,
	} {
		if _, err := w.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// walk reads a list page by page to its end.
func (w *world) walk(t *testing.T, q replenishops.StockQuery) []replenishops.StockLine {
	t.Helper()
	var all []replenishops.StockLine
	for range 50 {
		p, err := w.ops.StockPage(w.buyer, q, nil)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		if len(p.Lines) > q.Limit {
			t.Fatalf("%+v: %d lines", q, len(p.Lines))
		}
		if all = append(all, p.Lines...); p.Next == "" {
			return all
		}
		q.After = p.Next
	}
	t.Fatalf("%+v has no end", q)
	return nil
}

func TestStockPagesHoldEverySKUOnceInOrder(t *testing.T) {
	w := newWorld(t, 23)
	w.planAll(t)
	w.spread(t)
	keys := map[replenishops.StockSort]func(replenishops.StockLine) float64{
		replenishops.ByUrgency: func(l replenishops.StockLine) float64 { return float64(l.Rank)*1000 + l.CoverDays },
		replenishops.ByCover:   func(l replenishops.StockLine) float64 { return l.CoverDays },
		replenishops.ByOnHand:  func(l replenishops.StockLine) float64 { return float64(l.OnHand) },
		replenishops.ByValue:   func(l replenishops.StockLine) float64 { return float64(l.Value) },
		replenishops.ByPerDay:  func(l replenishops.StockLine) float64 { return l.PerDay },
	}
	for sort, key := range keys {
		for _, desc := range []bool{false, true} {
			for _, site := range []catalog.SiteID{0, w.site.ID} {
				q := replenishops.StockQuery{Sort: sort, Desc: desc, Site: site, Limit: 4}
				if site != 0 && sort != replenishops.ByUrgency && sort != replenishops.ByCover {
					if _, err := w.ops.StockPage(w.buyer, q, nil); !errors.Is(err, replenishops.ErrPlace) {
						t.Errorf("%+v: %v", q, err)
					}
					continue
				}
				all := w.walk(t, q)
				seen := map[catalog.SKUID]bool{}
				for i, l := range all {
					seen[l.SKU] = true
					a, b := key(all[max(i-1, 0)]), key(l)
					if site != 0 && sort == replenishops.ByUrgency {
						a, b = all[max(i-1, 0)].CoverDays, l.CoverDays
					}
					if desc && a < b || !desc && a > b {
						t.Fatalf("%+v: row %d is out of order: %v, %v", q, i, a, b)
					}
				}
				if len(all) != 23 || len(seen) != 23 {
					t.Errorf("%+v: %d rows, %d SKUs", q, len(all), len(seen))
				}
			}
		}
	}
}

func TestStockPageFilters(t *testing.T) {
	w := newWorld(t, 23)
	w.planAll(t)
	w.spread(t)
	for _, site := range []catalog.SiteID{0, w.site.ID} {
		total := 0
		for rank := range int16(5) {
			got := w.walk(t, replenishops.StockQuery{Site: site, Rank: &rank, Limit: 2})
			for _, l := range got {
				if l.Rank != rank {
					t.Errorf("site %d: rank %d in the list of %d", site, l.Rank, rank)
				}
			}
			p, err := w.ops.StockPage(w.buyer, replenishops.StockQuery{Site: site, Rank: &rank, Limit: 2}, nil)
			if err != nil || p.Total != len(got) {
				t.Errorf("site %d, rank %d: counted %d, %d rows, %v", site, rank, p.Total, len(got), err)
			}
			i := slices.IndexFunc(p.Ranks, func(c replenishops.RankCount) bool { return c.Rank == rank })
			if i < 0 || p.Ranks[i].Count != len(got) {
				t.Errorf("site %d, rank %d: ranks %+v", site, rank, p.Ranks)
			}
			total += len(got)
		}
		if total != 23 {
			t.Errorf("site %d: %d rows in all ranks", site, total)
		}
	}
	var category catalog.CategoryID
	if err := w.pool.QueryRow(t.Context(), `select id from catalog.category`).Scan(&category); err != nil {
		t.Fatal(err)
	}
	for _, q := range []replenishops.StockQuery{{Category: category, Limit: 5}, {Category: category, Site: w.site.ID, Search: "牙胶", Limit: 5}} {
		p, err := w.ops.StockPage(w.buyer, q, []catalog.CategoryID{category})
		if err != nil || len(p.Lines) != 5 || p.Total != 23 {
			t.Errorf("%+v: %d of %d, %v", q, len(p.Lines), p.Total, err)
		}
	}
	p, err := w.ops.StockPage(w.buyer, replenishops.StockQuery{Search: "奶粉"}, nil)
	if err != nil || len(p.Lines) != 0 || p.Total != 0 || p.Next != "" {
		t.Errorf("found what is not there: %+v, %v", p, err)
	}
}

func TestStockPageRefusesForeignPlacesAndSites(t *testing.T) {
	w := newWorld(t, 2)
	for _, after := range []string{"x", "cover_1_2", "urgency_1", "urgency_a_b_c", "urgency_1_2_99999999999", "urgency_1_2_3_4"} {
		if _, err := w.ops.StockPage(w.buyer, replenishops.StockQuery{After: after}, nil); !errors.Is(err, replenishops.ErrPlace) {
			t.Errorf("%q: %v", after, err)
		}
	}
	bound := access.WithUser(t.Context(), access.User{ID: 7, Role: access.Lead, Sites: []catalog.SiteID{w.site.ID}})
	if p, err := w.ops.StockPage(bound, replenishops.StockQuery{}, nil); err != nil || p.Site != w.site.ID {
		t.Errorf("a bound user sees site %d, %v", p.Site, err)
	}
	if _, err := w.ops.StockPage(bound, replenishops.StockQuery{Site: w.site.ID + 1}, nil); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a bound user looks elsewhere: %v", err)
	}
}

func TestBriefsTopicsAndHistory(t *testing.T) {
	w := newWorld(t, 3)
	if _, err := w.pool.Exec(t.Context(), `with t as (insert into catalog.topic (code, name_zh, kind) values ('teething', '出牙', 'demand') returning id)
		insert into catalog.topic_sku select t.id, k.id, 1 from t, catalog.sku k`); err != nil {
		t.Fatal(err)
	}
	w.planAll(t)
	line := w.open(t)[0]
	for _, site := range []catalog.SiteID{0, w.site.ID} {
		b, err := w.ops.Briefs(w.buyer, site, w.skus...)
		if err != nil || len(b) != 3 || b[line.SKU].Waiting != 1 || b[line.SKU].Pieces != line.Pieces || b[line.SKU].OnHand != 30 {
			t.Errorf("site %d: %+v, %v", site, b, err)
		}
	}
	topics, err := w.ops.TopicStocks(w.buyer, 1)
	if sum := topics[1].Ranks; err != nil || sum[0]+sum[1]+sum[2]+sum[3]+sum[4] != 3 {
		t.Errorf("stock of the topic: %+v, %v", topics, err)
	}
	if _, _, ok, err := w.ops.Latest(w.buyer, line.SKU); err != nil || ok {
		t.Errorf("a decision before the first: %v, %v", ok, err)
	}
	if _, err := w.ops.Change(w.buyer, line.ID, 120, "预算"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.Approve(w.buyer, line.ID); err != nil {
		t.Fatal(err)
	}
	s, order, ok, err := w.ops.Latest(w.buyer, line.SKU)
	if err != nil || !ok || s.ID != line.ID || order != "" || s.Quantity() != 120 {
		t.Errorf("latest: %+v, %q, %v, %v", s, order, ok, err)
	}
	if _, err := w.pool.Exec(t.Context(), `insert into audit.entry (at, actor, verb, thing, thing_id) values (now(), '计划', 'sku.edit', 'sku', $1)`, fmt.Sprint(line.SKU)); err != nil {
		t.Fatal(err)
	}
	all, err := w.ops.SKUHistory(w.buyer, line.SKU)
	var verbs []string
	for _, e := range all {
		verbs = append(verbs, e.Verb)
	}
	if err != nil || !slices.Equal(verbs, []string{"sku.edit", "suggestion.approve", "suggestion.change"}) {
		t.Errorf("history: %v, %v", verbs, err)
	}
}

func TestWaitingCountsWhatTheUserMaySee(t *testing.T) {
	w := newWorld(t, 4)
	w.planAll(t)
	elsewhere := access.WithUser(t.Context(), access.User{ID: 8, Role: access.Buyer, Sites: []catalog.SiteID{w.site.ID + 1}})
	here := access.WithUser(t.Context(), access.User{ID: 9, Role: access.Buyer, Sites: []catalog.SiteID{w.site.ID}})
	for _, c := range []struct {
		ctx  context.Context
		want int
	}{{w.buyer, 4}, {here, 4}, {elsewhere, 0}} {
		n, err := w.ops.Waiting(c.ctx)
		if err != nil || n != c.want {
			t.Errorf("%d wait, want %d: %v", n, c.want, err)
		}
		sum := 0
		tallies, err := w.ops.WaitingTallies(c.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range tallies {
			if sum += x.Count; x.Kind == replenishment.Buy && x.Money <= 0 {
				t.Errorf("%d purchases cost %d", x.Count, x.Money)
			}
		}
		if sum != c.want {
			t.Errorf("tallies of %d, want %d", sum, c.want)
		}
	}
	if _, err := w.ops.Waiting(access.WithUser(t.Context(), access.User{Role: access.Warehouse})); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("the warehouse counts suggestions: %v", err)
	}
}
