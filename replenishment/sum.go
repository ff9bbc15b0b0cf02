package replenishment

import (
	"math"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// sum collects the steps that lead to a number.
type sum struct {
	steps []Step
	total quantity.Pieces
}

// plus adds a line; one that would carry a negative number turns its sign.
func (s *sum) plus(key StepKey, pieces quantity.Pieces, args Args) {
	op := OpPlus
	if s.total += pieces; pieces < 0 {
		op, pieces = OpMinus, -pieces
	}
	s.steps = append(s.steps, Step{Op: op, Key: key, Pieces: pieces, Args: args})
}

func (s *sum) minus(key StepKey, pieces quantity.Pieces, args Args) {
	op := OpMinus
	if s.total -= pieces; pieces < 0 {
		op, pieces = OpPlus, -pieces
	}
	s.steps = append(s.steps, Step{Op: op, Key: key, Pieces: pieces, Args: args})
}

// to brings the sum to pieces with a line of its own, if it is not there yet.
func (s *sum) to(pieces quantity.Pieces, key StepKey, args Args) {
	if pieces != s.total {
		s.plus(key, pieces-s.total, args)
	}
}

// equals closes the sum.
func (s *sum) equals(key StepKey, args Args) []Step {
	return append(s.steps, Step{Op: OpEquals, Key: key, Pieces: s.total, Args: args})
}

// open begins the sum of a need: level less what there is.
func (p *planner) open(n *node, h holding) sum {
	iv := &n.iv
	s := sum{steps: make([]Step, 0, 8)}
	base := n.all.baseOver(iv.days)
	s.plus(WhyDemand, iv.demand, Args{
		Days: iv.days, LeadDays: iv.lead, ReviewDays: iv.review, DownstreamDays: iv.downstream, PerDay: iv.perDay(),
		BasePerDay: ratio(base, iv.days), Heat: ratio(iv.mean, base), Sites: h.sites,
	})
	s.plus(WhySafety, iv.safety, Args{Service: iv.service, Days: ratio(float64(iv.safety), iv.perDay())})
	if iv.lot > 0 {
		s.plus(WhyLot, iv.lot, Args{Days: ratio(float64(iv.lot), iv.perDay()), Money: money.Fen(math.Round(iv.setup))})
	}
	if iv.raised > 0 {
		s.plus(WhyMinCover, iv.raised, Args{Days: float64(p.s.Cover[n.Tier].MinDays)})
	}
	switch {
	case iv.cut > 0 && iv.cutLife:
		s.minus(WhyShelfLife, iv.cut, Args{Days: iv.cutDays})
	case iv.cut > 0:
		s.minus(WhyMaxCover, iv.cut, Args{Days: float64(p.s.Cover[n.Tier].MaxDays)})
	}
	s.minus(WhyAvailable, h.available, Args{
		Sites: h.sites, OnHand: h.onHand, Reserved: h.reserved, Held: h.held, ShortDated: h.shortDated, Outbound: h.outbound, Stuck: h.stuck,
	})
	p.less(&s, n, h)
	return s
}

// less takes off what is under way and what this plan brings from elsewhere.
func (p *planner) less(s *sum, n *node, h holding) {
	order, approved := Args{}, Args{}
	var moved, bought quantity.Pieces
	movedArgs, boughtArgs := Args{}, Args{}
	n.below(func(c *node) {
		for _, in := range c.supply {
			switch {
			case !in.shipped && n.contains(in.from), float64(in.day) > n.iv.days && !n.contains(in.from):
			case in.approved:
				approved.Sites++
			default:
				order.Refs = append(order.Refs, in.ref)
				if d := p.today.AddDays(in.day); order.Date == nil || d < *order.Date {
					order.Date, order.SiteName, order.Site = &d, &c.Name, c.ID
				}
			}
		}
		for _, in := range c.received {
			switch {
			case float64(in.day) > n.iv.days || n.contains(in.from):
			case in.from != nil:
				moved += in.pieces
				movedArgs.Refs = append(movedArgs.Refs, in.from.Code)
				movedArgs.SiteName = &in.from.Name
			default:
				bought += in.pieces
				boughtArgs.SupplierName = in.supplier
			}
		}
	})
	if h.onOrder > 0 {
		s.minus(WhyOnOrder, h.onOrder, order)
	}
	if h.approved > 0 {
		s.minus(WhyApproved, h.approved, approved)
	}
	// What is stuck below reduces the part that came from outside last.
	bought = min(bought, h.planned)
	if moved = h.planned - bought; moved > 0 {
		s.minus(WhyMoved, moved, movedArgs)
	}
	if bought > 0 {
		s.minus(WhyOtherSource, bought, boughtArgs)
	}
}

// ratio is a/b, 0 where b is.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// inputs records what went into the numbers of the node.
func (p *planner) inputs(n *node) Inputs {
	if n.inputs == nil {
		in := p.makeInputs(n)
		n.inputs = &in
	}
	return *n.inputs
}

func (p *planner) makeInputs(n *node) Inputs {
	iv := &n.iv
	base := n.all.baseOver(iv.days)
	in := Inputs{
		Class: n.class, Measure: p.s.Measure, Service: iv.service, LeadDays: iv.lead, LeadSDDays: iv.leadSD, ReviewDays: iv.review,
		DownstreamDays: iv.downstream, ProtectionDays: iv.days, DemandMean: iv.mean, DemandBase: base,
		ForecastSD: iv.errorSD, LeadSD: iv.leadPart, SD: iv.sd, Distribution: iv.distribution, Quantile: iv.quantile, Z: iv.z(),
		HeatMultiplier: ratio(iv.mean, base), Price: p.in.SKU.Price, Cost: p.cost,
		LongestDays: float64(p.s.Cover[n.Tier].MaxDays),
		BelowDays:   max(ratio(float64(iv.reorder-n.has(iv.days, false).position()), iv.perDay()), 0),
	}
	if life := p.in.SKU.ShelfLifeDays; life > 0 {
		in.LifeDays = float64(max(life-p.in.SKU.MinRemainingDays, 1))
	}
	switch cv := ratio(iv.sd, iv.mean); {
	case cv <= 0.25:
		in.Confidence = Sure
	case cv <= 0.6:
		in.Confidence = Fair
	default:
		in.Confidence = Unsure
	}
	for i := 0; float64(i) < iv.days && i < p.days; i++ {
		in.HeatPeak = max(in.HeatPeak, ratio(n.all.day[i], n.all.base[i]))
	}
	p.causes(n, &in)
	return in
}

// causes finds the topic and the event that move the demand of the echelon most, and its main model.
func (p *planner) causes(n *node, in *Inputs) {
	hottest, most, main := 0.0, 0.0, -1.0
	var events map[catalog.Name]float64
	n.below(func(c *node) {
		f := c.forecast
		if f == nil {
			return
		}
		if d := c.own.over(n.iv.days); d > main {
			main, in.Model = d, f.Model
		}
		if up := c.own.over(n.iv.days) - c.own.baseOver(n.iv.days); up > hottest && f.TopicRatio > 0 {
			hottest, in.Topic, in.TopicRatio = up, f.Topic, f.TopicRatio
		}
		for _, e := range f.Events {
			if !(e.Multiplier > 0 && e.Multiplier < 1e6) {
				continue
			}
			extra := 0.0
			for d := max(e.From.Sub(p.today), 0); d <= e.To.Sub(p.today) && float64(d) < n.iv.days && d < p.days; d++ {
				extra += c.own.day[d] * (1 - 1/e.Multiplier)
			}
			in.DemandEvents += extra
			if events == nil {
				events = map[catalog.Name]float64{}
			}
			events[e.Name] += extra
		}
	})
	for name, extra := range events {
		if extra > most+tiny || (math.Abs(extra-most) <= tiny && extra > 0 && name.ZH+name.EN < in.Event.ZH+in.Event.EN) {
			most, in.Event = extra, name
		}
	}
}

// reason names why the echelon needs goods.
func (p *planner) reason(in Inputs) Reason {
	switch plain := in.DemandBase; {
	case in.DemandMean-plain > p.s.HeatShare*plain && in.DemandMean-plain > tiny:
		return ReasonHeat
	case in.DemandEvents > p.s.HeatShare*(in.DemandMean-in.DemandEvents) && in.DemandEvents > tiny:
		return ReasonEvent
	}
	return ReasonBelowLevel
}

// worth gives n pieces at unit each; an amount beyond reckoning is 0 and warned of.
func worth(s *Suggestion, unit money.Fen, n quantity.Pieces) money.Fen {
	m, err := unit.Times(int64(n))
	if err != nil {
		s.Warnings = append(s.Warnings, Warning{Code: WarnOverflow, Args: Args{UnitPrice: unit, Pieces: n}})
		return 0
	}
	return m
}
