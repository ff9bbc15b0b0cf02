package forecastops

import (
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/models"
	"milkrun/internal/catalog"
)

// additions gathers what a spike adds to the forecasts of its SKUs.
type additions struct {
	run   forecasting.Run
	spike forecasting.SpikeRecord
	bySKU map[catalog.SKUID]*forecasting.SpikeSKU
}

// add works out the additions to some forecasts, which may begin later than the run.
func (a *additions) add(f *forecaster, list []forecasting.Forecast) {
	heat, ok := f.heat[a.spike.Topic.ID]
	effect, proven := f.effects[a.spike.Topic.ID]
	if a.spike.ID == 0 || !ok || !proven {
		return
	}
	if a.bySKU == nil {
		a.bySKU = map[catalog.SKUID]*forecasting.SpikeSKU{}
	}
	for _, x := range models.ExpectedEffect(a.spike.Spike, effect, heat, list, nil) {
		k := a.bySKU[x.SKU]
		if k == nil {
			k = &forecasting.SpikeSKU{SKU: x.SKU, ByDay: make([]float32, a.run.Horizon)}
			a.bySKU[x.SKU] = k
		}
		shift := a.run.Horizon - len(x.ByDay)
		for i, v := range x.ByDay {
			if effect.OpenAt(i) {
				k.ByDay[i+shift] += v
				k.Pieces += float64(v)
			}
		}
	}
}

// fill puts the additions into the record of the spike.
func (a *additions) fill(r *forecasting.SpikeRecord) {
	r.SKUs, r.Pieces, r.From, r.To = nil, 0, nil, nil
	r.ByDay = make([]float32, a.run.Horizon)
	origin := a.run.Origin
	r.Run, r.Origin = a.run.ID, &origin
	for _, k := range a.bySKU {
		r.SKUs = append(r.SKUs, *k)
		r.Pieces += k.Pieces
		for i, v := range k.ByDay {
			r.ByDay[i] += v
		}
	}
	slices.SortFunc(r.SKUs, func(x, y forecasting.SpikeSKU) int {
		switch {
		case x.Pieces != y.Pieces && x.Pieces > y.Pieces:
			return -1
		case x.Pieces != y.Pieces:
			return 1
		}
		return int(x.SKU - y.SKU)
	})
	for i, v := range r.ByDay {
		if v >= 0.01 {
			day := origin.AddDays(i)
			if r.From == nil {
				r.From = &day
			}
			r.To = &day
		}
	}
}
