package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/c2m/quality"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// partnerPlayer plays the suppliers' side of the demo through the house's verbs: half a year of deliveries with their lots, statements in every
// state, advances in each, an appeal, papers that lapse, capacity, stock and work in progress.
type partnerPlayer struct {
	h          *house
	now        time.Time
	orders     *c2mops.Ops
	suppliers  *supplierops.Ops
	statements *statementops.Ops
	finance    *financeops.Ops
	world      *demo.World
	ids        codes
	firms      map[string]catalog.SupplierID
	buyer      context.Context
	boss       context.Context
	lots       map[int64]*warehouse.Inspection
}

// partnerFirms are the suppliers whose half year is played, with how well they deliver: the days late by turns.
var partnerFirms = []struct {
	code string
	late []int
}{{demo.StorySupplier, []int{0, 0, -1, 0, 0, 1, 0, 0}}, {"S-0105", []int{0, 0, 0, -1, 0, 0}}, {"S-0106", []int{0, 3, 0, 0, 2}}, {"S-0107", []int{0, 0, 4, 1}}, {"S-0108", []int{0, -1, 0}}, {"S-0109", []int{5, 0, 2, 8}}}

func (h *house) demoPartners(ctx context.Context, world *demo.World) (string, error) {
	p := &partnerPlayer{h: h, world: world, lots: map[int64]*warehouse.Inspection{}}
	clock := func() time.Time { return p.now }
	p.orders = c2mops.New(c2mops.Deps{Pool: h.db.Pool, Bus: h.bus, Clock: clock, Log: h.log, Zone: h.cfg.zone(), Suggestions: orderSuggestions{}, Dock: pastDock{p.lots}})
	p.suppliers, p.statements, p.finance = h.accountsAt(clock)
	var err error
	if p.ids, err = h.demoCodes(ctx, world); err != nil {
		return "", err
	}
	var all []string
	for _, s := range world.Suppliers {
		all = append(all, s.Code)
	}
	if p.firms, err = catalogdb.SupplierCodes(ctx, h.db.Pool, all); err != nil {
		return "", err
	}
	if p.buyer, err = h.demoUser(ctx, "zhoumin"); err != nil {
		return "", err
	}
	if p.boss, err = h.demoUser(ctx, "admin"); err != nil {
		return "", err
	}
	delivered, err := p.deliveries()
	if err != nil {
		return "", err
	}
	if err := p.papers(ctx); err != nil {
		return "", err
	}
	made, err := p.accounts()
	if err != nil {
		return "", err
	}
	lent, err := p.advances(ctx)
	if err != nil {
		return "", err
	}
	if err := p.together(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d deliveries, %d statements, %d advances", delivered, made, lent), nil
}

// pastDock tells of the lots of past deliveries.
type pastDock struct {
	lots map[int64]*warehouse.Inspection
}

func (d pastDock) Delivery(context.Context, pgdb.Querier, warehouse.DeliveryID) (*warehouse.Delivery, error) {
	return nil, warehouse.ErrNoDelivery
}
func (d pastDock) OrderArrivals(context.Context, pgdb.Querier, warehouse.DeliveryID) ([]warehouse.OrderArrival, error) {
	return nil, nil
}
func (d pastDock) DeliveryOfOrder(context.Context, pgdb.Querier, int64) (string, error) {
	return "", nil
}
func (d pastDock) Inspection(_ context.Context, _ pgdb.Querier, id int64) (*warehouse.Inspection, error) {
	if i, ok := d.lots[id]; ok {
		return i, nil
	}
	return nil, warehouse.ErrNoInspection
}

func (p *partnerPlayer) at(d calendar.Day, hour int) {
	p.now = d.In(p.h.cfg.zone()).Add(time.Duration(hour) * time.Hour)
	if real := time.Now(); p.now.After(real) {
		p.now = real
	}
}

// as gives a context in which a supplier's own people act.
func (p *partnerPlayer) as(code string) context.Context {
	return access.WithUser(p.buyer, access.User{Name: "供应商", Role: access.Supplier, Supplier: p.firms[code], Language: "zh"})
}

// goods gives the first kinds of goods that a supplier makes.
func (p *partnerPlayer) goods(code string, most int) []catalog.TermDraft {
	var out []catalog.TermDraft
	for _, t := range p.world.Terms {
		if t.SupplierCode == code && !t.Backup && len(out) < most {
			out = append(out, t)
		}
	}
	return out
}

// historyDays are the days before today on which orders of the past half year were due.
var historyDays = []int{165, 140, 118, 96, 78, 62, 47, 33, 20, 9}

// deliveries plays orders that came, each with the first inspection of its lot.
func (p *partnerPlayer) deliveries() (int, error) {
	n := 0
	for k, f := range partnerFirms {
		goods := p.goods(f.code, 2)
		for i, back := range historyDays {
			for j, t := range goods {
				due := p.world.Today.AddDays(-back - 2*j)
				late := f.late[(i+j)%len(f.late)]
				if err := p.deliver(f.code, t, due, late, i*10+j+k*1000); err != nil {
					return n, fmt.Errorf("%s, %s: %w", f.code, t.SKUCode, err)
				}
				n++
			}
		}
	}
	return n, nil
}

func (p *partnerPlayer) deliver(code string, t catalog.TermDraft, due calendar.Day, late, seed int) error {
	pieces := max(t.MOQ, t.Pack)
	p.at(due.AddDays(-14), 9)
	order, err := p.orders.CreateDraft(p.buyer, c2mops.NewOrder{Supplier: p.firms[code], ShipTo: p.ids.sites["JX"], Lines: []c2mops.NewLine{{SKU: p.ids.skus[t.SKUCode], Pieces: pieces, Due: &due}}})
	if err != nil {
		return err
	}
	if order, err = p.orders.Send(p.buyer, order.ID, c2mops.Sending{Revision: order.Revision, Prices: c2mops.KeepPrices}); err != nil {
		return err
	}
	p.now = p.now.Add(time.Duration(6+seed%40) * time.Hour)
	order, _, problems, err := p.orders.AnswerOnline(p.as(code), order.ID, order.Version(), []c2m.Reply{{Line: 1, SKU: order.Lines[0].SKU, Batches: []c2m.ReplyBatch{{Pieces: &pieces, Day: &due}}}})
	if err != nil || len(problems) > 0 {
		return errors.Join(err, fmt.Errorf("%v", problems))
	}
	if order.Undecided() > 0 {
		if order, _, err = p.orders.Accept(p.buyer, order.ID, order.Revision, c2m.Select{}, "按答复走"); err != nil {
			return err
		}
	}
	came := due.AddDays(late)
	p.at(came, 15)
	if _, err := p.orders.Receive(p.buyer, order.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{1: pieces}}); err != nil {
		return err
	}
	return p.inspect(code, order.Lines[0].SKU, pieces, came, seed%17 == 9, seed)
}

// pastInspections numbers the lots of the past beyond those of the docks.
const pastInspections = 9_000_000_000

// inspect enters the first inspection of a lot into its supplier's record.
func (p *partnerPlayer) inspect(code string, sku catalog.SKUID, pieces quantity.Pieces, day calendar.Day, refused bool, seed int) error {
	id := pastInspections + int64(len(p.lots)) + 1
	p.at(day, 16)
	decided := p.now
	i := &warehouse.Inspection{ID: id, Supplier: p.firms[code], SKU: sku, Lot: warehouse.Lot{Code: fmt.Sprintf("L%s%03d", day.Time().Format("060102"), seed%1000)}, Pieces: pieces, Examined: 80, Decided: &decided, DecidedBy: "吴桂芳"}
	if seed%6 == 5 {
		i.Minor = 1
	}
	if refused {
		i.Major, i.Failed = 4, []string{"major"}
	}
	p.lots[id] = i
	return p.orders.RecordLot(p.buyer, id)
}

// papers hands in papers that lapse soon, reminds of them, and plays the cards: a ban against which an appeal waits with one word on it, and
// a yellow card with an appeal that nobody has looked at.
func (p *partnerPlayer) papers(ctx context.Context) error {
	today := p.world.Today
	for i, left := range []int{6, 27, 55} {
		p.at(today.AddDays(-340), 10)
		c := c2m.Certificate{Supplier: p.firms[partnerFirms[i].code], Kind: c2m.CertificateOther, Number: fmt.Sprintf("ISO9001-%d-%03d", today.Year()-1, 210+i), Issuer: "中国质量认证中心", Scope: "质量管理体系",
			From: today.AddDays(-340), To: today.AddDays(left)}
		if _, err := p.orders.AddCertificate(p.buyer, c, nil); err != nil {
			return err
		}
	}
	banned := "S-0109"
	sku := p.ids.skus[p.goods(banned, 1)[0].SKUCode]
	for i := range quality.BanAfter {
		if err := p.inspect(banned, sku, 600, today.AddDays(-7+2*i), true, 700+i); err != nil {
			return err
		}
	}
	yellow := partnerFirms[2].code
	if err := p.inspect(yellow, p.ids.skus[p.goods(yellow, 1)[0].SKUCode], 600, today.AddDays(-2), true, 710); err != nil {
		return err
	}
	p.at(today.AddDays(-1), 11)
	for code, text := range map[string]string{banned: "样品受潮 附复检报告", yellow: "按旧图纸误判 请复核"} {
		cards, err := p.orders.Cards(p.buyer, p.firms[code], true)
		if err != nil {
			return err
		}
		for _, c := range cards[:min(1, len(cards))] {
			if _, err := p.orders.Appeal(p.as(code), c.ID, text); err != nil {
				return err
			}
			if code == banned {
				if _, err := p.orders.DecideAppeal(p.buyer, c.ID, true, "复检报告属实"); err != nil {
					return err
				}
			}
		}
	}
	p.now = time.Now()
	_, err := p.suppliers.Remind(p.h.asSystem(ctx))
	return err
}

// accounts makes the statements: older ones paid or agreed, the last month's in each state.
func (p *partnerPlayer) accounts() (int, error) {
	today := p.world.Today
	last := []statement.State{statement.Disputed, statement.Sent, statement.Accepted, statement.Draft, statement.Agreed, statement.Void}
	n := 0
	for i, f := range partnerFirms {
		id := p.firms[f.code]
		for _, span := range [][2]int{{200, 100}, {99, 56}} {
			s, err := p.account(f.code, id, today.AddDays(-span[0]), today.AddDays(-span[1]), today.AddDays(3-span[1]), statement.Agreed)
			if err != nil {
				return n, err
			}
			if s != nil {
				n++
				p.at(s.Due.AddDays(1), 10)
				if _, err := p.finance.SendPayments(p.h.asSystem(p.buyer)); err != nil {
					return n, err
				}
			}
		}
		s, err := p.account(f.code, id, today.AddDays(-55), today.AddDays(-6), today.AddDays(-4), last[i])
		if err != nil {
			return n, err
		}
		if s != nil {
			n++
		}
	}
	return n, nil
}

// account makes one statement and brings it to a state; nil when there was nothing to account for.
func (p *partnerPlayer) account(code string, id catalog.SupplierID, from, to, on calendar.Day, state statement.State) (*statement.Statement, error) {
	p.at(on, 9)
	s, err := p.statements.Make(p.buyer, id, from, to)
	if errors.Is(err, statement.ErrEmpty) {
		return nil, nil
	}
	if err != nil || state == statement.Draft {
		return s, err
	}
	if state == statement.Void {
		return p.statements.Withdraw(p.buyer, s.Number, 0, "期间选错，重做")
	}
	if s, err = p.statements.Send(p.buyer, s.Number, 0); err != nil || state == statement.Sent {
		return s, err
	}
	p.now = p.now.Add(20 * time.Hour)
	if state == statement.Disputed {
		at := slices.IndexFunc(s.Lines, func(l statement.Line) bool { return l.Kind == statement.Late })
		at = max(at, 0)
		l := s.Lines[at]
		claim := l.Amount * 9 / 10
		if l.Kind == statement.Late {
			claim = 0
		}
		s, err = p.statements.Say(p.as(code), s.Number, 0, []statementops.Saying{{Line: s.Lines[0].No, Agree: true}, {Line: l.No, Reason: "仓库排到次日", Claim: &claim}})
		return s, err
	}
	if s, err = p.statements.Say(p.as(code), s.Number, 0, nil); err != nil || state == statement.Accepted {
		return s, err
	}
	p.now = p.now.Add(5 * time.Hour)
	return p.statements.Agree(p.boss, s.Number, 0)
}

// advances plays an advance in each state.
func (p *partnerPlayer) advances(ctx context.Context) (int, error) {
	today := p.world.Today
	plan := []struct {
		code string
		back int // days before today
		to   finance.State
	}{{"S-0105", 74, finance.Drawn}, {"S-0108", 40, finance.Repaid}, {demo.StorySupplier, 20, finance.Drawn}, {"S-0106", 6, finance.Rejected}, {"S-0108", 5, finance.Withdrawn},
		{"S-0106", 4, finance.Approved}, {"S-0108", 3, finance.Endorsed}, {demo.StorySupplier, 1, finance.Applied}}
	n := 0
	for _, x := range plan {
		p.at(today.AddDays(-x.back), 10)
		f, err := p.finance.Facility(p.buyer, p.firms[x.code])
		if err != nil {
			return n, err
		}
		done := false
		for _, g := range f.Grounds {
			amount := min(g.Most(f.Rules), f.Left()) / 300_00 * 100_00 // a third, in whole hundreds
			if amount < 500_00 || done {
				continue
			}
			if err := p.lend(ctx, x.code, g, amount, x.to); err != nil {
				return n, fmt.Errorf("%s: %w", x.code, err)
			}
			done = true
			n++
		}
	}
	return n, nil
}

func (p *partnerPlayer) lend(ctx context.Context, code string, g finance.Ground, amount money.Fen, to finance.State) error {
	a, err := p.finance.Apply(p.as(code), financeops.Application{Base: g.Base, Document: g.Document, Amount: amount, Note: "备料周转"})
	if err != nil || to == finance.Applied {
		return err
	}
	switch to {
	case finance.Rejected:
		_, err = p.finance.Reject(p.buyer, a.Number, 0, "等上一期对账单锁定后再议")
		return err
	case finance.Withdrawn:
		_, err = p.finance.Withdraw(p.as(code), a.Number, "已自筹")
		return err
	}
	p.now = p.now.Add(2 * time.Hour)
	if _, err = p.finance.Approve(p.buyer, a.Number, 0, "订单已排产"); err != nil || to == finance.Endorsed {
		return err
	}
	p.now = p.now.Add(time.Hour)
	if _, err = p.finance.Approve(p.boss, a.Number, 0, ""); err != nil || to == finance.Approved {
		return err
	}
	if _, err = p.finance.Draw(p.as(code), a.Number, amount, "d1"); err != nil {
		return err
	}
	if _, err := p.finance.SendPayments(p.h.asSystem(ctx)); err != nil || to == finance.Drawn {
		return err
	}
	p.now = p.now.Add(30 * 24 * time.Hour)
	back, err := p.finance.Advance(p.buyer, a.Number)
	if err != nil {
		return err
	}
	_, err = p.finance.RecordRepayment(p.buyer, a.Number, back.Outstanding()+back.FeeDue, "CMB-20261018-0031")
	return err
}

// together plays what both sides plan by: capacity with a conflict, stock kept for the house, work in progress, rates and an offer in dollars.
func (p *partnerPlayer) together() error {
	p.now = time.Now()
	code := demo.StorySupplier
	sup, goods := p.as(code), p.goods(code, 3)
	monday := supplier.Monday(p.world.Today)
	var entries []supplier.Entry
	for i, t := range goods {
		for week := range 6 {
			entries = append(entries, supplier.Entry{SKU: p.ids.skus[t.SKUCode], Monday: monday.AddDays(7 * week), Pieces: quantity.Pieces(3600 - 600*i - 300*(week%3))})
		}
	}
	if _, err := p.suppliers.WriteCapacity(sup, 0, entries); err != nil {
		return err
	}
	clash := supplier.Entry{SKU: entries[1].SKU, Monday: entries[1].Monday, Pieces: 2400}
	if _, err := p.suppliers.WriteCapacity(p.buyer, p.firms[code], []supplier.Entry{clash}); err != nil {
		return err
	}
	var stock []supplierops.VMI
	for i, t := range goods {
		stock = append(stock, supplierops.VMI{SKU: p.ids.skus[t.SKUCode], OnHand: quantity.Pieces(900 + 700*i), Reserved: 300, InProduction: 1200, MinPieces: 800, MaxPieces: 2000, Day: p.world.Today})
	}
	if err := p.suppliers.ReportStock(sup, 0, stock); err != nil {
		return err
	}
	lines, err := p.suppliers.Work(sup, 0)
	if err != nil {
		return err
	}
	var progress []supplierops.Progress
	for i, l := range lines[:min(2, len(lines))] {
		progress = append(progress, supplierops.Progress{Order: l.Order, Line: l.Line, Stage: "material", Done: l.Pieces}, supplierops.Progress{Order: l.Order, Line: l.Line, Stage: "production", Done: l.Pieces * quantity.Pieces(2-i) / 3})
	}
	if len(progress) > 0 {
		if err := p.suppliers.ReportProgress(sup, 0, progress); err != nil {
			return err
		}
	}
	for c, rate := range map[supplier.Currency]supplier.Rate{"USD": 7_108_000, "NZD": 4_215_000, "EUR": 7_742_000} {
		if err := p.suppliers.SaveRate(p.buyer, c, rate); err != nil {
			return err
		}
	}
	sku := p.ids.skus[goods[0].SKUCode]
	return p.suppliers.SaveOffer(p.buyer, supplier.Offer{Supplier: p.firms["S-0104"], SKU: sku, Currency: "USD", Incoterm: supplier.FOB, From: 1, Price: 118, Freight: 1600, DutyBP: 650, VATBP: 1300, LeadDays: 45, MOQ: 3000})
}
