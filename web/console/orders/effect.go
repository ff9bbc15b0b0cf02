package orders

import (
	"context"
	"errors"
	"fmt"
	"math"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/web/route"
)

// orderEffects are what follows from accepting an answer as it stands.
type orderEffects struct {
	Gaps    []gapEffect
	Margins []marginEffect
	// Missing are pieces that will not come and are not missed within the days looked at.
	Missing []missingEffect
}

// gapEffect is a time without stock that the ask would not have had.
type gapEffect struct {
	Goods    catalog.Name
	Unit     catalog.Name
	From, To calendar.Day
	Lost     quantity.Pieces
	Money    money.Fen // at the retail price
	// Spare is a transfer that the planner suggests for the same goods and site; nil for none.
	Spare *replenishment.Suggestion
}

// marginEffect is what a price does to the gross margin at the retail price, both with tax.
type marginEffect struct {
	Goods    catalog.Name
	Rise     float64 // of the cost, as a ratio
	Was, Now float64
}

type missingEffect struct {
	Goods  catalog.Name
	Unit   catalog.Name
	Pieces quantity.Pieces
}

func (e orderEffects) none() bool { return len(e.Gaps)+len(e.Margins)+len(e.Missing) == 0 }

// effects reckons what accepting would mean, line by line, from the planner's water levels and the rest of what is on order.
func (s Pages) effects(ctx context.Context, p orderPage) (orderEffects, error) {
	var e orderEffects
	var skus []catalog.SKUID
	for _, pair := range p.Pairs {
		if pair.Undecided() && pair.Line.No > 0 {
			skus = append(skus, pair.SKU.ID)
		}
	}
	if len(skus) == 0 || !access.Can(route.User(ctx), access.ViewStock) {
		return e, nil
	}
	levels, err := s.Outlook.Levels(ctx, skus...)
	if err != nil {
		return e, err
	}
	supply, err := s.Ops.OpenSupply(ctx, skus...)
	if err != nil {
		return e, err
	}
	for _, pair := range p.Pairs {
		if !pair.Undecided() || pair.Line.No <= 0 {
			continue
		}
		e.price(pair)
		lost := false
		for _, l := range levels {
			if l.SKU == pair.SKU.ID && l.Site == p.Order.ShipTo {
				g, ok := gapOf(p, pair, l, supply)
				if lost = ok; ok {
					if g.Spare, err = s.spare(ctx, pair.SKU.ID, p.Order.ShipTo); err != nil {
						return e, err
					}
					e.Gaps = append(e.Gaps, g)
				}
			}
		}
		if short := pair.Line.Pieces - answeredPieces(pair); short > 0 && !lost {
			e.Missing = append(e.Missing, missingEffect{Goods: pair.SKU.Name, Unit: pair.SKU.Unit, Pieces: short})
		}
	}
	return e, nil
}

func answeredPieces(pair c2mops.Pair) quantity.Pieces {
	if pair.Answer == nil {
		return 0
	}
	return pair.Answer.Pieces()
}

// price adds what a dearer price does to the margin.
func (e *orderEffects) price(pair c2mops.Pair) {
	for _, d := range pair.Deviations {
		if d.Kind == c2m.DeviationPrice && d.Decision == c2m.DecisionOpen && d.AskedPrice > 0 && pair.SKU.Price > 0 {
			retail := float64(pair.SKU.Price)
			e.Margins = append(e.Margins, marginEffect{Goods: pair.SKU.Name, Rise: float64(d.Price)/float64(d.AskedPrice) - 1,
				Was: 1 - float64(d.AskedPrice)/retail, Now: 1 - float64(d.Price)/retail})
		}
	}
}

// spare looks for a transfer of the goods to the site that waits for a decision.
func (s Pages) spare(ctx context.Context, sku catalog.SKUID, site catalog.SiteID) (*replenishment.Suggestion, error) {
	all, err := s.Outlook.Of(ctx, sku)
	if errors.Is(err, access.ErrForbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("transfers of SKU %d: %w", sku, err)
	}
	for _, g := range all {
		if g.Kind == replenishment.Transfer && g.Site == site {
			return &g, nil
		}
	}
	return nil, nil
}

// lookBeyond is for how many days after the last delivery a missing quantity is followed, lookAtMost how far in all.
const (
	lookBeyond = 14
	lookAtMost = 90
)

// gapOf compares the stock to come with the answer against the one with the ask, and tells of the sales that only the answer loses.
func gapOf(p orderPage, pair c2mops.Pair, l replenishment.WaterLevel, supply []c2m.Supply) (gapEffect, bool) {
	asked := []c2m.Split{{Pieces: pair.Line.Pieces, Day: pair.Line.Due}}
	if pair.Agreed != nil {
		asked = pair.Agreed.Splits
	}
	var answered []c2m.Split
	if pair.Answer != nil {
		answered = pair.Answer.Splits
	}
	until := p.Today
	for _, list := range [][]c2m.Split{asked, answered} {
		for _, sp := range list {
			until = max(until, sp.Day)
		}
	}
	days := min(until.Sub(p.Today)+lookBeyond, lookAtMost)
	demand := demandOf(p, pair, l)
	others := map[calendar.Day]quantity.Pieces{}
	for _, o := range supply {
		if o.SKU == pair.SKU.ID && o.Site == p.Order.ShipTo && (o.Order != p.Order.ID || o.Line != pair.Line.No) {
			others[max(o.Day, p.Today)] += o.Pieces
		}
	}
	stock := l.Echelon.Available - l.Echelon.Stuck
	with := unmet(stock, p.Today, days, demand, others, answered)
	without := unmet(stock, p.Today, days, demand, others, asked)
	g := gapEffect{Goods: pair.SKU.Name, Unit: pair.SKU.Unit}
	lost := 0.0
	for i := range with {
		if more := with[i] - without[i]; more > 0.5 {
			if lost == 0 {
				g.From = p.Today.AddDays(i)
			}
			g.To = p.Today.AddDays(i)
			lost += more
		}
	}
	g.Lost = quantity.Pieces(math.Round(lost))
	var err error
	if g.Money, err = pair.SKU.Price.Times(int64(g.Lost)); err != nil {
		g.Money = 0
	}
	return g, g.Lost > 0
}

// demandOf gives the demand a day from today on: that which the line's suggestion was reckoned from, else the planner's mean.
func demandOf(p orderPage, pair c2mops.Pair, l replenishment.WaterLevel) func(int) float64 {
	g, ok := p.Suggestions[pair.Line.No]
	shift := p.Today.Sub(g.Explanation.Projection.Start)
	return func(i int) float64 {
		if known := g.Explanation.Projection.Demand; ok && i+shift >= 0 && i+shift < len(known) {
			return known[i+shift]
		}
		return l.PerDay
	}
}

// unmet walks through the days and gives the demand of each that the stock cannot meet. Demand that is not met is lost.
func unmet(stock quantity.Pieces, from calendar.Day, days int, demand func(int) float64, others map[calendar.Day]quantity.Pieces, ours []c2m.Split) []float64 {
	left := max(0, float64(stock))
	out := make([]float64, days)
	for i := range out {
		day := from.AddDays(i)
		left += float64(others[day])
		for _, s := range ours {
			if s.Day == day || i == 0 && s.Day < day {
				left += float64(s.Pieces)
			}
		}
		want := demand(i)
		sold := min(left, want)
		out[i], left = want-sold, left-sold
	}
	return out
}
