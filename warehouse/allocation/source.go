package allocation

import (
	"cmp"
	"math/bits"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Need is what an order wants of one SKU.
type Need struct {
	SKU    SKU
	Pieces quantity.Pieces
}

// Order is what sourcing has to know of an order. An SKU may come in several needs.
type Order struct {
	Channel string
	Promise Promise
	Amount  money.Fen
	Classes []catalog.Temperature // of its goods
	Needs   []Need
}

func (o *Order) cold() bool {
	return slices.ContainsFunc(o.Classes, func(t catalog.Temperature) bool { return t != catalog.Ambient })
}

func (o *Order) pieces() (n quantity.Pieces) {
	for _, k := range o.Needs {
		n += max(0, k.Pieces)
	}
	return n
}

// Site is a place that could send the order.
type Site struct {
	ID   catalog.SiteID
	Code string
	Tier catalog.Tier
	KM   float64 // to the customer
	// Promise is the quickest that the site can keep for this address; pre-sale goods whose lot has not come are LotDay.
	Promise Promise
	// ParcelFen is the carriage of one parcel to the address.
	ParcelFen money.Fen
	// LoadPercent is how much of the day's work of the site is taken.
	LoadPercent float64
	// Free are the pieces that may be promised, of the SKUs of the order.
	Free map[SKU]quantity.Pieces
}

// Portion is pieces of one need that a site sends.
type Portion struct {
	Need   int // the index in Order.Needs
	Pieces quantity.Pieces
}

// Parcel is what one site sends.
type Parcel struct {
	Site     int // the index in the sites
	Portions []Portion
	OnTime   bool // the site keeps the order's promise
}

// Score is what a choice comes to: pieces in time, pieces there at all, parcels and cost.
type Score struct {
	OnTime, Filled quantity.Pieces
	Parcels        int
	Cost           money.Fen
}

// compare orders scores by the goals: negative when s is the better.
func (s Score) compare(t Score, goals []Goal) int {
	for _, g := range goals {
		var c int
		switch g {
		case OnTime:
			c = cmp.Compare(t.OnTime, s.OnTime)
		case Filled:
			c = cmp.Compare(t.Filled, s.Filled)
		case Parcels:
			c = cmp.Compare(s.Parcels, t.Parcels)
		case Cost:
			c = cmp.Compare(s.Cost, t.Cost)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// Option is a choice that was weighed: the sites that would send, and its score.
type Option struct {
	Sites []int
	Score Score
}

// Applied tells that a rule held for a site.
type Applied struct{ Site, Rule int } // indices

// Sourcing is the choice for an order and why it was made.
type Sourcing struct {
	Parcels []Parcel
	// Waiting are the pieces that no site has, to wait at the site WaitAt (−1 where no site may serve the order).
	Waiting []Portion
	WaitAt  int
	Score   Score
	// Why: the best of the options that were weighed, the chosen one first; the rules that held; whether all options were
	// weighed, or only those that a greedy search came upon.
	Options []Option
	Applied []Applied
	Exact   bool
}

// exactSites bounds the sites among which every combination is weighed: 2^4 − 1 of them.
const exactSites = 4

// shownOptions bounds the options that explain a choice.
const shownOptions = 4

// Source chooses the sites that send an order, by the rules: at first the pieces that come in time, then those that are there at
// all, then as few parcels, then as little cost as can be, in the order of the rules' goals. Up to four sites every
// combination is weighed that could be better; beyond, the best single site is joined by the one that helps most, as long as one helps, and then
// each is tried without. The rules must be valid. It takes nothing from Free.
func Source(order Order, sites []Site, rules RuleSet) Sourcing {
	s := search{order: &order, sites: sites, rules: &rules}
	s.repeats = repeats(order.Needs)
	s.applyRules()
	result := Sourcing{WaitAt: -1, Applied: s.applied, Exact: len(s.open) <= exactSites}
	if len(s.open) == 0 {
		result.Waiting = s.portions(nil)
		return result
	}
	best := s.best(result.Exact)
	result.Score = best.Score
	result.Parcels, result.Waiting = s.assign(best.Sites)
	if len(result.Waiting) > 0 {
		result.WaitAt = s.waitAt(best.Sites)
	}
	result.Options = s.shown(best)
	return result
}

// offer is a site as the rules leave it for the order.
type offer struct {
	site   int
	onTime bool
	cost   money.Fen // of a parcel
}

type search struct {
	order   *Order
	sites   []Site
	rules   *RuleSet
	repeats bool    // an SKU comes in several needs
	open    []offer // in the order in which they are to be asked
	applied []Applied
	weighed []Option
}

func (s *search) applyRules() {
	for i := range s.sites {
		site := &s.sites[i]
		o := offer{site: i, cost: site.ParcelFen + s.rules.ParcelFen + money.Fen(float64(s.rules.KMFen)*site.KM+0.5)}
		promise, excluded := site.Promise, false
		for r := range s.rules.Rules {
			rule := &s.rules.Rules[r]
			if rule.Off || !rule.When.matches(s.order, site) {
				continue
			}
			s.applied = append(s.applied, Applied{Site: i, Rule: r})
			o.cost += rule.Then.AddFen
			excluded = excluded || rule.Then.Exclude
			if rule.Then.Promise != "" {
				promise = rule.Then.Promise
			}
			if rule.Last {
				break
			}
		}
		if o.onTime = promise.Keeps(s.order.Promise); !excluded {
			s.open = append(s.open, o)
		}
	}
	slices.SortFunc(s.open, func(a, b offer) int {
		return cmp.Or(cmp.Compare(boolean(b.onTime), boolean(a.onTime)), cmp.Compare(a.cost, b.cost),
			cmp.Compare(s.sites[a.site].KM, s.sites[b.site].KM), cmp.Compare(s.sites[a.site].ID, s.sites[b.site].ID))
	})
}

func repeats(needs []Need) bool {
	for i := range needs {
		if slices.ContainsFunc(needs[:i], func(n Need) bool { return n.SKU == needs[i].SKU }) {
			return true
		}
	}
	return false
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// portions gives what is left of the needs after the given pieces, by need.
func (s *search) portions(given []quantity.Pieces) []Portion {
	var list []Portion
	for i, n := range s.order.Needs {
		left := n.Pieces
		if given != nil {
			left -= given[i]
		}
		if left > 0 {
			list = append(list, Portion{i, left})
		}
	}
	return list
}

// assign fills the needs from the sites of the set (indices into open, in order): those in time first, then the cheaper. For a set
// of sites that all send, this is the best there is, as a piece costs the same to pick everywhere.
func (s *search) assign(set []int) ([]Parcel, []Portion) {
	given := make([]quantity.Pieces, len(s.order.Needs))
	var parcels []Parcel
	for _, k := range set {
		o := s.open[k]
		p := Parcel{Site: o.site, OnTime: o.onTime}
		for i, n := range s.order.Needs {
			free := s.sites[o.site].Free[n.SKU]
			if s.repeats {
				for _, q := range p.Portions {
					if s.order.Needs[q.Need].SKU == n.SKU {
						free -= q.Pieces
					}
				}
			}
			take := min(n.Pieces-given[i], free)
			if take <= 0 {
				continue
			}
			given[i] += take
			p.Portions = append(p.Portions, Portion{i, take})
		}
		if len(p.Portions) > 0 {
			parcels = append(parcels, p)
		}
	}
	return parcels, s.portions(given)
}

// weigh scores a set of offers and keeps it as an option.
func (s *search) weigh(set []int) Option {
	parcels, _ := s.assign(set)
	var sc Score
	var used []int
	for _, p := range parcels {
		var n quantity.Pieces
		for _, q := range p.Portions {
			n += q.Pieces
		}
		sc.Filled += n
		if p.OnTime {
			sc.OnTime += n
		}
		sc.Parcels++
		sc.Cost += money.Fen(n) * s.rules.PieceFen
	}
	for _, k := range set {
		if slices.ContainsFunc(parcels, func(p Parcel) bool { return p.Site == s.open[k].site }) {
			sc.Cost += s.open[k].cost
			used = append(used, k)
		}
	}
	o := Option{Sites: used, Score: sc}
	if !slices.ContainsFunc(s.weighed, func(w Option) bool { return slices.Equal(w.Sites, used) }) {
		s.weighed = append(s.weighed, o)
	}
	return o
}

// compare orders options, the better first: one that sends anything before one that sends nothing, then by the goals; equal
// scores go by the order of the offers, so that the choice is one.
func (s *search) compare(a, b Option) int {
	return cmp.Or(cmp.Compare(boolean(b.Score.Filled > 0), boolean(a.Score.Filled > 0)), a.Score.compare(b.Score, s.rules.Goals),
		slices.Compare(a.Sites, b.Sites))
}

func (s *search) most() int {
	if s.rules.MaxParcels == 0 {
		return len(s.open)
	}
	return min(s.rules.MaxParcels, len(s.open))
}

func (s *search) best(exact bool) Option {
	if !exact {
		return s.greedy()
	}
	var best Option
	wanted := s.order.pieces()
	for parcels := 1; parcels <= s.most(); parcels++ {
		for mask := uint(1); mask < 1<<len(s.open); mask++ {
			if bits.OnesCount(mask) != parcels {
				continue
			}
			set := make([]int, 0, parcels)
			for k := range s.open {
				if mask>>k&1 == 1 {
					set = append(set, k)
				}
			}
			if o := s.weigh(set); s.compare(o, best) < 0 {
				best = o
			}
		}
		// Further parcels cannot make better what is whole and in time, unless cost weighs more than parcels.
		if best.Score.OnTime == wanted && slices.Index(s.rules.Goals, Parcels) < slices.Index(s.rules.Goals, Cost) {
			break
		}
	}
	return best
}

// greedy starts from the best single site, adds the one that helps most as long as one helps, and drops those not needed.
func (s *search) greedy() Option {
	var best Option
	with := func(set []int, k int) []int {
		set = append(slices.Clone(set), k)
		slices.Sort(set)
		return set
	}
	for improved := true; improved && len(best.Sites) < s.most(); {
		improved = false
		from := best
		for k := range s.open {
			if slices.Contains(from.Sites, k) {
				continue
			}
			if o := s.weigh(with(from.Sites, k)); s.compare(o, best) < 0 {
				best, improved = o, true
			}
		}
	}
	for i := 0; i < len(best.Sites) && len(best.Sites) > 1; i++ {
		if o := s.weigh(slices.Delete(slices.Clone(best.Sites), i, i+1)); s.compare(o, best) < 0 {
			best, i = o, -1
		}
	}
	return best
}

// waitAt gives the site at which missing pieces are waited for: one that sends anyway, in time and cheap first, else the first
// of all.
func (s *search) waitAt(set []int) int {
	if len(set) > 0 {
		return s.open[slices.Min(set)].site
	}
	return s.open[0].site
}

// shown gives the best of the options that were weighed, the chosen one first, with the indices of the sites themselves.
func (s *search) shown(best Option) []Option {
	slices.SortFunc(s.weighed, s.compare)
	list := []Option{best}
	for _, o := range s.weighed {
		if len(list) < shownOptions && len(o.Sites) > 0 && !slices.Equal(o.Sites, best.Sites) {
			list = append(list, o)
		}
	}
	for i := range list {
		sites := make([]int, len(list[i].Sites))
		for j, k := range list[i].Sites {
			sites[j] = s.open[k].site
		}
		list[i].Sites = sites
	}
	return list
}
