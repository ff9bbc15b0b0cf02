package campaign

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Bounds of what terms may say. They catch slips of the finger, not business.
const (
	MaxUnits                  = 100_000
	MaxPieces quantity.Pieces = 10_000_000
	MaxPrice  money.Fen       = 100_000_000
	MaxTiers                  = 20
	MaxBreaks                 = 10
	maxMember                 = 100
	// MaxDays bounds how long a campaign runs, its extensions included.
	MaxDays = 180
)

// Break is a price of one unit from a number of pieces of the whole campaign on.
type Break struct {
	From  quantity.Pieces `json:"from"`
	Price money.Fen       `json:"price"`
}

// Tier is one offer of a campaign: an early bird, the standard, a pack of two.
type Tier struct {
	Code string       `json:"code"`
	Name catalog.Name `json:"name"`
	// Pieces is what one unit holds.
	Pieces quantity.Pieces `json:"pieces"`
	// Quota bounds the pieces of this tier; 0 leaves it to the campaign's quota.
	Quota quantity.Pieces `json:"quota,omitempty"`
	// Until ends an early bird before the campaign does; nil for no end of its own.
	Until *time.Time `json:"until,omitempty"`
	// Breaks are the prices of a unit by the pieces that the campaign reaches, the first from 0; never rising.
	Breaks []Break `json:"breaks"`
}

// First gives the price pledged: that of the lowest break.
func (t Tier) First() money.Fen { return t.Breaks[0].Price }

// PriceAt gives the price of a unit when the campaign reaches so many pieces.
func (t Tier) PriceAt(pieces quantity.Pieces) money.Fen {
	price := t.First()
	for _, b := range t.Breaks {
		if pieces >= b.From {
			price = b.Price
		}
	}
	return price
}

// Terms are what members pledge under. They are frozen when the campaign is published, but for the deadline.
type Terms struct {
	Mode   Mode   `json:"mode"`
	Charge Timing `json:"charge"`
	// Goal is what makes it succeed; Quota what can be made at all (0 for no bound); PerMember what one member may have (0 for no bound).
	Goal      quantity.Pieces `json:"goal"`
	Quota     quantity.Pieces `json:"quota"`
	PerMember quantity.Pieces `json:"per_member"`
	Tiers     []Tier          `json:"tiers"`
	// Deposit is what is paid of a piece with the pledge, in the mode DepositBalance alone.
	Deposit money.Fen `json:"deposit,omitempty"`
	// Forfeit keeps the deposit of a member who does not pay the balance. Double owes it twice when the house cancels (定金罚则, Civil
	// Code of China art. 587).
	Forfeit bool `json:"forfeit,omitempty"`
	Double  bool `json:"double,omitempty"`
	// GroupSize is how many members make a group of a group buy; below 2 the whole campaign is one group.
	GroupSize int `json:"group_size,omitempty"`

	Start           time.Time  `json:"start"`
	Deadline        time.Time  `json:"deadline"`
	BalanceDeadline *time.Time `json:"balance_deadline,omitempty"`
	// PayWithin is how long an accepted pledge waits for its charge; 0 for ever.
	PayWithin time.Duration `json:"pay_within"`
	// Extensions is how often the deadline may be moved.
	Extensions int `json:"extensions"`
	// Threshold is from how many pieces on the buyer may order lots before the deadline; 0 only after it.
	Threshold quantity.Pieces `json:"threshold,omitempty"`
	// MOQ is the least that the factory makes.
	MOQ quantity.Pieces `json:"moq"`
}

// Tier gives the tier of a code; the empty code is the only tier's.
func (t Terms) Tier(code string) (Tier, bool) {
	if code == "" && len(t.Tiers) == 1 {
		return t.Tiers[0], true
	}
	for _, x := range t.Tiers {
		if x.Code == code {
			return x, true
		}
	}
	return Tier{}, false
}

// BalanceEnd gives the balance deadline, or the deadline where there is none.
func (t Terms) BalanceEnd() time.Time {
	if t.BalanceDeadline != nil {
		return *t.BalanceDeadline
	}
	return t.Deadline
}

// Check gives a *TermsError that lists everything wrong with the terms, or nil. now is when they would be published.
func (t Terms) Check(now time.Time) error {
	var c termsCheck
	c.mode(t)
	c.range64("goal", int64(t.Goal), 1, int64(MaxPieces))
	c.range64("quota", int64(t.Quota), 0, int64(MaxPieces))
	c.range64("per_member", int64(t.PerMember), 0, MaxUnits)
	c.range64("moq", int64(t.MOQ), 0, int64(MaxPieces))
	c.range64("threshold", int64(t.Threshold), 0, int64(MaxPieces))
	c.range64("extensions", int64(t.Extensions), 0, 5)
	if t.Quota > 0 && t.Goal > t.Quota {
		c.add("quota", BadOrder)
	}
	if t.PayWithin < 0 || t.PayWithin > 7*24*time.Hour {
		c.add("pay_within", TooLarge)
	}
	c.times(t, now)
	c.tiers(t)
	if c.faults == nil {
		return nil
	}
	return &TermsError{c.faults}
}

type termsCheck struct{ faults []Fault }

func (c *termsCheck) add(field string, w Word) { c.faults = append(c.faults, Fault{field, w}) }

func (c *termsCheck) range64(field string, v, least, most int64) {
	if v < least {
		c.add(field, TooSmall)
	} else if v > most {
		c.add(field, TooLarge)
	}
}

func (c *termsCheck) mode(t Terms) {
	switch t.Mode {
	case AllOrNothing, KeepItAll:
	case DepositBalance:
		if t.Deposit < 1 {
			c.add("deposit", Missing)
		}
		if t.Charge == OnSuccess {
			c.add("charge", Unfitting)
		}
	case GroupBuy:
		c.range64("group_size", int64(t.GroupSize), 0, 1000)
	default:
		c.add("mode", NotAChoice)
	}
	if t.Charge != AtPledge && t.Charge != OnSuccess {
		c.add("charge", NotAChoice)
	}
	if t.Mode != DepositBalance && (t.Deposit != 0 || t.BalanceDeadline != nil) {
		c.add("deposit", Unfitting)
	}
	if t.Mode != GroupBuy && t.GroupSize != 0 {
		c.add("group_size", Unfitting)
	}
}

func (c *termsCheck) times(t Terms, now time.Time) {
	switch {
	case t.Start.IsZero():
		c.add("start", Missing)
	case t.Deadline.IsZero():
		c.add("deadline", Missing)
	case !t.Deadline.After(t.Start):
		c.add("deadline", BadOrder)
	case !t.Deadline.After(now):
		c.add("deadline", Past)
	case t.Deadline.After(t.Start.AddDate(0, 0, MaxDays)):
		c.add("deadline", TooLarge)
	}
	if t.Mode != DepositBalance {
		return
	}
	switch {
	case t.BalanceDeadline == nil:
		c.add("balance_deadline", Missing)
	case !t.BalanceDeadline.After(t.Deadline):
		c.add("balance_deadline", BadOrder)
	case t.BalanceDeadline.After(t.Deadline.AddDate(0, 0, MaxDays)):
		c.add("balance_deadline", TooLarge)
	}
}

func (c *termsCheck) tiers(t Terms) {
	if len(t.Tiers) == 0 {
		c.add("tiers", Missing)
	}
	if len(t.Tiers) > MaxTiers {
		c.add("tiers", TooLarge)
		return
	}
	seen := map[string]bool{}
	for i, x := range t.Tiers {
		at := func(field string) string { return fmt.Sprintf("tiers.%d.%s", i, field) }
		switch code := strings.TrimSpace(x.Code); {
		case code == "" && len(t.Tiers) > 1:
			c.add(at("code"), Missing)
		case utf8.RuneCountInString(code) > 40:
			c.add(at("code"), TooLong)
		case seen[code]:
			c.add(at("code"), Repeated)
		default:
			seen[code] = true
		}
		c.range64(at("pieces"), int64(x.Pieces), 1, 1000)
		c.range64(at("quota"), int64(x.Quota), 0, int64(MaxPieces))
		if x.Until != nil && (x.Until.Before(t.Start) || x.Until.After(t.Deadline)) {
			c.add(at("until"), BadOrder)
		}
		c.breaks(at, x, t.Deposit)
	}
}

func (c *termsCheck) breaks(at func(string) string, x Tier, deposit money.Fen) {
	if len(x.Breaks) == 0 || x.Breaks[0].From != 0 {
		c.add(at("price"), Missing)
		return
	}
	if len(x.Breaks) > MaxBreaks {
		c.add(at("breaks"), TooLarge)
		return
	}
	for i, b := range x.Breaks {
		if b.Price < 1 || b.Price > MaxPrice {
			c.add(at("price"), TooSmall)
		}
		if i > 0 && (b.From <= x.Breaks[i-1].From || b.Price > x.Breaks[i-1].Price) {
			c.add(at("breaks"), BadOrder)
		}
	}
	if last := x.Breaks[len(x.Breaks)-1].Price; deposit*money.Fen(max(x.Pieces, 1)) > last {
		c.add(at("price"), AboveFloor)
	}
}
