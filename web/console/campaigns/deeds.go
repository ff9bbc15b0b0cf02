package campaigns

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// find finds the campaign of the address.
func (s Pages) find(r *http.Request) (*campaign.Campaign, string, error) {
	c, err := s.Ops.ByNumber(r.Context(), route.Param(r, "number"))
	if err != nil {
		return nil, "", err
	}
	return c, campaignHref(c.Number), nil
}

// deed finds the campaign of a posted form and the revision that its page showed.
func (s Pages) deed(r *http.Request) (*campaign.Campaign, int64, error) {
	c, err := s.Ops.ByNumber(r.Context(), route.Param(r, "number"))
	if err != nil {
		return nil, 0, err
	}
	revision, _ := strconv.ParseInt(r.FormValue("revision"), 10, 64)
	return c, revision, nil
}

// done tells what was done and shows the campaign again.
func (s Pages) done(w http.ResponseWriter, r *http.Request, c *campaign.Campaign, word string, args ...any) error {
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), word, args...)})
	return route.See(w, r, "/campaigns/"+c.Number)
}

// simple is a verb that needs nothing but the campaign.
func (s Pages) simple(w http.ResponseWriter, r *http.Request, word string, f func(context.Context, campaign.ID, int64) (*campaign.Campaign, error)) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	if c, err = f(r.Context(), c.ID, revision); err != nil {
		return err
	}
	return s.done(w, r, c, word)
}

func (s Pages) publish(w http.ResponseWriter, r *http.Request) error {
	return s.simple(w, r, "campaigns.done.publish", s.Ops.Publish)
}

func (s Pages) pause(w http.ResponseWriter, r *http.Request) error {
	return s.simple(w, r, "campaigns.done.pause", s.Ops.Pause)
}

func (s Pages) resume(w http.ResponseWriter, r *http.Request) error {
	return s.simple(w, r, "campaigns.done.resume", s.Ops.Resume)
}

func (s Pages) extend(w http.ResponseWriter, r *http.Request) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	to, err := localTime(r.Context(), r.FormValue("deadline"))
	if err != nil {
		return route.Invalid("campaigns.bad_time")
	}
	if c, err = s.Ops.Extend(r.Context(), c.ID, revision, to); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.extend", "At", ui.Moment(r.Context(), to))
}

func (s Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	if c, err = s.Ops.Cancel(r.Context(), c.ID, revision, r.FormValue("reason")); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.cancel")
}

func (s Pages) tell(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.deed(r)
	if err != nil {
		return err
	}
	n, err := s.Ops.ReleaseMessages(r.Context(), c.ID)
	if err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "campaigns.done.tell", ui.Count, n)})
	return route.See(w, r, "/campaigns/"+c.Number+"/messages")
}

func (s Pages) retry(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.deed(r)
	if err != nil {
		return err
	}
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Ops.RetryPayment(r.Context(), campaignops.PaymentID(id)); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.retry")
}

// orderMaterials notes that all materials that are still to be bought were ordered.
func (s Pages) orderMaterials(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.find(r)
	if err != nil {
		return err
	}
	n, err := s.Ops.OrderMaterials(r.Context(), c.ID, r.FormValue("reference"))
	if err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.materials", ui.Count, n)
}

// receiveMaterial puts what came of a material to the stock.
func (s Pages) receiveMaterial(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.find(r)
	if err != nil {
		return err
	}
	posted, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	amount := posted.Decimal("amount")
	if !posted.OK() || amount <= 0 || amount > 1e9 {
		return route.Invalid("campaigns.refused.amount", "Value", posted.Text("amount"))
	}
	if err := s.Ops.ReceiveMaterial(r.Context(), c.ID, route.Param(r, "code"), int64(amount*1000+0.5)); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.material")
}

// surplusPage is what campaigns left as stock, with its owners.
type surplusPage struct {
	Rows  []campaignops.Surplus
	Owner string
	Sites map[catalog.SiteID]catalog.Site
}

func (s Pages) surplus(w http.ResponseWriter, r *http.Request) error {
	p := surplusPage{Owner: r.URL.Query().Get("owner"), Sites: map[catalog.SiteID]catalog.Site{}}
	var err error
	if p.Rows, err = s.Ops.Surplus(r.Context(), p.Owner); err != nil {
		return err
	}
	sites, err := s.Codes.Sites(r.Context())
	if err != nil {
		return err
	}
	for _, x := range sites {
		p.Sites[x.ID] = x
	}
	return route.Render(w, r, surplusScreen(p))
}

// sums gives the pieces of the surplus, and what they cost.
func (p surplusPage) sums() (pieces quantity.Pieces, value money.Fen) {
	for _, x := range p.Rows {
		pieces, value = pieces+x.Pieces, value+x.Value()
	}
	return pieces, value
}

// The forms' times are those of the reader's zone.
const timeForm = "2006-01-02T15:04"

func localTime(ctx context.Context, text string) (time.Time, error) {
	return time.ParseInLocation(timeForm, text, desk.ZoneOf(ctx))
}

func formTime(ctx context.Context, t time.Time) string {
	return t.In(desk.ZoneOf(ctx)).Format(timeForm)
}
