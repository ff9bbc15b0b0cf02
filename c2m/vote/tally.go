package vote

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Standing is how an option of a feature stands. First counts the members who like it most, Score is its points (or the votes it held in
// the last round of the run-off that it reached). Low and High bound the share of first choices in 19 of 20 cases.
type Standing struct {
	Option    string
	First     int
	Share     float64
	Low, High float64
	Score     int
	Round     int // of the run-off in which it left, 0 for the winner
}

// Result is a feature's outcome: its options, the best first, and how sure it is that the first is liked more than the second.
type Result struct {
	Feature    string
	Voters     int
	Options    []Standing
	Winner     string
	Confidence float64
}

// Tally counts ballots by feature. Ranked choice is counted by instant run-off: the option with the fewest first choices leaves, its
// ballots go to their next choice, until one holds more than half; of equals the later one on the ballot paper leaves. Points are added up.
func (p *Proposal) Tally(ballots []Ballot) []Result {
	out := make([]Result, len(p.Features))
	for i, f := range p.Features {
		out[i] = p.feature(f, ballots)
	}
	return out
}

func (p *Proposal) feature(f Feature, ballots []Ballot) Result {
	r := Result{Feature: f.Code}
	var choices []Choice
	for _, b := range ballots {
		if c, ok := b.Choices[f.Code]; ok {
			choices = append(choices, c)
		}
	}
	r.Voters = len(choices)
	all := map[string]*Standing{}
	for _, o := range f.Options {
		all[o.Code] = &Standing{Option: o.Code}
	}
	for _, c := range choices {
		if s := all[c.First()]; s != nil {
			s.First++
		}
	}
	if p.Method == Ranked {
		runOff(f, choices, all)
	} else {
		for _, c := range choices {
			for o, n := range c.Points {
				all[o].Score += n
			}
		}
	}
	for _, o := range f.Options {
		s := all[o.Code]
		if r.Voters > 0 {
			s.Share = float64(s.First) / float64(r.Voters)
			s.Low, s.High = Wilson(s.First, r.Voters)
		}
		r.Options = append(r.Options, *s)
	}
	slices.SortStableFunc(r.Options, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(rank(a.Round), rank(b.Round)), cmp.Compare(b.Score, a.Score), cmp.Compare(b.First, a.First))
	})
	if r.Voters > 0 {
		r.Winner = r.Options[0].Option
		second := r.Options[1]
		r.Confidence = lead(r.Options[0].First, second.First, r.Voters)
	}
	return r
}

// rank orders rounds: the winner first, then who left last.
func rank(round int) int {
	if round == 0 {
		return math.MinInt
	}
	return -round
}

func runOff(f Feature, choices []Choice, all map[string]*Standing) {
	in := map[string]bool{}
	for _, o := range f.Options {
		in[o.Code] = true
	}
	for round := 1; len(in) > 1; round++ {
		held := map[string]int{}
		total := 0
		for _, c := range choices {
			if i := slices.IndexFunc(c.Ranks, func(o string) bool { return in[o] }); i >= 0 {
				held[c.Ranks[i]]++
				total++
			}
		}
		last := ""
		for _, o := range f.Options {
			if in[o.Code] {
				all[o.Code].Score = held[o.Code]
				if last == "" || held[o.Code] <= held[last] {
					last = o.Code
				}
			}
		}
		if slices.ContainsFunc(slices.Collect(maps.Values(held)), func(n int) bool { return 2*n > total }) && total > 0 {
			settle(in, all, held, round)
			return
		}
		delete(in, last)
		all[last].Round = round
	}
}

// settle ends a run-off that one option has won: the others leave in this round.
func settle(in map[string]bool, all map[string]*Standing, held map[string]int, round int) {
	best := ""
	for o := range in {
		if best == "" || held[o] > held[best] {
			best = o
		}
	}
	for o := range in {
		if o != best {
			all[o].Round = round
		}
	}
}

// z95 is the standard normal quantile of 0.975.
const z95 = 1.959963984540054

// Wilson gives the bounds of a share of k in n that hold in 19 of 20 cases (Wilson, 1927, JASA 22, 209–212).
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z95*z95/(2*m)) / (1 + z95*z95/m)
	half := z95 / (1 + z95*z95/m) * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return max(0, mid-half), min(1, mid+half)
}

// lead gives how sure it is that the first of two options of the same n ballots is liked more: the normal approximation of the difference
// of two shares of one multinomial, Φ((p₁−p₂)/√((p₁+p₂−(p₁−p₂)²)/n)).
func lead(first, second, n int) float64 {
	p, q := float64(first)/float64(n), float64(second)/float64(n)
	v := (p + q - (p-q)*(p-q)) / float64(n)
	switch {
	case v > 0:
		return 0.5 * math.Erfc(-(p-q)/math.Sqrt(2*v))
	case p > q:
		return 1
	}
	return 0.5
}

// BySegment gives the results of each segment.
func (p *Proposal) BySegment(ballots []Ballot) map[string][]Result {
	groups := map[string][]Ballot{}
	for _, b := range ballots {
		groups[b.Segment] = append(groups[b.Segment], b)
	}
	out := map[string][]Result{}
	for s, g := range groups {
		out[s] = p.Tally(g)
	}
	return out
}
