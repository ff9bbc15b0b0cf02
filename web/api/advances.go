package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// AdvanceOut is money lent to a supplier, or asked for.
type AdvanceOut struct {
	Number      string       `json:"number" example:"AD-2611-003"`
	Supplier    string       `json:"supplier" example:"S-0107"`
	Base        string       `json:"base" doc:"order (a confirmed one), stock (goods in our warehouse without a statement) or receivable (an agreed statement)"`
	Document    string       `json:"document,omitempty" doc:"The order or statement"`
	State       string       `json:"state" doc:"applied, endorsed (one person has approved), approved (two have: it may be drawn), drawn, repaid, rejected or withdrawn"`
	AmountFen   int64        `json:"amount_fen"`
	Pending     int64        `json:"pending_fen" doc:"Asked of the payment provider and not yet paid"`
	Drawn       int64        `json:"drawn_fen"`
	Repaid      int64        `json:"repaid_fen"`
	Outstanding int64        `json:"outstanding_fen"`
	Undrawn     int64        `json:"undrawn_fen" doc:"What may still be drawn"`
	FeePaid     int64        `json:"fee_paid_fen"`
	FeeDue      int64        `json:"fee_due_fen,omitempty"`
	FeeBP       int          `json:"fee_bp" doc:"Of the outstanding amount a year, in ten-thousandths"`
	Due         string       `json:"due,omitempty"`
	DaysLate    int          `json:"days_late,omitempty"`
	Approvals   []ApprovalBy `json:"approvals"`
	Reason      string       `json:"reason,omitempty" doc:"Of being rejected or withdrawn"`
	Payments    []PayoutOut  `json:"payments,omitempty"`
}

// ApprovalBy is one of the two approvals.
type ApprovalBy struct {
	By string `json:"by"`
	At string `json:"at"`
}

// PayoutOut is what the payment provider was asked.
type PayoutOut struct {
	Key       string `json:"key"`
	AmountFen int64  `json:"amount_fen"`
	State     string `json:"state" doc:"pending, sent, done or refused"`
	Reference string `json:"reference,omitempty"`
	Error     string `json:"error,omitempty"`
}

// CreditOut is what may be lent to a supplier.
type CreditOut struct {
	Supplier string      `json:"supplier"`
	LimitFen int64       `json:"limit_fen"`
	UsedFen  int64       `json:"used_fen"`
	LeftFen  int64       `json:"left_fen"`
	Grounds  []GroundOut `json:"grounds" doc:"What may be lent on"`
}

// GroundOut is a thing that may be lent on.
type GroundOut struct {
	Base     string `json:"base"`
	Document string `json:"document,omitempty"`
	ValueFen int64  `json:"value_fen"`
	MostFen  int64  `json:"most_fen" doc:"How much more is lent on it; the limit bounds all together"`
}

type advancesIn struct {
	Supplier string `query:"supplier" doc:"Code of a supplier; a supplier's key sees its own only"`
	State    string `query:"state" enum:"applied,endorsed,approved,drawn,repaid,rejected,withdrawn"`
	Before   int64  `query:"before" doc:"The next of the page before"`
}
type advancesOut struct {
	Body struct {
		Advances []AdvanceOut `json:"advances"`
		Next     int64        `json:"next,omitempty"`
	}
}
type advanceIn struct {
	Number string `path:"number" example:"AD-2611-003"`
}
type advanceOut struct{ Body AdvanceOut }
type creditIn struct {
	Code string `path:"code" example:"S-0107"`
}
type creditOut struct{ Body CreditOut }
type applyIn struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"100" doc:"The same key is the same application: sent again, it is answered with what became of it"`
	Body struct {
		Supplier  string `json:"supplier,omitempty" doc:"A supplier's own key needs none"`
		Base      string `json:"base" enum:"order,stock,receivable"`
		Document  string `json:"document,omitempty" example:"FO-2611-0412"`
		AmountFen int64  `json:"amount_fen" minimum:"1"`
		Note      string `json:"note,omitempty" maxLength:"500"`
	}
}
type drawIn struct {
	Number string `path:"number"`
	Key    string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"60" pattern:"^[^/]+$" doc:"The same key is the same drawing: sent again, it is asked once"`
	Body   struct {
		AmountFen int64 `json:"amount_fen" minimum:"1"`
	}
}
type withdrawIn struct {
	Number string `path:"number"`
	Body   struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (a API) advances(h huma.API) {
	op := func(id, method, path, summary, about string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: about, Tags: []string{"Advances"}}
	}
	operationFor(h, op("get-credit", http.MethodGet, "/suppliers/{code}/credit", "What may be lent to a supplier", ""), readsAccounts, a.credit)
	operationFor(h, op("list-advances", http.MethodGet, "/advances", "Advances", "The newest first."), readsAccounts, a.listAdvances)
	operationFor(h, op("get-advance", http.MethodGet, "/advances/{number}", "One advance with its payments", ""), readsAccounts, a.oneAdvance)
	apply := op("apply-for-advance", http.MethodPost, "/advances", "Apply for an advance", "Two different people of the house approve it; that is not done here.")
	apply.DefaultStatus = http.StatusCreated
	operationFor(h, apply, writesAccounts, a.apply)
	operationFor(h, op("draw-advance", http.MethodPost, "/advances/{number}/drawings", "Draw on an approved advance",
		"Asks the payment provider to pay out; the answer shows it as pending until the provider has done it."), writesAccounts, a.draw)
	operationFor(h, op("withdraw-advance", http.MethodPost, "/advances/{number}/withdraw", "Take an application back", "As long as nothing was drawn."), writesAccounts, a.withdraw)
}

func (a API) credit(ctx context.Context, in *creditIn) (*creditOut, error) {
	id, err := a.supplierOf(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	f, err := a.Finance.Facility(ctx, id)
	if err != nil {
		return nil, explainAdvance(err)
	}
	out := &creditOut{CreditOut{Supplier: in.Code, LimitFen: int64(f.Limit.Limit), UsedFen: int64(f.Used()), LeftFen: int64(f.Left()), Grounds: []GroundOut{}}}
	for _, g := range f.Grounds {
		out.Body.Grounds = append(out.Body.Grounds, GroundOut{Base: string(g.Base), Document: g.Document, ValueFen: int64(g.Value), MostFen: int64(g.Most(f.Rules))})
	}
	return out, nil
}

func (a API) listAdvances(ctx context.Context, in *advancesIn) (*advancesOut, error) {
	id, err := a.supplierOf(ctx, in.Supplier)
	if err != nil {
		return nil, err
	}
	var states []finance.State
	if in.State != "" {
		states = []finance.State{finance.State(in.State)}
	}
	list, next, err := a.Finance.Advances(ctx, id, states, finance.ID(in.Before))
	if err != nil {
		return nil, err
	}
	out := &advancesOut{}
	out.Body.Next = int64(next)
	out.Body.Advances, err = a.outAdvances(ctx, list...)
	return out, err
}

func (a API) outAdvances(ctx context.Context, list ...*finance.Advance) ([]AdvanceOut, error) {
	var ids []catalog.SupplierID
	for _, x := range list {
		if !slices.Contains(ids, x.Supplier) {
			ids = append(ids, x.Supplier)
		}
	}
	firms, err := a.Catalog.Suppliers(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]AdvanceOut, len(list))
	for i, x := range list {
		out[i] = AdvanceOut{Number: x.Number, Supplier: firms[x.Supplier].Code, Base: string(x.Base), Document: x.Document, State: string(x.State), AmountFen: int64(x.Amount), Pending: int64(x.Pending),
			Drawn: int64(x.Drawn), Repaid: int64(x.Repaid), Outstanding: int64(x.Outstanding()), FeePaid: int64(x.FeePaid), FeeBP: x.FeeBP, Due: dayOrNone(x.Due), Reason: x.Reason, Approvals: []ApprovalBy{}}
		if x.State == finance.Approved || x.State == finance.Drawn {
			out[i].Undrawn = int64(x.Undrawn())
		}
		for _, s := range []*finance.Sign{x.First, x.Second} {
			if s != nil {
				out[i].Approvals = append(out[i].Approvals, ApprovalBy{By: s.Name, At: s.At.UTC().Format("2006-01-02T15:04:05Z")})
			}
		}
	}
	return out, nil
}

func (a API) oneAdvance(ctx context.Context, in *advanceIn) (*advanceOut, error) {
	d, err := a.Finance.Advance(ctx, in.Number)
	if err != nil {
		return nil, explainAdvance(err)
	}
	list, err := a.outAdvances(ctx, d.Advance)
	if err != nil {
		return nil, err
	}
	out := &advanceOut{list[0]}
	out.Body.FeeDue, out.Body.DaysLate = int64(d.FeeDue), d.Late
	for _, p := range d.Payments {
		out.Body.Payments = append(out.Body.Payments, PayoutOut{Key: p.Key, AmountFen: int64(p.Fen), State: string(p.State), Reference: p.Reference, Error: p.Error})
	}
	return out, nil
}

func (a API) apply(ctx context.Context, in *applyIn) (*advanceOut, error) {
	id, err := a.supplierOf(ctx, in.Body.Supplier)
	if err != nil {
		return nil, err
	}
	x, err := a.Finance.Apply(ctx, financeops.Application{Supplier: id, Base: finance.Base(in.Body.Base), Document: in.Body.Document, Amount: money.Fen(in.Body.AmountFen), Note: in.Body.Note, Key: in.Key})
	if err != nil {
		return nil, explainAdvance(err)
	}
	return a.oneAdvance(ctx, &advanceIn{x.Number})
}

func (a API) draw(ctx context.Context, in *drawIn) (*advanceOut, error) {
	if _, err := a.Finance.Draw(ctx, in.Number, money.Fen(in.Body.AmountFen), in.Key); err != nil {
		return nil, explainAdvance(err)
	}
	return a.oneAdvance(ctx, &advanceIn{in.Number})
}

func (a API) withdraw(ctx context.Context, in *withdrawIn) (*advanceOut, error) {
	if _, err := a.Finance.Withdraw(ctx, in.Number, in.Body.Reason); err != nil {
		return nil, explainAdvance(err)
	}
	return a.oneAdvance(ctx, &advanceIn{in.Number})
}

// explainAdvance turns a refusal of an advance into a problem; other errors pass as they are.
func explainAdvance(err error) error {
	const detail = "Nothing was asked for. Mend what is listed and send it again."
	var limit *finance.LimitError
	var base *finance.BaseError
	var state *finance.StateError
	switch {
	case errors.Is(err, finance.ErrUnknown):
		return problem(http.StatusNotFound, "There is no such advance or supplier.")
	case errors.As(err, &limit):
		return problem(http.StatusUnprocessableEntity, detail, Wrong{Pointer: "/amount_fen", Code: "limit", Message: fmt.Sprintf("%d fen wanted, the credit limit of %d leaves %d", limit.Want, limit.Limit, limit.Left)})
	case errors.As(err, &base):
		return problem(http.StatusUnprocessableEntity, detail, Wrong{Pointer: "/document", Code: "ground", Message: fmt.Sprintf("%d fen wanted, %d more are lent on this", base.Want, base.Left)})
	case errors.Is(err, finance.ErrAmount):
		return problem(http.StatusUnprocessableEntity, detail, Wrong{Pointer: "/amount_fen", Code: "range", Message: "must be above 0 and within what was approved"})
	case errors.Is(err, finance.ErrReason):
		return problem(http.StatusUnprocessableEntity, detail, Wrong{Pointer: "/reason", Code: "missing", Message: "must be 1 to 500 characters"})
	case errors.Is(err, finance.ErrKey):
		return conflict("key", "The Idempotency-Key stands for something else. Use a new key for a new request.")
	case errors.As(err, &state):
		return conflict("state", fmt.Sprintf("The advance is %s and takes no such change.", state.State))
	case errors.Is(err, finance.ErrStale):
		return conflict("stale", "The advance was changed meanwhile. Read it again.")
	}
	return err
}
