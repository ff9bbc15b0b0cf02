package simulation

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Params shape a generated world. DefaultParams draws them from a seed, so that two seeds differ in more than their dice.
type Params struct {
	Seed     int64
	SKUs     [4]int // how many core, hot, seasonal and slow
	Days     int    // warm days and days played together
	WarmDays int
	SkipDays int

	Imported, Backup float64 // share of SKUs; slow and hot are imported a little less
	FalseHeat        float64 // share of heat signals that no demand follows
	HeatLag          int     // days from heat to demand
	HeatNoise        float64 // deviation of the heat's logarithm
	Spikes           [4]float64
	Elasticity       [2]float64 // demand grows as (1+heat)^e, e between the two
	HeatDecay        float64    // days in which a spike falls by a factor of e
	Scatter          float64    // size of the negative binomial: the smaller, the more demand scatters
	Weekend          float64    // how far the best weekday stands above the mean
	Promotions       int
	LeadMean, LeadSD [Lanes]float64
}

// DefaultParams draws the parameters of a world.
func DefaultParams(seed int64) Params {
	r := rand.New(rand.NewPCG(uint64(seed), 0x9e3779b97f4a7c15))
	between := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	p := Params{
		Seed: seed, SKUs: [4]int{20, 15, 10, 15}, Days: 640, WarmDays: 180, SkipDays: 60,
		Imported: between(0.4, 0.65), Backup: between(0.65, 0.85), FalseHeat: between(0.2, 0.3), HeatLag: 2, HeatNoise: between(0.15, 0.3),
		Spikes:     [4]float64{between(0.2, 0.6), between(2.8, 5.2), between(0.5, 1.3), between(0.6, 1.6)},
		Elasticity: [2]float64{between(0.7, 0.9), between(1.2, 1.7)}, HeatDecay: between(4, 6), Scatter: between(4, 8),
		Weekend: between(0.1, 0.22), Promotions: 4 + r.IntN(3),
	}
	for l, m := range [Lanes]float64{28, 8, 9, 2, 2, 3} {
		p.LeadMean[l] = m
		p.LeadSD[l] = [Lanes]float64{4, 2, 2, 0.6, 0.6, 0.5}[l] * between(0.85, 1.2)
	}
	return p
}

// classRange is the range of the mean total demand a day of a class.
var classRange = [4][2]float64{{12, 52}, {4.5, 23}, {3, 18}, {0.25, 2.9}}

// spikeSize is how loud the spikes of a class are: everyday goods move people less.
var spikeSize = [4]float64{0.6, 1.2, 1, 0.9}

// Generate makes a world from its parameters: the same ones give the same world.
func Generate(p Params) *World {
	r := rand.New(rand.NewPCG(uint64(p.Seed), 1))
	w := &World{Seed: p.Seed, WarmDays: p.WarmDays, SkipDays: p.SkipDays, Promo: map[int]float64{},
		Costs: Costs{HoldingRateYear: 0.22, MarginRate: 0.35, SupplierOrder: 120, InternalLine: 4, MoveUnitRate: 0.004, BackupPremium: 0.18, Markdown: 0.3}}
	const after = 40 // days of heat and demand beyond the last one played
	w.SimDays = p.Days - p.WarmDays - after
	for l := range w.Lead {
		for range p.Days {
			w.Lead[l] = append(w.Lead[l], max(int(math.Round(p.LeadMean[l]+p.LeadSD[l]*r.NormFloat64())), 1))
		}
	}
	for k := range p.Promotions {
		day := 40 + (p.Days-80)*k/p.Promotions + r.IntN((p.Days-80)/p.Promotions-4)
		f := 2 + 1.7*r.Float64()
		for ; f > 1.4; day++ {
			w.Promo[day] = round2(f)
			f *= 0.6 + 0.2*r.Float64()
		}
	}
	week := weekOf(r, p.Weekend)
	for class, n := range p.SKUs {
		for range n {
			s := p.sku(r, len(w.SKUs), class)
			total := between(r, classRange[class][0], classRange[class][1])
			p.terms(r, &s, class, total)
			effect, heat := p.heat(r, class)
			w.Heat = append(w.Heat, heat)
			w.Demand = append(w.Demand, p.demand(r, w, &s, class, total, effect, week))
			w.SKUs = append(w.SKUs, s)
		}
	}
	return w
}

func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }
func round2(v float64) float64                   { return math.Round(v*100) / 100 }

// weekOf draws the weekdays' factors, the mean being 1.
func weekOf(r *rand.Rand, height float64) (f [7]float64) {
	sum := 0.0
	for d := range f {
		f[d] = 1 + height*math.Sin(2*math.Pi*(float64(d)-3.2)/7) + 0.03*r.NormFloat64()
		sum += f[d] / 7
	}
	for d := range f {
		f[d] /= sum
	}
	return f
}

// sku draws what an item is.
func (p *Params) sku(r *rand.Rand, i, class int) SKU {
	s := SKU{Code: fmt.Sprintf("S%02d", i), Class: [4]Class{Core, Hot, Seasonal, Slow}[class], Value: round2(between(r, 15, 260))}
	s.ShelfLife = []int{270, 360, 540, 720}[r.IntN(4)]
	s.MinRemaining = s.ShelfLife / 3
	s.Pack = []int{1, 6, 12}[r.IntN(3)]
	imported := p.Imported
	switch class {
	case 2:
		imported += 0.2
	case 3:
		imported -= 0.2
	}
	if r.Float64() < imported {
		s.Imported = 1
	}
	if r.Float64() < p.Backup {
		s.Backup = 1
	}
	amplitude, phase, noise := 0.1, r.Float64(), 0.05
	if class == 2 {
		amplitude = between(r, 0.5, 0.65)
	}
	for m := range (p.Days + 29 + 80) / 30 {
		index := 1 + amplitude*math.Cos(2*math.Pi*(float64(m)/12-phase)) + noise*r.NormFloat64()
		s.Season = append(s.Season, math.Round(1000*max(index, 0.15))/1000)
	}
	return s
}

// terms draws the supplier's minimum and capacity for an item that sells total pieces a day.
func (p *Params) terms(r *rand.Rand, s *SKU, class int, total float64) {
	s.MOQ = []int{24, 24, 60, 120}[r.IntN(4)]
	if class == 3 {
		s.MOQ = []int{24, 48}[r.IntN(2)]
	}
	s.CapPerDay = int(12 + 6*total)
}

// heat draws the social heat of an item, and what it does to the demand of each day. About p.HeatLag days lie between
// the two; a false signal is loud at once and dies quickly.
func (p *Params) heat(r *rand.Rand, class int) (effect, heat []float64) {
	strength := make([]float64, p.Days+p.HeatLag+1)
	effect, heat = make([]float64, p.Days), make([]float64, p.Days)
	elasticity := between(r, p.Elasticity[0], p.Elasticity[1])
	rate := p.Spikes[class] * between(r, 0.6, 1.5) / 180
	loud := make([]float64, p.Days)
	for day := range p.Days {
		if r.Float64() >= rate/(1-p.FalseHeat) {
			continue
		}
		if r.Float64() < p.FalseHeat {
			h := between(r, 1.7, 3)
			for d := day; d < p.Days && h > 0.05; d++ {
				loud[d] += h
				h *= between(r, 0.5, 0.85)
			}
			continue
		}
		peak, rise := (1.5+1.8*r.ExpFloat64())*spikeSize[class], 2+r.IntN(3)
		for d := day; d < len(strength); d++ {
			k := float64(d - day)
			h := peak * math.Exp(-(k-float64(rise))/p.HeatDecay)
			if d-day < rise {
				h = peak * (k + 1) / float64(rise+1)
			}
			strength[d] += h
		}
	}
	for day := range p.Days {
		effect[day] = 1
		if day >= p.HeatLag {
			effect[day] = math.Pow(1+strength[day-p.HeatLag], elasticity)
			if strength[day-p.HeatLag] < 0.05 {
				effect[day] = 1
			}
		}
		h := (strength[day]+loud[day])*math.Exp(p.HeatNoise*r.NormFloat64()) + 0.12*r.NormFloat64()
		heat[day] = max(round2(h), 0)
	}
	return effect, heat
}

// demand draws the pieces wanted at each front and day: level, trend, season, week, heat and promotion, scattered as
// a negative binomial.
func (p *Params) demand(r *rand.Rand, w *World, s *SKU, class int, total float64, effect []float64, week [7]float64) (out [Fronts][]int) {
	var part [Fronts]float64
	sum := 0.0
	for f := range part {
		part[f] = between(r, 0.5, 1.3)
		sum += part[f]
	}
	trend := between(r, -0.25, 0.25)
	if class == 3 {
		trend = between(r, -0.9, 0)
	}
	drift := 0.0
	for day := range p.Days {
		drift = 0.985*drift + 0.02*r.NormFloat64()
		level := total * math.Exp(trend*(float64(day)/float64(p.Days)-0.3)+drift)
		mean := level * s.SeasonOn(day) * week[day%7] * effect[day] * w.PromoOn(day)
		for f := range part {
			m := mean * part[f] / sum
			out[f] = append(out[f], poisson(r, m*gamma(r, p.Scatter)/p.Scatter))
		}
	}
	return out
}

// gamma draws from the gamma distribution of shape k ≥ 1 and scale 1 (Marsaglia and Tsang 2000).
func gamma(r *rand.Rand, k float64) float64 {
	d := k - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// poisson draws from the Poisson distribution; above 60 rounded from the normal one.
func poisson(r *rand.Rand, mean float64) int {
	if mean > 60 {
		return max(int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())), 0)
	}
	limit, n := math.Exp(-mean), 0
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}
