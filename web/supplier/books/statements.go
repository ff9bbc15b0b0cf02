package books

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// Marks are icon and tone of a statement's state.
func Marks(s statement.State) (ui.Tone, string) {
	switch s {
	case statement.Draft:
		return ui.Plain, "pencil"
	case statement.Sent:
		return ui.Act, "send"
	case statement.Disputed:
		return ui.Watch, "message-reply"
	case statement.Accepted:
		return ui.Act, "signature"
	case statement.Agreed:
		return ui.OK, "lock"
	case statement.Paid:
		return ui.OK, "checks"
	}
	return ui.Plain, "x"
}

// statements is a supplier's list.
type statements struct {
	Frame
	Page       statementops.Page
	Terms      statement.Terms
	From, To   calendar.Day // that the house would account for next
	Currencies []ui.Choice
}

func (d Desk) statements(f Frame, w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := statements{Frame: f}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	var err error
	if v.Page, err = d.Statements.List(ctx, f.Supplier, nil, statement.ID(before)); err != nil {
		return err
	}
	if v.Terms, err = d.Suppliers.Trade(ctx, f.Supplier); err != nil {
		return err
	}
	today := ui.Today(ctx)
	v.From, v.To = lastMonth(today)
	return f.page(w, r, "statements", statementsBody(v))
}

// lastMonth gives the first and last day of the month before.
func lastMonth(today calendar.Day) (from, to calendar.Day) {
	t := today.Time()
	first := today.AddDays(1 - t.Day())
	to = first.AddDays(-1)
	return to.AddDays(1 - to.Time().Day()), to
}

// account is one statement.
type account struct {
	Frame
	*statement.Statement
	Goods    map[catalog.SKUID]c2m.Goods
	Payments []financeops.Payment
	Entries  []financeops.Booked
	Foreign  int64 // the balance in the statement's currency
	Rate     supplier.Rate
	HasRate  bool
}

func (d Desk) statement(f Frame, w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := account{Frame: f}
	var err error
	if v.Statement, err = d.find(ctx, f, route.Param(r, "number")); err != nil {
		return err
	}
	if v.Goods, err = d.Orders.StatementGoods(ctx, v.Statement); err != nil {
		return err
	}
	if v.State.Closed() {
		if v.Payments, err = d.Finance.PaymentsOf(ctx, v.Supplier(), v.Number); err != nil {
			return err
		}
		if v.Entries, err = d.Finance.Ledger(ctx, v.Supplier(), v.Number); err != nil {
			return err
		}
	}
	if v.Foreign, v.Rate, v.HasRate, err = d.Statements.InCurrency(ctx, v.Statement, v.Balance()); err != nil {
		return err
	}
	return f.page(w, r, "statements", accountBody(v))
}

// Supplier is whose statement it is.
func (v account) Supplier() catalog.SupplierID { return v.Statement.Supplier }

// find gives a statement of the frame's supplier.
func (d Desk) find(ctx context.Context, f Frame, number string) (*statement.Statement, error) {
	s, err := d.Statements.Get(ctx, number)
	if err == nil && s.Supplier != f.Supplier {
		err = statement.ErrUnknown
	}
	return s, err
}

func (d Desk) statementSheet(f Frame, w http.ResponseWriter, r *http.Request) error {
	s, err := d.find(r.Context(), f, route.Param(r, "number"))
	if err != nil {
		return err
	}
	file, err := d.Orders.StatementSheet(r.Context(), s, lang(r.Context()))
	if err != nil {
		return err
	}
	return sheets.Download(w, file)
}

// revision reads which version of the thing the form was made from.
func revision(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.PostFormValue("revision"), 10, 64)
	return n
}

// say takes the supplier's word on one line, or on all that are open.
func (d Desk) say(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	var all []statementops.Saying
	if line, err := strconv.Atoi(r.PostFormValue("line")); err == nil {
		claim, err := yuan(r, "claim")
		if err != nil {
			return err
		}
		all = append(all, statementops.Saying{Line: line, Agree: r.PostFormValue("agree") == "1", Reason: text(r, "reason"), Claim: claim})
	}
	s, err := d.Statements.Say(r.Context(), number, revision(r), all)
	if err != nil {
		return err
	}
	if s.State == statement.Accepted {
		return f.done(w, r, "/statements/"+number, "books.all_agreed")
	}
	return f.done(w, r, "/statements/"+number, "books.said")
}

func (d Desk) uploadStatement(f Frame, w http.ResponseWriter, r *http.Request) error {
	name, content, err := sheets.Read(r, "file")
	if err != nil {
		return err
	}
	number := route.Param(r, "number")
	up, err := d.Orders.UploadStatement(r.Context(), d.Statements, number, c2mops.Uploading{Name: name, Content: content})
	if err != nil {
		return err
	}
	if up.Outcome == c2mops.Refused {
		return route.See(w, r, "/portal/uploads/"+strconv.FormatInt(up.ID, 10))
	}
	return f.done(w, r, "/statements/"+number, "books.said")
}

func (d Desk) bill(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	if _, err := d.Statements.Bill(r.Context(), number, text(r, "invoice")); err != nil {
		return err
	}
	return f.done(w, r, "/statements/"+number, "books.billed")
}

func (d Desk) makeStatement(f Frame, w http.ResponseWriter, r *http.Request) error {
	from, err := day(r, "from")
	if err != nil {
		return err
	}
	to, err := day(r, "to")
	if err != nil {
		return err
	}
	if from == nil || to == nil {
		return statement.ErrPeriod
	}
	s, err := d.Statements.Make(r.Context(), f.Supplier, *from, *to)
	if err != nil {
		return err
	}
	return f.done(w, r, "/statements/"+s.Number, "books.made", "Number", s.Number, ui.Count, len(s.Lines))
}

func (d Desk) sendStatement(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	if _, err := d.Statements.Send(r.Context(), number, revision(r)); err != nil {
		return err
	}
	return f.done(w, r, "/statements/"+number, "books.statement_sent")
}

func (d Desk) voidStatement(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	if _, err := d.Statements.Withdraw(r.Context(), number, revision(r), text(r, "reason")); err != nil {
		return err
	}
	return f.done(w, r, "/statements", "books.voided", "Number", number)
}

func (d Desk) answerLine(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	line, err := strconv.Atoi(route.Param(r, "line"))
	if err != nil {
		return route.NotFound()
	}
	amount, err := yuan(r, "amount")
	if err != nil {
		return err
	}
	if _, err := d.Statements.Answer(r.Context(), number, revision(r), line, r.PostFormValue("accept") == "1", amount, text(r, "reply")); err != nil {
		return err
	}
	return f.done(w, r, "/statements/"+number, "books.answered")
}

func (d Desk) agreeStatement(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	s, err := d.Statements.Agree(r.Context(), number, revision(r))
	if err != nil {
		return err
	}
	return f.done(w, r, "/statements/"+number, "books.agreed_to", "Netted", ui.Yuan(s.Prepaid), "Rest", ui.Yuan(s.Balance()))
}

func (d Desk) saveTrade(f Frame, w http.ResponseWriter, r *http.Request) error {
	t, err := d.Suppliers.Trade(r.Context(), f.Supplier)
	if err != nil {
		return err
	}
	t.Currency, t.Incoterm = supplier.Currency(text(r, "currency")), supplier.Incoterm(text(r, "incoterm"))
	for field, to := range map[string]*int{"payment_days": &t.PaymentDays, "grace": &t.Grace} {
		n, err := pieces(r, field)
		if err != nil {
			return err
		}
		if n != nil {
			*to = int(*n)
		}
	}
	for field, to := range map[string]*int{"late": &t.LateBP, "late_most": &t.LateMostBP, "short": &t.ShortBP, "rebate": &t.RebateBP} {
		v, err := yuan(r, field) // a percentage with two decimals is read like an amount: hundredths
		if err != nil {
			return err
		}
		if v != nil {
			*to = int(*v)
		}
	}
	if err := d.Suppliers.SaveTrade(r.Context(), f.Supplier, t); err != nil {
		return err
	}
	return f.done(w, r, "/statements", "books.trade_saved")
}

// accountStops is the way of a statement.
func accountStops(ctx context.Context, v account) []ui.Stop {
	names := []statement.State{statement.Draft, statement.Sent, statement.Accepted, statement.Agreed, statement.Paid}
	at := slices.Index(names, v.State)
	if v.State == statement.Disputed {
		at = 1
	}
	var out []ui.Stop
	for i, s := range names {
		stop := ui.Stop{Name: ui.T(ctx, "books.stop_"+string(s))}
		switch {
		case i < at || v.State == statement.Paid:
			stop.State = ui.Done
		case i == at:
			stop.State = ui.Now
		}
		switch s {
		case statement.Draft:
			stop.Note = ui.Moment(ctx, v.Created)
		case statement.Sent:
			if v.SentAt != nil {
				stop.Note = ui.Moment(ctx, *v.SentAt)
			}
		case statement.Accepted:
			if v.AcceptedAt != nil {
				stop.Note = ui.Moment(ctx, *v.AcceptedAt)
			}
		case statement.Agreed:
			if v.AgreedAt != nil {
				stop.Note = ui.Moment(ctx, *v.AgreedAt)
			}
		case statement.Paid:
			if v.PaidAt != nil {
				stop.Note = ui.Moment(ctx, *v.PaidAt)
			} else if v.Due != 0 {
				stop.Note = ui.T(ctx, "books.due_on", "Day", v.Due)
			}
		}
		out = append(out, stop)
	}
	return out
}

// sums explain what is paid.
func sums(ctx context.Context, v account) []ui.WhyRow {
	t := v.Totals()
	out := []ui.WhyRow{{Label: ui.T(ctx, "books.goods_sum"), Value: ui.Yuan(t.Goods)}, {Op: "−", Label: ui.T(ctx, "books.deductions"), Value: ui.Yuan(-t.Deductions)}}
	if t.Rebates != 0 {
		out = append(out, ui.WhyRow{Op: "−", Label: ui.T(ctx, "books.rebates"), Value: ui.Yuan(-t.Rebates)})
	}
	if t.Carried != 0 {
		out = append(out, ui.WhyRow{Op: "−", Label: ui.T(ctx, "books.carried_sum"), Value: ui.Yuan(-t.Carried)})
	}
	if !v.State.Closed() {
		return append(out, ui.WhyRow{Op: "=", Label: ui.T(ctx, "books.total"), Note: ui.T(ctx, "books.tax_in", "Tax", ui.Yuan(t.Tax)), Value: ui.Yuan(t.Total), Sum: true})
	}
	out = append(out, ui.WhyRow{Op: "=", Label: ui.T(ctx, "books.total"), Note: ui.T(ctx, "books.tax_in", "Tax", ui.Yuan(t.Tax)), Value: ui.Yuan(t.Total)})
	if v.Prepaid > 0 {
		out = append(out, ui.WhyRow{Op: "−", Label: ui.T(ctx, "books.netted"), Value: ui.Yuan(v.Prepaid)})
	}
	if v.PaidFen > 0 {
		out = append(out, ui.WhyRow{Op: "−", Label: ui.T(ctx, "books.paid"), Value: ui.Yuan(v.PaidFen)})
	}
	return append(out, ui.WhyRow{Op: "=", Label: ui.T(ctx, "books.balance"), Value: ui.Yuan(v.Balance()), Sum: true})
}

// signed writes an amount with its sign.
func signed(f money.Fen) string {
	if f < 0 {
		return "−" + ui.Yuan(-f)
	}
	return ui.Yuan(f)
}

// minor writes an amount of a currency's minor unit.
func minor(c supplier.Currency, n int64) string {
	if c.Decimals() == 0 {
		return string(c) + " " + ui.Int(n)
	}
	return string(c) + " " + ui.Amount(money.Fen(n))
}

// rateWord writes a rate: 7.1000.
func rateWord(r supplier.Rate) string { return ui.Decimal(float64(r)/1e6, 4) }

func currencyChoices() []ui.Choice {
	var out []ui.Choice
	for _, c := range supplier.Currencies() {
		out = append(out, ui.Choice{Value: string(c), Text: string(c)})
	}
	return out
}

func incotermChoices(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, c := range supplier.Incoterms() {
		out = append(out, ui.Choice{Value: string(c), Text: ui.T(ctx, "books.term_"+string(c))})
	}
	return out
}

// bpWord writes basis points for a form: 50 is 0.5.
func bpWord(n int) string { return money.Fen(n).Yuan() }

// lineDocument names the order and receipt of a line.
func lineDocument(l statement.Line) string {
	switch {
	case l.Receipt != 0:
		return l.Number + " · R" + strconv.FormatInt(l.Receipt, 10)
	case l.Number != "":
		return l.Number
	}
	return l.Source
}

// Minor writes an amount of a currency's minor unit: USD 1.50.
func Minor(c supplier.Currency, n int64) string { return minor(c, n) }

// Rate writes an exchange rate.
func Rate(r supplier.Rate) string { return rateWord(r) }

// Currencies and Incoterms are the choices of forms.
func Currencies() []ui.Choice { return currencyChoices() }

// Incoterms are the terms of delivery to choose from.
func Incoterms(ctx context.Context) []ui.Choice { return incotermChoices(ctx) }
