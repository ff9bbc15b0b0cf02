package forecastdb

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/pgdb"
)

// BenchmarkDemandList opens pages of a demand list of 500,000 SKUs, counted, and prints the slowest of each kind.
func BenchmarkDemandList(b *testing.B) {
	pool := dbtest.Pool(b)
	ctx := context.Background()
	const skus = 500_000
	large(b, pool, skus)
	branch := []catalog.CategoryID{17}
	small := []catalog.CategoryID{300}
	for name, q := range map[string]forecasting.DemandQuery{
		"sold":          {Sort: forecasting.BySold},
		"growth-up":     {Sort: forecasting.ByGrowth, Up: true},
		"heat":          {Sort: forecasting.ByHeat},
		"sold-out":      {Sort: forecasting.BySoldOut},
		"category":      {Sort: forecasting.BySold, Category: branch[0]},
		"category-rare": {Sort: forecasting.ByForecast, Category: small[0]},
		"search-many":   {Sort: forecasting.BySold, Search: "硅胶"},
		"search-some":   {Sort: forecasting.ByForecast, Search: "贝栗 硅胶"},
		"search-thin":   {Sort: forecasting.ByHeat, Search: "硅胶 5码"},
		"search-one":    {Sort: forecasting.ByForecast, Search: "MR-412345"},
		"search-none":   {Sort: forecasting.ByForecast, Search: "无此物"},
		"search-in":     {Sort: forecasting.ByHeat, Search: "牙胶", Category: branch[0]},
		"topic":         {Sort: forecasting.BySold, Topic: 1},
	} {
		b.Run(name, func(b *testing.B) {
			categories := map[catalog.CategoryID][]catalog.CategoryID{branch[0]: branch, small[0]: small}[q.Category]
			q.Limit = 50
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				_, next, _, err := DemandPage(ctx, pool, 1, q, categories)
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
				// Every other round goes on from where this one ended, so that deep pages are among them.
				if q.After = next; len(took)%20 == 0 {
					q.After = ""
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
		})
	}
}

// large fills the catalog and the demand list of run 1 with SKUs of names that overlap as real ones do.
func large(b *testing.B, q pgdb.Querier, skus int) {
	b.Helper()
	brands := []string{"贝栗", "小鹿", "安睡", "初芽", "米团", "月光", "晴天", "云朵", "果果", "豆芽"}
	kinds := []string{"硅胶牙胶", "纸尿裤", "奶粉", "睡袋", "连体衣", "奶瓶", "湿巾", "辅食勺", "推车", "安抚巾"}
	var sql []string
	for i := range 400 {
		sql = append(sql, fmt.Sprintf(`insert into catalog.category (code, name_zh) values ('c%d', 'c%d')`, i, i))
	}
	sql = append(sql,
		`insert into forecast.run (kind, state, origin, horizon, asked_at) values ('manual', 'published', '2026-11-23', 91, now())`,
		`insert into catalog.topic (code, name_zh) values ('t', 't')`)
	for _, s := range sql {
		if _, err := q.Exec(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
	names := make([]string, skus)
	codes := make([]string, skus)
	for i := range skus {
		codes[i] = fmt.Sprintf("MR-%06d", i)
		names[i] = fmt.Sprintf("%s %s %d码 %d色", brands[i%10], kinds[(i/10)%10], i%17, i%23)
	}
	for part := range slices.Chunk(seq(skus), 20_000) {
		var c, n, search []string
		for _, i := range part {
			c, n = append(c, codes[i]), append(n, names[i])
			search = append(search, arrayText(catalog.SearchTerms(codes[i], names[i])))
		}
		if _, err := q.Exec(context.Background(), `insert into catalog.sku (code, name_zh, category_id, search)
			select c, n, case when o % 5000 = 0 then 300 else 1 + o % 40 end, s::text[] from unnest($1::text[], $2::text[], $3::text[]) with ordinality t (c, n, s, o)`, c, n, search); err != nil {
			b.Fatal(err)
		}
	}
	for _, s := range []string{
		`insert into catalog.topic_sku select 1, id, 1 from catalog.sku where id % 1000 = 0`,
		`create table forecast.sku_stat_1 (like forecast.sku_stat including defaults including constraints)`,
		`insert into forecast.sku_stat_1 (run_id, site_id, sku_id, category_id, series, class, sold_28, sold_before_28, sold_out_28, forecast_28, growth, heat)
			select 1, 0, id, category_id, 4, 'smooth', (1000 * random() ^ 3)::int, 5, (10 * random())::int, 1000 * random(), random() * 3, case when random() < 0.1 then random() * 9 else 0 end
			from catalog.sku`,
		`alter table forecast.sku_stat attach partition forecast.sku_stat_1 for values in (1)`,
		`vacuum analyze forecast.sku_stat_1`, `vacuum analyze catalog.sku`, `analyze catalog.topic_sku`,
	} {
		if _, err := q.Exec(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// arrayText gives an array in the form that PostgreSQL reads.
func arrayText(v []string) string {
	out := "{"
	for i, s := range v {
		if i > 0 {
			out += ","
		}
		out += `"` + s + `"`
	}
	return out + "}"
}
