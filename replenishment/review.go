package replenishment

import (
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Review is what follows from giving a suggestion another number.
type Review struct {
	Pieces quantity.Pieces `json:"pieces"`
	Unit   money.Fen       `json:"unit"` // price at that quantity
	Money  money.Fen       `json:"money"`
	// MoneyMore is Money less that of the planner's number: negative when cash is saved.
	MoneyMore money.Fen `json:"money_more"`
	// CoverDays is how long the stock lasts from the arrival on, at most CoverForever.
	CoverDays float64 `json:"cover_days"`
	// StockoutDay is the first day without stock from the arrival on; nil when beyond the horizon.
	StockoutDay *calendar.Day `json:"stockout_day"`
	// StockoutDays and LostPieces count over the horizon of the projection, LostMoney is at retail.
	StockoutDays int               `json:"stockout_days"`
	LostPieces   quantity.Pieces   `json:"lost_pieces"`
	LostMoney    money.Fen         `json:"lost_money"`
	With         []quantity.Pieces `json:"with"` // the stock to come with the new number, as in Projection
	Warnings     []Warning         `json:"warnings"`
}

// ReviewQuantity tells what follows from giving the suggestion the number pieces, under the supplier's terms as they are
// now (the zero Source for anything but a purchase). ErrPieces when pieces is below 1.
func ReviewQuantity(s Suggestion, pieces quantity.Pieces, terms Source) (Review, error) {
	if pieces < 1 {
		return Review{}, ErrPieces
	}
	r := Review{Pieces: pieces, Unit: s.Unit}
	buys := s.Kind == Buy && terms.Supplier != 0
	if price := terms.PriceAt(pieces); buys && price > 0 {
		r.Unit = price
	}
	if s.Kind != Transfer {
		r.money(s)
	}
	pr := &s.Explanation.Projection
	planned := pr.follow(s, s.Pieces, terms)
	mine := pr.follow(s, pieces, terms)
	r.With = whole(mine.stock)
	r.outcome(s, mine)
	if buys {
		r.terms(s, terms)
	}
	r.stock(s, mine, planned)
	return r, nil
}

func (r *Review) warn(code WarningCode, args Args) {
	r.Warnings = append(r.Warnings, Warning{Code: code, Args: args})
}

// money compares the amount with the planner's.
func (r *Review) money(s Suggestion) {
	m, err := r.Unit.Times(int64(r.Pieces))
	if err != nil {
		r.warn(WarnOverflow, Args{UnitPrice: r.Unit, Pieces: r.Pieces})
		return
	}
	if r.Money, r.MoneyMore = m, m-s.Money; s.Kind == Buy && r.MoneyMore > 0 {
		r.warn(WarnCash, Args{Money: r.MoneyMore})
	}
}

// follow is the stock to come with pieces in place of the suggested number.
func (pr *Projection) follow(s Suggestion, pieces quantity.Pieces, terms Source) run {
	own := []inbound{{day: pr.Arrives.Sub(pr.Start), pieces: pieces}}
	switch s.Kind {
	case Clear:
		own = []inbound{{pieces: -pieces}}
	case Presell:
		own = nil
	case Buy:
		if terms.CapacityDay > 0 {
			first := own[0].day
			if own = arrivals(&terms, pieces); len(own) > 0 {
				shift := first - own[0].day
				for i := range own {
					own[i].day += shift
				}
			}
		}
	}
	days := len(pr.Without)
	r := run{stock: make([]float64, days), lost: make([]float64, days)}
	stock := float64(pr.Opening)
	for i := range days {
		for _, a := range pr.Arrivals {
			if max(a.Day.Sub(pr.Start), 0) == i {
				stock += float64(a.Pieces)
			}
		}
		for _, a := range own {
			if max(a.day, 0) == i {
				stock += float64(a.pieces)
			}
		}
		d := 0.0
		if i < len(pr.Demand) {
			d = pr.Demand[i]
		}
		r.lost[i] = max(d-stock, 0)
		stock = max(stock-d, 0)
		r.stock[i] = stock
	}
	return r
}

// outcome fills in when the stock ends after the arrival, how long it lasts from there, and what is lost.
func (r *Review) outcome(s Suggestion, mine run) {
	pr := &s.Explanation.Projection
	from := max(pr.Arrives.Sub(pr.Start), 0)
	if f := mine.first(from); f >= 0 {
		d := pr.Start.AddDays(f)
		r.StockoutDay = &d
	}
	for i := range mine.lost {
		if mine.lost[i] > tiny {
			r.StockoutDays++
		}
	}
	r.LostPieces = roundPieces(mine.lostIn(0, len(mine.lost)))
	if m, err := s.Explanation.Inputs.Price.Times(int64(r.LostPieces)); err == nil {
		r.LostMoney = m
	}
	if from >= len(mine.stock) || len(mine.stock) == 0 {
		return
	}
	tail := 0.0
	for _, d := range pr.Demand[max(len(pr.Demand)-week, 0):] {
		tail += d / float64(min(week, len(pr.Demand)))
	}
	daily := pr.Demand[min(from, len(pr.Demand)):]
	stock := mine.stock[from]
	if from < len(pr.Demand) {
		stock += pr.Demand[from] - mine.lost[from]
	}
	r.CoverDays = lasts(daily, tail, stock)
}

// terms checks the number against what the supplier has agreed.
func (r *Review) terms(s Suggestion, t Source) {
	if t.Banned != "" {
		r.warn(WarnBanned, Args{SupplierName: &t.Name})
	}
	if r.Pieces < t.MOQ {
		r.warn(WarnBelowMOQ, Args{MOQ: t.MOQ})
	}
	if t.Pack > 1 && r.Pieces%t.Pack != 0 {
		r.warn(WarnNotPack, Args{Pack: t.Pack, Pieces: r.Pieces.FloorTo(t.Pack), Need: r.Pieces.CeilTo(t.Pack)})
	}
	for _, b := range t.Breaks {
		if b.From > r.Pieces && b.Price < r.Unit && b.From-r.Pieces <= r.Pieces/4 {
			r.warn(WarnPriceBreak, Args{MOQ: b.From, UnitPrice: b.Price, Money: (r.Unit - b.Price) * money.Fen(b.From)})
			break
		}
	}
	own := arrivals(&t, r.Pieces)
	if late := own[len(own)-1].day - own[0].day; float64(late) > s.Explanation.Inputs.ReviewDays+1 {
		last := s.ArriveBy.AddDays(late)
		r.warn(WarnCapacity, Args{PerDay: float64(t.CapacityDay), Pieces: r.Pieces - t.CapacityDay, Date: &last})
	}
}

// stock warns where the number brings more lost sales than the planner's, or more stock than should be.
func (r *Review) stock(s Suggestion, mine, planned run) {
	days := len(mine.lost)
	if more := roundPieces(mine.lostIn(0, days) - planned.lostIn(0, days)); more > 0 {
		r.warn(WarnStockout, Args{Date: r.StockoutDay, Days: float64(r.StockoutDays), Pieces: more})
	}
	in := s.Explanation.Inputs
	if in.LongestDays > 0 && r.CoverDays > in.LongestDays && r.Pieces > s.Pieces && s.Kind != Clear {
		r.warn(WarnMaxCover, Args{Days: r.CoverDays})
	}
	if in.LifeDays > 0 && r.CoverDays+in.LeadDays > in.LifeDays && s.Kind == Buy {
		r.warn(WarnShelfLife, Args{Days: in.LifeDays})
	}
}
