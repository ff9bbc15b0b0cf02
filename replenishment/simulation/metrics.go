package simulation

// Metrics is what a run cost. Money is in the world's unit, shares are of 1.
type Metrics struct {
	UnitFillRate   float64 `json:"unit_fill_rate"` // sold of demanded
	StockoutRate   float64 `json:"stockout_rate"`  // of fronts × SKUs × days: units lost, or empty in the evening
	CoreStockout   float64 `json:"core_stockout_rate"`
	Turns          float64 `json:"turns"`                    // value sold a year over the average stock
	SlowShare      float64 `json:"slow_mover_share"`         // of stock value in SKUs with more than 90 days of trailing sales
	AvgStock       float64 `json:"avg_stock_value"`          // on the shelves, not in transit
	AvgOverstock   float64 `json:"avg_overstock_value"`      // beyond 60 days of trailing sales
	WriteOff       float64 `json:"writeoff_value"`           //
	RestockedShare float64 `json:"restock_within_72h_share"` // of the outages of core and hot goods that ended

	TotalCost float64 `json:"total_cost"`
	// The parts of TotalCost.
	Costs Parts `json:"costs"`
	// Classes are the same of one class of goods.
	Classes map[Class]ClassFigures `json:"classes"`
}

// ClassFigures is what one class of goods adds.
type ClassFigures struct {
	StockoutRate float64 `json:"stockout_rate"`
	AvgStock     float64 `json:"avg_stock_value"`
	AvgOverstock float64 `json:"avg_overstock_value"`
	AvgSlow      float64 `json:"avg_slow_value"` // in SKUs with more than 90 days of trailing sales
	WriteOff     float64 `json:"writeoff_value"`
	LostMargin   float64 `json:"lost_margin"`
}

// Parts are the parts of the total cost.
type Parts struct {
	Holding    float64 `json:"holding"`
	LostMargin float64 `json:"lost_margin"`
	Orders     float64 `json:"orders"`
	Moves      float64 `json:"moves"`
	WriteOffs  float64 `json:"write_offs"`
	Backup     float64 `json:"backup"`
	Markdown   float64 `json:"markdown"`
}

// tally is what one SKU adds to the metrics.
type tally struct {
	demand, sold, soldValue  float64
	cells, out               int
	lost, markdown, writeOff float64
	orders, moves, backup    float64
	stock, slow              []float64 // values by counted day
	over                     float64
	outages, restocked       int
	since                    [Fronts]int // day the outage began + 1, 0 for none
	windowed                 bool
	window                   [Fronts]int // sales of the last 28 days
}

// restockDays is within how many days an outage must end.
const restockDays = 3

// serve counts a day at a front: demand against the stock before it.
func (t *tally) serve(d *Desk, f, demand, before int) {
	sold := min(demand, before)
	t.demand += float64(demand)
	t.sold += float64(sold)
	t.soldValue += float64(sold) * d.sku.Value
	t.lost += float64(demand-sold) * d.w.Costs.MarginRate * d.sku.Value
	if d.clearing {
		t.markdown += d.w.Costs.Markdown * retailOverValue * d.sku.Value * float64(sold)
	}
	t.cells++
	if demand > sold || before == sold {
		t.out++
	}
}

// outage follows whether a front is short. An outage is counted on the day it ends.
func (t *tally) outage(d *Desk, f int, short, counted bool) {
	if d.sku.Class != Core && d.sku.Class != Hot {
		return
	}
	switch {
	case short && t.since[f] == 0:
		t.since[f] = d.day + 1
	case !short && t.since[f] > 0:
		if counted {
			t.outages++
			if d.day+1-t.since[f] <= restockDays {
				t.restocked++
			}
		}
		t.since[f] = 0
	}
}

// Days of trailing sales: the window, and beyond what a stock is overstock, and slow.
const (
	trailing = 28
	overDays = 60
	slowDays = 90
)

// evening takes the figures of a counted day.
func (d *Desk) evening() {
	pieces, sold := 0, 0
	for l := range d.shelves {
		pieces += d.shelves[l].total()
	}
	for f := range Fronts {
		sold += total(d.sales[f][d.day+1-trailing:])
	}
	rate := float64(sold) / trailing
	day := d.day - d.w.WarmDays - d.w.SkipDays
	d.tally.stock[day] = float64(pieces) * d.sku.Value
	if float64(pieces) > slowDays*rate {
		d.tally.slow[day] = d.tally.stock[day]
	}
	d.tally.over += max(float64(pieces)-overDays*rate, 0) * d.sku.Value
}

const year = 365

// measure adds the tallies up, in the order of the SKUs.
func (w *World) measure(tallies []tally) Metrics {
	days := float64(w.SimDays - w.SkipDays)
	m := Metrics{Classes: map[Class]ClassFigures{}}
	var demand, sold, value, cells, out, coreCells, coreOut, outages, restocked float64
	stock, slow := make([]float64, int(days)), make([]float64, int(days))
	for i := range tallies {
		t := &tallies[i]
		demand, sold, value = demand+t.demand, sold+t.sold, value+t.soldValue
		cells, out = cells+float64(t.cells), out+float64(t.out)
		if w.SKUs[i].Class == Core {
			coreCells, coreOut = coreCells+float64(t.cells), coreOut+float64(t.out)
		}
		outages, restocked = outages+float64(t.outages), restocked+float64(t.restocked)
		m.AvgOverstock += t.over / days
		m.WriteOff += t.writeOff
		m.Costs.LostMargin += t.lost
		m.Costs.Markdown += t.markdown
		m.Costs.Orders += t.orders
		m.Costs.Moves += t.moves
		m.Costs.Backup += t.backup
		c := m.Classes[w.SKUs[i].Class]
		for d := range stock {
			stock[d] += t.stock[d]
			slow[d] += t.slow[d]
			c.AvgStock += t.stock[d] / days
			c.AvgSlow += t.slow[d] / days
		}
		c.StockoutRate += float64(t.out)
		c.AvgOverstock += t.over / days
		c.WriteOff += t.writeOff
		c.LostMargin += t.lost
		m.Classes[w.SKUs[i].Class] = c
	}
	for class, c := range m.Classes {
		cells := 0
		for i := range tallies {
			if w.SKUs[i].Class == class {
				cells += tallies[i].cells
			}
		}
		c.StockoutRate = share(c.StockoutRate, float64(cells))
		m.Classes[class] = c
	}
	for d := range stock {
		m.AvgStock += stock[d] / days
		m.SlowShare += share(slow[d], stock[d]) / days
	}
	m.UnitFillRate, m.StockoutRate, m.CoreStockout = share(sold, demand), share(out, cells), share(coreOut, coreCells)
	m.Turns = share(value/days*year, m.AvgStock)
	m.RestockedShare = 1
	if outages > 0 {
		m.RestockedShare = restocked / outages
	}
	m.Costs.WriteOffs = m.WriteOff
	m.Costs.Holding = m.AvgStock * w.Costs.HoldingRateYear * days / year
	c := m.Costs
	m.TotalCost = c.Holding + c.LostMargin + c.Orders + c.Moves + c.WriteOffs + c.Backup + c.Markdown
	return m
}

func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
