package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/c2m/vote"
	"milkrun/internal/access"
)

// ProposalOut is a proposal as communities see it.
type ProposalOut struct {
	Number   string       `json:"number" example:"VP-2611-004"`
	Name     string       `json:"name"`
	NameEN   string       `json:"name_en,omitempty"`
	State    string       `json:"state" doc:"open, closed or adopted"`
	Method   string       `json:"method" doc:"ranked or points (10 to spread over a feature's options)"`
	Opens    time.Time    `json:"opens"`
	Closes   time.Time    `json:"closes"`
	Campaign string       `json:"campaign,omitempty"`
	Features []FeatureOut `json:"features"`
}

// FeatureOut is what is voted on.
type FeatureOut struct {
	Code    string      `json:"code"`
	Name    string      `json:"name"`
	NameEN  string      `json:"name_en,omitempty"`
	Options []OptionOut `json:"options"`
}

// OptionOut is a choice of a feature.
type OptionOut struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	NameEN  string `json:"name_en,omitempty"`
	Colour  string `json:"colour,omitempty"`
	Picture string `json:"picture,omitempty"`
}

type proposalsOut struct {
	Body struct {
		Proposals []ProposalOut `json:"proposals"`
	}
}
type ballotIn struct {
	Number string `path:"number"`
	Body   struct {
		Member    string `json:"member" minLength:"1" maxLength:"100"`
		Community string `json:"community,omitempty" maxLength:"100"`
		Segment   string `json:"segment,omitempty" maxLength:"100" doc:"Such as the child's age; results are shown by it"`
		Device    string `json:"device,omitempty" maxLength:"100" doc:"Hash of the device; many members on one are shown to the buyer"`
		WouldBuy  bool   `json:"would_buy,omitempty"`
		Choices   map[string]struct {
			Ranks  []string       `json:"ranks,omitempty"`
			Points map[string]int `json:"points,omitempty"`
		} `json:"choices" doc:"By feature"`
	}
}
type ballotOut struct {
	Body struct {
		Changed bool `json:"changed" doc:"The member had voted before; this ballot took the place of that one"`
	}
}

func (a API) votes(h huma.API) {
	tags := []string{"Votes"}
	operation(h, huma.Operation{OperationID: "list-proposals", Method: http.MethodGet, Path: "/proposals", Summary: "Proposals to vote on", Tags: tags}, access.ReadData, a.listProposals)
	operation(h, huma.Operation{OperationID: "vote", Method: http.MethodPost, Path: "/proposals/{number}/votes", Summary: "Vote for a member", Tags: tags,
		Description: "One ballot a member: a second one takes the place of the first, until the vote closes."}, access.PushData, a.castVote)
}

func (a API) listProposals(ctx context.Context, _ *struct{}) (*proposalsOut, error) {
	list, err := a.Campaigns.Proposals(ctx)
	if err != nil {
		return nil, err
	}
	out := &proposalsOut{}
	out.Body.Proposals = []ProposalOut{}
	for _, p := range list {
		if p.State == vote.Draft {
			continue
		}
		x := ProposalOut{Number: p.Number, Name: p.Name.ZH, NameEN: p.Name.EN, State: string(p.State), Method: string(p.Method), Opens: p.Opens.UTC(), Closes: p.Closes.UTC(),
			Campaign: p.Campaign, Features: []FeatureOut{}}
		for _, f := range p.Features {
			y := FeatureOut{Code: f.Code, Name: f.Name.ZH, NameEN: f.Name.EN}
			for _, o := range f.Options {
				y.Options = append(y.Options, OptionOut{Code: o.Code, Name: o.Name.ZH, NameEN: o.Name.EN, Colour: o.Colour, Picture: o.Picture})
			}
			x.Features = append(x.Features, y)
		}
		out.Body.Proposals = append(out.Body.Proposals, x)
	}
	return out, nil
}

func (a API) castVote(ctx context.Context, in *ballotIn) (*ballotOut, error) {
	b := vote.Ballot{Member: in.Body.Member, Community: in.Body.Community, Segment: in.Body.Segment, Device: in.Body.Device, WouldBuy: in.Body.WouldBuy,
		Choices: map[string]vote.Choice{}}
	for f, c := range in.Body.Choices {
		b.Choices[f] = vote.Choice{Ranks: c.Ranks, Points: c.Points}
	}
	changed, err := a.Campaigns.Vote(ctx, in.Number, b)
	if err != nil {
		return nil, explainVote(err)
	}
	out := &ballotOut{}
	out.Body.Changed = changed
	return out, nil
}

// explainVote turns a refusal of a ballot into a problem; other errors pass as they are.
func explainVote(err error) error {
	switch {
	case errors.Is(err, vote.ErrUnknown):
		return problem(http.StatusNotFound, "There is no such proposal.")
	case errors.Is(err, vote.ErrClosed):
		return problem(http.StatusConflict, "The vote is not open; the ballot was not counted.")
	case errors.Is(err, vote.ErrRate):
		return problem(http.StatusTooManyRequests, "Too many ballots of this community at once. Send the same ballot again in a minute.")
	case errors.Is(err, vote.ErrMember):
		return problem(http.StatusUnprocessableEntity, "The ballot was not counted.", Wrong{Pointer: "/member", Code: "form", Message: "must be 1 to 100 characters"})
	case errors.Is(err, vote.ErrBallot):
		return problem(http.StatusUnprocessableEntity, "The ballot was not counted.", Wrong{Pointer: "/choices", Code: "ballot",
			Message: "names what is not on the ballot, an option twice, or spends more than 10 points on a feature"})
	}
	return err
}
