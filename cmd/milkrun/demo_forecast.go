package main

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/demo"
	"milkrun/internal/pgdb"
)

// demoRegions are the regions of births and the cities whose sites belong to them.
var demoRegions = map[string][]string{
	"华东": {"上海", "嘉兴", "杭州", "南京", "宁波"}, "华南": {"佛山", "深圳", "广州"}, "西南": {"成都"},
}

// demoBirths is how many babies are born a month in a region, at the usual.
var demoBirths = map[string]float64{"华东": 9200, "华南": 7400, "西南": 3100}

// demoCohorts gives the births of five years by region, the ages that SKUs are for, and the regions of the sites.
func (h *house) demoCohorts(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	now := forecasting.MonthOf(world.Today)
	var births []forecasting.Cohort
	for region, usual := range demoBirths {
		for m := now - 84; m < now; m++ {
			middle := calendar.Date(m/12, time.Month(m%12+1), 15).Sub(world.Today)
			births = append(births, forecasting.Cohort{Region: region, Month: m, Babies: math.Round(usual * demo.Births(float64(middle)))})
		}
	}
	stages := 0
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		if _, err := h.Forecasts.MergeCohorts(ctx, tx, values(births)); err != nil {
			return err
		}
		var list []forecasting.SKUStage
		for code, age := range world.Ages() {
			list = append(list, forecasting.SKUStage{SKU: ids.skus[code], From: age[0], To: age[1]})
		}
		stages = len(list)
		if _, err := h.Forecasts.MergeStages(ctx, tx, values(list)); err != nil {
			return err
		}
		for _, s := range world.Sites {
			for region, cities := range demoRegions {
				for _, city := range cities {
					if s.City.ZH == city {
						if err := forecastdb.SetRegion(ctx, tx, ids.sites[s.Code], region); err != nil {
							return err
						}
					}
				}
			}
		}
		return nil
	})
	return fmt.Sprintf("%d months of births, %d SKUs for an age", len(births), stages), err
}

func values[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// demoOverrides are changes that the planner has made: one in force, one to come, and one whose days have passed, to be scored by the
// first run.
func (h *house) demoOverrides(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	planner, err := h.userByLogin(ctx, "planner")
	if err != nil {
		return "", err
	}
	busy, past := ids.skus["MR-310061"], pastChange(world, ids)
	today := world.Today
	list := []forecasting.Override{
		{Key: forecasting.Key{SKU: busy}, From: today, To: today.AddDays(8), Factor: 1.25, Reason: "周末母婴展带货，主推拉拉裤"},
		{Key: forecasting.Key{SKU: ids.skus[world.SKUs[0].Code], Site: ids.sites["SH-XH"]}, From: today.AddDays(10), To: today.AddDays(16), Pieces: 6, Reason: "隔壁商场闭店装修"},
	}
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		now := time.Now()
		for _, o := range list {
			o.By, o.Expiry = planner.Name, o.To.AddDays(1)
			if _, err := forecastdb.InsertOverride(ctx, tx, o, planner.ID, now); err != nil {
				return err
			}
		}
		if past == nil {
			return nil
		}
		past.By = planner.Name
		id, err := forecastdb.InsertOverride(ctx, tx, past.Override, planner.ID, now.AddDate(0, 0, -21))
		if err != nil {
			return err
		}
		return forecastdb.SavePlain(ctx, tx, id, past.Plain)
	})
	return fmt.Sprintf("%d changes by the planner", len(list)+1), err
}

// pastChange is a change of a busy SKU at a front warehouse three weeks ago, upon what the four weeks before let expect.
func pastChange(world *demo.World, ids codes) *forecasting.OverrideRecord {
	const back, days, before = 18, 7, 28
	from := world.Today.AddDays(-back)
	for s := range world.Sales() {
		if s.Site != "SH-XH" {
			continue
		}
		var sum float64
		for _, d := range s.Days {
			if d.Day >= from.AddDays(-before) && d.Day < from {
				sum += float64(d.Pieces)
			}
		}
		if sum < 4*before {
			continue
		}
		plain := make([]float32, days)
		for i := range plain {
			plain[i] = float32(sum / before)
		}
		site := ids.sites[s.Site]
		return &forecasting.OverrideRecord{
			Override: forecasting.Override{
				Key: forecasting.Key{SKU: ids.skus[s.SKU], Site: site}, From: from, To: from.AddDays(days - 1), Factor: 1.2, Reason: "社群团购返场", Expiry: from.AddDays(days),
			},
			Plain: map[catalog.SiteID][]float32{site: plain},
		}
	}
	return nil
}

// emptyMinutes says how long a front warehouse's shelf was empty on a sold-out day, as its tills know: what was sold against what the
// days around it sold. 0 where too little is known.
func emptyMinutes(s demo.Series, i int) int {
	sum, n := 0.0, 0.0
	for k := max(i-14, 0); k < min(i+15, len(s.Days)); k++ {
		if d := s.Days[k]; !d.SoldOut && d.Day >= s.Days[i].Day.AddDays(-14) && d.Day <= s.Days[i].Day.AddDays(14) {
			sum += float64(d.Pieces)
			n++
		}
	}
	if n < 8 || sum == 0 {
		return 0
	}
	share := 1 - float64(s.Days[i].Pieces)*n/sum
	return int(forecasting.DayMinutes * min(max(share, .05), .9))
}
