package campaigns

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

func pieces(n int64) quantity.Pieces { return quantity.Pieces(n) }

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

// The forms' times are those of the reader's zone.
const timeForm = "2006-01-02T15:04"

func localTime(ctx context.Context, text string) (time.Time, error) {
	return time.ParseInLocation(timeForm, text, desk.ZoneOf(ctx))
}

func formTime(ctx context.Context, t time.Time) string {
	return t.In(desk.ZoneOf(ctx)).Format(timeForm)
}
