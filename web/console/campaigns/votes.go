package campaigns

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

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
type Votes struct {
	Ops *campaignops.Ops
	// Goods finds goods by their codes; nil leaves proposals without goods.
	Goods func(ctx context.Context, codes ...string) (map[string]catalog.SKU, error)
}

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

// votesPage is the list of proposals with the form of a new one.
type votesPage struct {
	*desk.Posted
	Rows []*vote.Proposal
}

func (s Votes) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Ops.Proposals(ctx)
	if err != nil {
		return err
	}
	now := ui.From(ctx).Now
	p := votesPage{Rows: all, Posted: &desk.Posted{Ctx: ctx, Form: url.Values{"opens": {formTime(ctx, now)}, "closes": {formTime(ctx, now.AddDate(0, 0, 14))}}, Errors: map[string]string{}}}
	return route.Render(w, r, votesScreen(p))
}

func (s Votes) one(w http.ResponseWriter, r *http.Request) error {
	out, err := s.Ops.Votes(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	return route.Render(w, r, voteScreen(out))
}

// create makes a draft of what was typed.
func (s Votes) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	posted, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	f := votesPage{Posted: posted}
	p := vote.Proposal{Name: catalog.Name{ZH: f.Text("name_zh"), EN: f.Text("name_en")}, Story: catalog.Name{ZH: f.Text("story_zh"), EN: f.Text("story_en")}, Method: vote.Method(f.Text("method")),
		Opens: f.instant("opens"), Closes: f.instant("closes"), PerMinute: f.Small("per_minute")}
	f.judge(&p)
	if code := f.Text("sku"); code != "" && s.Goods != nil {
		known, err := s.Goods(ctx, code)
		if err != nil {
			return err
		}
		if p.SKU = known[code].ID; p.SKU == 0 {
			f.Bad("sku", "campaigns.fault.unknown")
		}
	}
	if !f.OK() {
		if f.Rows, err = s.Ops.Proposals(ctx); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, votesScreen(f))
	}
	made, err := s.Ops.Propose(ctx, p)
	if err != nil {
		return err
	}
	return s.done(w, r, made.Number, "votes.done.create")
}

// instant reads a time of the form.
func (f votesPage) instant(field string) time.Time {
	t, err := localTime(f.Ctx, f.Text(field))
	if err != nil {
		f.Bad(field, "campaigns.fault.time")
	}
	return t
}

// judge names what is wrong with a proposal beside its field.
func (f votesPage) judge(p *vote.Proposal) {
	if p.Name.ZH == "" {
		f.Bad("name_zh", "campaigns.fault.missing")
	}
	if n := len([]rune(p.Name.ZH)); n > 120 {
		f.Bad("name_zh", "campaigns.fault.at_most", "Most", 120, "Has", n)
	}
	if p.Method != vote.Ranked && p.Method != vote.Points {
		f.Bad("method", "campaigns.fault.choice")
	}
	if !p.Opens.IsZero() && !p.Closes.IsZero() && !p.Closes.After(p.Opens) {
		f.Bad("closes", "campaigns.fault.order")
	}
	if p.PerMinute < 0 || p.PerMinute > 100_000 {
		f.Bad("per_minute", "campaigns.fault.large")
	}
	var bad int
	p.Features, bad = readFeatures(f.Text("features"))
	switch {
	case bad > 0:
		f.Bad("features", "votes.bad_line", "No", bad)
	case len(p.Features) == 0:
		f.Bad("features", "campaigns.fault.missing")
	case len(p.Features) > 10:
		f.Bad("features", "votes.bad_many")
	}
}

// readFeatures reads features as people type them, one a line, with Chinese or Western punctuation: "颜色/Colour: 云朵白/Cloud white #f3efe6, 豆沙粉".
// bad is the number of the first line that is no feature with two to twenty different options, 0 for none.
func readFeatures(text string) (out []vote.Feature, bad int) {
	no := 0
	for line := range strings.Lines(text) {
		no++
		line = strings.NewReplacer("：", ":", "，", ",", "、", ",", "／", "/", "＃", "#").Replace(strings.TrimSpace(line))
		if line == "" {
			continue
		}
		name, rest, ok := strings.Cut(line, ":")
		f := vote.Feature{Code: "f" + desk.Itoa(int32(len(out)+1)), Name: bilingual(name)}
		seen := map[string]bool{}
		for o := range strings.SplitSeq(rest, ",") {
			x := readOption(o, len(f.Options)+1)
			if x.Name.ZH == "" {
				continue
			}
			ok = ok && !seen[x.Name.ZH]
			seen[x.Name.ZH] = true
			f.Options = append(f.Options, x)
		}
		if !ok || f.Name.ZH == "" || len(f.Options) < 2 || len(f.Options) > 20 {
			return nil, no
		}
		out = append(out, f)
	}
	return out, 0
}

var (
	optionColour  = regexp.MustCompile(`#[0-9a-fA-F]{6}\b`)
	optionPicture = regexp.MustCompile(`https?://\S+`)
)

// readOption reads an option with its colour and the address of its picture, where it has them.
func readOption(text string, no int) vote.Option {
	x := vote.Option{Code: "o" + desk.Itoa(int32(no))}
	x.Picture = optionPicture.FindString(text)
	text = optionPicture.ReplaceAllString(text, "")
	x.Colour = optionColour.FindString(text)
	x.Name = bilingual(optionColour.ReplaceAllString(text, ""))
	return x
}

// bilingual reads "云朵白/Cloud white".
func bilingual(text string) catalog.Name {
	zh, en, _ := strings.Cut(text, "/")
	return catalog.Name{ZH: strings.TrimSpace(zh), EN: strings.TrimSpace(en)}
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
