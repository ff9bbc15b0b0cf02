package campaigns

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Usual values of a plan: the latest date looked at, in days, and what a piece costs that nobody pledged, in fen: a tenth of a usual margin
// lost to holding and clearing it.
const (
	usualDays              = 60
	usualSurplus money.Fen = 300
)

// planPage lets the buyer choose between an early and a cheap date.
type planPage struct {
	*campaign.Campaign
	*desk.Posted
	Plan      *campaignops.Plan
	Fault     *route.Refusal // why there is no plan
	Suppliers map[catalog.SupplierID]catalog.Supplier
	Rule      campaignops.Rule
	Days      int // of the point chosen
	Chosen    lotplan.Point
	Lots      []lotplan.Lot // of the point chosen
	Buy       []purchase
	Expected  quantity.Pieces // at the deadline, beyond what is pledged
	Edit      bool
	Why       []lotplan.Reason // of the point chosen
}

func (s Pages) plan(w http.ResponseWriter, r *http.Request) error {
	posted := &desk.Posted{Ctx: r.Context(), Form: r.URL.Query(), Errors: map[string]string{}}
	p, err := s.planOf(r, posted)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !p.OK() {
		status = http.StatusUnprocessableEntity
	}
	return route.RenderStatus(w, r, status, planScreen(p))
}

// planOf reckons the plan that the form asks for.
func (s Pages) planOf(r *http.Request, posted *desk.Posted) (*planPage, error) {
	ctx := r.Context()
	c, here, err := s.find(r)
	if err != nil {
		return nil, err
	}
	switch {
	case c.SKU == 0 || c.ShipTo == 0:
		return nil, route.Conflict("campaigns.refused.goods").With("campaigns.refused.to_goods", here+"/goods")
	case !c.MayOrder():
		return nil, route.Conflict("campaigns.refused.not_yet").With("campaigns.refused.to_page", here)
	}
	p := &planPage{Campaign: c, Posted: posted, Edit: desk.Can(ctx, access.EditOrders)}
	lots, err := s.Ops.Lots(ctx, c)
	if err != nil {
		return nil, err
	}
	work, err := s.Ops.LotWork(ctx, c, lots)
	if err != nil {
		return nil, err
	}
	p.Rule = work.Selling.Rule
	m := p.making()
	if !p.OK() {
		return p, nil
	}
	if p.Plan, err = s.Ops.PlanLots(ctx, c.ID, m); err != nil {
		if p.Fault = route.Explain(err, explainCampaign); p.Fault == nil {
			return nil, err
		}
		return p, nil
	}
	ids := make([]catalog.SupplierID, 0, len(p.Plan.Offers))
	for _, q := range p.Plan.Offers {
		ids = append(ids, q.Supplier)
	}
	if p.Suppliers, err = s.Codes.Suppliers(ctx, ids...); err != nil {
		return nil, err
	}
	p.choose(s.Ops.Today())
	p.Why = p.Plan.Why
	if p.Days != p.Plan.Frontier[len(p.Plan.Frontier)-1].Days {
		m.DueDays = p.Days
		earlier, err := s.Ops.PlanLots(ctx, c.ID, m)
		if err != nil {
			return nil, err
		}
		p.Why = earlier.Why
	}
	for i, b := range campaignops.Purchases(p.Plan.Made+p.Plan.Need, work.Bill) {
		p.Buy = append(p.Buy, purchase{work.Bill[i], b.Gross, b.Net, b.Buy})
	}
	return p, nil
}

// making reads what is to be made; what is not said is the usual.
func (p *planPage) making() campaignops.Making {
	m := campaignops.Making{Extra: p.Pieces("extra"), DueDays: usualDays, Surplus: usualSurplus, MinGrade: p.Small("grade"), Release: p.Rule.Release()}
	if p.Text("within") != "" {
		m.DueDays = p.Small("within")
	}
	if p.Text("surplus") != "" {
		m.Surplus = p.Yuan("surplus")
	}
	if p.Text("first") != "" {
		m.Release.FirstShare = p.Small("first")
	}
	if p.Text("grade") == "" {
		m.MinGrade = -9
	}
	slack := p.Decimal("slack")
	m.ShareSlackBP = int(math.Round(slack * 100))
	for _, c := range []struct {
		field string
		bad   bool
		word  string
	}{{"slack", slack < 0 || slack > 20, "slack"}, {"extra", m.Extra < 0 || m.Extra > campaign.MaxPieces, "extra"}, {"within", m.DueDays < 1 || m.DueDays > 365, "days"}, {"surplus", m.Surplus < 0 || m.Surplus > campaign.MaxPrice, "surplus"},
		{"grade", m.MinGrade < -9 || m.MinGrade > 9, "grade"}, {"first", m.Release.FirstShare < 1 || m.Release.FirstShare > 100, "share"}} {
		if c.bad {
			p.Bad(c.field, "campaigns.plan.bad_"+c.word)
		}
	}
	return m
}

// choose takes the point that was asked for, or the cheapest, and cuts it into lots.
func (p *planPage) choose(today calendar.Day) {
	p.Chosen = p.Plan.Frontier[len(p.Plan.Frontier)-1]
	if n, err := strconv.Atoi(p.Text("days")); err == nil {
		for _, x := range p.Plan.Frontier {
			if x.Days == n {
				p.Chosen = x
			}
		}
	}
	p.Days = p.Chosen.Days
	moq := map[string]quantity.Pieces{}
	for _, q := range p.Plan.Offers {
		moq[desk.Itoa(q.Supplier)] = q.MOQ
	}
	rule := p.Rule.Release()
	if p.Text("first") != "" {
		rule.FirstShare = p.Small("first")
	}
	p.Lots = lotplan.Lots(p.Chosen.Split, p.Plan.Open(), rule, moq, today)
	lotplan.Assign(p.Lots, []lotplan.Claim{{Seq: 1, Pieces: p.Plan.Open()}})
}

// at gives this page's address with another point chosen.
func (p *planPage) at(days int) string {
	q := url.Values{}
	for _, k := range planFields {
		if v := p.Text(k); v != "" {
			q.Set(k, v)
		}
	}
	q.Set("days", strconv.Itoa(days))
	return campaignHref(p.Number) + "/plan?" + q.Encode()
}

// factory names the factory of a part.
func (p *planPage) factory(ctx context.Context, id string) string {
	n, err := strconv.ParseInt(id, 10, 32)
	if err != nil {
		return id
	}
	return ui.Name(ctx, p.Suppliers[catalog.SupplierID(n)].Name)
}

// factories counts the factories of the point chosen that get an order now.
func (p *planPage) factories() int {
	seen := map[string]bool{}
	for _, l := range p.Lots {
		if !l.Held {
			seen[l.Factory] = true
		}
	}
	return len(seen)
}

// dearer is what a point costs above the cheapest.
func (p *planPage) dearer(x lotplan.Point) money.Fen {
	return x.Cost - p.Plan.Frontier[len(p.Plan.Frontier)-1].Cost
}

// each is what a piece of a point costs, all included.
func each(x lotplan.Point, need quantity.Pieces) money.Fen {
	if need == 0 {
		return 0
	}
	return (x.Cost + money.Fen(need)/2) / money.Fen(need)
}

func (s Pages) orderLots(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	posted, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	p, err := s.planOf(r, posted)
	if err != nil {
		return err
	}
	if !p.OK() || p.Plan == nil {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, planScreen(p))
	}
	if p.Text("days") != "" && p.Text("days") != strconv.Itoa(p.Days) {
		return route.Conflict("campaigns.refused.plan_moved").With("campaigns.refused.to_plan", p.at(p.Days))
	}
	if cost := p.Text("cost"); cost != "" && cost != strconv.FormatInt(int64(p.Chosen.Cost), 10) {
		return route.Conflict("campaigns.refused.plan_moved").With("campaigns.refused.to_plan", p.at(p.Days))
	}
	revision, _ := strconv.ParseInt(posted.Form.Get("revision"), 10, 64)
	m := p.making()
	m.DueDays = p.Days
	c, err := s.Ops.OrderLots(ctx, p.ID, revision, m)
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.lots", ui.Count, p.factories())})
	return route.See(w, r, campaignHref(c.Number)+"/lots")
}

// frontier is the drawing of cost against days.
type frontier struct {
	Points []frontierPoint
	Path   string
	Grid   []curveMark
	Ticks  []curveMark
}

type frontierPoint struct {
	X, Y   float64
	TextY  float64
	Days   int
	Cost   string
	Label  string
	Chosen bool
}

// The drawing of the frontier, in units of its view box.
const (
	frontLeft, frontRight = 64.0, 704.0
	frontTop, frontBase   = 34.0, 190.0
)

// drawFrontier draws every choice at its days and its cost; the costs begin near the cheapest, so that differences are seen.
func drawFrontier(ctx context.Context, p *planPage) frontier {
	all := p.Plan.Frontier
	low, high := all[len(all)-1].Cost, all[0].Cost
	first, last := float64(all[0].Days), float64(all[len(all)-1].Days)
	pad := max((last-first)*0.12, 2)
	step := niceStep(max(float64(high-low)/100, float64(high)/100*0.02) / 3)
	from := step * float64(int64(float64(low)/100/step))
	if from == float64(low)/100 {
		from -= step
	}
	top := from
	for top <= float64(high)/100 {
		top += step
	}
	x := func(days float64) float64 {
		return frontLeft + (frontRight-frontLeft)*(days-first+pad)/(last-first+2*pad)
	}
	y := func(yuan float64) float64 { return frontBase - (frontBase-frontTop)*(yuan-from)/(top-from) }
	var d frontier
	for v := from; v <= top+step/2; v += step {
		d.Grid = append(d.Grid, curveMark{y(v), ui.YuanRound(money.Fen(v * 100))})
	}
	var path strings.Builder
	for i, point := range all {
		q := frontierPoint{X: x(float64(point.Days)), Y: y(float64(point.Cost) / 100), Days: point.Days, Cost: ui.YuanRound(point.Cost), Chosen: point.Days == p.Days}
		q.Label = ui.T(ctx, "campaigns.choice", "Days", point.Days, "Cost", q.Cost)
		if i == 0 {
			q.TextY = q.Y - 16
			fmt.Fprintf(&path, "M%.1f %.1f", q.X, q.Y)
		} else { // nothing is between two points: the dearer one holds until the cheaper one can be had
			q.TextY = q.Y + 26 // the line comes from above
			fmt.Fprintf(&path, "H%.1fV%.1f", q.X, q.Y)
		}
		d.Points = append(d.Points, q)
		d.Ticks = append(d.Ticks, curveMark{q.X, ui.T(ctx, "campaigns.in_days", ui.Count, point.Days)})
	}
	d.Path = path.String()
	return d
}

// lotsPage is the lots of a campaign with what may be done with them.
type lotsPage struct {
	*campaign.Campaign
	*desk.Posted
	Lots      []campaign.Lot
	Work      *campaignops.Work
	Suppliers map[catalog.SupplierID]catalog.Supplier
	Orders    map[int64]orderOf
	Now       calendar.Day
	Edit      bool
	Asked     int // the lot whose form was sent with a fault
}

// orderOf is the factory order of a lot.
type orderOf struct {
	Number string
	State  string
	Agreed bool
}

func (s Pages) lots(w http.ResponseWriter, r *http.Request) error {
	p, err := s.lotsOf(r)
	if err != nil {
		return err
	}
	if route.Partial(r) {
		return route.Render(w, r, lotsBody(p))
	}
	return route.Render(w, r, lotsScreen(p))
}

func (s Pages) lotsOf(r *http.Request) (*lotsPage, error) {
	ctx := r.Context()
	c, _, err := s.find(r)
	if err != nil {
		return nil, err
	}
	p := &lotsPage{Campaign: c, Edit: desk.Can(ctx, access.EditOrders) && !c.State.Over(), Now: s.Ops.Today(), Orders: map[int64]orderOf{}}
	if p.Lots, err = s.Ops.Lots(ctx, c); err != nil {
		return nil, err
	}
	if p.Work, err = s.Ops.LotWork(ctx, c, p.Lots); err != nil {
		return nil, err
	}
	var ids []catalog.SupplierID
	for _, l := range p.Lots {
		ids = append(ids, l.Supplier)
		if l.Order == 0 {
			continue
		}
		if p.Orders[l.Order], err = s.orderOf(ctx, l); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(p.Lots, func(a, b campaign.Lot) int { return cmp.Compare(a.No, b.No) })
	p.Suppliers, err = s.Codes.Suppliers(ctx, ids...)
	return p, err
}
