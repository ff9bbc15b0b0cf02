package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// StatementOut is a statement of account as lists show it.
type StatementOut struct {
	Number    string `json:"number" example:"ST-2611-007"`
	Supplier  string `json:"supplier" example:"S-0107"`
	From      string `json:"from" doc:"First day of its period"`
	To        string `json:"to"`
	State     string `json:"state" doc:"sent, disputed, accepted (the supplier agrees with every line), agreed (both do), paid or void"`
	Currency  string `json:"currency" doc:"That it is paid in; its amounts are in fen"`
	Lines     int    `json:"line_count"`
	Disputed  int    `json:"disputed_count"`
	TotalFen  int64  `json:"total_fen"`
	Claimed   int64  `json:"claimed_fen" doc:"What it would come to if every open claim were accepted"`
	Prepaid   int64  `json:"netted_fen" doc:"Set off against advances"`
	Paid      int64  `json:"paid_fen"`
	Balance   int64  `json:"balance_fen" doc:"Still to be paid, once agreed"`
	Owed      int64  `json:"owed_fen,omitempty" doc:"What the supplier owes when more was taken off than was delivered"`
	CarriedTo string `json:"carried_to,omitempty" doc:"The statement that takes over what the supplier owes"`
	Due       string `json:"due,omitempty"`
	Invoice   string `json:"invoice,omitempty"`
}

// StatementDetailOut is a statement with its lines.
type StatementDetailOut struct {
	StatementOut
	Revision int64              `json:"revision" doc:"Send it back with what you say: what another has changed meanwhile is refused"`
	TaxFen   int64              `json:"tax_fen" doc:"The tax that the total holds"`
	Detail   []StatementLineOut `json:"lines"`
}

// StatementLineOut is a line of a statement.
type StatementLineOut struct {
	Line      int    `json:"line"`
	Kind      string `json:"kind" doc:"receipt, late, quality, short, rebate, carried (owed from an earlier statement) or other"`
	Source    string `json:"source" example:"receipt:91" doc:"What it stands for; it stands on one live statement at most"`
	Order     string `json:"order,omitempty" example:"FO-2611-0412"`
	OrderLine int    `json:"order_line,omitempty"`
	SKU       string `json:"sku,omitempty"`
	Day       string `json:"day"`
	Pieces    int64  `json:"pieces,omitempty"`
	PriceFen  int64  `json:"price_fen,omitempty" doc:"Of a piece, tax included"`
	AmountFen int64  `json:"amount_fen" doc:"Tax included; negative for what is taken off"`
	TaxFen    int64  `json:"tax_fen"`
	Why       string `json:"why,omitempty"`
	WhyEN     string `json:"why_en,omitempty"`
	Word      string `json:"word" doc:"open, agreed or disputed"`
	Reason    string `json:"reason,omitempty"`
	ClaimFen  *int64 `json:"claim_fen,omitempty"`
	Answer    string `json:"answer,omitempty" doc:"The house's word on the last dispute: accepted or refused"`
	Reply     string `json:"reply,omitempty"`
	WasFen    *int64 `json:"was_fen,omitempty" doc:"The amount before a claim was accepted"`
}

type statementsIn struct {
	Supplier string `query:"supplier" doc:"Code of a supplier; a supplier's key sees its own only"`
	State    string `query:"state" enum:"sent,disputed,accepted,agreed,paid,void"`
	Before   int64  `query:"before" doc:"The next of the page before"`
}
type statementsOut struct {
	Body struct {
		Statements []StatementOut `json:"statements"`
		Next       int64          `json:"next,omitempty"`
	}
}
type statementIn struct {
	Number string `path:"number" example:"ST-2611-007"`
}
type statementOut struct{ Body StatementDetailOut }

// StatementWord is what a supplier says to a line: it agrees, or objects.
type StatementWord struct {
	Line     int    `json:"line" minimum:"1"`
	Agree    bool   `json:"agree"`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Needed for a dispute"`
	ClaimFen *int64 `json:"claim_fen,omitempty" doc:"The amount held right: not below 0 for goods, not above 0 for what is taken off"`
}
type sayIn struct {
	Number string `path:"number" example:"ST-2611-007"`
	Body   struct {
		Revision int64           `json:"revision,omitempty" doc:"The revision that was read; absent does not ask"`
		Lines    []StatementWord `json:"lines,omitempty" maxItems:"5000" doc:"All or none is taken; without any, every open line is agreed to"`
	}
}
type invoiceIn struct {
	Number string `path:"number" example:"ST-2611-007"`
	Body   struct {
		Invoice string `json:"invoice" maxLength:"40"`
	}
}

// The permissions that read a supplier's accounts: another system's, and the supplier's own; others write to them.
var (
	readsAccounts  = []access.Permission{access.ReadData, access.UsePortal}
	writesAccounts = []access.Permission{access.PushData, access.UsePortal}
)

func (a API) statements(h huma.API) {
	op := func(id, method, path, summary, about string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: about, Tags: []string{"Statements of account"}}
	}
	operationFor(h, op("list-statements", http.MethodGet, "/statements", "Statements of account", "The newest first; those that the supplier was sent."), readsAccounts, a.listStatements)
	operationFor(h, op("get-statement", http.MethodGet, "/statements/{number}", "One statement with its lines", ""), readsAccounts, a.oneStatement)
	operationFor(h, op("say-to-statement", http.MethodPost, "/statements/{number}/words", "Agree to lines, or dispute them",
		"The supplier's word, by its own key or handed on by the house's. When every line is agreed to, a person of the house closes the statement: that is not done here."), writesAccounts, a.sayToStatement)
	operationFor(h, op("bill-statement", http.MethodPut, "/statements/{number}/invoice", "Note the supplier's invoice number", "As long as it is not paid."), writesAccounts, a.billStatement)
}

func (a API) listStatements(ctx context.Context, in *statementsIn) (*statementsOut, error) {
	id, err := a.supplierOf(ctx, in.Supplier)
	if err != nil {
		return nil, err
	}
	var states []statement.State
	if in.State != "" {
		states = []statement.State{statement.State(in.State)}
	}
	page, err := a.Statements.List(ctx, id, states, statement.ID(in.Before))
	if err != nil {
		return nil, err
	}
	out := &statementsOut{}
	out.Body.Statements, out.Body.Next = []StatementOut{}, int64(page.Next)
	for _, b := range page.Rows {
		out.Body.Statements = append(out.Body.Statements, outStatement(b))
	}
	return out, nil
}

// supplierOf finds a supplier by its code; 0 for none, which is the key's own supplier where it has one.
func (a API) supplierOf(ctx context.Context, code string) (catalog.SupplierID, error) {
	if code == "" {
		return 0, nil
	}
	s, err := a.Catalog.SupplierByCode(ctx, code)
	if u, ok := access.FromContext(ctx); err == nil && ok && !u.MayTouchSupplier(s.ID) {
		err = catalog.ErrUnknown
	}
	if errors.Is(err, catalog.ErrUnknown) {
		return 0, problem(http.StatusNotFound, "There is no such supplier.")
	}
	return s.ID, err
}

func outStatement(b statementops.Brief) StatementOut {
	return StatementOut{Number: b.Number, Supplier: b.Code, From: b.FromDay.String(), To: b.ToDay.String(), State: string(b.State), Currency: string(b.Currency), Lines: b.LineCount,
		Disputed: b.DisputedCount, TotalFen: int64(b.Total), Claimed: int64(b.Claimed), Prepaid: int64(b.Prepaid), Paid: int64(b.Paid), Balance: int64(b.Balance()), Owed: int64(b.Owed()),
		CarriedTo: b.CarriedTo, Due: dayOr(b.Due), Invoice: b.Invoice}
}

func (a API) oneStatement(ctx context.Context, in *statementIn) (*statementOut, error) {
	s, err := a.Statements.Get(ctx, in.Number)
	if err != nil {
		return nil, explainStatement(err)
	}
	return a.detailed(ctx, s)
}

func (a API) detailed(ctx context.Context, s *statement.Statement) (*statementOut, error) {
	firms, err := a.Catalog.Suppliers(ctx, s.Supplier)
	if err != nil {
		return nil, err
	}
	var ids []catalog.SKUID
	for _, l := range s.Lines {
		if l.SKU != 0 {
			ids = append(ids, l.SKU)
		}
	}
	skus, err := a.Catalog.SKUs(ctx, ids...)
	if err != nil {
		return nil, err
	}
	t := s.Totals()
	b := StatementOut{Number: s.Number, Supplier: firms[s.Supplier].Code, From: s.From.String(), To: s.To.String(), State: string(s.State), Currency: string(s.Currency), Lines: len(s.Lines),
		Disputed: t.Disputed, TotalFen: int64(t.Total), Claimed: int64(t.Claimed), Prepaid: int64(s.Prepaid), Paid: int64(s.PaidFen), CarriedTo: s.CarriedTo, Invoice: s.Invoice}
	if s.State == statement.Agreed || s.State == statement.Paid {
		b.Balance, b.Owed = int64(s.Balance()), int64(s.Owed())
	}
	b.Due = dayOrNone(s.Due)
	out := &statementOut{StatementDetailOut{StatementOut: b, Revision: s.Revision, TaxFen: int64(t.Tax), Detail: make([]StatementLineOut, len(s.Lines))}}
	for i, l := range s.Lines {
		out.Body.Detail[i] = StatementLineOut{Line: l.No, Kind: string(l.Kind), Source: l.Source, Order: l.Number, OrderLine: l.OrderLine, SKU: skus[l.SKU].Code, Day: l.Day.String(),
			Pieces: int64(l.Pieces), PriceFen: int64(l.Price), AmountFen: int64(l.Amount), TaxFen: int64(l.Tax()), Why: l.Why.ZH, WhyEN: l.Why.EN, Word: string(l.Word), Reason: l.Reason,
			ClaimFen: fenOr(l.Claim), Answer: l.Answer, Reply: l.Reply, WasFen: fenOr(l.Was)}
	}
	return out, nil
}

func fenOr(f *money.Fen) *int64 {
	if f == nil {
		return nil
	}
	n := int64(*f)
	return &n
}

func (a API) sayToStatement(ctx context.Context, in *sayIn) (*statementOut, error) {
	all := make([]statementops.Saying, len(in.Body.Lines))
	seen := map[int]bool{}
	var wrong []Wrong
	for i, l := range in.Body.Lines {
		if seen[l.Line] {
			wrong = append(wrong, Wrong{Pointer: fmt.Sprintf("/lines/%d/line", i), Code: "twice", Message: "stands twice"})
		}
		seen[l.Line] = true
		all[i] = statementops.Saying{Line: l.Line, Agree: l.Agree, Reason: l.Reason}
		if l.ClaimFen != nil {
			claim := money.Fen(*l.ClaimFen)
			all[i].Claim = &claim
		}
	}
	if wrong != nil {
		return nil, problem(http.StatusUnprocessableEntity, notSaid, wrong...)
	}
	s, err := a.Statements.Say(ctx, in.Number, in.Body.Revision, all)
	if err != nil {
		return nil, explainSaying(err, all)
	}
	return a.detailed(ctx, s)
}

func (a API) billStatement(ctx context.Context, in *invoiceIn) (*statementOut, error) {
	s, err := a.Statements.Bill(ctx, in.Number, in.Body.Invoice)
	if err != nil {
		return nil, explainStatement(err)
	}
	return a.detailed(ctx, s)
}

const notSaid = "Nothing was said to the statement. Mend what is listed and send it again."

// explainSaying points a refusal of a line at its place in the request.
func explainSaying(err error, all []statementops.Saying) error {
	var line *statement.LineError
	if !errors.As(err, &line) {
		return explainStatement(err)
	}
	at := 0
	for i, w := range all {
		if w.Line == line.Line {
			at = i
		}
	}
	w := Wrong{Pointer: fmt.Sprintf("/lines/%d/line", at), Code: "unknown", Message: "the statement has no such line"}
	switch {
	case errors.Is(err, statement.ErrReason):
		w = Wrong{Pointer: fmt.Sprintf("/lines/%d/reason", at), Code: "missing", Message: "a dispute needs a reason of 1 to 500 characters"}
	case errors.Is(err, statement.ErrClaim):
		w = Wrong{Pointer: fmt.Sprintf("/lines/%d/claim_fen", at), Code: "range", Message: "goods are not below 0, deductions not above, and the claim must differ from the amount"}
	}
	return problem(http.StatusUnprocessableEntity, notSaid, w)
}

// explainStatement turns a refusal of a statement into a problem; other errors pass as they are.
func explainStatement(err error) error {
	var state *statement.StateError
	switch {
	case errors.Is(err, statement.ErrUnknown):
		return problem(http.StatusNotFound, "There is no such statement.")
	case errors.Is(err, statement.ErrStale):
		return conflict("stale", "The statement was changed meanwhile. Read it again.")
	case errors.Is(err, statement.ErrInvoice):
		return problem(http.StatusUnprocessableEntity, "The invoice number is too long.", Wrong{Pointer: "/invoice", Code: "too_long", Message: "has at most 40 characters"})
	case errors.As(err, &state) && state.State.Closed():
		return conflict("closed", "The statement is closed and does not change. A difference stands on the next one.")
	case errors.As(err, &state):
		return conflict("state", fmt.Sprintf("The statement is %s and takes no such change.", state.State))
	}
	return err
}

// conflict is a refusal because of how things stand.
func conflict(code, detail string) *Problem {
	p := problem(http.StatusConflict, detail)
	p.Errors = []Wrong{{Code: code, Message: detail}}
	return p
}

// dayOrNone writes a day, "" for none.
func dayOrNone(d calendar.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
