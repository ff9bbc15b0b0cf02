package console

import (
	"context"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// todo is one thing that waits for the reader: what, with its numbers, and the button that leads there.
type todo struct {
	Icon         string
	Tone         ui.Tone
	Title, Note  string
	Button, Href string
}

// todoMost is how many things the page of the day asks of one reader.
const todoMost = 5

// mattersFor collects what may wait for a reader.
type mattersFor struct {
	Today
	page  *todayPage
	sites []catalog.SiteRecord
	lines []replenishops.Line // undecided suggestions, the first to run out first
}

// matters fills the list of what waits for the reader, in the order of the reader's job.
func (s Today) matters(ctx context.Context, p *todayPage, sites []catalog.SiteRecord) error {
	m := mattersFor{Today: s, page: p, sites: sites}
	if desk.Can(ctx, access.ViewSuggestions) {
		l, err := s.Plan.List(ctx, replenishops.Filter{View: "open", Sort: "stockout", Limit: 400})
		if err != nil {
			return err
		}
		m.lines = l.Lines
	}
	u, _ := access.FromContext(ctx)
	for _, part := range m.order(u.Role) {
		list, err := part(ctx)
		if err != nil {
			return err
		}
		if p.Todo = append(p.Todo, list...); len(p.Todo) >= todoMost {
			p.Todo = p.Todo[:todoMost]
			return nil
		}
	}
	return nil
}

func (m mattersFor) order(r access.Role) []func(context.Context) ([]todo, error) {
	switch r {
	case access.Planner:
		return []func(context.Context) ([]todo, error){m.failedRun, m.heat, m.complaints, m.unproven, m.gaps, m.weakClass, m.transfers, m.expiring, m.answers, m.soldOut}
	case access.Lead, access.Warehouse:
		return []func(context.Context) ([]todo, error){m.complaints, m.arriving, m.soldOut, m.transfers, m.expiring, m.late, m.heat}
	}
	return []func(context.Context) ([]todo, error){m.heat, m.answers, m.partners, m.gaps, m.drafts, m.late, m.expiring, m.complaints, m.transfers, m.failedRun, m.soldOut}
}

// decideWord is "approve" for those who may, "look" for the others.
func decideWord(ctx context.Context) string {
	if mayDecide(ctx) {
		return ui.T(ctx, "today.do_review")
	}
	return ui.T(ctx, "today.do_look")
}

// group adds up suggestions.
type group struct {
	n      int
	money  money.Fen
	pieces quantity.Pieces
	lost   money.Fen
	first  replenishops.Line // the one that runs out first
}

func (g *group) add(l replenishops.Line) {
	if g.n == 0 || earlier(l.StockoutDay, g.first.StockoutDay) {
		g.first = l
	}
	g.n, g.money, g.pieces, g.lost = g.n+1, g.money+l.Money, g.pieces+l.Quantity(), g.lost+l.LostMoney
}

func earlier(a, b *calendar.Day) bool { return a != nil && (b == nil || *a < *b) }

// worst says where and when the group runs out first, empty when it does not.
func (m mattersFor) worst(ctx context.Context, g group) string {
	if g.first.StockoutDay == nil {
		return ""
	}
	site, _ := desk.SiteByID(m.sites, g.first.Site)
	place := siteShort(ctx, site)
	if site.ID == 0 {
		place = ui.Name(ctx, g.first.SiteName)
	}
	return ui.T(ctx, "today.runs_out", "Site", place, "Day", *g.first.StockoutDay)
}

// partners says what waits with suppliers: papers that lapse and appeals, statements and advances.
func (m mattersFor) partners(ctx context.Context) ([]todo, error) {
	if m.Partners == nil || !desk.Can(ctx, access.ViewSuppliers) {
		return nil, nil
	}
	p, err := m.Partners(ctx)
	if err != nil {
		return nil, err
	}
	var out []todo
	if p.Lapsing+p.Lapsed+p.Appeals > 0 {
		tone := ui.Watch
		if p.Lapsed > 0 {
			tone = ui.Risk
		}
		out = append(out, todo{Icon: "shield-check", Tone: tone, Title: ui.T(ctx, "books.todo_papers", ui.Count, p.Lapsing+p.Lapsed, "Lapsed", p.Lapsed), Note: ui.T(ctx, "books.todo_appeals", ui.Count, p.Appeals),
			Button: ui.T(ctx, "today.do_look"), Href: "/papers"})
	}
	if p.Statements+p.Advance > 0 {
		href := "/statements"
		if p.Statements == 0 {
			href = "/advances"
		}
		out = append(out, todo{Icon: "receipt", Tone: ui.Act, Title: ui.T(ctx, "books.todo_statements", ui.Count, p.Statements), Note: ui.T(ctx, "books.todo_advances", ui.Count, p.Advance), Button: ui.T(ctx, "today.do_look"), Href: href})
	}
	return out, nil
}

func (m mattersFor) heat(ctx context.Context) ([]todo, error) {
	groups := map[catalog.Name]*group{}
	var names []catalog.Name
	for _, l := range m.lines {
		if l.Reason != replenishment.ReasonHeat || l.Kind != replenishment.Buy {
			continue
		}
		if groups[l.Topic] == nil {
			groups[l.Topic] = &group{}
			names = append(names, l.Topic)
		}
		groups[l.Topic].add(l)
	}
	slices.SortStableFunc(names, func(a, b catalog.Name) int { return int(min(max(groups[b].money-groups[a].money, -1), 1)) })
	var out []todo
	for _, n := range names[:min(len(names), 2)] {
		g := groups[n]
		title := ui.T(ctx, "today.heat_look", "Topic", ui.Name(ctx, n))
		if mayDecide(ctx) {
			title = ui.T(ctx, "today.heat_buy", "Topic", ui.Name(ctx, n))
		}
		out = append(out, todo{Icon: "flame", Tone: ui.Heat, Title: title,
			Note:   desk.Dots(ui.T(ctx, "today.lines_money", ui.Count, g.n, "Money", g.money), m.worst(ctx, *g)),
			Button: decideWord(ctx), Href: "/suggestions?kind=buy&reason=heat&sort=stockout"})
	}
	return out, nil
}

func (m mattersFor) gaps(ctx context.Context) ([]todo, error) {
	var g group
	for _, l := range m.lines {
		if l.Reason == replenishment.ReasonGap && l.Kind == replenishment.Buy {
			g.add(l)
		}
	}
	if g.n == 0 {
		return nil, nil
	}
	return []todo{{Icon: "alert-octagon", Tone: ui.Risk, Title: ui.T(ctx, "today.gaps", ui.Count, g.n),
		Note:   desk.Dots(ui.T(ctx, "today.lost", "Money", g.lost), ui.Name(ctx, g.first.SKUName), m.worst(ctx, g)),
		Button: decideWord(ctx), Href: "/suggestions?kind=buy&reason=gap&sort=stockout"}}, nil
}

func (m mattersFor) transfers(ctx context.Context) ([]todo, error) {
	var g group
	for _, l := range m.lines {
		if l.Kind == replenishment.Transfer {
			g.add(l)
		}
	}
	if g.n == 0 {
		return nil, nil
	}
	return []todo{{Icon: "arrows-exchange", Tone: ui.Stock, Title: ui.T(ctx, "today.transfers", ui.Count, g.n),
		Note: desk.Dots(ui.T(ctx, "today.pieces", ui.Count, g.pieces), m.worst(ctx, g)), Button: decideWord(ctx), Href: "/suggestions?kind=transfer&sort=stockout"}}, nil
}

func (m mattersFor) expiring(ctx context.Context) ([]todo, error) {
	best, n := replenishops.Line{}, 0
	for _, l := range m.lines {
		if l.Kind == replenishment.Clear && l.Reason == replenishment.ReasonExpiry {
			if n++; l.Money > best.Money {
				best = l
			}
		}
	}
	if n == 0 {
		return nil, nil
	}
	site, _ := desk.SiteByID(m.sites, best.Site)
	return []todo{{Icon: "hourglass", Tone: ui.Watch, Title: ui.T(ctx, "today.expiring", "Name", ui.Name(ctx, best.SKUName), "Site", siteShort(ctx, site)),
		Note:   ui.T(ctx, "today.expiring_note", "Quantity", ui.Quantity(ctx, best.Quantity(), best.Unit), "Money", best.Money, ui.Count, n),
		Button: decideWord(ctx), Href: "/suggestions?kind=clear&open=" + desk.SuggestionText(best.ID)}}, nil
}

func (m mattersFor) answers(ctx context.Context) ([]todo, error) {
	if m.page.Orders == nil {
		return nil, nil
	}
	var out []todo
	for _, o := range m.page.Orders.Answered[:min(len(m.page.Orders.Answered), 2)] {
		out = append(out, todo{Icon: "building-factory-2", Tone: ui.Watch, Title: ui.T(ctx, "today.answered", "Supplier", ui.Name(ctx, o.Supplier)),
			Note: ui.T(ctx, "today.answered_note", "Number", o.Number, "Lines", o.Lines, ui.Count, o.Undecided), Button: ui.T(ctx, "today.do_differences"), Href: "/orders/" + o.Number})
	}
	return out, nil
}

func (m mattersFor) drafts(ctx context.Context) ([]todo, error) {
	o := m.page.Orders
	if o == nil || o.Drafts == 0 || len(o.Drafted) == 0 {
		return nil, nil
	}
	t := todo{Icon: "send", Tone: ui.Act, Title: ui.T(ctx, "today.drafts", ui.Count, o.Drafts), Button: ui.T(ctx, "today.do_send"), Href: "/orders?state=draft",
		Note: desk.Dots(ui.YuanRound(o.DraftMoney), ui.Name(ctx, o.Drafted[0].Supplier))}
	if o.Drafts == 1 {
		t.Href = "/orders/" + o.Drafted[0].Number
	}
	return []todo{t}, nil
}

func (m mattersFor) late(ctx context.Context) ([]todo, error) {
	if m.page.Orders == nil || len(m.page.Orders.Overdue) == 0 {
		return nil, nil
	}
	o := m.page.Orders.Overdue[0]
	t := todo{Icon: "clock-exclamation", Tone: ui.Risk, Button: ui.T(ctx, "today.do_chase"), Href: "/orders/" + o.Number, Title: ui.T(ctx, "today.answer_late", "Supplier", ui.Name(ctx, o.Supplier)),
		Note: desk.Dots(o.Number, ui.Name(ctx, o.Goods))}
	if !o.AnswerLate && o.Due != nil {
		t.Title = ui.T(ctx, "today.late", "Supplier", ui.Name(ctx, o.Supplier), ui.Count, ui.Today(ctx).Sub(*o.Due))
	}
	if n := m.page.Orders.Late; n > 1 {
		t.Note = desk.Dots(t.Note, ui.T(ctx, "today.late_all", ui.Count, n))
	}
	return []todo{t}, nil
}

// arriving is what comes in next, for those who may open the order.
func (m mattersFor) arriving(ctx context.Context) ([]todo, error) {
	a := m.page.Arrivals
	if a == nil || a.Next == "" || !desk.Can(ctx, access.ViewOrders) || a.Day.Sub(ui.Today(ctx)) > 2 {
		return nil, nil
	}
	return []todo{{Icon: "truck", Tone: ui.Act, Title: ui.T(ctx, "today.arriving", "Day", a.Day, ui.Count, a.Pieces), Note: desk.Dots(a.Next, ui.T(ctx, "today.week_total", ui.Count, a.Week)),
		Button: ui.T(ctx, "today.do_look"), Href: "/orders/" + a.Next}}, nil
}

// complaints are quality alerts that nobody has taken note of.
func (m mattersFor) complaints(ctx context.Context) ([]todo, error) {
	spikes, err := m.spikes(ctx)
	if err != nil {
		return nil, err
	}
	var out []todo
	for _, x := range spikes {
		if x.Topic.Kind == catalog.ComplaintTopic && x.SeenAt == nil {
			out = append(out, todo{Icon: "alert-triangle", Tone: ui.Risk, Title: ui.T(ctx, "today.complaint", "Topic", ui.Name(ctx, x.Topic.Name), "Ratio", ui.Times(x.Spike.Ratio)),
				Note:   ui.T(ctx, "today.complaint_note", "Source", sourceName(ctx, x.Spike.Source), "Day", x.Spike.Start),
				Button: ui.T(ctx, "today.do_look"), Href: "/demand/topics/" + x.Topic.Code})
		}
	}
	return out[:min(len(out), 1)], nil
}

// unproven are hot topics of which it is not proven that they bring sales: the planner may look whether they should.
func (m mattersFor) unproven(ctx context.Context) ([]todo, error) {
	spikes, err := m.spikes(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range spikes {
		if x.Topic.Kind == catalog.DemandTopic && !x.Proven && x.SeenAt == nil {
			return []todo{{Icon: "flame", Tone: ui.Heat, Title: ui.T(ctx, "today.unproven", "Topic", ui.Name(ctx, x.Topic.Name), "Ratio", ui.Times(x.Spike.Ratio)),
				Note: ui.T(ctx, "today.unproven_note", "Day", x.Spike.Start), Button: ui.T(ctx, "today.do_look"), Href: "/demand/topics/" + x.Topic.Code}}, nil
		}
	}
	return nil, nil
}

func (m mattersFor) spikes(ctx context.Context) ([]forecasting.SpikeRecord, error) {
	if !desk.Can(ctx, access.ViewDemand) {
		return nil, nil
	}
	return m.Forecasts.Spikes(ctx)
}

func (m mattersFor) failedRun(ctx context.Context) ([]todo, error) {
	if r := m.page.Running; r != nil && r.State == forecasting.RunFailed {
		return []todo{{Icon: "alert-triangle", Tone: ui.Risk, Title: ui.T(ctx, "today.failed", "Moment", ui.Moment(ctx, r.AskedAt)),
			Note: ui.T(ctx, "today.failed_note", "Done", r.SeriesDone, "Total", r.Series), Button: ui.T(ctx, "today.do_handle"), Href: "/runs"}}, nil
	}
	return nil, nil
}

// weakClass is the class of demand whose forecast is worse than the naive one.
func (m mattersFor) weakClass(ctx context.Context) ([]todo, error) {
	a := m.page.Dash.Run.Accuracy
	if a == nil {
		return nil, nil
	}
	worst := -1
	for i, c := range a.Classes {
		if c.FVA() < 0 && c.Actual > 0 && (worst < 0 || c.FVA() < a.Classes[worst].FVA()) {
			worst = i
		}
	}
	if worst < 0 {
		return nil, nil
	}
	c := a.Classes[worst]
	return []todo{{Icon: "chart-dots", Tone: ui.Forecast, Title: ui.T(ctx, "today.weak", "Class", classWord(ctx, c.Class)),
		Note: ui.T(ctx, "today.weak_note", "WAPE", percentOf(c.WAPE, 1), "Naive", percentOf(c.Naive, 1)), Button: ui.T(ctx, "today.do_look"), Href: "/runs"}}, nil
}

// soldOut counts what stands empty.
func (m mattersFor) soldOut(ctx context.Context) ([]todo, error) {
	out, soon := m.page.ranked(0), m.page.ranked(1)
	if out+soon == 0 {
		return nil, nil
	}
	href, title := "/stock?rank=0", ui.T(ctx, "today.sold_out", ui.Count, out)
	if out == 0 {
		href, title = "/stock?rank=1", ui.T(ctx, "today.ending", ui.Count, soon)
	}
	if m.page.Site.Code != "" {
		href += "&site=" + m.page.Site.Code
	}
	return []todo{{Icon: "circle-x", Tone: ui.Risk, Title: title, Note: ui.T(ctx, "today.sold_out_note", ui.Count, soon), Button: ui.T(ctx, "today.do_look"), Href: href}}, nil
}

func topicPath(t catalog.Topic) string { return "/demand/topics/" + t.Code }
