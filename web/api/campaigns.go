package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/access"
)

// CampaignOut is a campaign as shops and communities see it.
type CampaignOut struct {
	Number   string    `json:"number" example:"CP-2611-018"`
	Name     string    `json:"name"`
	NameEN   string    `json:"name_en,omitempty"`
	State    string    `json:"state" doc:"scheduled, open, paused, balance, succeeded, producing, delivered, failed or cancelled"`
	Mode     string    `json:"mode" doc:"all_or_nothing, keep_it_all, deposit_balance or group_buy"`
	Goal     int64     `json:"goal_pieces"`
	Quota    int64     `json:"quota_pieces" doc:"0 for no bound"`
	Reserved int64     `json:"reserved_pieces"`
	Backers  int       `json:"backers"`
	Waiting  int       `json:"waiting"`
	Member   int64     `json:"per_member_pieces" doc:"0 for no bound"`
	Deposit  int64     `json:"deposit_fen,omitempty" doc:"Of one piece"`
	Start    time.Time `json:"start"`
	Deadline time.Time `json:"deadline"`
	Balance  string    `json:"balance_deadline,omitempty"`
	Promise  string    `json:"promise,omitempty" doc:"Day by which the first goods are promised"`
	Tiers    []TierOut `json:"tiers"`
}

// TierOut is an offer of a campaign.
type TierOut struct {
	Code   string     `json:"code"`
	Name   string     `json:"name"`
	NameEN string     `json:"name_en,omitempty"`
	Pieces int64      `json:"pieces" doc:"Pieces in one unit"`
	Quota  int64      `json:"quota_pieces,omitempty"`
	Taken  int64      `json:"taken_pieces"`
	Prices []PriceOut `json:"prices" doc:"Prices of a unit by the pieces that the campaign reaches; the one reached at the deadline is everybody's"`
}

// PriceOut is the price of a unit from a number of pieces on.
type PriceOut struct {
	From int64 `json:"from_pieces"`
	Fen  int64 `json:"price_fen"`
}

// PledgeOut is a pledge and its money.
type PledgeOut struct {
	Campaign string        `json:"campaign"`
	Pledge   int64         `json:"pledge" doc:"Number of the pledge within its campaign; the order of the waitlist and of the lots"`
	Member   string        `json:"member"`
	Tier     string        `json:"tier"`
	Units    int64         `json:"units"`
	Pieces   int64         `json:"pieces"`
	PriceFen int64         `json:"price_fen" doc:"Of a unit when pledged: the most that is ever charged for it"`
	State    string        `json:"state" doc:"accepted, waiting, confirmed, delivered, cancelled, lapsed, released or defaulted"`
	Group    string        `json:"group,omitempty"`
	At       time.Time     `json:"at"`
	Paid     int64         `json:"paid_fen"`
	Refunded int64         `json:"refunded_fen"`
	Lot      int           `json:"lot,omitempty"`
	Promise  string        `json:"promise,omitempty"`
	Repeated bool          `json:"repeated,omitempty" doc:"The key was known: this is the pledge that it stands for"`
	Payments []PaymentsOut `json:"payments,omitempty"`
}

// PaymentsOut is what the payment provider was asked for a pledge.
type PaymentsOut struct {
	Key   string `json:"key"`
	Kind  string `json:"kind"`
	Fen   int64  `json:"amount_fen"`
	State string `json:"state" doc:"pending, sent, done, refused or dropped"`
	Error string `json:"error,omitempty"`
}

type campaignsIn struct {
	State  string `query:"state" enum:"scheduled,open,paused,balance,succeeded,producing,delivered,failed,cancelled"`
	Before int64  `query:"before" doc:"The next of the page before"`
}
type campaignsOut struct {
	Body struct {
		Campaigns []CampaignOut `json:"campaigns"`
		Next      int64         `json:"next,omitempty"`
	}
}
type campaignIn struct {
	Number string `path:"number" example:"CP-2611-018"`
}
type campaignOut struct{ Body CampaignOut }

type pledgesIn struct {
	Number string `path:"number"`
	State  string `query:"state" enum:"accepted,waiting,confirmed,delivered,cancelled,lapsed,released,defaulted"`
	Member string `query:"member"`
	After  int64  `query:"after" doc:"The next of the page before"`
}
type pledgesOut struct {
	Body struct {
		Pledges []PledgeOut `json:"pledges"`
		Next    int64       `json:"next,omitempty"`
	}
}
type newPledge struct {
	Number string `path:"number"`
	Key    string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"100" doc:"The same key is the same pledge: sent again, it is taken once"`
	Body   struct {
		Member string `json:"member" minLength:"1" maxLength:"100" doc:"The member as the shop or community knows it; one live pledge each"`
		Tier   string `json:"tier,omitempty"`
		Units  int64  `json:"units" minimum:"1" maximum:"100000"`
		Group  string `json:"group,omitempty" doc:"Group of a group buy to join; without it a new one opens"`
	}
}
type pledgeIn struct {
	Number string `path:"number"`
	Pledge int64  `path:"pledge" minimum:"1"`
}
type pledgeOut struct{ Body PledgeOut }

type memberMessagesIn struct {
	Number string `path:"number"`
	After  int64  `query:"after" doc:"The id of the last message that was fetched"`
}

// MemberMessageOut is a message to a member.
type MemberMessageOut struct {
	ID      int64     `json:"id"`
	Pledge  int64     `json:"pledge"`
	Member  string    `json:"member"`
	Kind    string    `json:"kind" doc:"promised, later, earlier or short"`
	Promise string    `json:"promise,omitempty"`
	Text    string    `json:"text"`
	TextEN  string    `json:"text_en"`
	At      time.Time `json:"at"`
}
type memberMessagesOut struct {
	Body struct {
		Messages []MemberMessageOut `json:"messages"`
	}
}

func (a API) campaigns(h huma.API) {
	tags := []string{"Campaigns"}
	op := func(id, method, path, summary, about string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: about, Tags: tags}
	}
	operation(h, op("list-campaigns", http.MethodGet, "/campaigns", "Campaigns", ""), access.ReadData, a.listCampaigns)
	operation(h, op("get-campaign", http.MethodGet, "/campaigns/{number}", "One campaign", ""), access.ReadData, a.oneCampaign)
	operation(h, op("list-pledges", http.MethodGet, "/campaigns/{number}/pledges", "Pledges of a campaign", "In the order in which they came."), access.ReadData, a.listPledges)
	create := op("pledge", http.MethodPost, "/campaigns/{number}/pledges", "Pledge for a member",
		"Accepted whole while the quota has room, else waiting in order. The answer comes when the pledge is stored. A shop that hears nothing sends the same key again.")
	create.DefaultStatus = http.StatusCreated
	operation(h, create, access.PushData, a.pledge)
	operation(h, op("get-pledge", http.MethodGet, "/campaigns/{number}/pledges/{pledge}", "One pledge with its payments", ""), access.ReadData, a.onePledge)
	operation(h, op("cancel-pledge", http.MethodDelete, "/campaigns/{number}/pledges/{pledge}", "Take a pledge back",
		"Up to and at the deadline: all money goes back, the quota goes to the waitlist."), access.PushData, a.cancelPledge)
	operation(h, op("pay-balance", http.MethodPost, "/campaigns/{number}/pledges/{pledge}/balance", "Ask the member for the balance",
		"After the deadline and up to the balance deadline. Asked twice, it is charged once."), access.PushData, a.payBalance)
	operation(h, op("list-member-messages", http.MethodGet, "/campaigns/{number}/messages", "Messages to members",
		"What a community should tell its members: promises made and moved. Only what a buyer has released."), access.ReadData, a.memberMessages)
}

func outCampaign(c *campaign.Campaign) CampaignOut {
	out := CampaignOut{Number: c.Number, Name: c.Name.ZH, NameEN: c.Name.EN, State: string(c.State), Mode: string(c.Mode), Goal: int64(c.Goal), Quota: int64(c.Quota),
		Reserved: int64(c.Reserved), Backers: c.Backers, Waiting: c.Waiting, Member: int64(c.PerMember), Deposit: int64(c.Deposit), Start: c.Start.UTC(),
		Deadline: c.Deadline.UTC(), Promise: dayOr(c.Promise), Tiers: []TierOut{}}
	if c.BalanceDeadline != nil {
		out.Balance = c.BalanceDeadline.UTC().Format(time.RFC3339)
	}
	for _, t := range c.Tiers {
		x := TierOut{Code: t.Code, Name: t.Name.ZH, NameEN: t.Name.EN, Pieces: int64(t.Pieces), Quota: int64(t.Quota), Taken: int64(c.Taken[t.Code])}
		for _, b := range t.Breaks {
			x.Prices = append(x.Prices, PriceOut{From: int64(b.From), Fen: int64(b.Price)})
		}
		out.Tiers = append(out.Tiers, x)
	}
	return out
}

func outPledge(number string, p *campaign.Pledge) PledgeOut {
	return PledgeOut{Campaign: number, Pledge: p.Seq, Member: p.Member, Tier: p.Tier, Units: p.Units, Pieces: int64(p.Pieces), PriceFen: int64(p.Price), State: string(p.State),
		Group: p.Group, At: p.At.UTC(), Paid: int64(p.Paid), Refunded: int64(p.Refunded), Lot: p.Lot, Promise: dayOr(p.Promise)}
}

func (a API) listCampaigns(ctx context.Context, in *campaignsIn) (*campaignsOut, error) {
	q := campaignops.Query{Limit: pageLines, Before: campaign.ID(in.Before)}
	for _, s := range campaign.States() {
		if s.Public() && (in.State == "" || in.State == string(s)) {
			q.States = append(q.States, s)
		}
	}
	list, next, err := a.Campaigns.Campaigns(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &campaignsOut{}
	out.Body.Campaigns, out.Body.Next = []CampaignOut{}, int64(next)
	for _, c := range list {
		out.Body.Campaigns = append(out.Body.Campaigns, outCampaign(c))
	}
	return out, nil
}

func (a API) oneCampaign(ctx context.Context, in *campaignIn) (*campaignOut, error) {
	c, err := a.Campaigns.ByNumber(ctx, in.Number)
	if err == nil && !c.State.Public() {
		err = campaign.ErrUnknown
	}
	if err != nil {
		return nil, explainCampaign(err)
	}
	return &campaignOut{outCampaign(c)}, nil
}

func (a API) listPledges(ctx context.Context, in *pledgesIn) (*pledgesOut, error) {
	c, err := a.Campaigns.ByNumber(ctx, in.Number)
	if err != nil {
		return nil, explainCampaign(err)
	}
	list, next, err := a.Campaigns.Pledges(ctx, c.ID, in.After, campaign.PledgeState(in.State), in.Member, pageLines)
	if err != nil {
		return nil, err
	}
	out := &pledgesOut{}
	out.Body.Pledges, out.Body.Next = []PledgeOut{}, next
	for _, p := range list {
		out.Body.Pledges = append(out.Body.Pledges, outPledge(c.Number, p))
	}
	return out, nil
}

func (a API) pledge(ctx context.Context, in *newPledge) (*pledgeOut, error) {
	id, err := a.Campaigns.ID(ctx, in.Number)
	if err != nil {
		return nil, explainCampaign(err)
	}
	b := in.Body
	p, err := a.Campaigns.Pledge(ctx, id, campaignops.NewPledge{Key: in.Key, Request: campaign.Request{Member: b.Member, Tier: b.Tier, Units: b.Units, Group: b.Group}})
	if err != nil {
		return nil, explainCampaign(err)
	}
	out := outPledge(in.Number, p.Pledge)
	out.Repeated = p.Again
	return &pledgeOut{out}, nil
}

func (a API) onePledge(ctx context.Context, in *pledgeIn) (*pledgeOut, error) {
	id, err := a.Campaigns.ID(ctx, in.Number)
	if err != nil {
		return nil, explainCampaign(err)
	}
	p, pays, err := a.Campaigns.PledgeOf(ctx, id, in.Pledge)
	if err != nil {
		return nil, explainCampaign(err)
	}
	out := outPledge(in.Number, p)
	for _, x := range pays {
		out.Payments = append(out.Payments, PaymentsOut{Key: x.Number + "/" + x.Key, Kind: string(x.Kind), Fen: int64(x.Fen), State: string(x.State), Error: x.Error})
	}
	return &pledgeOut{out}, nil
}

func (a API) cancelPledge(ctx context.Context, in *pledgeIn) (*pledgeOut, error) {
	id, err := a.Campaigns.ID(ctx, in.Number)
	if err != nil {
		return nil, explainCampaign(err)
	}
	p, err := a.Campaigns.CancelPledge(ctx, id, in.Pledge)
	if err != nil {
		return nil, explainCampaign(err)
	}
	return &pledgeOut{outPledge(in.Number, p)}, nil
}

func (a API) payBalance(ctx context.Context, in *pledgeIn) (*pledgeOut, error) {
	id, err := a.Campaigns.ID(ctx, in.Number)
	if err != nil {
		return nil, explainCampaign(err)
	}
	if _, err := a.Campaigns.PayBalance(ctx, id, in.Pledge); err != nil {
		return nil, explainCampaign(err)
	}
	return a.onePledge(ctx, in)
}

func (a API) memberMessages(ctx context.Context, in *memberMessagesIn) (*memberMessagesOut, error) {
	id, err := a.Campaigns.ID(ctx, in.Number)
	if err != nil {
		return nil, explainCampaign(err)
	}
	list, err := a.Campaigns.Messages(ctx, id, in.After, pageLines)
	if err != nil {
		return nil, err
	}
	out := &memberMessagesOut{}
	out.Body.Messages = []MemberMessageOut{}
	for _, m := range list {
		if m.State == "released" {
			out.Body.Messages = append(out.Body.Messages, MemberMessageOut{ID: m.ID, Pledge: m.Seq, Member: m.Member, Kind: m.Kind, Promise: dayOr(m.Promise),
				Text: m.BodyZH, TextEN: m.BodyEN, At: m.At.UTC()})
		}
	}
	return out, nil
}

// explainCampaign turns a refusal of a campaign into a problem; other errors pass as they are.
func explainCampaign(err error) error {
	field := func(pointer, code, message string) *Problem {
		return problem(http.StatusUnprocessableEntity, "The pledge was not taken. Mend what is listed and send it again.", Wrong{Pointer: pointer, Code: code, Message: message})
	}
	var limit *campaign.LimitError
	var late *campaign.DeadlineError
	var state *campaign.StateError
	switch {
	case errors.Is(err, campaign.ErrUnknown), errors.Is(err, campaign.ErrNumber):
		return problem(http.StatusNotFound, "There is no such campaign, pledge or payment.")
	case errors.As(err, &limit):
		return field("/units", "limit", fmt.Sprintf("%d pieces, a member may have %d", limit.Want, limit.Limit))
	case errors.Is(err, campaign.ErrTier):
		return field("/tier", "tier", "is not a tier of this campaign, or not open now")
	case errors.Is(err, campaign.ErrGroup):
		return field("/group", "group", "is not a group of this campaign, or it is full")
	case errors.Is(err, campaign.ErrMember):
		return field("/member", "form", "must be 1 to 100 printable characters without space around them")
	case errors.Is(err, campaign.ErrUnits):
		return field("/units", "range", "must be from 1 to 100,000")
	case errors.As(err, &late):
		return conflict("deadline", "The deadline "+late.Deadline.UTC().Format(time.RFC3339)+" has passed; nothing was changed.")
	case errors.Is(err, campaign.ErrNotStarted):
		return conflict("not_started", "The campaign has not started yet.")
	case errors.As(err, &state):
		return conflict("state", fmt.Sprintf("The campaign is %s and takes no such change.", state.State))
	case errors.Is(err, campaign.ErrTwice):
		return conflict("second_pledge", "The member has a live pledge in this campaign already. Take it back first, or send the key of the first to see it.")
	case errors.Is(err, campaign.ErrKey):
		return conflict("key", "The Idempotency-Key stands for another pledge. Use a new key for a new pledge.")
	case errors.Is(err, campaign.ErrBalance):
		return conflict("no_balance", "No balance is due for this pledge now.")
	case errors.Is(err, campaign.ErrPledgeState):
		return conflict("pledge_state", "The pledge's state does not allow this.")
	case errors.Is(err, campaignops.ErrAmount):
		return conflict("amount", "The amount is not the one that was asked; nothing was booked.")
	case errors.Is(err, campaignops.ErrMessage):
		return problem(http.StatusUnprocessableEntity, "A message needs an id, a key, and the outcome done or refused.")
	case errors.Is(err, campaignops.ErrBusy):
		return problem(http.StatusServiceUnavailable, "Too many requests wait for this campaign. Send the same request again in a moment.")
	}
	return err
}
