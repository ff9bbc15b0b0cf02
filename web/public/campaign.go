package public

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Campaigns is the public page of each campaign: where it stands, its tiers, the time left and the promise.
type Campaigns struct{ Ops *campaignops.Ops }

// CampaignPath gives the address of a campaign's public page.
func CampaignPath(number string) string { return "/c/" + number }

// Screens gives the routes.
func (p Campaigns) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			{Method: http.MethodGet, Pattern: "/c/{number}", Permission: access.Public, Handler: p.one, PerMinute: perMinute},
			{Method: http.MethodGet, Pattern: "/c/{number}/pictures/{id}", Permission: access.Public, Handler: p.picture, PerMinute: 10 * perMinute},
		},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			if errors.Is(err, campaign.ErrUnknown) || errors.Is(err, campaign.ErrNumber) {
				return route.NotFound()
			}
			return nil
		}},
	}
}

func (p Campaigns) one(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Ops.ForEverybody(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	pictures, err := p.Ops.Pictures(r.Context(), c.Campaign)
	if err != nil {
		return err
	}
	return route.Render(w, r.WithContext(inLanguage(r)), campaignPage(c, pictures))
}

// picture sends a picture of a campaign that has been published. It never changes under its address.
func (p Campaigns) picture(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	x, err := p.Ops.Picture(r.Context(), route.Param(r, "number"), id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", x.Mime)
	w.Header().Set("Cache-Control", "public, max-age=604800")
	_, err = w.Write(x.Bytes)
	return err
}

func pictureAt(number string, id int64) string {
	return CampaignPath(number) + "/pictures/" + strconv.FormatInt(id, 10)
}

// steps are the stages of a campaign as a shopper sees them: what is over, what is now, what comes, each with its day.
func steps(ctx context.Context, c *campaignops.Public) []ui.Stop {
	state := func(done, now bool) ui.StopState {
		switch {
		case done:
			return ui.Done
		case now:
			return ui.Now
		}
		return ui.Ahead
	}
	closed := c.AtClose != nil
	out := []ui.Stop{{Name: ui.T(ctx, "campaignpublic.step_open"), Note: ui.Day(ctx, calendar.Of(c.Start, zoneOf(ctx))), State: state(closed, c.State.Running() && !c.Now.Before(c.Start))}}
	if c.State == campaign.Failed || c.State == campaign.Cancelled {
		return append(out, ui.Stop{Name: ui.T(ctx, "campaigns.state."+string(c.State)), Note: ui.T(ctx, "campaignpublic.step_refund"), State: ui.Late})
	}
	out = append(out, ui.Stop{Name: ui.T(ctx, "campaignpublic.step_close"), Note: ui.Day(ctx, calendar.Of(c.Deadline, zoneOf(ctx))), State: state(closed, false)})
	if c.Mode == campaign.DepositBalance {
		out = append(out, ui.Stop{Name: ui.T(ctx, "campaignpublic.step_balance"), Note: ui.Day(ctx, calendar.Of(c.BalanceEnd(), zoneOf(ctx))), State: state(c.Stops.Settled != nil, c.State == campaign.Balance)})
	}
	making := c.State == campaign.Producing || c.State == campaign.Succeeded
	return append(out, ui.Stop{Name: ui.T(ctx, "campaignpublic.step_make"), State: state(c.State == campaign.Delivered, making)},
		ui.Stop{Name: ui.T(ctx, "campaignpublic.step_send"), Note: dayOr(ctx, c.Promise), State: state(c.State == campaign.Delivered, false)})
}

func dayOr(ctx context.Context, d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return ui.Day(ctx, *d)
}

func zoneOf(ctx context.Context) *time.Location {
	if z := ui.From(ctx).Zone; z != nil {
		return z
	}
	return time.Local
}

// worth says what a tier saves against the dearest price of a piece, as a ratio; 0 where it saves nothing.
func worth(c *campaignops.Public, t campaign.Tier) float64 {
	most := money.Fen(0)
	for _, x := range c.Tiers {
		most = max(most, x.First()/money.Fen(x.Pieces))
	}
	mine := priceNow(c, t) / money.Fen(t.Pieces)
	if most == 0 || mine >= most {
		return 0
	}
	return 1 - float64(mine)/float64(most)
}

// share gives how much of the goal is reached, as a percentage for the meter.
func share(c *campaignops.Public) float64 {
	if c.Goal == 0 {
		return 0
	}
	return float64(c.Reserved) / float64(c.Goal)
}

func width(ratio float64) string {
	return "width:" + strconv.FormatFloat(min(100, 100*ratio), 'f', 1, 64) + "%"
}

// tone gives the chip of a state.
func tone(s campaign.State) ui.Tone {
	switch s {
	case campaign.Open, campaign.Balance:
		return ui.Act
	case campaign.Succeeded, campaign.Producing, campaign.Delivered:
		return ui.OK
	case campaign.Failed, campaign.Cancelled:
		return ui.Risk
	case campaign.Paused:
		return ui.Watch
	}
	return ui.Plain
}

// priceNow gives the price of a unit at what is reserved now; the price pledged is the highest that is ever asked.
func priceNow(c *campaignops.Public, t campaign.Tier) money.Fen {
	if final, ok := c.Final[t.Code]; ok {
		return final
	}
	return t.PriceAt(c.Reserved)
}

func soldOut(c *campaignops.Public, t campaign.Tier) bool {
	left, bounded := c.Left(t)
	return bounded && left == 0
}

// tierNote says what is left of a tier.
func tierNote(ctx context.Context, c *campaignops.Public, t campaign.Tier) string {
	left, bounded := c.Left(t)
	switch {
	case c.State != campaign.Open:
		return ""
	case !bounded:
		return ui.T(ctx, "campaignpublic.unbounded")
	case left == 0:
		return ui.T(ctx, "campaignpublic.waitlist")
	}
	return ui.T(ctx, "campaignpublic.left", ui.Count, left)
}

func promised(ctx context.Context, d *calendar.Day) string {
	if d == nil {
		return ui.T(ctx, "campaignpublic.promise_later")
	}
	return ui.DayProse(ctx, *d)
}

// rule says in one sentence what happens with the money.
func rule(c *campaignops.Public) string {
	if c.Charge == campaign.OnSuccess {
		return "campaignpublic.rule_on_success"
	}
	return "campaignpublic.rule_" + string(c.Mode)
}

// dot draws a stage's mark: filled when over, a ring with its halo now, an empty ring ahead, red where it ended badly.
func dot(s ui.StopState) string {
	const round = "flex:none;width:12px;height:12px;border-radius:50%;box-sizing:border-box;"
	switch s {
	case ui.Done:
		return round + "background:var(--mk-action)"
	case ui.Now:
		return round + "border:2px solid var(--mk-action);box-shadow:0 0 0 4px var(--mk-action-soft)"
	case ui.Late:
		return round + "border:2px solid var(--mk-risk);box-shadow:0 0 0 4px var(--mk-risk-soft)"
	}
	return round + "border:2px solid var(--mk-line-2)"
}
