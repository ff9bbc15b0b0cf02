package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Today is the page of the day: where the line from heat to the shelf stands, and what waits for the reader.
type Today struct {
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
	Orders    FactoryDesk // nil leaves factory orders out
	// Partners tells what waits with suppliers: papers, appeals, statements and advances; nil leaves it out.
	Partners func(context.Context) (PartnerMatters, error)
}

// PartnerMatters counts what waits for the house with suppliers.
type PartnerMatters struct {
	Lapsing, Lapsed     int // certificates within the longest reminder, and those that have lapsed
	Appeals             int
	Statements, Advance int // disputed or to agree to; to approve
}

// FactoryDesk tells the page of the day and the search about factory orders.
type FactoryDesk interface {
	// Standing gives what the user may see of the orders in work, the late ones and those that wait for the buyer.
	Standing(ctx context.Context) (FactoryStanding, error)
	// Arrivals gives what the user's sites may expect of factories in the days to come, and what has not come in time.
	Arrivals(ctx context.Context) (FactoryArrivals, error)
	// Find gives up to limit orders that a text means: number, supplier or goods.
	Find(ctx context.Context, text string, limit int) ([]FactoryOrderBrief, error)
}

// FactoryStanding is where the factory orders stand.
type FactoryStanding struct {
	Working    int // sent and not yet received whole
	Late       int // promised for before today, or the answer overdue
	Drafts     int
	DraftMoney money.Fen
	// Answered, Overdue and Drafted hold a few of each, the most urgent first.
	Answered, Overdue, Drafted []FactoryOrderBrief
}

// FactoryArrivals is what is on its way to the user's sites: the pieces of the next seven days, today among them, and
// the orders with goods that should have come before today.
type FactoryArrivals struct {
	Week, Today quantity.Pieces
	Overdue     int
	// Next is the next order of which goods are expected, its Day and Pieces; empty for none.
	Next   string
	Day    calendar.Day
	Pieces quantity.Pieces
}

// FactoryOrderBrief is an order in one line.
type FactoryOrderBrief struct {
	Number     string
	State      string // a status of the kind "order"
	Supplier   catalog.Name
	Goods      catalog.Name // of the first line
	Lines      int
	Undecided  int // differences that wait for a decision
	Money      money.Fen
	Due        *calendar.Day // the next day on which goods are expected
	AnswerLate bool          // the answer is overdue, not the goods
}

// Screens gives the routes of the page of the day.
func (s Today) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/today", access.Console, s.show),
			route.GET("/today/line", access.Console, s.line),
			route.GET("/today/todo", access.Console, s.todo),
		},
		Menu: []ui.MenuItem{{Key: "today", Path: "/today", Permission: access.Console}},
	}
}

// todayPage is what the page of the day shows. Parts that the reader may not see are empty.
type todayPage struct {
	Site       catalog.Site // picked in the top bar; its zero value for all
	Dash       forecasting.Dashboard
	Running    *forecasting.Run // the run under way, or one that failed last
	Planning   *replenishops.Run
	Planned    bool // a plan has been made
	Tallies    []replenishops.Tally
	Ranks      []replenishops.RankCount
	Totals     replenishops.Totals
	Orders     *FactoryStanding
	Arrivals   *FactoryArrivals
	Todo       []todo
	Topics     []forecasting.TopicStanding
	AllTopics  int
	TopicStock map[catalog.TopicID]replenishops.TopicStock
	Cover      ui.CoverMatrix
}

func (p todayPage) waiting() (n int, fen money.Fen) {
	for _, t := range p.Tallies {
		n, fen = n+t.Count, fen+t.Money
	}
	return n, fen
}

// ranked counts the SKUs whose stock has one of the ranks.
func (p todayPage) ranked(ranks ...int16) (n int) {
	for _, r := range p.Ranks {
		if slices.Contains(ranks, r.Rank) {
			n += r.Count
		}
	}
	return n
}

func (s Today) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return err
	}
	ctx, site := atPickedSite(ctx, sites)
	p := todayPage{Site: site}
	category := catalog.CategoryID(desk.Number(r.URL.Query().Get("category")))
	if err := s.demand(ctx, &p, category); err != nil {
		return err
	}
	if err := s.supply(ctx, &p); err != nil {
		return err
	}
	if err := s.matters(ctx, &p, sites); err != nil {
		return err
	}
	if err := s.cover(ctx, &p, sites); err != nil {
		return err
	}
	return route.Render(w, r, todayScreen(p))
}

// line answers the line of the day alone, for the live page.
func (s Today) line(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return err
	}
	ctx, site := atPickedSite(ctx, sites)
	p := todayPage{Site: site}
	if err := s.demand(ctx, &p, 0); err != nil {
		return err
	}
	if err := s.supply(ctx, &p); err != nil {
		return err
	}
	return route.Render(w, r, todayLine(p))
}

// todo answers what waits for the reader alone, for the live page.
func (s Today) todo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return err
	}
	ctx, site := atPickedSite(ctx, sites)
	p := todayPage{Site: site}
	if err := s.demand(ctx, &p, 0); err != nil {
		return err
	}
	if err := s.supply(ctx, &p); err != nil {
		return err
	}
	if err := s.matters(ctx, &p, sites); err != nil {
		return err
	}
	return route.Render(w, r, todayTodo(p))
}

// demand reads sales, forecast and heat.
func (s Today) demand(ctx context.Context, p *todayPage, category catalog.CategoryID) (err error) {
	if !desk.Can(ctx, access.ViewDemand) {
		return nil
	}
	if p.Dash, err = s.Forecasts.Dashboard(ctx, category); err != nil {
		return err
	}
	run, err := s.Forecasts.RunProgress(ctx)
	if err == nil && (run.Open() || run.State == forecasting.RunFailed) {
		p.Running = &run
	} else if err != nil && !errors.Is(err, forecasting.ErrNoRun) {
		return err
	}
	all, err := s.Forecasts.Topics(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(t forecasting.TopicStanding) bool { return t.Kind != catalog.DemandTopic })
	// Open spikes come first, each group by how far above its usual.
	slices.SortStableFunc(all, func(a, b forecasting.TopicStanding) int {
		if (a.Spike != 0) != (b.Spike != 0) {
			return map[bool]int{true: -1, false: 1}[a.Spike != 0]
		}
		return 0
	})
	p.AllTopics, p.Topics = len(all), all[:min(len(all), 5)]
	ids := make([]catalog.TopicID, len(p.Topics))
	for i, t := range p.Topics {
		ids[i] = t.ID
	}
	if len(ids) > 0 && desk.Can(ctx, access.ViewStock) {
		p.TopicStock, err = s.Plan.TopicStocks(ctx, ids...)
	}
	return err
}

// supply reads suggestions, orders and stock.
func (s Today) supply(ctx context.Context, p *todayPage) error {
	runs, err := s.Plan.Runs(ctx, 1)
	if err != nil {
		return err
	}
	if len(runs) > 0 {
		p.Planned = true
		if runs[0].State == "running" {
			p.Planning = &runs[0]
		}
	}
	if desk.Can(ctx, access.ViewSuggestions) {
		if p.Tallies, err = s.Plan.WaitingTallies(ctx); err != nil {
			return err
		}
	}
	if desk.Can(ctx, access.ViewStock) {
		page, err := s.Plan.StockPage(ctx, replenishops.StockQuery{Site: p.Site.ID, Limit: 1}, nil)
		if err != nil {
			return err
		}
		p.Ranks = page.Ranks
		if page.Site == 0 {
			if p.Totals, err = s.Plan.StockTotals(ctx); err != nil {
				return err
			}
		}
	}
	if s.Orders != nil && desk.Can(ctx, access.ViewOrders) {
		o, err := s.Orders.Standing(ctx)
		if err != nil {
			return err
		}
		p.Orders = &o
	}
	if s.Orders != nil && desk.Can(ctx, access.ViewStock) && !desk.Can(ctx, access.EditOrders) {
		a, err := s.Orders.Arrivals(ctx)
		if err != nil {
			return err
		}
		p.Arrivals = &a
	}
	return nil
}

// coverColumns and coverRows bound the matrix to what a card holds.
const (
	coverColumns = 6
	coverRows    = 9
)

// cover puts the matrix of days of cover together: the sites from far to near by the largest categories.
func (s Today) cover(ctx context.Context, p *todayPage, sites []catalog.SiteRecord) error {
	if !desk.Can(ctx, access.ViewStock) {
		return nil
	}
	cells, err := s.Plan.Cover(ctx)
	if err != nil || len(cells) == 0 {
		return err
	}
	categories, err := s.Catalog.Categories(ctx)
	if err != nil {
		return err
	}
	columns := coverCategories(cells, categories)
	m := ui.CoverMatrix{Label: ui.T(ctx, "today.cover")}
	for _, c := range columns {
		m.Columns = append(m.Columns, ui.Name(ctx, c.Name))
	}
	for _, site := range sites {
		row := ui.CoverRow{Name: siteShort(ctx, site.Site)}
		any := false
		for _, c := range columns {
			i := slices.IndexFunc(cells, func(x replenishops.CoverCell) bool { return x.Site == site.ID && x.Category == c.ID })
			if i < 0 {
				row.Cells = append(row.Cells, ui.CoverCell{None: true})
				continue
			}
			any = true
			cell := coverCell(ctx, cells[i])
			cell.Href = "/stock?site=" + site.Code + "&category=" + strconv.Itoa(int(c.ID))
			row.Cells = append(row.Cells, cell)
		}
		if any && len(m.Rows) < coverRows {
			m.Rows = append(m.Rows, row)
		}
	}
	p.Cover = m
	return nil
}

// coverCategories picks the top categories with the most pieces.
func coverCategories(cells []replenishops.CoverCell, all []catalog.CategoryRecord) []catalog.Category {
	skus := map[catalog.CategoryID]int{}
	for _, c := range cells {
		skus[c.Category] += c.SKUs
	}
	var out []catalog.Category
	for _, c := range all {
		if c.Parent == 0 && skus[c.ID] > 0 {
			out = append(out, c.Category)
		}
	}
	slices.SortStableFunc(out, func(a, b catalog.Category) int { return skus[b.ID] - skus[a.ID] })
	return out[:min(len(out), coverColumns)]
}

// coverCell gives the days of those that give the cell its state: a category that is full as a whole says nothing of the SKUs in it
// that run out.
func coverCell(ctx context.Context, c replenishops.CoverCell) ui.CoverCell {
	cell := ui.CoverCell{Days: c.CoverDays, State: coverState(c)}
	short := 0
	switch cell.State {
	case "running_out":
		cell.Days, short = c.OutDays, c.Out
	case "low":
		cell.Days, short = c.ShortDays, c.Short
	default:
		return cell
	}
	cell.Note = ui.T(ctx, "today.cover_of", ui.Count, short, "SKUs", ui.Int(int64(c.SKUs)), "Days", ui.Days(c.CoverDays))
	return cell
}

// coverState says a cell in the worst word that a fair share of its SKUs deserve: a tenth for what runs out, a fifth for what
// is low, a third for too much.
func coverState(c replenishops.CoverCell) string {
	switch {
	case c.Out > 0 && c.Out*10 >= c.SKUs:
		return "running_out"
	case c.Short > 0 && c.Short*5 >= c.SKUs:
		return "low"
	case c.TooMuch > 0 && c.TooMuch*3 >= c.SKUs:
		return "too_much"
	}
	return "enough"
}
