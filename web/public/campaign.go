package public

import (
	"context"
	"errors"
	"net/http"
	"strconv"

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
		Routes: []route.Route{{Method: http.MethodGet, Pattern: "/c/{number}", Permission: access.Public, Handler: p.one, PerMinute: perMinute}},
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
	return route.Render(w, r.WithContext(inLanguage(r)), campaignPage(c))
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
