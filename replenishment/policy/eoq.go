package policy

import "math"

// Lot is an order quantity and the fixed plus holding cost per time unit that goes with it.
type Lot struct{ Quantity, CostRate float64 }

// EOQ is the economic order quantity (Harris 1913; S&S 3.2): Q = √(2KD/h). All arguments are positive, in one time unit.
func EOQ(fixedCost, holdingCost, demandRate float64) Lot {
	positive("fixed cost, holding cost and demand rate", fixedCost, holdingCost, demandRate)
	return Lot{math.Sqrt(2 * fixedCost * demandRate / holdingCost), math.Sqrt(2 * fixedCost * demandRate * holdingCost)}
}

// EOQBackorders is the EOQ with planned backorders at stockoutCost per piece and time unit (S&S 3.5). backordered is the
// optimal share of demand that waits.
func EOQBackorders(fixedCost, holdingCost, stockoutCost, demandRate float64) (lot Lot, backordered float64) {
	positive("costs and demand rate", fixedCost, holdingCost, stockoutCost, demandRate)
	h, p := holdingCost, stockoutCost
	return Lot{
		Quantity: math.Sqrt(2 * fixedCost * demandRate * (h + p) / (h * p)),
		CostRate: math.Sqrt(2 * fixedCost * demandRate * h * p / (h + p)),
	}, h / (h + p)
}

// EPQ is the economic production quantity: the lot comes in at a finite rate, which must exceed the demand (S&S 3.6).
func EPQ(fixedCost, holdingCost, demandRate, productionRate float64) Lot {
	positive("costs and rates", fixedCost, holdingCost, demandRate, productionRate)
	must(productionRate > demandRate, "production rate %v does not exceed the demand rate %v", productionRate, demandRate)
	return EOQ(fixedCost, holdingCost*(1-demandRate/productionRate), demandRate)
}

// PriceTier is the unit cost from a quantity on. Tiers ascend by From; the first From is 0.
type PriceTier struct{ From, UnitCost float64 }

// TierLot is the best lot under a quantity discount. CostRate includes the purchase. Tier counts from 0.
type TierLot struct {
	Lot
	Tier int
}

func checkTiers(tiers []PriceTier) {
	must(len(tiers) > 0 && tiers[0].From == 0, "the first price tier must begin at 0")
	for i, t := range tiers {
		positive("unit cost", t.UnitCost)
		must(i == 0 || t.From > tiers[i-1].From, "price tiers must ascend")
	}
}

// end gives where tier i ends.
func end(tiers []PriceTier, i int) float64 {
	if i+1 < len(tiers) {
		return tiers[i+1].From
	}
	return math.Inf(1)
}

// EOQAllUnits finds the lot when the price of the tier reached holds for all units (S&S 3.4.2). holdingRate is the cost
// of holding stock worth 1 for a time unit.
func EOQAllUnits(fixedCost, holdingRate, demandRate float64, tiers []PriceTier) TierLot {
	positive("fixed cost, holding rate and demand rate", fixedCost, holdingRate, demandRate)
	checkTiers(tiers)
	best := TierLot{Lot: Lot{CostRate: math.Inf(1)}}
	for i, t := range tiers {
		q := max(EOQ(fixedCost, holdingRate*t.UnitCost, demandRate).Quantity, t.From)
		if q >= end(tiers, i) {
			continue // this tier's curve still falls where the tier ends: the next one is cheaper
		}
		cost := t.UnitCost*demandRate + fixedCost*demandRate/q + holdingRate*t.UnitCost*q/2
		if cost < best.CostRate {
			best = TierLot{Lot{q, cost}, i}
		}
	}
	return best
}

// EOQIncremental finds the lot when each tier's price holds only for the units within the tier (S&S 3.4.3).
func EOQIncremental(fixedCost, holdingRate, demandRate float64, tiers []PriceTier) TierLot {
	positive("fixed cost, holding rate and demand rate", fixedCost, holdingRate, demandRate)
	checkTiers(tiers)
	best := TierLot{Lot: Lot{CostRate: math.Inf(1)}}
	paid := 0.0 // for the units below the tier
	for i, t := range tiers {
		if i > 0 {
			paid += tiers[i-1].UnitCost * (t.From - tiers[i-1].From)
		}
		extra := paid - t.UnitCost*t.From // acts like a further fixed cost of the tier
		q := math.Sqrt(2 * demandRate * (fixedCost + extra) / (holdingRate * t.UnitCost))
		if q < t.From || q >= end(tiers, i) {
			continue
		}
		cost := t.UnitCost*demandRate + holdingRate*extra/2 + demandRate*(fixedCost+extra)/q + holdingRate*t.UnitCost*q/2
		if cost < best.CostRate {
			best = TierLot{Lot{q, cost}, i}
		}
	}
	return best
}
