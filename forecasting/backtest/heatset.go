package backtest

import (
	"io/fs"
	"math"
	"slices"
	"strings"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// HeatItem is the sales of a SKU at a location in a HeatDataset, the test days included: Series.Before cuts them off.
type HeatItem struct {
	forecasting.Series
	ID, Topic, Product string
	origins            []calendar.Day // whose span the test file holds
}

// HeatDataset is a set of daily sales that may follow the heat of topics. Day 0 is Start.
type HeatDataset struct {
	Start   calendar.Day
	Items   []*HeatItem
	Topics  []string                            // in the order of the heat file
	Heat    map[string][]forecasting.HeatSeries // of a topic, a series a source
	Days    *forecasting.Calendar               // holidays
	Origins []int                               // days from which is to be forecast, ascending
	Train   int                                 // first day of the test file
	Horizon int
	plan    map[string]map[int]float64 // planned price cut by product and day
}

// heatSources are the columns of the heat file that hold a source each.
var heatSources = []string{"heat", "content", "comments"}

// ReadHeatDataset reads train.csv, test.csv, calendar.csv and heat.csv (or their .gz). Of the test file it reads what is
// known at the later origins, the sales and the sold-out flags of earlier days; demand and mu are not read. A bad file gives
// a *FileError.
func ReadHeatDataset(folder fs.FS) (*HeatDataset, error) {
	d := &HeatDataset{Heat: map[string][]forecasting.HeatSeries{}, plan: map[string]map[int]float64{}}
	byID := map[string]*HeatItem{}
	holidays := map[calendar.Day]string{}
	columns := []string{"series_id", "sku", "location", "topic", "t", "date", "sales", "sold_out"}
	last := 0
	err := ReadSheet(folder, "train.csv", append(columns, "promo", "holiday"), func(s *Sheet) error {
		t, err := d.addSale(s, byID, holidays)
		last = max(last, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	d.Train = last + 1
	if err := ReadSheet(folder, "test.csv", append(columns, "origin"), func(s *Sheet) error {
		o, err := s.Whole("origin")
		if err != nil {
			return err
		}
		t, err := d.addSale(s, byID, nil)
		if err != nil {
			return err
		}
		if t < o || o < d.Train {
			return s.Fault("origin", "day %d cannot be forecast from origin %d: origins begin at %d, the day after train.csv", t, o, d.Train)
		}
		d.Horizon = max(d.Horizon, t-o+1)
		it := byID[s.Text("series_id")]
		if day := d.Start.AddDays(o); !slices.Contains(it.origins, day) {
			it.origins = append(it.origins, day)
		}
		if !slices.Contains(d.Origins, o) {
			d.Origins = append(d.Origins, o)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	slices.Sort(d.Origins)
	if err := d.readPlan(folder, holidays); err != nil {
		return nil, err
	}
	return d, d.readHeat(folder)
}

// addSale reads a row of sales and gives its day. holidays nil: promotion and holiday are read from the calendar.
func (d *HeatDataset) addSale(s *Sheet, byID map[string]*HeatItem, holidays map[calendar.Day]string) (int, error) {
	id, err := s.Name("series_id")
	if err != nil {
		return 0, err
	}
	t, err := s.Whole("t")
	if err != nil {
		return 0, err
	}
	day, err := calendar.ParseDay(s.Text("date"))
	if err != nil {
		return 0, s.Fault("date", "%q is not a date like 2024-11-02", clip(s.Text("date")))
	}
	if len(d.Items) == 0 {
		d.Start = day.AddDays(-t)
	}
	if day != d.Start.AddDays(t) {
		return 0, s.Fault("date", "%s is not day %d: day 0 is %s", day, t, d.Start)
	}
	sales, err := s.Number("sales")
	if err != nil {
		return 0, err
	}
	sold := s.Text("sold_out")
	if sold != "0" && sold != "1" {
		return 0, s.Fault("sold_out", "%q is neither 0 nor 1", clip(sold))
	}
	it := byID[id]
	if it == nil {
		it = &HeatItem{ID: strings.Clone(id), Topic: strings.Clone(s.Text("topic")), Product: strings.Clone(s.Text("sku"))}
		it.Start = day
		it.Key = forecasting.Key{SKU: numbered(it.Product), Site: catalog.SiteID(numbered(s.Text("location")))}
		byID[it.ID] = it
		d.Items = append(d.Items, it)
	}
	if day < it.End() || day.Sub(it.End()) > maxGap {
		return 0, s.Fault("t", "day %d does not follow day %d of series %s", t, it.End().Sub(d.Start)-1, it.ID)
	}
	for day > it.End() {
		it.Sales, it.SoldOut, it.Promo = append(it.Sales, math.NaN()), append(it.SoldOut, false), append(it.Promo, 0)
	}
	promo := 0.0
	if holidays != nil {
		if promo, err = s.Number("promo"); err != nil {
			return 0, err
		}
		if promo < 0 || promo > 1 {
			return 0, s.Fault("promo", "%g is not a share between 0 and 1", promo)
		}
		if h := s.Text("holiday"); h != "" {
			holidays[day] = strings.Clone(h)
		}
	}
	it.Sales, it.SoldOut, it.Promo = append(it.Sales, sales), append(it.SoldOut, sold == "1"), append(it.Promo, promo)
	return t, nil
}

// numbered gives the number in a name such as S017, 0 without one.
func numbered(name string) catalog.SKUID {
	n := catalog.SKUID(0)
	for _, r := range name {
		if r >= '0' && r <= '9' && n < 1e8 {
			n = n*10 + catalog.SKUID(r-'0')
		}
	}
	return n
}

// readPlan reads the calendar of the test days and sets the promotions of the items on them.
func (d *HeatDataset) readPlan(folder fs.FS, holidays map[calendar.Day]string) error {
	if err := ReadSheet(folder, "calendar.csv", []string{"sku", "t", "promo", "holiday"}, func(s *Sheet) error {
		t, err := s.Whole("t")
		if err != nil {
			return err
		}
		promo, err := s.Number("promo")
		if err != nil {
			return err
		}
		if promo < 0 || promo > 1 {
			return s.Fault("promo", "%g is not a share between 0 and 1", promo)
		}
		product := strings.Clone(s.Text("sku"))
		if d.plan[product] == nil {
			d.plan[product] = map[int]float64{}
		}
		d.plan[product][t] = promo
		if h := s.Text("holiday"); h != "" {
			holidays[d.Start.AddDays(t)] = strings.Clone(h)
		}
		return nil
	}); err != nil {
		return err
	}
	var events []forecasting.Event
	for day, code := range holidays {
		events = append(events, forecasting.Event{Code: code, From: day, To: day})
	}
	slices.SortFunc(events, func(a, b forecasting.Event) int { return int(a.From - b.From) })
	d.Days = forecasting.NewCalendar(events)
	for _, it := range d.Items {
		for t := max(d.Train-it.Start.Sub(d.Start), 0); t < it.Len(); t++ {
			it.Promo[t] = d.plan[it.Product][it.Start.AddDays(t).Sub(d.Start)]
		}
	}
	return nil
}

func (d *HeatDataset) readHeat(folder fs.FS) error {
	seen := map[string]int{}
	err := ReadSheet(folder, "heat.csv", []string{"topic", "t", "heat"}, func(s *Sheet) error {
		topic, err := s.Name("topic")
		if err != nil {
			return err
		}
		t, err := s.Whole("t")
		if err != nil {
			return err
		}
		list := d.Heat[topic]
		if list == nil {
			topic = strings.Clone(topic)
			d.Topics = append(d.Topics, topic)
			for _, c := range heatSources {
				if s.Has(c) {
					list = append(list, forecasting.HeatSeries{Topic: catalog.TopicID(numbered(topic)), Source: c, Start: d.Start.AddDays(t)})
				}
			}
			d.Heat[topic] = list
			seen[topic] = t
		}
		if t < seen[topic] || t-seen[topic] > maxGap {
			return s.Fault("t", "day %d of topic %s where %d must follow", t, topic, seen[topic])
		}
		for i := range list {
			for k := seen[topic]; k < t; k++ {
				list[i].Value = append(list[i].Value, math.NaN())
			}
			v, err := s.Number(list[i].Source)
			if err != nil {
				return err
			}
			if v < 0 {
				return s.Fault(list[i].Source, "%g is below 0", v)
			}
			list[i].Value = append(list[i].Value, v)
		}
		seen[topic] = t + 1
		return nil
	})
	if err != nil {
		return err
	}
	for _, it := range d.Items {
		if it.Topic != "" && d.Heat[it.Topic] == nil {
			return &FileError{File: "heat.csv", Column: "topic", Reason: "holds no row of topic " + it.Topic + ", to which series " + it.ID + " belongs"}
		}
	}
	return nil
}

// Past gives what is known of an item on the morning of a day.
func (d *HeatDataset) Past(it *HeatItem, origin int) forecasting.Series {
	return it.Before(d.Start.AddDays(origin))
}

// KnownHeat gives the heat of a topic that is known on the morning of a day, a series a source.
func (d *HeatDataset) KnownHeat(topic string, origin int) []forecasting.HeatSeries {
	var out []forecasting.HeatSeries
	for _, h := range d.Heat[topic] {
		out = append(out, h.Before(d.Start.AddDays(origin+1-forecasting.HeatDelay)))
	}
	return out
}

// Future gives what is known in advance of the days from the origin on.
func (d *HeatDataset) Future(it *HeatItem, origin int) forecasting.Future {
	promo := make([]float64, d.Horizon)
	for h := range promo {
		promo[h] = d.plan[it.Product][origin+h]
	}
	return forecasting.Future{Promo: promo}
}

// Wanted says whether the test file asks for a forecast of the item from the origin.
func (d *HeatDataset) Wanted(it *HeatItem, origin int) bool {
	return slices.Contains(it.origins, d.Start.AddDays(origin))
}
