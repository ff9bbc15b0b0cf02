package campaignops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/riverqueue/river"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
)

// Messenger tells a message to a channel. nil says that the channel has taken it; ErrDeclined that it never will; another error that it did not
// get through: it is told again under the same key.
type Messenger interface {
	Tell(ctx context.Context, url, secret string, l campaign.Letter) error
}

// ErrDeclined is a channel's word that it does not take a message.
var ErrDeclined = errors.New("campaignops: the channel declined the message")

// maxTellings is how often a message is told before it is given up: over some two days.
const maxTellings = 14

// ReleaseMessages lets the drafts of messages to members go: those whose pledge has a channel go out by its webhook, the communities fetch the
// others by API. It tells how many.
func (o *Ops) ReleaseMessages(ctx context.Context, id campaign.ID) (int, error) {
	return o.onMessages(ctx, id, "campaign.tell", nil, "", func(ctx context.Context, a *act) (int, error) {
		return campaigndb.Release(ctx, a.tx, id, []string{"draft"}, nil, a.now)
	})
}

// HoldMessages keeps messages back that have not gone out: drafts, and released ones that wait for their turn; these, or all without any. A
// reason is needed. It tells how many. campaign.ErrReason.
func (o *Ops) HoldMessages(ctx context.Context, id campaign.ID, messages []int64, reason string) (int, error) {
	if reason = strings.TrimSpace(reason); reason == "" || len([]rune(reason)) > campaign.MaxNote {
		return 0, campaign.ErrReason
	}
	return o.onMessages(ctx, id, "message.hold", messages, reason, func(ctx context.Context, a *act) (int, error) {
		return campaigndb.Hold(ctx, a.tx, id, messages, reason)
	})
}

// FreeMessages lets messages go that are held: these, or all without any. It tells how many.
func (o *Ops) FreeMessages(ctx context.Context, id campaign.ID, messages []int64) (int, error) {
	return o.onMessages(ctx, id, "message.free", messages, "", func(ctx context.Context, a *act) (int, error) {
		return campaigndb.Release(ctx, a.tx, id, []string{"held"}, messages, a.now)
	})
}

// SendAnew tells released messages once more, now: one that failed or waits under the key that it had, so that it cannot come twice; one that was
// accepted under a new key. It tells how many could be: messages without a channel are fetched, not sent. campaign.ErrUnknown when none could.
func (o *Ops) SendAnew(ctx context.Context, id campaign.ID, messages []int64) (int, error) {
	return o.onMessages(ctx, id, "message.anew", messages, "", func(ctx context.Context, a *act) (int, error) {
		n, err := campaigndb.Anew(ctx, a.tx, id, messages, a.now)
		if err == nil && n == 0 {
			err = campaign.ErrUnknown
		}
		return n, err
	})
}

// onMessages runs a verb on the messages of a campaign with its trace.
func (o *Ops) onMessages(ctx context.Context, id campaign.ID, verb string, messages []int64, reason string, f func(context.Context, *act) (int, error)) (n int, err error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return 0, err
	}
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted, a.verb = true, verb
		n, err = f(ctx, a)
		after := map[string]any{"messages": n}
		if len(messages) > 0 {
			after["ids"] = messages
		}
		if reason != "" {
			after["reason"] = reason
		}
		a.after = after
		return err
	})
	return n, err
}

// Messages gives the messages to members that have been released, after one; for staff the drafts too.
func (o *Ops) Messages(ctx context.Context, id campaign.ID, after int64, limit int) ([]campaigndb.MemberMessage, error) {
	return o.MessagesOf(ctx, campaigndb.MessageFilter{Campaign: id, After: after, Limit: limit})
}

// MessagesOf gives messages to members by a filter: of a campaign or of all, in a state, by what became of them; for others than staff only what
// was released.
func (o *Ops) MessagesOf(ctx context.Context, f campaigndb.MessageFilter) ([]campaigndb.MemberMessage, error) {
	u, err := access.RequireAny(ctx, access.ReadData, access.ViewOrders)
	if err != nil {
		return nil, err
	}
	if !access.Can(u, access.ViewOrders) {
		f.State = "released"
	}
	f.Limit = min(max(f.Limit, 1), 1000)
	return campaigndb.Messages(ctx, o.Pool, f)
}

// SendMessages tells the messages that are due to their channels, one by one: one that fails is told again later and keeps no other from its
// turn. It gives how many were told.
func (o *Ops) SendMessages(ctx context.Context) (int, error) {
	if _, err := access.RequireAny(ctx, access.EditOrders, access.PushData); err != nil {
		return 0, err
	}
	if o.Messenger == nil {
		return 0, nil
	}
	touched := map[campaign.ID]bool{}
	n := 0
	for ctx.Err() == nil {
		m, err := campaigndb.ClaimMessage(ctx, o.Pool, o.Clock())
		if err != nil || m == nil {
			return n, errors.Join(err, o.tellAbout(ctx, touched))
		}
		if err := o.send(ctx, m); err != nil {
			return n, err
		}
		touched[m.CampaignID] = true
		n++
	}
	return n, ctx.Err()
}

// send tells one message and notes what became of it.
func (o *Ops) send(ctx context.Context, m *campaigndb.Outgoing) error {
	secret, err := o.unseal(m.Channel, m.Secret)
	if err == nil {
		err = o.Messenger.Tell(ctx, m.URL, secret, letter(m.MemberMessage))
	}
	delivery, fault := "sent", ""
	switch {
	case errors.Is(err, ErrDeclined):
		delivery, fault = "failed", short(err.Error())
	case err != nil && m.Attempts >= maxTellings:
		delivery, fault = "failed", short(fmt.Sprintf("given up after %d attempts: %v", m.Attempts, err))
	case err != nil:
		delivery, fault = "waiting", short(err.Error())
	}
	return campaigndb.Delivered(ctx, o.Pool, m.MemberMessage, delivery, fault, o.Clock())
}

// tellAbout wakes the pages of campaigns whose messages went out.
func (o *Ops) tellAbout(ctx context.Context, ids map[campaign.ID]bool) error {
	for id := range ids {
		if err := tell(ctx, o.Pool, id); err != nil {
			return err
		}
	}
	return nil
}

func letter(m campaigndb.MemberMessage) campaign.Letter {
	l := campaign.Letter{Key: m.Key(), Campaign: m.Number, At: m.At, Notice: campaign.Notice{Seq: m.Seq, Member: m.Member, Kind: campaign.NoticeKind(m.Kind), Was: m.Was, Is: m.Promise}}
	l.Text.ZH, l.Text.EN = m.BodyZH, m.BodyEN
	return l
}

// TellArgs is the job that tells members' messages to their channels.
type TellArgs struct{}

// Kind names the job.
func (TellArgs) Kind() string { return "campaign.tell" }

type tellWorker struct {
	river.WorkerDefaults[TellArgs]
	ops *Ops
}

// Work may run any number of times: messages are claimed.
func (w *tellWorker) Work(ctx context.Context, _ *river.Job[TellArgs]) error {
	_, err := w.ops.SendMessages(access.WithUser(ctx, access.TheSystem()))
	return err
}
