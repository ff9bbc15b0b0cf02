package campaigns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/access"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// shownMessages is how many single messages the page of messages shows.
const shownMessages = 200

// messageViews are the choices of the page of messages: what state and what delivery each shows.
var messageViews = []struct{ Key, State, Delivery string }{{"", "", ""}, {"draft", "draft", ""}, {"held", "held", ""}, {"waiting", "released", "waiting"}, {"sent", "released", "sent"}, {"failed", "released", "failed"}}

// messagesPage is the messages to the members of a campaign.
type messagesPage struct {
	*campaign.Campaign
	*desk.Posted
	Drafted []campaignops.Drafted
	Rows    []campaignops.Told
	View    string
	First   bool
	More    bool
	Edit    bool
}

// messages is what goes out to members, what has gone, and what became of it.
func (s Pages) messages(w http.ResponseWriter, r *http.Request) error {
	p, err := s.messagesOf(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, messagesScreen(p))
}

func (s Pages) messagesOf(r *http.Request) (*messagesPage, error) {
	ctx := r.Context()
	c, _, err := s.find(r)
	if err != nil {
		return nil, err
	}
	p := &messagesPage{Campaign: c, View: r.URL.Query().Get("view"), Edit: desk.Can(ctx, access.EditOrders)}
	lots, err := s.Ops.Lots(ctx, c)
	if err != nil {
		return nil, err
	}
	work, err := s.Ops.LotWork(ctx, c, lots)
	if err != nil {
		return nil, err
	}
	p.Drafted = work.Drafted
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	p.First = after == 0
	f := campaignops.MessageFilter{Campaign: c.ID, After: after, Limit: shownMessages + 1}
	for _, v := range messageViews {
		if v.Key == p.View {
			f.State, f.Delivery = v.State, v.Delivery
		}
	}
	if p.Rows, err = s.Ops.MessagesOf(ctx, f); err != nil {
		return nil, err
	}
	if len(p.Rows) > shownMessages {
		p.Rows, p.More = p.Rows[:shownMessages], true
	}
	return p, nil
}

func (p *messagesPage) drafts() (n int) {
	for _, d := range p.Drafted {
		n += d.Members
	}
	return n
}

// at gives the address of a view of this page, from a message on.
func (p *messagesPage) at(view string, after int64) string {
	q := url.Values{}
	if view != "" {
		q.Set("view", view)
	}
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	here := campaignHref(p.Number) + "/messages"
	if len(q) > 0 {
		here += "?" + q.Encode()
	}
	return here
}

func (p *messagesPage) views(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, v := range messageViews {
		word := "campaigns.told." + v.Key
		if v.Key == "" {
			word = "campaigns.view.all"
		}
		out = append(out, ui.Link{Text: ui.T(ctx, word), Href: p.at(v.Key, 0), Current: v.Key == p.View})
	}
	return out
}

// hold keeps all drafts back, with the reason.
func (s Pages) hold(w http.ResponseWriter, r *http.Request) error {
	p, err := s.messagesOf(r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	n, err := s.Ops.HoldMessages(r.Context(), p.ID, nil, p.Text("reason"))
	if errors.Is(err, campaign.ErrReason) {
		p.Bad("reason", "campaigns.report.bad_reason")
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, messagesScreen(p))
	}
	return s.toldAgain(w, r, p, "campaigns.done.hold", n, err)
}

// free lets everything go that is held.
func (s Pages) free(w http.ResponseWriter, r *http.Request) error {
	p, err := s.messagesOf(r)
	if err != nil {
		return err
	}
	n, err := s.Ops.FreeMessages(r.Context(), p.ID, nil)
	return s.toldAgain(w, r, p, "campaigns.done.free", n, err)
}

// anew sends one message once more.
func (s Pages) anew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.messagesOf(r)
	if err != nil {
		return err
	}
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	n, err := s.Ops.SendAnew(r.Context(), p.ID, []int64{id})
	return s.toldAgain(w, r, p, "campaigns.done.anew", n, err)
}

func (s Pages) toldAgain(w http.ResponseWriter, r *http.Request, p *messagesPage, word string, n int, err error) error {
	if err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), word, ui.Count, n)})
	return route.See(w, r, route.Back(r, p.at(p.View, 0)))
}

// toldMark is how a message stands: its mark and word.
func toldMark(m campaignops.Told) (ui.Tone, string, string) {
	switch {
	case m.State == "draft":
		return ui.Watch, "pencil", "draft"
	case m.State == "held":
		return ui.Plain, "hand-stop", "held"
	case m.Delivery == "waiting":
		return ui.Act, "clock", "waiting"
	case m.Delivery == "sent":
		return ui.OK, "send", "sent"
	case m.Delivery == "failed":
		return ui.Risk, "alert-circle", "failed"
	}
	return ui.OK, "cloud-up", "released"
}

// toldNote says what became of a message: when it was taken, or why it was not.
func toldNote(ctx context.Context, m campaignops.Told) string {
	switch {
	case m.SentAt != nil:
		return m.Channel + " " + ui.Moment(ctx, *m.SentAt)
	case m.Error != "":
		return fmt.Sprintf("%s · %d× · %s", m.Channel, m.Attempts, m.Error)
	case m.State == "held":
		return m.Note
	}
	return m.Channel
}

// channelsPage is where messages to members go out by webhook.
type channelsPage struct {
	*desk.Posted
	Rows []campaignops.Channel
	Code string // of the channel in the form, "" for a new one
	Edit bool
}

func (s Pages) channels(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := &channelsPage{Edit: desk.Can(ctx, access.EditOrders), Posted: &desk.Posted{Ctx: ctx, Form: url.Values{"active": {"1"}}, Errors: map[string]string{}}}
	var err error
	if p.Rows, err = s.Ops.Channels(ctx); err != nil {
		return err
	}
	for _, c := range p.Rows {
		if c.Code != r.URL.Query().Get("channel") {
			continue
		}
		p.Code, p.Form = c.Code, url.Values{"code": {c.Code}, "name": {c.Name}, "url": {c.URL}, "login": {c.Login}}
		for field, on := range map[string]bool{"active": c.Active, "automatic": c.Automatic} {
			if on {
				p.Form.Set(field, "1")
			}
		}
	}
	return route.Render(w, r, channelsScreen(p))
}

func (s Pages) saveChannel(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := &channelsPage{Edit: true}
	var err error
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	p.Code = p.Text("changing")
	c := campaign.Channel{Code: p.Text("code"), Name: p.Text("name"), URL: p.Text("url"), Active: p.On("active"), Automatic: p.On("automatic")}
	if login := p.Text("login"); login != "" {
		u, err := s.Accounts.UserByLogin(ctx, login)
		if err != nil || u.Role != access.Integrator {
			p.Bad("login", "campaigns.channel.no_login")
		}
		c.Account = int64(u.ID)
	}
	var faults *campaign.ChannelError
	err = c.Check(p.Form.Get("secret"))
	if err == nil && p.OK() {
		err = s.Ops.SaveChannel(ctx, c, p.Form.Get("secret"))
	}
	if errors.As(err, &faults) {
		for _, x := range faults.Faults {
			field := x.Field
			if field == "account" {
				field = "login"
			}
			p.Bad(field, "campaigns.channel.bad_"+field)
		}
	} else if err != nil {
		return err
	}
	if !p.OK() {
		p.Form.Del("secret")
		if p.Rows, err = s.Ops.Channels(ctx); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, channelsScreen(p))
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.channel", "Code", c.Code)})
	return route.See(w, r, "/message-channels")
}
