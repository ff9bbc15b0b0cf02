package forecasting

import (
	"fmt"
	"math"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Key names one forecast series: a SKU at a site.
type Key struct {
	SKU  catalog.SKUID  `json:"sku"`
	Site catalog.SiteID `json:"site"`
}

// String gives "sku 12 at site 3", for messages and logs.
func (k Key) String() string { return fmt.Sprintf("sku %d at site %d", k.SKU, k.Site) }

// Series is the past of one SKU at one site, a value a day from Start on without holes (a hole is a NaN).
// SoldOut, Promo and Price are nil when nothing is known, else as long as Sales.
type Series struct {
	Key
	Start   calendar.Day
	Sales   []float64 // pieces sold; NaN = unknown; negative = more returned than sold
	SoldOut []bool    // the shelf was empty at closing: Sales is a lower bound of the demand
	// OutShare is the share of a sold-out day on which the shelf was empty, 0..1; NaN = not known. nil = known of no day.
	OutShare []float64
	Promo    []float64 // price cut of the day, 0..1; NaN is read as 0
	Price    []float64 // yuan; NaN = unknown
	// Extra holds further drivers that are known in advance (display, flyer, …), a column each, as long as Sales;
	// demand is log-linear in them. nil = none. Future.Extra carries them on.
	Extra [][]float64
}

// Len gives the number of days.
func (s Series) Len() int { return len(s.Sales) }

// End gives the first day after the series: the natural origin of a forecast.
func (s Series) End() calendar.Day { return s.Start.AddDays(len(s.Sales)) }

// Day gives the day of index i.
func (s Series) Day(i int) calendar.Day { return s.Start.AddDays(i) }

// Before gives the part of the series before the day (the knowledge of a forecaster on that morning).
// The slices are shared, not copied.
func (s Series) Before(day calendar.Day) Series {
	n := min(max(day.Sub(s.Start), 0), len(s.Sales))
	s.Sales = s.Sales[:n]
	if s.SoldOut != nil {
		s.SoldOut = s.SoldOut[:n]
	}
	if s.OutShare != nil {
		s.OutShare = s.OutShare[:n]
	}
	if s.Promo != nil {
		s.Promo = s.Promo[:n]
	}
	if s.Price != nil {
		s.Price = s.Price[:n]
	}
	if s.Extra != nil {
		columns := make([][]float64, len(s.Extra))
		for i, c := range s.Extra {
			columns[i] = c[:n]
		}
		s.Extra = columns
	}
	return s
}

// Validate gives a *SeriesError for a series that cannot be read: side columns of another length, infinite
// figures, a promotion depth outside 0..1, a negative price. Negative sales and NaN are legal.
func (s Series) Validate() error {
	n := len(s.Sales)
	switch {
	case s.SoldOut != nil && len(s.SoldOut) != n:
		return s.fault("SoldOut", -1, fmt.Sprintf("has %d days, Sales has %d", len(s.SoldOut), n))
	case s.OutShare != nil && len(s.OutShare) != n:
		return s.fault("OutShare", -1, fmt.Sprintf("has %d days, Sales has %d", len(s.OutShare), n))
	case s.Promo != nil && len(s.Promo) != n:
		return s.fault("Promo", -1, fmt.Sprintf("has %d days, Sales has %d", len(s.Promo), n))
	case s.Price != nil && len(s.Price) != n:
		return s.fault("Price", -1, fmt.Sprintf("has %d days, Sales has %d", len(s.Price), n))
	}
	for c, column := range s.Extra {
		name := fmt.Sprintf("Extra[%d]", c)
		if len(column) != n {
			return s.fault(name, -1, fmt.Sprintf("has %d days, Sales has %d", len(column), n))
		}
		for i, v := range column {
			if math.Abs(v) > maxDriver {
				return s.fault(name, i, fmt.Sprintf("%g is out of range", v))
			}
		}
	}
	for i, v := range s.Sales {
		if math.IsInf(v, 0) || math.Abs(v) > MaxPieces {
			return s.fault("Sales", i, fmt.Sprintf("%g is not a number of pieces", v))
		}
	}
	for i, v := range s.OutShare {
		if v < 0 || v > 1 {
			return s.fault("OutShare", i, fmt.Sprintf("%g is not a share between 0 and 1", v))
		}
	}
	for i, v := range s.Promo {
		if v < 0 || v > 1 {
			return s.fault("Promo", i, fmt.Sprintf("%g is not a share between 0 and 1", v))
		}
	}
	for i, v := range s.Price {
		if v < 0 || math.IsInf(v, 0) {
			return s.fault("Price", i, fmt.Sprintf("%g is not a price", v))
		}
	}
	return nil
}

func (s Series) fault(field string, i int, what string) error {
	e := &SeriesError{Key: s.Key, Field: field, Row: i, Reason: what}
	if i >= 0 {
		e.Day = s.Day(i)
	}
	return e
}

// MaxPieces is the largest quantity of one day that is believed (10^12); more is an input fault.
const MaxPieces = 1e12

// maxDriver bounds the columns of Extra: they enter through an exponential.
const maxDriver = 100

// Future is what is known in advance of the days to be forecast.
type Future struct {
	// Promo is the planned price cut of day 1, 2, … of the horizon, 0..1; a day beyond its end has none. nil means
	// that no plan is known: the forecast then assumes that things go on as before, with the promotions that the
	// same festival had in other years and as many as usual on plain days.
	Promo []float64
	// Extra holds the columns of Series.Extra over the horizon; a missing column or day is 0.
	Extra [][]float64
}

// Depth gives the planned price cut of the i-th day of the horizon (from 0), 0 where nothing is planned.
func (f Future) Depth(i int) float64 {
	if i < 0 || i >= len(f.Promo) || !(f.Promo[i] > 0) {
		return 0
	}
	return min(f.Promo[i], 1)
}

// Driver gives the value of a column of Extra on the i-th day of the horizon (from 0), 0 where it is not known.
func (f Future) Driver(column, i int) float64 {
	if column >= len(f.Extra) || i < 0 || i >= len(f.Extra[column]) {
		return 0
	}
	if v := f.Extra[column][i]; math.Abs(v) <= maxDriver {
		return v
	}
	return 0
}
