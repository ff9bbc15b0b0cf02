package warehouseops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Inspections lists inspections of the user's sites: those that wait, are held or refused, or those of the states asked for.
func (o *Ops) Inspections(ctx context.Context, q warehouse.InspectionQuery) ([]warehouse.Inspection, map[catalog.SKUID]warehouse.Ware, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return nil, nil, err
	}
	if q.Site != 0 {
		if err := within(u, q.Site); err != nil {
			return nil, nil, err
		}
	}
	if len(q.States) == 0 {
		q.States, q.OpenOnly = []warehouse.InspectionState{warehouse.InspectionWaiting, warehouse.InspectionHeld, warehouse.InspectionRefused}, true
	}
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, 1000)
	all, err := warehousedb.Inspections(ctx, o.Pool, q)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(i warehouse.Inspection) bool { return !u.MayTouchSite(i.Site) })
	var skus []catalog.SKUID
	for _, i := range all {
		skus = append(skus, i.SKU)
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	return all, wares, err
}

// Inspection gives one inspection with its defects. warehouse.ErrNoInspection.
func (o *Ops) Inspection(ctx context.Context, id int64) (*warehouse.Inspection, warehouse.Ware, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return nil, warehouse.Ware{}, err
	}
	i, err := warehousedb.Inspection(ctx, o.Pool, id)
	if err != nil {
		return nil, warehouse.Ware{}, err
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, i.SKU)
	if err != nil {
		return nil, warehouse.Ware{}, err
	}
	return i, wares[i.SKU], within(u, i.Site)
}

// Findings is what an inspector found in a sample, or in a further part of it: the counts are added to those before.
type Findings struct {
	Examined               int // pieces looked at
	Critical, Major, Minor int // defective pieces by their worst defect
	UsedUp                 quantity.Pieces
	Defects                []warehouse.Defect // what was found, for the supplier
	Note                   string
}

// Inspect books findings and decides as soon as the sample allows it: refused once a class reaches its rejection number,
// accepted when the whole sample was looked at. An accepted lot becomes available unless another reason holds it.
// warehouse.ErrNoInspection, warehouse.ErrInspectionOver, warehouse.ErrFindings.
func (o *Ops) Inspect(ctx context.Context, c warehouse.Command, id int64, f Findings) (*warehouse.Inspection, error) {
	return once(ctx, o, access.WorkFloor, c, "inspection.record", "inspection", func(ctx context.Context, x *deed) (*warehouse.Inspection, error) {
		i, err := o.lockInspection(ctx, x, id)
		if err != nil {
			return nil, err
		}
		if i.State != warehouse.InspectionWaiting {
			return nil, warehouse.ErrInspectionOver
		}
		was := *i
		verdict, err := judged(i, f)
		if err != nil {
			return nil, err
		}
		for k := range f.Defects {
			f.Defects[k].At, f.Defects[k].By = x.now, x.user.Name
		}
		if err := o.decideLot(ctx, x, i, verdict, f.UsedUp); err != nil {
			return nil, err
		}
		if err := warehousedb.SaveInspection(ctx, x.tx, i, f.Defects); err != nil {
			return nil, err
		}
		return i, o.inspectionDone(ctx, x, "inspection.record", &was, i)
	})
}

func (o *Ops) lockInspection(ctx context.Context, x *deed, id int64) (*warehouse.Inspection, error) {
	i, err := warehousedb.LockInspection(ctx, x.tx, id)
	if err != nil {
		return nil, err
	}
	return i, within(x.user, i.Site)
}

// judged adds findings to an inspection and gives the verdict of its plans.
func judged(i *warehouse.Inspection, f Findings) (quality.Verdict, error) {
	if f.Examined < 0 || f.Critical < 0 || f.Major < 0 || f.Minor < 0 || f.UsedUp < 0 || f.Examined+i.Examined > int(i.Pieces) || i.UsedUp+f.UsedUp > i.Pieces {
		return quality.Verdict{}, warehouse.ErrFindings
	}
	for _, d := range f.Defects {
		if !slices.Contains(quality.Classes(), quality.Class(d.Class)) || strings.TrimSpace(d.What) == "" || d.Pieces < 1 {
			return quality.Verdict{}, warehouse.ErrFindings
		}
	}
	i.Examined += f.Examined
	i.Critical, i.Major, i.Minor = i.Critical+f.Critical, i.Major+f.Major, i.Minor+f.Minor
	i.UsedUp += f.UsedUp
	if n := strings.TrimSpace(f.Note); n != "" {
		i.Note = n
	}
	v, err := samplingOf(i).Judge(i.Examined, quality.Counts{Critical: i.Critical, Major: i.Major, Minor: i.Minor})
	if err != nil {
		return v, fmt.Errorf("%w: %w", warehouse.ErrFindings, err)
	}
	return v, nil
}

// samplingOf gives the plans under which the lot was drawn: rules that change later do not change them.
func samplingOf(i *warehouse.Inspection) quality.Sampling {
	s := quality.Sampling{Lot: int(i.Pieces), Severity: quality.Severity(i.Severity)}
	for _, p := range i.Plans {
		plan := quality.Plan{Letter: p.Letter, Used: p.Letter, Sample: p.Sample, Accept: p.Accept, Reject: p.Reject, Full: p.Full}
		switch quality.Class(p.Class) {
		case quality.Critical:
			s.Critical = plan
		case quality.Major:
			s.Major = plan
		case quality.Minor:
			s.Minor = plan
		}
	}
	return s
}

// decideLot carries out a verdict: pieces used up leave the house, those of an accepted lot become available.
func (o *Ops) decideLot(ctx context.Context, x *deed, i *warehouse.Inspection, v quality.Verdict, used quantity.Pieces) error {
	if used > 0 {
		if err := o.shift(ctx, x, i, used, nil); err != nil {
			return err
		}
	}
	switch v.Decision {
	case quality.Pending:
		return nil
	case quality.Refused:
		i.State = warehouse.InspectionRefused
		for _, c := range v.Failed {
			i.Failed = append(i.Failed, string(c))
		}
	case quality.Accepted:
		i.State = warehouse.InspectionAccepted
		if len(i.Reasons) > 0 {
			i.State = warehouse.InspectionHeld
		}
	}
	i.Decided, i.DecidedBy = &x.now, x.user.Name
	if i.State == warehouse.InspectionAccepted {
		status := warehouse.Available
		if err := o.shift(ctx, x, i, i.Pieces-i.UsedUp, &status); err != nil {
			return err
		}
		if err := o.freed(ctx, x, i.Site, []catalog.SKUID{i.SKU}); err != nil {
			return err
		}
	}
	if i.Supplier == 0 {
		return nil
	}
	return o.Bus.Publish(ctx, x.tx, warehouse.Inspected{Inspection: i.ID, Supplier: i.Supplier, SKU: i.SKU, Accepted: v.Decision == quality.Accepted, At: x.now})
}

// shift moves held pieces of the inspected lot to another status where they stand, or out of the house (nil): those at the
// dock and the inspection first. *warehouse.ShortError when fewer are held.
func (o *Ops) shift(ctx context.Context, x *deed, i *warehouse.Inspection, n quantity.Pieces, to *warehouse.Status) error {
	if n == 0 {
		return nil
	}
	at, err := warehousedb.LockLot(ctx, x.tx, i.Site, i.SKU, i.Lot.Code, warehouse.Held)
	if err != nil {
		return err
	}
	left := n
	var moves []warehouse.Move
	for _, p := range at {
		take := min(left, p.Free())
		if take == 0 {
			continue
		}
		m := warehouse.Move{From: &p.Place, Pieces: take}
		if to != nil {
			place := p.Place
			place.Status = *to
			m.To = &place
		}
		moves = append(moves, m)
		left -= take
	}
	if left > 0 {
		return &warehouse.ShortError{Place: warehouse.Place{Site: i.Site, SKU: i.SKU, Lot: i.Lot.Code, Status: warehouse.Held}, Want: n, Have: n - left}
	}
	return x.post(ctx, moves...)
}

// inspectionDone writes the trace and tells the screens.
func (o *Ops) inspectionDone(ctx context.Context, x *deed, verb string, was, is *warehouse.Inspection) error {
	err := audit.Write(ctx, x.tx, x.now, audit.Change{Verb: verb, Thing: audit.Thing{Kind: "inspection", ID: fmt.Sprint(is.ID)}, Before: inspectionTrace(was), After: inspectionTrace(is)})
	if err != nil {
		return err
	}
	return events.Tell(ctx, x.tx, "inspections", fmt.Sprint(is.Site))
}

func inspectionTrace(i *warehouse.Inspection) map[string]any {
	return map[string]any{"state": i.State, "examined": i.Examined, "critical": i.Critical, "major": i.Major, "minor": i.Minor, "reasons": i.Reasons,
		"released": i.Released, "scrapped": i.Scrapped, "returned": i.Returned, "note": i.Note}
}

// Settling is what a lead decides on held pieces of a lot; Pieces 0 means all that are held.
type Settling struct {
	How    warehouse.Settlement
	Pieces quantity.Pieces
	Reason string
	// Of a return to the supplier: who carries it ("" for the supplier), who bears the cost ("" for the supplier), the carriage.
	Carrier  string
	Bearer   warehouse.Bearer
	Carriage money.Fen
}

// SettleLot releases, scraps or sends back held pieces of a lot that was refused or is held, with a reason. Released pieces
// become available and serve what waits for them; those for the supplier wait for a wave (see SendBack). warehouse.ErrNoInspection, ErrInspectionWaits, ErrReason, ErrSettlement,
// *ShortError; warehouse.ErrFrozen for pieces of a recalled lot that are to be released.
func (o *Ops) SettleLot(ctx context.Context, c warehouse.Command, id int64, s Settling) (*warehouse.Inspection, error) {
	cause := map[warehouse.Settlement]string{warehouse.SettleRelease: "release", warehouse.SettleScrap: "scrap", warehouse.SettleReturn: "hold"}[s.How]
	if cause == "" {
		return nil, warehouse.ErrSettlement
	}
	return once(ctx, o, access.LeadFloor, c, "inspection.settle", cause, func(ctx context.Context, x *deed) (*warehouse.Inspection, error) {
		s.Reason = strings.TrimSpace(s.Reason)
		if s.Reason == "" {
			return nil, warehouse.ErrReason
		}
		i, err := o.lockInspection(ctx, x, id)
		if err != nil {
			return nil, err
		}
		if i.State == warehouse.InspectionWaiting {
			return nil, warehouse.ErrInspectionWaits
		}
		if s.Pieces == 0 {
			s.Pieces = i.Held()
		}
		if s.Pieces < 1 || s.Pieces > i.Held() {
			return nil, warehouse.ErrSettlement
		}
		was := *i
		if err := o.settle(ctx, x, i, s); err != nil {
			return nil, err
		}
		i.Note = s.Reason
		if err := warehousedb.SaveInspection(ctx, x.tx, i, nil); err != nil {
			return nil, err
		}
		return i, o.inspectionDone(ctx, x, "inspection."+string(s.How), &was, i)
	})
}

func (o *Ops) settle(ctx context.Context, x *deed, i *warehouse.Inspection, s Settling) error {
	switch s.How {
	case warehouse.SettleRelease:
		frozen, err := warehousedb.FrozenLots(ctx, x.tx, []warehouse.LotKey{{SKU: i.SKU, Code: i.Lot.Code}})
		if err != nil {
			return err
		}
		if len(frozen) > 0 {
			return warehouse.ErrFrozen
		}
		i.Released += s.Pieces
		status := warehouse.Available
		if err := o.shift(ctx, x, i, s.Pieces, &status); err != nil {
			return err
		}
		return o.freed(ctx, x, i.Site, []catalog.SKUID{i.SKU})
	case warehouse.SettleReturn:
		i.Returned += s.Pieces
		return o.sendLot(ctx, x, i, s)
	default:
		i.Scrapped += s.Pieces
	}
	return o.shift(ctx, x, i, s.Pieces, nil)
}

// RecheckLot looks again at what holds a lot: a certificate that was missing on the day of receipt and has been handed in since,
// a stop or ban that was lifted, a freeze that ended. A lot of which nothing but that was wrong becomes available, or waits for
// its inspection if it had none. warehouse.ErrNoInspection, ErrInspectionOver.
func (o *Ops) RecheckLot(ctx context.Context, c warehouse.Command, id int64) (*warehouse.Inspection, error) {
	return once(ctx, o, access.LeadFloor, c, "inspection.recheck", "release", func(ctx context.Context, x *deed) (*warehouse.Inspection, error) {
		i, err := o.lockInspection(ctx, x, id)
		if err != nil {
			return nil, err
		}
		if i.State != warehouse.InspectionHeld && i.State != warehouse.InspectionWaiting {
			return nil, warehouse.ErrInspectionOver
		}
		was := *i
		d, err := warehousedb.Delivery(ctx, x.tx, i.Delivery)
		if err != nil {
			return nil, err
		}
		if err := o.recheck(ctx, x, d, i); err != nil {
			return nil, err
		}
		if err := warehousedb.SaveInspection(ctx, x.tx, i, nil); err != nil {
			return nil, err
		}
		return i, o.inspectionDone(ctx, x, "inspection.recheck", &was, i)
	})
}

func (o *Ops) recheck(ctx context.Context, x *deed, d *warehouse.Delivery, i *warehouse.Inspection) error {
	l := &lotCame{sku: i.SKU, lot: i.Lot, pieces: i.Pieces}
	for _, r := range i.Reasons {
		if r == warehouse.HoldShortLife || r == warehouse.HoldExpired || r == warehouse.HoldNoExpiry || r == warehouse.HoldUnexpected {
			l.holds = append(l.holds, r)
		}
	}
	j, err := o.jury(ctx, x, d, []*lotCame{l})
	if err != nil {
		return err
	}
	if o.Quality != nil && d.Kind != warehouse.TransferDelivery { // the day of receipt counts, not today
		if j.lacks, err = o.Quality.Lacking(ctx, x.tx, i.Supplier, []catalog.SKUID{i.SKU}, i.Received); err != nil {
			return err
		}
	}
	j.today = i.Received
	inspected := i.Decided != nil
	again := j.look(d, l)
	if again == nil {
		again = &warehouse.Inspection{}
	}
	i.Reasons, i.Lacks = again.Reasons, again.Lacks
	if i.State == warehouse.InspectionWaiting || len(i.Reasons) > 0 {
		return nil
	}
	if !inspected && len(again.Plans) > 0 {
		i.State, i.Plans, i.Sample, i.Severity, i.Level = warehouse.InspectionWaiting, again.Plans, again.Sample, again.Severity, again.Level
		return warehousedb.SavePlans(ctx, x.tx, i)
	}
	i.State = warehouse.InspectionAccepted
	i.Decided, i.DecidedBy = &x.now, x.user.Name
	status := warehouse.Available
	if err := o.shift(ctx, x, i, i.Pieces-i.UsedUp-i.Released-i.Scrapped-i.Returned, &status); err != nil {
		return err
	}
	return o.freed(ctx, x, i.Site, []catalog.SKUID{i.SKU})
}

// InspectionRules gives how lots are inspected, by category; the house's own rule first.
func (o *Ops) InspectionRules(ctx context.Context) ([]warehouse.InspectionRule, error) {
	if _, err := access.RequireAny(ctx, access.ViewStock, access.LeadFloor); err != nil {
		return nil, err
	}
	return warehousedb.InspectionRules(ctx, o.Pool)
}

// SetInspectionRule changes how lots of a category (0: of all without a rule of their own) are inspected. Lots received before
// keep their plans. quality.ErrLevel, quality.ErrAQL.
func (o *Ops) SetInspectionRule(ctx context.Context, r warehouse.InspectionRule) error {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return err
	}
	for _, limit := range []*string{&r.Major, &r.Minor} {
		a, err := quality.ParseAQL(*limit)
		if err != nil {
			return err
		}
		*limit = string(a)
	}
	if !slices.Contains(quality.Levels(), quality.Level(r.Level)) {
		return quality.ErrLevel
	}
	r.UpdatedAt, r.UpdatedBy = o.Clock(), u.Name
	return o.inRuleTx(ctx, "inspection.rule", r.Category, r, func(x *deed) error { return warehousedb.SaveInspectionRule(ctx, x.tx, r) })
}

// inRuleTx changes a rule and writes the trace.
func (o *Ops) inRuleTx(ctx context.Context, verb string, category catalog.CategoryID, after any, f func(*deed) error) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := f(&deed{tx: tx, now: o.Clock()}); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: audit.Thing{Kind: "category", ID: fmt.Sprint(category)}, After: after})
	})
}

// DropInspectionRule lets a category follow the rule above it. The house's own rule stays.
func (o *Ops) DropInspectionRule(ctx context.Context, category catalog.CategoryID) error {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return err
	}
	if category == 0 {
		return warehouse.ErrSettlement
	}
	return o.inRuleTx(ctx, "inspection.rule_drop", category, nil, func(x *deed) error { return warehousedb.DropInspectionRule(ctx, x.tx, category) })
}
