package kittest

import (
	"context"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/web/ui"
)

// today is the day of the story on the mocks.
var today = calendar.Date(2026, 11, 23)

var kinds = []string{"suggestion", "stock", "order", "campaign", "wave", "inspection", "sync", "import"}

func statuses(kind string) []string {
	var out []string
	for s := range ui.Statuses[kind] {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func runStops(ctx context.Context) []ui.RunStop {
	p := func(zh, en string) string { return ui.Pick(ctx, zh, en) }
	return []ui.RunStop{
		{Name: p("热度", "Heat"), Icon: "flame", Tone: ui.Heat, Value: "3", Unit: p("个话题突增", "topics leap"), News: p("“出牙” ×9.7", "“Teething” ×9.7"), Worse: ui.Heat, Href: "/h"},
		{Name: p("预测", "Forecast"), Icon: "chart-line", Tone: ui.Forecast, Value: "18.4%", Unit: p("七天误差", "error, 7 d"), News: p("比上周低 2.1", "2.1 below last week"), Href: "/f"},
		{Name: p("建议", "Suggestions"), Icon: "bulb", Tone: ui.Act, Value: "38", Unit: p("条待审", "to review"), News: "¥1,264,380", Href: "/s"},
		{Name: p("工厂", "Factory"), Icon: "building-factory-2", Tone: ui.Risk, Value: "14", Unit: p("单在制", "orders"), News: p("2 单晚于承诺", "2 late"), Worse: ui.Risk, Href: "/o"},
		{Name: p("仓库", "Warehouse"), Icon: "building-warehouse", Tone: ui.Risk, Value: "2,840", Unit: p("/ 15,900 件", "/ 15,900"), News: p("1 处温度报警", "1 alarm"), Worse: ui.Risk},
		{Name: p("配送", "Rounds"), Icon: "route", Tone: ui.OK, Value: "97.8%", Unit: p("准时", "on time"), News: p("86 单在路上", "86 out")},
	}
}

// demandChart makes two years of weeks, or nine weeks of days, with the leap of the mocks at the end.
func demandChart(ctx context.Context, weeks bool) ui.DemandChart {
	n, ahead, step := 104, 16, 7
	if !weeks {
		n, ahead, step = 42, 14, 1
	}
	c := ui.DemandChart{
		Title: ui.Pick(ctx, "两年周销量、热度与未来预测", "Two years of weekly sales, heat and the forecast"),
		Today: today, Step: step, Topic: ui.Pick(ctx, "出牙", "Teething"), Export: "/demand.xlsx", Unit: ui.Pick(ctx, "件", "pcs"),
		Tools: []ui.Link{{Text: ui.Pick(ctx, "2 年", "2 y"), Href: "?s=2y", Current: weeks}, {Text: ui.Pick(ctx, "60 天", "60 d"), Href: "?s=60d", Current: !weeks}},
	}
	first := today.AddDays(-n * step)
	for i := range n + ahead {
		day := first.AddDays(i * step)
		sales, demand, heat := ui.Gap, ui.Gap, ui.Gap
		mean, low, high := ui.Gap, ui.Gap, ui.Gap
		if i < n {
			sales = 700 + 6*float64(i) + 90*math.Sin(float64(i)*1.7)
			if step == 1 {
				sales *= 12
			}
			heat = 110 + 20*math.Sin(float64(i)*2.3)
			switch {
			case i == n-1:
				sales, heat = sales*1.75, 1240
			case step == 7 && (i == 71 || i == 72):
				demand = sales + 200
				sales *= 0.5
			}
		} else {
			k := float64(i - n)
			mean = 1500 + 1641*math.Exp(-k/1.3)
			if step == 1 {
				mean *= 10
			}
			low, high = mean*0.72, mean*1.32
		}
		c.Days = append(c.Days, day)
		c.Sales, c.Demand, c.Heat = append(c.Sales, sales), append(c.Demand, demand), append(c.Heat, heat)
		c.Mean, c.P10, c.P90 = append(c.Mean, mean), append(c.P10, low), append(c.P90, high)
	}
	c.Events = []ui.ChartEvent{
		{Day: calendar.Date(2025, 6, 18), Name: "618"}, {Day: calendar.Date(2025, 11, 11), Name: ui.Pick(ctx, "双11", "11.11")},
		{Day: calendar.Date(2026, 6, 18), Name: "618"}, {Day: calendar.Date(2026, 11, 11), Name: ui.Pick(ctx, "双11", "11.11")},
	}
	c.Notes = []ui.ChartNote{
		{Day: today, On: "forecast", Text: ui.Pick(ctx, "下周 3,141", "Next week 3,141")},
		{Day: today.AddDays(-1), On: "heat", Text: ui.Pick(ctx, "11-19 突增 128 → 1,240", "11-19 leap 128 → 1,240"), Sub: ui.Pick(ctx, "小红书笔记 2 篇，收藏 4.1 万", "2 posts, 41k saves")},
	}
	if weeks {
		c.Notes = append(c.Notes, ui.ChartNote{Day: first.AddDays(71 * 7), On: "soldout", Text: ui.Pick(ctx, "缺货 4 天，需求已还原", "Sold out 4 d, demand restored")})
	}
	return c
}

type stockRow struct {
	Name        string
	Hand, Level int64
	Status      string
}

func stockRows(ctx context.Context) []stockRow {
	return []stockRow{
		{ui.Pick(ctx, "嘉兴区域仓", "Jiaxing regional"), 842, 876, "low"},
		{ui.Pick(ctx, "上海徐汇", "Shanghai Xuhui"), 96, 184, "running_out"},
		{ui.Pick(ctx, "杭州滨江", "Hangzhou Binjiang"), 158, 84, "enough"},
	}
}

func whyRows(ctx context.Context) []ui.WhyRow {
	p := func(zh, en string) string { return ui.Pick(ctx, zh, en) }
	return []ui.WhyRow{
		{Op: "+", Label: p("未来 12 天需求", "Demand, next 12 days"), Note: p("交期 9 天 + 复核 3 天，常态 214/天", "9 d lead time + 3 d review, 214 a day"), Value: "4,712", Tone: ui.Forecast},
		{Op: "+", Label: p("安全水位", "Water level"), Note: p("目标有货率 97.5%，合 3.1 天", "97.5% in stock, 3.1 days"), Value: "1,208", Tone: ui.Stock},
		{Op: "−", Label: p("在手", "On hand"), Note: p("4 仓合计，已扣占用 96", "4 sites, less 96 reserved"), Value: "1,140"},
		{Op: "−", Label: p("在途", "On order"), Note: p("FO-2611-0387，11-27 到嘉兴", "FO-2611-0387, due 27 Nov"), Value: "600"},
		{Op: "+", Label: p("按箱规 60 取整", "Full cartons of 60"), Note: p("净需 4,180", "Net need 4,180"), Value: "20"},
		{Op: "=", Label: p("建议采购", "Suggested order"), Note: p("70 箱 · ¥53,760.00", "70 cartons · ¥53,760.00"), Value: "4,200", Sum: true},
	}
}

func heatEffect(ctx context.Context) ui.HeatEffect {
	return ui.HeatEffect{
		Label: ui.Pick(ctx, "热度带来的销量倍数，12 天内回落", "Multiplier of heat, back within 12 days"), First: today.AddDays(-5), Today: today.AddDays(-1),
		Factor: []float64{1, 1, 1.05, 1.3, 1.9, 2.6, 2.4, 2.2, 2.0, 1.8, 1.7, 1.6, 1.5, 1.4, 1.35, 1.3, 1.2},
	}
}

func projection(ctx context.Context) ui.StockProjection {
	p := ui.StockProjection{Label: ui.Pick(ctx, "28 天库存推演", "28 days of stock"), First: today, Level: 612}
	stock := quantity.Pieces(1082)
	for i := range 29 {
		switch i {
		case 5:
			stock += 480
		case 21:
			stock += 1920
		}
		p.Stock = append(p.Stock, stock)
		stock = max(0, stock-96)
	}
	p.Arrivals = []ui.Arrival{{Day: today.AddDays(5), Pieces: 480}, {Day: today.AddDays(21), Pieces: 1920, Ours: true}}
	return p
}

func cover(ctx context.Context) ui.CoverMatrix {
	m := ui.CoverMatrix{Label: ui.Pick(ctx, "各仓各类可售天数", "Days of cover by site and category"), Columns: []string{ui.Pick(ctx, "奶粉", "Formula"), ui.Pick(ctx, "纸尿裤", "Diapers"), ui.Pick(ctx, "辅食", "Food")}}
	m.Rows = []ui.CoverRow{
		{Name: ui.Pick(ctx, "嘉兴区域", "Jiaxing"), Cells: []ui.CoverCell{{Days: 12, State: "low", Href: "/stock?a"}, {Days: 9, State: "enough", Href: "/stock?b"}, {None: true}}},
		{Name: ui.Pick(ctx, "佛山区域", "Foshan"), Cells: []ui.CoverCell{{Days: 19, State: "enough"}, {Days: 58, State: "too_much", Href: "/stock?c"}, {Days: 1.1, State: "running_out", Href: "/stock?d"}}},
	}
	return m
}

func rolling(ctx context.Context) ui.RollingChart {
	c := ui.RollingChart{Label: ui.Pick(ctx, "12 周滚动预测", "Rolling forecast, 12 weeks"), Capacity: 3600, CapacityLabel: ui.Pick(ctx, "贵厂周产能 3,600", "Your weekly capacity 3,600")}
	for i, v := range []quantity.Pieces{4200, 3141, 2121, 1734, 1587, 1533, 1514, 1506, 1502, 1560, 1710, 1420} {
		c.Weeks = append(c.Weeks, ui.RollingWeek{Name: "W" + ui.Int(int64(41+i)), Pieces: v, Firm: i < 3})
	}
	return c
}
