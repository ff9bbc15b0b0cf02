package vote_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/c2m/vote"
	"milkrun/internal/catalog"
)

var noon = time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)

func proposal(m vote.Method) *vote.Proposal {
	return &vote.Proposal{Name: catalog.Name{ZH: "恒温睡袋"}, Method: m, Opens: noon, Closes: noon.AddDate(0, 0, 14), State: vote.Open, Features: []vote.Feature{
		{Code: "colour", Options: []vote.Option{{Code: "white"}, {Code: "rose"}, {Code: "sage"}}}}}
}

func ranked(member string, ranks ...string) vote.Ballot {
	return vote.Ballot{Member: member, Choices: map[string]vote.Choice{"colour": {Ranks: ranks}}, At: noon}
}

func TestRunOffGivesTheVotesOfWhoLeavesToTheirNextChoice(t *testing.T) {
	p := proposal(vote.Ranked)
	var all []vote.Ballot
	add := func(n int, ranks ...string) {
		for range n {
			all = append(all, ranked(fmt.Sprint(len(all)), ranks...))
		}
	}
	add(40, "white")
	add(35, "rose", "sage")
	add(25, "sage", "rose")
	r := p.Tally(all)[0]
	if r.Winner != "rose" || r.Options[0].Score != 60 || r.Options[0].First != 35 || r.Options[1].Option != "white" || r.Options[2].Round != 1 || r.Voters != 100 {
		t.Errorf("%+v", r)
	}
}

func TestPointsAreAddedUp(t *testing.T) {
	p := proposal(vote.Points)
	b := []vote.Ballot{{Member: "a", Choices: map[string]vote.Choice{"colour": {Points: map[string]int{"white": 7, "sage": 3}}}},
		{Member: "b", Choices: map[string]vote.Choice{"colour": {Points: map[string]int{"sage": 6}}}}}
	r := p.Tally(b)[0]
	if r.Winner != "sage" || r.Options[0].Score != 9 || r.Options[1].Score != 7 {
		t.Errorf("%+v", r)
	}
}

// Wilson's bounds of 81 in 263, after Newcombe (1998), Statistics in Medicine 17, 857–872, table I: 0.2553 to 0.3662.
func TestWilson(t *testing.T) {
	low, high := vote.Wilson(81, 263)
	if math.Abs(low-0.2553) > 5e-5 || math.Abs(high-0.3662) > 5e-5 {
		t.Errorf("%.4f to %.4f", low, high)
	}
}

func TestBallotsAreChecked(t *testing.T) {
	p := proposal(vote.Ranked)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		b    vote.Ballot
		at   time.Time
		want error
	}{
		"good":           {ranked("a", "rose", "white"), noon, nil},
		"at the close":   {ranked("a", "rose"), p.Closes, nil},
		"late":           {ranked("a", "rose"), p.Closes.Add(1), vote.ErrClosed},
		"early":          {ranked("a", "rose"), noon.Add(-1), vote.ErrClosed},
		"nobody":         {ranked(" ", "rose"), noon, vote.ErrMember},
		"unknown option": {ranked("a", "black"), noon, vote.ErrBallot},
		"twice":          {ranked("a", "rose", "rose"), noon, vote.ErrBallot},
		"points":         {vote.Ballot{Member: "a", Choices: map[string]vote.Choice{"colour": {Points: map[string]int{"rose": 3}}}}, noon, vote.ErrBallot},
		"other feature":  {vote.Ballot{Member: "a", Choices: map[string]vote.Choice{"width": {Ranks: []string{"rose"}}}}, noon, vote.ErrBallot},
	} {
		if err := p.Take(c.b, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestBlocsAndSharedDevicesAreShown(t *testing.T) {
	var all []vote.Ballot
	for i := range 300 { // a steady crowd over a fortnight
		b := ranked(fmt.Sprintf("m%d", i), []string{"white", "rose", "sage"}[i%3])
		b.Community, b.At = "mums", noon.Add(time.Duration(i)*time.Hour)
		all = append(all, b)
	}
	if got := vote.Guard(all); len(got) != 0 {
		t.Errorf("a steady crowd is suspected: %+v", got)
	}
	for i := range 40 {
		b := ranked(fmt.Sprintf("x%d", i), "sage")
		b.Community, b.At = "mums", noon.Add(100*time.Hour+time.Duration(i)*time.Second)
		all = append(all, b)
	}
	for i := range 30 { // a community that shows up for a minute
		b := ranked(fmt.Sprintf("y%d", i), "sage")
		b.Community, b.At = "hired", noon.Add(50*time.Hour+time.Duration(i)*time.Second)
		all = append(all, b)
	}
	for i := range 5 {
		b := ranked(fmt.Sprintf("d%d", i), "rose")
		b.Device, b.At = "phone-1", noon.Add(time.Duration(i*9)*time.Hour)
		all = append(all, b)
	}
	got := vote.Guard(all)
	if len(got) != 3 || got[0].Kind != vote.SharedDevice || len(got[0].Members) != 5 || got[1].Kind != vote.SuddenBloc || len(got[1].Members) != 30 || len(got[2].Members) < 40 {
		t.Errorf("%+v", got)
	}
	if n := len(vote.Without(all, got)); n > 300 {
		t.Errorf("%d ballots are left", n)
	}
}

func TestTalliesCountEveryBallotOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := proposal(vote.Ranked)
		var all []vote.Ballot
		for i := range rapid.IntRange(0, 40).Draw(t, "ballots") {
			all = append(all, ranked(fmt.Sprint(i), rapid.Permutation([]string{"white", "rose", "sage"}).Draw(t, "ranks")[:rapid.IntRange(1, 3).Draw(t, "n")]...))
		}
		r := p.Tally(all)[0]
		first, share := 0, 0.0
		for _, o := range r.Options {
			first += o.First
			share += o.Share
			if o.Share < o.Low-1e-12 || o.Share > o.High+1e-12 {
				t.Fatalf("%+v", o)
			}
			if o.Share > 0.5 && r.Winner != o.Option {
				t.Fatalf("%s has more than half and did not win: %+v", o.Option, r)
			}
		}
		if first != len(all) || len(all) > 0 && math.Abs(share-1) > 1e-9 {
			t.Fatalf("%d first choices of %d ballots", first, len(all))
		}
	})
}
