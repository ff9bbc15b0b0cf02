package vote

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// SuspicionKind is what looks wrong with ballots.
type SuspicionKind string

// The kinds: many members on one device; many equal ballots of a community within minutes.
const (
	SharedDevice SuspicionKind = "device"
	SuddenBloc   SuspicionKind = "bloc"
)

// Suspicion is a group of ballots that somebody should look at. They are shown and can be left out of the count; they are never dropped
// silently.
type Suspicion struct {
	Kind    SuspicionKind
	What    string // the device, or the community
	From    time.Time
	Members []string
}

// Bounds of what is usual.
const (
	devices  = 3               // members of one family on one device
	window   = 5 * time.Minute // in which a bloc comes
	blocSize = 20
	blocPace = 8 // times the community's usual pace
)

// Guard gives what looks like manipulation: more than three members on one device; twenty or more equal ballots of one community within
// five minutes, at more than eight times the pace that such ballots of it have over the whole vote.
func Guard(ballots []Ballot) []Suspicion {
	var out []Suspicion
	byDevice := map[string][]string{}
	for _, b := range ballots {
		if b.Device != "" {
			byDevice[b.Device] = append(byDevice[b.Device], b.Member)
		}
	}
	for _, d := range slices.Sorted(maps.Keys(byDevice)) {
		if len(byDevice[d]) > devices {
			out = append(out, Suspicion{Kind: SharedDevice, What: d, Members: byDevice[d]})
		}
	}
	return append(out, blocs(ballots)...)
}

func blocs(ballots []Ballot) []Suspicion {
	groups := map[string][]Ballot{}
	var first, last time.Time
	for i, b := range ballots {
		key := b.Community + "\x00" + same(b)
		groups[key] = append(groups[key], b)
		if i == 0 || b.At.Before(first) {
			first = b.At
		}
		if i == 0 || b.At.After(last) {
			last = b.At
		}
	}
	var out []Suspicion
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		g := groups[key]
		slices.SortStableFunc(g, func(a, b Ballot) int { return a.At.Compare(b.At) })
		usual := float64(len(g)) * float64(window) / float64(max(last.Sub(first), window))
		out = append(out, sudden(g, usual)...)
	}
	return out
}

// sudden finds the windows of a group of equal ballots that hold far more than usual.
func sudden(g []Ballot, usual float64) []Suspicion {
	var out []Suspicion
	for i := 0; i < len(g); {
		j := i
		for j < len(g) && g[j].At.Sub(g[i].At) <= window {
			j++
		}
		if n := j - i; n >= blocSize && float64(n) > blocPace*usual {
			x := Suspicion{Kind: SuddenBloc, What: g[i].Community, From: g[i].At}
			for _, b := range g[i:j] {
				x.Members = append(x.Members, b.Member)
			}
			out, i = append(out, x), j
			continue
		}
		i++
	}
	return out
}

// same writes the choices of a ballot so that equal ones are equal texts.
func same(b Ballot) string {
	var parts []string
	for f, c := range b.Choices {
		text := f + ":" + strings.Join(c.Ranks, ">")
		points := slices.SortedFunc(maps.Keys(c.Points), cmp.Compare[string])
		for _, o := range points {
			text += fmt.Sprintf("%s=%d,", o, c.Points[o])
		}
		parts = append(parts, text)
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

// Without gives the ballots that no suspicion names.
func Without(ballots []Ballot, all []Suspicion) []Ballot {
	named := map[string]bool{}
	for _, s := range all {
		for _, m := range s.Members {
			named[m] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(ballots), func(b Ballot) bool { return named[b.Member] })
}
