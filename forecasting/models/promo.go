package models

import (
	"slices"

	"milkrun/forecasting"
)

// What a price has to fall below the usual to be called a promotion, and the days that say what is usual.
const (
	promoLeast  = .04
	promoWindow = 56
)

// withPromo fills a missing promotion depth from the prices: the share by which the price of a day lies below the
// upper quartile of the eight weeks before its week. Without prices, or with depths given, the series is as it was.
func withPromo(s forecasting.Series) forecasting.Series {
	if s.Promo != nil || s.Price == nil {
		return s
	}
	depth := make([]float64, len(s.Price))
	var near []float64
	any, usual := false, 0.0
	for t, p := range s.Price {
		if t%7 == 0 { // the usual price does not change by the day
			usual = 0
			near = near[:0]
			for _, v := range s.Price[max(0, t-promoWindow):t] {
				if v > 0 {
					near = append(near, v)
				}
			}
			if len(near) >= 7 {
				slices.Sort(near)
				usual = sortedQuantile(near, .75)
			}
		}
		if cut := 1 - p/usual; usual > 0 && cut >= promoLeast {
			depth[t] = min(cut, 1)
			any = true
		}
	}
	if any {
		s.Promo = depth
	}
	return s
}
