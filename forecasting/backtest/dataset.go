package backtest

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// Period is the length of a step of a series.
type Period string

// The periods.
const (
	Day     Period = "day"
	Week    Period = "week"
	Month   Period = "month"
	Quarter Period = "quarter"
)

// Season gives the periods of the usual season: 7 days, 52 weeks, 12 months, 4 quarters.
func (p Period) Season() int {
	return map[Period]int{Day: 7, Week: 52, Month: 12, Quarter: 4}[p]
}

// Item is one series of a Dataset. Columns run over the past and the future.
type Item struct {
	ID      string
	First   int       // number of the first period
	Past    []float64 // values known to the forecaster; NaN = unknown
	Horizon int
	Actual  []float64            // nil until Dataset.ReadActuals: never known to the forecaster
	Columns map[string][]float64 // by name, as long as Past and the horizon
	train   int                  // length of Past as read
}

// Dataset is a set of series with the periods that are to be forecast.
type Dataset struct {
	Name   string
	Period Period
	Scale  int // season of the MASE
	Items  []*Item
	Plan   []string // columns of Items that are known in advance
	// Attributes says of what kind the items are (product, location, category …), a column a level, by item.
	Attributes map[string][]string
	folder     fs.FS
	held       int // periods held back at the end of the past
}

// plans are the columns that are known in advance where the file holds a promotion plan, which base_price gives away. Without
// one a price in the test file is what came, and is not read.
var plans = []string{"price", "base_price", "feature", "display", "tpr_only"}

// ReadDataset reads train.csv and of test.csv (or their .gz) the periods to be forecast with what is known of them in
// advance, never their values: see ReadActuals. period "" is told from the name or the columns. A bad file gives a
// *FileError.
func ReadDataset(folder fs.FS, name string, period Period) (*Dataset, error) {
	d := &Dataset{Name: name, Period: period, Scale: 1, folder: folder, Attributes: map[string][]string{}}
	byID := map[string]*Item{}
	starts := 0.0
	err := ReadSheet(folder, "train.csv", []string{"series_id", "t", "value"}, func(s *Sheet) error {
		if d.Plan == nil && s.Has("base_price") {
			for _, c := range plans {
				if s.Has(c) {
					d.Plan = append(d.Plan, c)
				}
			}
		}
		if v, err := s.Number("start_period"); err == nil && v > starts {
			starts = v
		}
		return d.addPast(s, byID)
	})
	if err != nil {
		return nil, err
	}
	if len(d.Items) == 0 {
		return nil, &FileError{File: "train.csv", Reason: "holds no row"}
	}
	for _, it := range d.Items {
		it.train = len(it.Past)
	}
	if err := ReadSheet(folder, "test.csv", append([]string{"series_id", "t"}, d.Plan...), func(s *Sheet) error { return d.addFuture(s, byID) }); err != nil {
		return nil, err
	}
	for _, it := range d.Items {
		if it.Horizon == 0 {
			return nil, &FileError{File: "test.csv", Reason: "holds no row of series " + it.ID + ", which train.csv has"}
		}
	}
	if d.Period == "" {
		if d.Period = d.guess(starts); d.Period == "" {
			return nil, fmt.Errorf("%s: cannot tell whether its periods are days, weeks, months or quarters; say so with --period", name)
		}
	}
	if starts > 0 || d.Period == Day {
		d.Scale = d.Period.Season()
	}
	d.splitNames()
	return d, d.readProducts()
}

// guess tells the period from the name, else from the largest place in the season.
func (d *Dataset) guess(starts float64) Period {
	for word, p := range map[string]Period{"daily": Day, "weekly": Week, "monthly": Month, "quarterly": Quarter} {
		if strings.Contains(strings.ToLower(d.Name), word) {
			return p
		}
	}
	switch {
	case d.Plan != nil:
		return Week
	case starts > 4:
		return Month
	case starts > 0:
		return Quarter
	}
	return ""
}

func (d *Dataset) addPast(s *Sheet, byID map[string]*Item) error {
	id, err := s.Name("series_id")
	if err != nil {
		return err
	}
	t, err := s.Whole("t")
	if err != nil {
		return err
	}
	v, err := s.Number("value")
	if err != nil {
		return err
	}
	if math.Abs(v) > forecasting.MaxPieces {
		return s.Fault("value", "%g is beyond what is believed", v)
	}
	it := byID[id]
	if it == nil {
		it = &Item{ID: strings.Clone(id), First: t, Columns: map[string][]float64{}}
		byID[it.ID] = it
		d.Items = append(d.Items, it)
	}
	if err := it.reach(s, t); err != nil {
		return err
	}
	it.Past = append(it.Past, v)
	return d.addColumns(s, it, len(it.Past))
}

// maxGap is the longest stretch of missing rows that is taken for unknown values.
const maxGap = 1000

// reach fills the periods before t with unknown values.
func (it *Item) reach(s *Sheet, t int) error {
	next := it.First + len(it.Past)
	switch {
	case t < next:
		return s.Fault("t", "period %d of series %s comes after period %d: rows must ascend and none may stand twice", t, it.ID, next-1)
	case t-next > maxGap:
		return s.Fault("t", "%d periods of series %s are missing before period %d", t-next, it.ID, t)
	}
	for ; next < t; next++ {
		it.Past = append(it.Past, math.NaN())
	}
	return nil
}

// addColumns reads the columns of the plan of the n-th period; those of a missing row before it are carried.
func (d *Dataset) addColumns(s *Sheet, it *Item, n int) error {
	for _, c := range d.Plan {
		v, err := s.Number(c)
		if err != nil {
			return err
		}
		list := it.Columns[c]
		for len(list) < n-1 {
			before := math.NaN()
			if len(list) > 0 {
				before = list[len(list)-1]
			}
			list = append(list, before)
		}
		if v != v && len(list) > 0 {
			v = list[len(list)-1]
		}
		it.Columns[c] = append(list, v)
	}
	return nil
}

func (d *Dataset) addFuture(s *Sheet, byID map[string]*Item) error {
	id, err := s.Name("series_id")
	if err != nil {
		return err
	}
	it := byID[id]
	if it == nil {
		return s.Fault("series_id", "train.csv holds no series %s", clip(id))
	}
	t, err := s.Whole("t")
	if err != nil {
		return err
	}
	if want := it.First + it.train + it.Horizon; t != want {
		return s.Fault("t", "period %d of series %s where %d must follow", t, it.ID, want)
	}
	if it.Horizon++; it.Horizon > forecasting.MaxHorizon {
		return s.Fault("t", "series %s has more than %d periods to forecast", it.ID, forecasting.MaxHorizon)
	}
	return d.addColumns(s, it, it.train+it.Horizon)
}

// ReadActuals reads the values of the test file, for scoring. After HoldBack it does nothing: the actuals are those held
// back.
func (d *Dataset) ReadActuals() error {
	if d.held > 0 {
		return nil
	}
	byID := map[string]*Item{}
	for _, it := range d.Items {
		it.Actual = nil
		byID[it.ID] = it
	}
	return ReadSheet(d.folder, "test.csv", []string{"series_id", "value"}, func(s *Sheet) error {
		v, err := s.Number("value")
		if err != nil {
			return err
		}
		it := byID[s.Text("series_id")]
		if it == nil {
			return s.Fault("series_id", "train.csv holds no series %s", clip(s.Text("series_id")))
		}
		it.Actual = append(it.Actual, v)
		return nil
	})
}

// HoldBack moves the origin of all series back by so many horizons into the past, which then takes the place of the test file:
// a set can be measured without touching its test values. Series that become shorter than twice their horizon are left out.
func (d *Dataset) HoldBack(horizons int) {
	if horizons < 1 {
		return
	}
	keep := d.Items[:0:0]
	var at []int
	for i, it := range d.Items {
		cut := len(it.Past) - horizons*it.Horizon
		if cut < 2*it.Horizon {
			continue
		}
		it.Actual = it.Past[cut : cut+it.Horizon]
		it.Past = it.Past[:cut:cut]
		for c, v := range it.Columns {
			it.Columns[c] = v[:cut+it.Horizon]
		}
		it.train = cut
		keep, at = append(keep, it), append(at, i)
	}
	for level, v := range d.Attributes {
		list := make([]string, len(at))
		for k, i := range at {
			list[k] = v[i]
		}
		d.Attributes[level] = list
	}
	d.Items, d.held = keep, horizons
}

// splitNames takes names such as store_product or sku@site apart, where every part is shared by several series.
func (d *Dataset) splitNames() {
	for _, mark := range []string{"@", "_"} {
		var left, right []string
		for _, it := range d.Items {
			a, b, ok := strings.Cut(it.ID, mark)
			if !ok || strings.Contains(b, mark) {
				break
			}
			left, right = append(left, a), append(right, b)
		}
		if len(left) == len(d.Items) && shared(left) && shared(right) {
			d.Attributes["name 1"], d.Attributes["name 2"] = left, right
			return
		}
	}
}

// shared says whether the values name groups: on the average two series each or more.
func shared(v []string) bool {
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	return 2*len(slices.Compact(sorted)) <= len(v)
}

// readProducts reads the category of the products from products.csv, if there is one whose first column is a part of the
// names.
func (d *Dataset) readProducts() error {
	levels := map[string]map[string]string{}
	var key string
	err := ReadSheet(d.folder, "products.csv", nil, func(s *Sheet) error {
		if key == "" {
			key = s.Columns()[0]
		}
		id := strings.Clone(s.Text(key))
		for _, c := range []string{"category", "sub_category", "manufacturer"} {
			if s.Has(c) {
				if levels[c] == nil {
					levels[c] = map[string]string{}
				}
				levels[c][id] = strings.Clone(s.Text(c))
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, part := range []string{"name 1", "name 2"} {
		for c, byProduct := range levels {
			var list []string
			hits := 0
			for _, v := range d.Attributes[part] {
				if byProduct[v] != "" {
					hits++
				}
				list = append(list, byProduct[v])
			}
			if hits*2 > len(d.Items) {
				d.Attributes[c] = list
			}
		}
	}
	return err
}

// periodOne is the day of period 1 of sets whose days are days; of the others a period counts as a day from it on.
var periodOne = calendar.Date(2010, 12, 1)

// Case gives an item as the engine's input. Prices and flags of the plan become promotion depth and further drivers.
func (d *Dataset) Case(it *Item) (forecasting.Series, forecasting.Future) {
	s := forecasting.Series{Sales: it.Past, Start: periodOne.AddDays(it.First - 1)}
	var fut forecasting.Future
	n := len(it.Past)
	price, base := it.Columns["price"], it.Columns["base_price"]
	if price == nil || base == nil {
		return s, fut
	}
	depth := make([]float64, n+it.Horizon)
	for i := range depth {
		if cut := 1 - price[i]/base[i]; cut > 0 {
			depth[i] = min(cut, 1)
		}
	}
	s.Price, s.Promo, fut.Promo = price[:n], depth[:n], depth[n:]
	for _, c := range []string{"feature", "display", "tpr_only"} {
		if v := it.Columns[c]; v != nil {
			s.Extra, fut.Extra = append(s.Extra, known(v[:n])), append(fut.Extra, known(v[n:]))
		}
	}
	return s, fut
}

// known gives a column with 0 for what is not known.
func known(v []float64) []float64 {
	out := slices.Clone(v)
	for i, x := range out {
		if x != x {
			out[i] = 0
		}
	}
	return out
}
