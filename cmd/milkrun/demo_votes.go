package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"milkrun/c2m/vote"
	"milkrun/internal/catalog"
)

func options(names ...[3]string) []vote.Option {
	out := make([]vote.Option, len(names))
	for i, n := range names {
		out[i] = vote.Option{Code: fmt.Sprintf("o%d", i+1), Name: catalog.Name{ZH: n[0], EN: n[1]}, Colour: n[2]}
	}
	return out
}

// votes plays two proposals: one that has ended, with a bloc that came within a minute, and one that is open.
func (p *campaignPlayer) votes(ctx context.Context) error {
	colours := vote.Feature{Code: "colour", Name: catalog.Name{ZH: "颜色", EN: "Colour"}, Options: options([3]string{"云朵白", "Cloud white", "#f3efe6"},
		[3]string{"豆沙粉", "Dusty rose", "#d9a5a0"}, [3]string{"鼠尾草绿", "Sage", "#a3b39a"})}
	fabric := vote.Feature{Code: "fabric", Name: catalog.Name{ZH: "面料", EN: "Fabric"}, Options: options([3]string{"精梳棉", "Combed cotton", ""}, [3]string{"竹纤维", "Bamboo", ""})}
	closed, err := p.propose(-21, -7, "恒温睡袋 Lite", "Sleeping Bag Lite", colours, fabric)
	if err != nil {
		return err
	}
	for d := -20; d < -8; d += 2 {
		for hour := range 6 {
			p.at(d, 9+2*float64(hour))
			if err := p.ballots(ctx, closed, 10, "v", "小红书宝妈群"); err != nil {
				return err
			}
		}
	}
	p.at(-9, 3)
	if err := p.bloc(ctx, closed, 30); err != nil {
		return err
	}
	p.at(-7, 10)
	if _, err := p.ops.CloseVote(p.buyer, closed.Number); err != nil {
		return err
	}
	open, err := p.propose(-4, 6, "学步鞋 春季款", "First Shoes, spring", colours)
	if err != nil {
		return err
	}
	for d := -4; d < 0; d++ {
		for hour := range 5 {
			p.at(d, 10+2*float64(hour))
			if err := p.ballots(ctx, open, 9, "w", "上海妈妈团"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *campaignPlayer) propose(opens, closes int, zh, en string, features ...vote.Feature) (*vote.Proposal, error) {
	p.at(opens, 9.5)
	made, err := p.ops.Propose(p.buyer, vote.Proposal{Name: catalog.Name{ZH: zh, EN: en}, Method: vote.Ranked, Features: features, Opens: p.clock(), Closes: p.day(closes, 20),
		PerMinute: 10_000})
	if err != nil {
		return nil, err
	}
	return p.ops.OpenVote(p.buyer, made.Number)
}

// ballots hands in so many ballots of members of a community at once.
func (p *campaignPlayer) ballots(ctx context.Context, v *vote.Proposal, n int, names, community string) error {
	return p.hand(ctx, v, n, func(no int) vote.Ballot {
		return vote.Ballot{Member: fmt.Sprintf("%s%05d", names, no), Community: community, Segment: []string{"0–6 月", "7–12 月", "1–3 岁"}[no%3], WouldBuy: no%5 < 3,
			Choices: choices(v, []int{0, 0, 1, 0, 2, 1, 0}[no%7])}
	})
}

// bloc hands in equal ballots within seconds, as a hired crowd does.
func (p *campaignPlayer) bloc(ctx context.Context, v *vote.Proposal, n int) error {
	return p.hand(ctx, v, n, func(no int) vote.Ballot {
		return vote.Ballot{Member: fmt.Sprintf("z%05d", no), Community: "群友互助 7 群", Choices: choices(v, 2)}
	})
}

// choices ranks the options of each feature from one on.
func choices(v *vote.Proposal, first int) map[string]vote.Choice {
	out := map[string]vote.Choice{}
	for _, f := range v.Features {
		var ranks []string
		for i := range f.Options {
			ranks = append(ranks, f.Options[(first+i)%len(f.Options)].Code)
		}
		out[f.Code] = vote.Choice{Ranks: ranks}
	}
	return out
}

func (p *campaignPlayer) hand(ctx context.Context, v *vote.Proposal, n int, ballot func(int) vote.Ballot) error {
	faults := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		p.members++
		b := ballot(p.members)
		wg.Go(func() { _, faults[i] = p.ops.Vote(ctx, v.Number, b) })
	}
	wg.Wait()
	return errors.Join(faults...)
}
