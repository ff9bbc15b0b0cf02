package campaignops_test

import (
	"fmt"
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/vote"
	"milkrun/internal/catalog"
)

func TestAVoteBecomesACampaign(t *testing.T) {
	w := newWorld(t)
	now := w.clock()
	p, err := w.ops.Propose(w.buyer, vote.Proposal{Name: catalog.Name{ZH: "恒温睡袋 Pro", EN: "Sleeping bag Pro"}, Method: vote.Ranked, Opens: now, Closes: now.AddDate(0, 0, 14), PerMinute: 5,
		Features: []vote.Feature{{Code: "colour", Name: catalog.Name{ZH: "颜色"}, Options: []vote.Option{{Code: "white", Name: catalog.Name{ZH: "云朵白"}, Colour: "#f3efe6"}, {Code: "rose", Name: catalog.Name{ZH: "豆沙粉"}}}},
			{Code: "zip", Name: catalog.Name{ZH: "拉链"}, Options: []vote.Option{{Code: "one", Name: catalog.Name{ZH: "单向"}}, {Code: "two", Name: catalog.Name{ZH: "双向"}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	ballot := func(i int, colour string) vote.Ballot {
		return vote.Ballot{Member: fmt.Sprintf("m%d", i), Community: "mums", Segment: []string{"0-6月", "7-12月"}[i%2], WouldBuy: i%3 == 0,
			Choices: map[string]vote.Choice{"colour": {Ranks: []string{colour}}, "zip": {Ranks: []string{"two", "one"}}}}
	}
	_, err = w.ops.Vote(w.shop, p.Number, ballot(1, "rose"))
	is(t, err, vote.ErrClosed)
	if _, err := w.ops.OpenVote(w.buyer, p.Number); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if changed, err := w.ops.Vote(w.shop, p.Number, ballot(i, "white")); err != nil || changed {
			t.Fatal(changed, err)
		}
	}
	_, err = w.ops.Vote(w.shop, p.Number, ballot(6, "white"))
	is(t, err, vote.ErrRate)
	w.pass(2 * time.Minute)
	if changed, err := w.ops.Vote(w.shop, p.Number, ballot(0, "rose")); err != nil || !changed {
		t.Errorf("a second ballot of a member: %v, %v", changed, err)
	}
	out, err := w.ops.Votes(w.buyer, p.Number)
	if err != nil || out.Voters != 5 || out.WouldBuy != 2 || out.Results[0].Options[0].First != 4 || len(out.Segments) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	_, err = w.ops.Adopt(w.buyer, p.Number, w.terms(campaign.AllOrNothing))
	is(t, err, vote.ErrState)
	if _, err := w.ops.CloseVote(w.buyer, p.Number); err != nil {
		t.Fatal(err)
	}
	c, err := w.ops.Adopt(w.buyer, p.Number, w.terms(campaign.AllOrNothing))
	if err != nil || c.Spec != "颜色 云朵白；拉链 双向" || c.Proposal != p.ID {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = w.ops.Votes(w.buyer, "VP-0000-000")
	is(t, err, vote.ErrUnknown)
}
