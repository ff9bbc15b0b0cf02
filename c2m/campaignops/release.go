package campaignops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// ErrRule refuses a rule of release that cannot be one.
var ErrRule = errors.New("campaignops: the first lot holds 1 to 100 %, the next waits for 0 to 100 % sold, and comes 1 to 365 days later")

// Sales tells what was sold of a SKU over the counter, from a day to a day, both included.
type Sales interface {
	Sold(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, from, to calendar.Day) (quantity.Pieces, error)
}

// Selling is how far what was let go has sold, against the rule that lets the next lot go.
type Selling struct {
	campaigndb.Rule
	// Gone is what the lots let go make, Pledged what of it is pledged, Retail what was sold of the rest over the counter.
	Gone, Pledged, Retail quantity.Pieces
	// Next is the number of the lot that waits, 0 for none.
	Next int
}

// Sold gives what is pledged and what was sold over the counter.
func (s Selling) Sold() quantity.Pieces { return s.Pledged + s.Retail }

// Share gives the part of what was let go that has sold, as a ratio.
func (s Selling) Share() float64 {
	if s.Gone == 0 {
		return 0
	}
	return float64(s.Sold()) / float64(s.Gone)
}

// Ripe tells whether the next lot may be let go by the rule.
func (s Selling) Ripe() bool { return s.Next > 0 && lotplan.Ripe(s.Release(), s.Gone, s.Sold()) }

func (o *Ops) selling(ctx context.Context, q pgdb.Querier, c *campaign.Campaign, lots []campaign.Lot) (Selling, error) {
	rule, _, err := campaigndb.ReleaseRule(ctx, q, c.ID)
	if err != nil {
		return Selling{}, err
	}
	s := Selling{Rule: rule}
	first := calendar.Day(0)
	for _, l := range lots {
		switch l.State {
		case campaign.LotOrdered:
			s.Gone, s.Pledged = s.Gone+l.Pieces, s.Pledged+l.Pledged
			if first == 0 || l.Promise < first {
				first = l.Promise
			}
		case campaign.LotHeld:
			if s.Next == 0 {
				s.Next = l.No
			}
		}
	}
	if o.Sales == nil || c.SKU == 0 || first == 0 || first > o.Today() {
		return s, nil
	}
	sold, err := o.Sales.Sold(ctx, q, c.SKU, first, o.Today())
	s.Retail = min(sold, s.Gone-s.Pledged)
	return s, err
}

// SetRule stores how the later lots of a campaign are let go. ErrRule.
func (o *Ops) SetRule(ctx context.Context, id campaign.ID, r campaigndb.Rule) error {
	if r.FirstShare < 1 || r.FirstShare > 100 || r.SellThrough < 0 || r.SellThrough > 100 || r.GapDays < 1 || r.GapDays > 365 {
		return ErrRule
	}
	_, err := o.verb(ctx, id, 0, "campaign.rule", func(a *act) error {
		was, _, err := campaigndb.ReleaseRule(ctx, a.tx, id)
		if err != nil {
			return err
		}
		a.counted, a.before, a.after = true, was, r
		return campaigndb.SaveRule(ctx, a.tx, id, r, a.now)
	})
	return err
}

// keepRule stores the rule that lots were ordered under.
func (a *act) keepRule(ctx context.Context, r lotplan.Release) error {
	was, _, err := campaigndb.ReleaseRule(ctx, a.tx, a.c.ID)
	if err != nil {
		return err
	}
	was.FirstShare, was.SellThrough, was.GapDays = min(max(r.FirstShare, 1), 100), min(max(r.SellThrough, 0), 100), min(max(r.GapDays, 1), 365)
	return campaigndb.SaveRule(ctx, a.tx, a.c.ID, was, a.now)
}

// ReleaseLot lets a held lot go: its factory gets a draft order. sold are the pieces sold of the lots before it; the rules of the release
// decide. campaign.ErrUnknown, *campaign.StateError while too little has been sold.
func (o *Ops) ReleaseLot(ctx context.Context, id campaign.ID, no int, sold quantity.Pieces, r lotplan.Release) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		lots, err := campaigndb.Lots(ctx, a.tx, id)
		if err != nil {
			return err
		}
		var gone quantity.Pieces
		for _, l := range lots {
			if l.State == campaign.LotOrdered {
				gone += l.Pieces
			}
		}
		if !lotplan.Ripe(r, gone, sold) {
			return &campaign.StateError{Number: a.c.Number, State: a.c.State, Verb: fmt.Sprintf("let lot %d go (%d of %d sold)", no, sold, gone)}
		}
		return a.letGo(ctx, lots, no, r.GapDays, map[string]any{"lot": no, "sold": sold})
	})
}

// LetGo lets a held lot go by the buyer's will, whatever has sold. A reason is needed. campaign.ErrUnknown, campaign.ErrReason.
func (o *Ops) LetGo(ctx context.Context, id campaign.ID, no int, reason string) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil, campaign.ErrReason
	}
	return o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		lots, err := campaigndb.Lots(ctx, a.tx, id)
		if err != nil {
			return err
		}
		rule, _, err := campaigndb.ReleaseRule(ctx, a.tx, id)
		if err != nil {
			return err
		}
		return a.letGo(ctx, lots, no, rule.GapDays, map[string]any{"lot": no, "reason": reason})
	})
}

// letGo orders a held lot.
func (a *act) letGo(ctx context.Context, lots []campaign.Lot, no, gap int, why map[string]any) error {
	at := -1
	for i, l := range lots {
		if l.No == no && l.State == campaign.LotHeld {
			at = i
		}
	}
	if at < 0 || a.c.State.Over() {
		return campaign.ErrUnknown
	}
	lots[at].State = campaign.LotOrdered
	if today := a.ops.Today(); lots[at].Promise < today.AddDays(1) {
		lots[at].Promise = today.AddDays(max(1, gap))
	}
	if err := a.draftOrders(ctx, lots); err != nil {
		return err
	}
	a.verb, a.after = "campaign.release", why
	return a.serve(ctx, lots)
}

// releaseRipe lets go of the held lots that wait by themselves and whose time has come. It tells how many.
func (o *Ops) releaseRipe(ctx context.Context) (n int, err error) {
	ids, err := campaigndb.Held(ctx, o.Pool)
	if err != nil {
		return 0, err
	}
	u, _ := access.FromContext(ctx)
	var faults []error
	for _, id := range ids {
		ripe, err := o.ripe(ctx, id)
		if err == nil && ripe.Ripe() {
			_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
				lots, err := campaigndb.Lots(ctx, a.tx, id)
				if err != nil {
					return err
				}
				return a.letGo(ctx, lots, ripe.Next, ripe.GapDays, map[string]any{"lot": ripe.Next, "sold": ripe.Sold()})
			})
			n++
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	return n, errors.Join(faults...)
}

func (o *Ops) ripe(ctx context.Context, id campaign.ID) (Selling, error) {
	c, err := campaigndb.Get(ctx, o.Pool, id)
	if err != nil {
		return Selling{}, err
	}
	lots, err := campaigndb.Lots(ctx, o.Pool, id)
	if err != nil {
		return Selling{}, err
	}
	return o.selling(ctx, o.Pool, c, lots)
}

// serveLate gives pledges that came after the lots were ordered what the lots have left. It tells how many campaigns that changed.
func (o *Ops) serveLate(ctx context.Context) (n int, err error) {
	ids, err := campaigndb.Unserved(ctx, o.Pool)
	if err != nil {
		return 0, err
	}
	u, _ := access.FromContext(ctx)
	var faults []error
	for _, id := range ids {
		_, err := o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
			a.counted = true
			lots, err := campaigndb.Lots(ctx, a.tx, id)
			if err != nil {
				return err
			}
			return a.serve(ctx, lots)
		})
		if err != nil {
			faults = append(faults, err)
			continue
		}
		n++
	}
	return n, errors.Join(faults...)
}

// Unquote takes a factory's offer back; its terms of trade, where it has some, hold again. campaign.ErrUnknown.
func (o *Ops) Unquote(ctx context.Context, id campaign.ID, supplier catalog.SupplierID) error {
	if _, err := access.Require(ctx, access.EditOrders); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		c, err := campaigndb.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		had, err := campaigndb.Quotations(ctx, tx, id, c.SKU)
		if err != nil {
			return err
		}
		ok, err := campaigndb.Unquote(ctx, tx, id, supplier)
		if err != nil {
			return err
		}
		if !ok {
			return campaign.ErrUnknown
		}
		change := audit.Change{Verb: "campaign.unquote", Thing: audit.Thing{Kind: "campaign", ID: itoa(int64(id))}}
		for _, q := range had {
			if q.Supplier == supplier {
				change.Before = q
			}
		}
		return audit.Write(ctx, tx, o.Clock(), change)
	})
}
