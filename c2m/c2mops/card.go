package c2mops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// Suppliers bans suppliers; catalogops.Ops fits.
type Suppliers interface {
	// SetBan writes why nothing is ordered from a supplier; "" ends the ban. It tells whether that changed anything.
	SetBan(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, reason string) (bool, error)
}

// ResultArgs is the job that writes an inspected lot into its supplier's record.
type ResultArgs struct {
	Inspection int64 `json:"inspection"`
}

// Kind names the job.
func (ResultArgs) Kind() string { return "c2m.result" }

type resultWorker struct {
	river.WorkerDefaults[ResultArgs]
	ops *Ops
}

// Work reads the inspection anew. It may run any number of times.
func (w *resultWorker) Work(ctx context.Context, job *river.Job[ResultArgs]) error {
	return w.ops.RecordLot(access.WithUser(ctx, access.TheSystem()), job.Args.Inspection)
}

// banWords is why a supplier is banned: what the buyers' pages show.
const banWords = "连续 3 批质检不合格，可申诉 / three lots refused in a row, an appeal is open"

// RecordLot writes an inspected lot into its supplier's record once, and plays the cards that follow: yellow, red, and after
// three refused lots in a row the ban of the supplier.
func (o *Ops) RecordLot(ctx context.Context, inspection int64) error {
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return err
	}
	if o.Dock == nil {
		return nil
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		i, err := o.Dock.Inspection(ctx, tx, inspection)
		if errors.Is(err, warehouse.ErrNoInspection) || err == nil && (i.Supplier == 0 || i.Decided == nil) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c2mdb.LockRecord(ctx, tx, i.Supplier); err != nil {
			return err
		}
		r := c2m.LotResult{Supplier: i.Supplier, SKU: i.SKU, Inspection: i.ID, Lot: i.Lot.Code, What: c2m.LotAccepted, Safety: i.Critical > 0, At: *i.Decided, By: i.DecidedBy,
			Pieces: i.Pieces, Sample: i.Examined, Defects: i.Critical + i.Major + i.Minor}
		if len(i.Failed) > 0 {
			r.What = c2m.LotRefused
		}
		fresh, err := c2mdb.AddResult(ctx, tx, r)
		if err != nil || !fresh {
			return err
		}
		return o.playCards(ctx, tx, r)
	})
}

// playCards brings the card of a supplier's SKU, and the ban of the supplier, in line with the record. last is the entry that
// changed it. The record is locked.
func (o *Ops) playCards(ctx context.Context, tx pgx.Tx, last c2m.LotResult) error {
	all, err := c2mdb.Record(ctx, tx, last.Supplier)
	if err != nil {
		return err
	}
	var own []c2m.LotResult
	for _, r := range all {
		if r.SKU == last.SKU {
			own = append(own, r)
		}
	}
	standing := c2m.StandingOf(own)
	if err := o.playCard(ctx, tx, last, standing); err != nil {
		return err
	}
	if o.Suppliers == nil {
		return nil
	}
	reason := ""
	if standing.Banned || c2m.FailsInARow(all) >= quality.BanAfter {
		reason = banWords
	}
	return o.ban(ctx, tx, last.Supplier, reason)
}

// ban writes or ends the ban that the record asks for. A ban that a buyer wrote is the buyer's to end.
func (o *Ops) ban(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, reason string) error {
	s, err := c2mdb.Supplier(ctx, tx, supplier)
	if err != nil || s.Banned == reason || s.Banned != "" && s.Banned != banWords {
		return err
	}
	if _, err := o.Suppliers.SetBan(ctx, tx, supplier, reason); err != nil || reason == "" {
		return err
	}
	return o.Bus.Publish(ctx, tx, c2m.SupplierBanned{Supplier: supplier, Reason: reason, At: o.Clock()})
}

func (o *Ops) playCard(ctx context.Context, tx pgx.Tx, last c2m.LotResult, standing quality.Standing) error {
	kind, reason := standing.Card()
	open, err := c2mdb.OpenCard(ctx, tx, last.Supplier, last.SKU)
	if err != nil {
		return err
	}
	now := o.Clock()
	if open != nil {
		if open.Kind == kind && open.Reason == reason {
			return nil
		}
		if err := c2mdb.EndCard(ctx, tx, open.ID, now, endedWhy(open.Kind, kind, last)); err != nil {
			return err
		}
	}
	if kind != quality.NoCard {
		card := &c2m.Card{Supplier: last.Supplier, SKU: last.SKU, Kind: kind, Reason: reason, Inspection: last.Inspection, Lot: last.Lot, At: now}
		if err := c2mdb.InsertCard(ctx, tx, card); err != nil {
			return err
		}
	}
	var before any
	if open != nil {
		before = map[string]any{"card": open.Kind, "reason": open.Reason}
	}
	err = audit.Write(ctx, tx, now, audit.Change{Verb: "card.play", Thing: supplierThing(last.Supplier), Before: before,
		After: map[string]any{"card": kind, "reason": reason, "sku": last.SKU, "lot": last.Lot, "what": last.What}})
	if err != nil {
		return err
	}
	return events.Tell(ctx, tx, "cards", "")
}

func supplierThing(id catalog.SupplierID) audit.Thing {
	return audit.Thing{Kind: "supplier", ID: itoa(int64(id))}
}

var weight = map[quality.Card]int{quality.NoCard: 0, quality.Yellow: 1, quality.Red: 2, quality.Ban: 3}

func endedWhy(was, is quality.Card, last c2m.LotResult) string {
	switch {
	case last.What == c2m.LotLift || last.What == c2m.LotResume:
		return "lifted"
	case last.Void:
		return "withdrawn"
	case weight[is] > weight[was]:
		return "worse"
	}
	return "better"
}

// Cards lists cards, those whose appeal waits first: of a supplier, of all (0), or to a supplier's user its own.
func (o *Ops) Cards(ctx context.Context, supplier catalog.SupplierID, openOnly bool) ([]c2m.Card, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		supplier = u.Supplier
	}
	return c2mdb.Cards(ctx, o.Pool, supplier, openOnly, 500)
}

// Record gives a supplier's lots and the decisions on its record, in their order.
func (o *Ops) Record(ctx context.Context, supplier catalog.SupplierID) ([]c2m.LotResult, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	if !u.MayTouchSupplier(supplier) {
		return nil, c2m.ErrUnknown
	}
	return c2mdb.Record(ctx, o.Pool, supplier)
}

// Appeal lets a supplier, or a buyer in its name, object to a card that stands. c2m.ErrUnknown, c2m.ErrReason, c2m.ErrLong,
// c2m.ErrAppeal when one was made before.
func (o *Ops) Appeal(ctx context.Context, card int64, text string) (*c2m.Card, error) {
	u, err := access.RequireAny(ctx, access.EditSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, c2m.ErrReason
	}
	if len([]rune(text)) > maxMessage {
		return nil, c2m.ErrLong
	}
	return o.changeCard(ctx, u, card, "card.appeal", text, func(_ pgx.Tx, c *c2m.Card) error {
		if c.Appealed != nil || c.Ended != nil {
			return c2m.ErrAppeal
		}
		now := o.Clock()
		c.Appeal, c.Appealed, c.AppealedBy = text, &now, person(u).Name
		return nil
	})
}

// DecideAppeal takes one person's word on an appeal; the same word of a second person ends it: withdrawn strikes the lot from the record, and
// the cards and the ban that rest on it end; otherwise the card stays. c2m.ErrUnknown, c2m.ErrReason, c2m.ErrAppeal, c2m.ErrSamePerson.
func (o *Ops) DecideAppeal(ctx context.Context, card int64, withdraw bool, reason string) (*c2m.Card, error) {
	u, err := access.RequireAny(ctx, access.EditSuppliers, access.LeadFloor)
	if err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, c2m.ErrReason
	}
	return o.changeCard(ctx, u, card, "card.decide", reason, func(tx pgx.Tx, c *c2m.Card) error {
		if !c.AppealWaits() {
			return c2m.ErrAppeal
		}
		decided, err := c.Judge(withdraw, person(u), reason, o.Clock())
		if err != nil || !decided || !withdraw {
			return err
		}
		if err := c2mdb.VoidResult(ctx, tx, c.Inspection); err != nil {
			return err
		}
		return o.playCards(ctx, tx, c2m.LotResult{Supplier: c.Supplier, SKU: c.SKU, Inspection: c.Inspection, Lot: c.Lot, What: c2m.LotRefused, Void: true})
	})
}

func (o *Ops) changeCard(ctx context.Context, u access.User, id int64, verb string, after any, f func(pgx.Tx, *c2m.Card) error) (*c2m.Card, error) {
	var out *c2m.Card
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		c, err := c2mdb.Card(ctx, tx, id)
		if err != nil {
			return err
		}
		if !u.MayTouchSupplier(c.Supplier) {
			return fmt.Errorf("%w: card %d", c2m.ErrUnknown, id)
		}
		if err := c2mdb.LockRecord(ctx, tx, c.Supplier); err != nil {
			return err
		}
		if c, err = c2mdb.Card(ctx, tx, id); err != nil { // as it is now that nobody else works on it
			return err
		}
		if err := f(tx, c); err != nil {
			return err
		}
		if err := c2mdb.SaveAppeal(ctx, tx, c); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: supplierThing(c.Supplier), After: map[string]any{"card": c.ID, "sku": c.SKUCode, "text": after, "proposal": c.Proposal, "decision": c.Decision}})
		if err != nil {
			return err
		}
		if out, err = c2mdb.Card(ctx, tx, id); err != nil {
			return err
		}
		return events.Tell(ctx, tx, "cards", "")
	})
	return out, err
}

// LiftBan lets a supplier's SKU be ordered again, inspected tightened, with a reason; a ban of the supplier that rests on the record
// ends with it. ResumeInspection begins to inspect again after the supplier has acted. c2m.ErrReason, c2m.ErrStanding.
func (o *Ops) LiftBan(ctx context.Context, supplier catalog.SupplierID, sku catalog.SKUID, reason string) error {
	return o.decideRecord(ctx, supplier, sku, c2m.LotLift, reason, func(s quality.Standing) bool { return s.Banned })
}

// ResumeInspection begins to inspect a supplier's SKU again; see LiftBan.
func (o *Ops) ResumeInspection(ctx context.Context, supplier catalog.SupplierID, sku catalog.SKUID, reason string) error {
	return o.decideRecord(ctx, supplier, sku, c2m.LotResume, reason, func(s quality.Standing) bool { return s.IsStopped })
}

func (o *Ops) decideRecord(ctx context.Context, supplier catalog.SupplierID, sku catalog.SKUID, what, reason string, due func(quality.Standing) bool) error {
	u, err := access.Require(ctx, access.EditSuppliers)
	if err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return c2m.ErrReason
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := c2mdb.LockRecord(ctx, tx, supplier); err != nil {
			return err
		}
		all, err := c2mdb.Record(ctx, tx, supplier)
		if err != nil {
			return err
		}
		var own []c2m.LotResult
		for _, r := range all {
			if r.SKU == sku {
				own = append(own, r)
			}
		}
		if !due(c2m.StandingOf(own)) && (what != c2m.LotLift || len(own) == 0 || c2m.FailsInARow(all) < quality.BanAfter) {
			return c2m.ErrStanding
		}
		r := c2m.LotResult{Supplier: supplier, SKU: sku, What: what, At: o.Clock(), By: person(u).Name, Reason: reason}
		if _, err := c2mdb.AddResult(ctx, tx, r); err != nil {
			return err
		}
		return o.playCards(ctx, tx, r)
	})
}
