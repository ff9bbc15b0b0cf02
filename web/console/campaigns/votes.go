package campaigns

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/vote"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Votes are the proposals that communities vote on, and what comes of them.
type Votes struct{ Ops *campaignops.Ops }

// Screens gives the routes of the votes.
func (s Votes) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/proposals", access.ViewOrders, s.list),
			route.POST("/proposals", access.EditOrders, s.create),
			route.GET("/proposals/{number}", access.ViewOrders, s.one),
			route.POST("/proposals/{number}/open", access.EditOrders, s.open),
			route.POST("/proposals/{number}/close", access.EditOrders, s.close),
			route.POST("/proposals/{number}/adopt", access.EditOrders, s.adopt),
		},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			switch {
			case errors.Is(err, vote.ErrUnknown):
				return route.NotFound()
			case errors.Is(err, vote.ErrState):
				return route.Conflict("votes.refused.state")
			case errors.Is(err, vote.ErrProposal):
				return route.Invalid("votes.refused.proposal")
			}
			return nil
		}},
	}
}

func (s Votes) list(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Ops.Proposals(r.Context())
	if err != nil {
		return err
	}
	return route.Render(w, r, votesScreen(all))
}

func (s Votes) one(w http.ResponseWriter, r *http.Request) error {
	out, err := s.Ops.Votes(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	return route.Render(w, r, voteScreen(out))
}

// create makes a draft of what was typed: each feature on a line, "颜色: 云朵白, 豆沙粉".
func (s Votes) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	opens, err1 := localTime(ctx, r.FormValue("opens"))
	closes, err2 := localTime(ctx, r.FormValue("closes"))
	if err1 != nil || err2 != nil {
		return route.Invalid("campaigns.bad_time")
	}
	p := vote.Proposal{Name: catalog.Name{ZH: strings.TrimSpace(r.FormValue("name_zh")), EN: strings.TrimSpace(r.FormValue("name_en"))},
		Method: vote.Method(r.FormValue("method")), Opens: opens, Closes: closes, Features: readFeatures(r.FormValue("features"))}
	made, err := s.Ops.Propose(ctx, p)
	if err != nil {
		return err
	}
	return s.done(w, r, made.Number, "votes.done.create")
}

// readFeatures reads features as people type them, with Chinese or Western punctuation.
func readFeatures(text string) []vote.Feature {
	var out []vote.Feature
	for line := range strings.Lines(text) {
		line = strings.NewReplacer("：", ":", "，", ",", "、", ",").Replace(strings.TrimSpace(line))
		name, rest, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		f := vote.Feature{Code: "f" + desk.Itoa(int32(len(out)+1)), Name: catalog.Name{ZH: strings.TrimSpace(name)}}
		for o := range strings.SplitSeq(rest, ",") {
			if o = strings.TrimSpace(o); o != "" {
				f.Options = append(f.Options, vote.Option{Code: "o" + desk.Itoa(int32(len(f.Options)+1)), Name: catalog.Name{ZH: o}})
			}
		}
		out = append(out, f)
	}
	return out
}

func (s Votes) done(w http.ResponseWriter, r *http.Request, number, word string) error {
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), word)})
	return route.See(w, r, "/proposals/"+number)
}

func (s Votes) open(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Ops.OpenVote(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	return s.done(w, r, p.Number, "votes.done.open")
}

func (s Votes) close(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Ops.CloseVote(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	return s.done(w, r, p.Number, "votes.done.close")
}

// adopt makes a campaign draft under usual terms, which the buyer then fills in.
func (s Votes) adopt(w http.ResponseWriter, r *http.Request) error {
	now := ui.From(r.Context()).Now
	c, err := s.Ops.Adopt(r.Context(), route.Param(r, "number"), campaign.Terms{Mode: campaign.AllOrNothing, Charge: campaign.AtPledge, Start: now.AddDate(0, 0, 1),
		Deadline: now.AddDate(0, 0, 22), Extensions: 1})
	if err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "votes.done.adopt")})
	return route.See(w, r, campaignHref(c.Number))
}

func voteMark(s vote.State) (ui.Tone, string) {
	switch s {
	case vote.Open:
		return ui.Act, "player-play"
	case vote.Closed:
		return ui.Watch, "lock"
	case vote.Adopted:
		return ui.OK, "check"
	}
	return ui.Plain, "pencil"
}

func optionOf(f vote.Feature, code string) vote.Option {
	i := slices.IndexFunc(f.Options, func(o vote.Option) bool { return o.Code == code })
	if i < 0 {
		return vote.Option{}
	}
	return f.Options[i]
}

func swatch(o vote.Option) string {
	if o.Colour == "" {
		return "display:none"
	}
	return "display:inline-block;width:22px;height:22px;border-radius:6px;border:1px solid var(--mk-line-2);background:" + o.Colour
}

// segments gives the names of the segments, and what each likes most of a feature.
func segments(ctx context.Context, o *campaignops.Outcome, feature int) [][2]string {
	var out [][2]string
	for name, results := range o.Segments {
		if name == "" || results[feature].Voters == 0 {
			continue
		}
		r := results[feature]
		best := optionOf(o.Features[feature], r.Winner)
		out = append(out, [2]string{name, ui.T(ctx, "votes.segment", "Option", ui.Name(ctx, best.Name), "Share", ui.Percent(r.Options[0].Share, 0), ui.Count, r.Voters)})
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return out
}
