package campaigns

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/web/ui"
)

// campaignMark gives how a state is drawn.
func campaignMark(s campaign.State) (ui.Tone, string) {
	switch s {
	case campaign.Draft:
		return ui.Plain, "pencil"
	case campaign.Scheduled:
		return ui.Plain, "calendar-time"
	case campaign.Open:
		return ui.Act, "player-play"
	case campaign.Paused:
		return ui.Watch, "player-pause"
	case campaign.Balance:
		return ui.Act, "cash"
	case campaign.Succeeded:
		return ui.OK, "target-arrow"
	case campaign.Producing:
		return ui.Stock, "building-factory-2"
	case campaign.Delivered:
		return ui.OK, "checks"
	case campaign.Failed:
		return ui.Plain, "circle-x"
	}
	return ui.Risk, "ban"
}

func campaignHref(number string) string { return "/campaigns/" + number }

func campaignViewLinks(ctx context.Context, p campaignList) []ui.Link {
	var out []ui.Link
	for _, v := range campaignViews {
		word := "campaigns.view." + v.Key
		if v.Key == "" {
			word = "campaigns.view.all"
		}
		q := url.Values{}
		if v.Key != "" {
			q.Set("view", v.Key)
		}
		if p.Query != "" {
			q.Set("q", p.Query)
		}
		href := "/campaigns"
		if len(q) > 0 {
			href += "?" + q.Encode()
		}
		out = append(out, ui.Link{Text: ui.T(ctx, word) + " " + ui.Int(int64(p.Counts[v.Key])), Href: href, Current: p.View == v.Key})
	}
	return out
}

// goalShare gives how much of the goal is reserved, as a ratio.
func goalShare(c *campaign.Campaign) float64 {
	if c.Goal == 0 {
		return 0
	}
	return float64(c.Reserved) / float64(c.Goal)
}

// campaignWhen says what the clock does next.
func campaignWhen(ctx context.Context, c *campaign.Campaign) string {
	now := ui.From(ctx).Now
	switch {
	case c.State == campaign.Scheduled && now.Before(c.Start):
		return ui.T(ctx, "campaigns.starts", "At", ui.Moment(ctx, c.Start))
	case c.State.Running() && !now.After(c.Deadline):
		return ui.Left(ctx, c.Deadline)
	case c.State.Running():
		return ui.T(ctx, "campaigns.closing")
	case c.State == campaign.Balance:
		return ui.T(ctx, "campaigns.balance_left", "Left", ui.Left(ctx, c.BalanceEnd()))
	}
	return ui.Moment(ctx, c.Deadline)
}

func campaignFigures(ctx context.Context, v *campaignView) []ui.Figure {
	held, pledged := v.Held()
	money := ui.T(ctx, "campaigns.fig.held")
	amount := held
	switch {
	case v.Charge == campaign.OnSuccess && v.State.Running():
		amount, money = pledged, ui.T(ctx, "campaigns.fig.to_charge")
	case v.Mode == campaign.DepositBalance && !v.State.Over():
		money = ui.T(ctx, "campaigns.fig.of_pledged", "Pledged", ui.YuanRound(pledged))
	case v.State == campaign.Delivered:
		amount, money = v.Balances[campaign.Sales], ui.T(ctx, "campaigns.fig.earned")
	}
	out := []ui.Figure{
		{Label: ui.T(ctx, "campaigns.fig.pledged"), Value: ui.Pieces(v.Reserved), Remark: ui.T(ctx, "campaigns.fig.of_goal", "Share", ui.Percent(goalShare(v.Campaign), 0))},
		{Label: ui.T(ctx, "campaigns.fig.money"), Value: ui.YuanRound(amount), Remark: money},
		{Label: ui.T(ctx, "campaigns.fig.backers"), Value: ui.Int(int64(v.Backers))},
	}
	if v.Waiting > 0 {
		out[2].Remark = ui.T(ctx, "campaigns.fig.waiting", ui.Count, v.Waiting)
	}
	switch p := v.Projection; {
	case p != nil:
		out = append(out, ui.Figure{Label: ui.T(ctx, "campaigns.fig.expected"), Value: ui.Pieces(p.Mean), Tone: ui.Forecast,
			Remark: ui.T(ctx, "campaigns.fig.band", "Low", p.Low, "High", p.High)})
	case v.State.Won():
		out = append(out, ui.Figure{Label: ui.T(ctx, "campaigns.fig.deliver"), Value: ui.Pieces(v.ToDeliver), Remark: ui.T(ctx, "campaigns.fig.factory", ui.Count, v.FactoryPieces())})
	}
	return out
}

// campaignStops is the campaign's life as a line.
func campaignStops(ctx context.Context, v *campaignView) []ui.Stop {
	at := func(done, now bool) ui.StopState {
		switch {
		case now:
			return ui.Now
		case done:
			return ui.Done
		}
		return ui.Ahead
	}
	say := func(id string) string { return ui.T(ctx, "campaigns.stop."+id) }
	closed := v.Stops.Closed != nil
	out := []ui.Stop{
		{Name: say("draft"), Note: ui.Moment(ctx, v.Stops.Created), State: at(v.State != campaign.Draft, v.State == campaign.Draft)},
		{Name: say("open"), Note: campaignWhen(ctx, v.Campaign), State: at(closed || v.State.Over(), v.State.Running())},
	}
	if v.State == campaign.Failed || v.State == campaign.Cancelled {
		return append(out, ui.Stop{Name: ui.T(ctx, "campaigns.state."+string(v.State)), Note: firstMoment(ctx, v.Stops.Stopped, v.Stops.Closed), State: ui.Late})
	}
	out = append(out, ui.Stop{Name: say("close"), Note: ui.Moment(ctx, v.Deadline), State: at(closed, false)})
	if v.Mode == campaign.DepositBalance {
		out = append(out, ui.Stop{Name: say("balance"), Note: ui.Moment(ctx, v.BalanceEnd()), State: at(v.Stops.Settled != nil, v.State == campaign.Balance)})
	}
	return append(out,
		ui.Stop{Name: say("factory"), Note: firstMoment(ctx, v.Stops.Produced), State: at(v.State == campaign.Producing || v.State == campaign.Delivered, v.State == campaign.Succeeded)},
		ui.Stop{Name: say("first"), Note: ui.DayOr(ctx, v.Promise), State: at(v.State == campaign.Delivered, v.State == campaign.Producing)},
		ui.Stop{Name: say("done"), Note: lastPromise(ctx, v), State: at(v.State == campaign.Delivered, false)})
}

func firstMoment(ctx context.Context, all ...*time.Time) string {
	for _, t := range all {
		if t != nil {
			return ui.Moment(ctx, *t)
		}
	}
	return ui.Nothing
}

func lastPromise(ctx context.Context, v *campaignView) string {
	if len(v.Lots) == 0 {
		return ui.Nothing
	}
	last := v.Lots[0].Promise
	for _, l := range v.Lots {
		last = max(last, l.Promise)
	}
	return ui.Day(ctx, last)
}

// waits is one thing that waits for the reader, with the way to do it.
type waits struct {
	Tone ui.Tone
	Icon string
	Text string
	Href string
	Word string
}

// campaignWaits lists what waits for the buyer, the most pressing first.
func campaignWaits(ctx context.Context, v *campaignView) []waits {
	var out []waits
	if n := len(v.Troubled); n > 0 {
		out = append(out, waits{ui.Risk, "cash", ui.T(ctx, "campaigns.wait.money", ui.Count, n), "#money", ui.T(ctx, "campaigns.wait.look")})
	}
	if v.MayOrder() && len(v.Lots) == 0 {
		switch {
		case v.SKU == 0 || v.ShipTo == 0:
			out = append(out, waits{ui.Watch, "alert-triangle", ui.T(ctx, "campaigns.refused.goods"), "", ""})
		default:
			out = append(out, waits{ui.Act, "building-factory-2", ui.T(ctx, "campaigns.wait.lots"), "#lots", ui.T(ctx, "campaigns.wait.choose")})
		}
	}
	if v.Drafts > 0 {
		out = append(out, waits{ui.Watch, "message", ui.T(ctx, "campaigns.wait.messages", ui.Count, v.Drafts), "#messages", ui.T(ctx, "campaigns.wait.look")})
	}
	for _, l := range v.Lots {
		if l.Late() > 0 {
			out = append(out, waits{ui.Risk, "clock-exclamation", ui.T(ctx, "campaigns.wait.late", "No", l.No, ui.Count, l.Late()), "#lots", ui.T(ctx, "campaigns.wait.look")})
		}
	}
	return out
}

// tierRow is a tier as the table shows it.
func tierShare(v *campaignView, t campaign.Tier) float64 {
	most := t.Quota
	if most == 0 {
		most = v.Quota
	}
	if most == 0 {
		most = max(v.Reserved, 1)
	}
	return float64(v.Taken[t.Code]) / float64(most)
}

func tierSold(v *campaignView, t campaign.Tier) bool {
	return t.Quota > 0 && v.Taken[t.Code] >= t.Quota || v.Quota > 0 && v.Reserved >= v.Quota
}

func tierPrice(v *campaignView, t campaign.Tier) money.Fen {
	if final, ok := v.Final[t.Code]; ok {
		return final
	}
	return t.PriceAt(v.Reserved)
}

func lotMark(l campaign.Lot) (ui.Tone, string, string) {
	switch {
	case l.State == campaign.LotCancelled:
		return ui.Risk, "ban", "cancelled"
	case l.State == campaign.LotHeld:
		return ui.Plain, "hourglass", "held"
	case l.Late() > 0:
		return ui.Risk, "clock-exclamation", "late"
	case l.Pieces < l.Asked:
		return ui.Watch, "alert-triangle", "short"
	}
	return ui.OK, "circle-check", "ordered"
}

func milli(n int64) string { return ui.Decimal(float64(n)/1000, 1) }

// frontierPath draws cost against days as a small line with its points.
type frontierPoint struct {
	X, Y       float64
	Days, Cost string
	Best       bool
	DaysNumber int
}

func drawFrontier(all []lotplan.Point) []frontierPoint {
	if len(all) == 0 {
		return nil
	}
	lowDay, highDay := all[0].Days, all[len(all)-1].Days
	low, high := all[len(all)-1].Cost, all[0].Cost
	out := make([]frontierPoint, len(all))
	for i, p := range all {
		x, y := 0.5, 0.5
		if highDay > lowDay {
			x = float64(p.Days-lowDay) / float64(highDay-lowDay)
		}
		if high > low {
			y = float64(p.Cost-low) / float64(high-low)
		}
		out[i] = frontierPoint{X: 40 + x*240, Y: 20 + (1-y)*60, Days: strconv.Itoa(p.Days), Cost: ui.YuanRound(p.Cost), Best: i == len(all)-1, DaysNumber: p.Days}
	}
	return out
}

func frontierPath(points []frontierPoint) string {
	s := ""
	for i, p := range points {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		s += fmt.Sprintf("%s%.1f %.1f", letter, p.X, p.Y)
	}
	return s
}

func splitWords(ctx context.Context, v *campaignView, s lotplan.Split) string {
	text := ""
	for i, part := range s.Parts {
		if i > 0 {
			text += " · "
		}
		id, _ := strconv.ParseInt(part.Factory, 10, 32)
		text += ui.Name(ctx, v.Suppliers[catalog.SupplierID(id)].Name) + " " + ui.Pieces(part.Pieces)
	}
	return text
}

func paymentWord(ctx context.Context, p campaignops.Payment) string {
	return ui.T(ctx, "campaigns.kind."+string(p.Kind)) + " " + ui.Yuan(p.Fen) + " · " + p.Member
}

func accounts(ctx context.Context, v *campaignView) [][2]string {
	var out [][2]string
	for _, a := range []campaign.Account{campaign.Escrow, campaign.Payable, campaign.Sales, campaign.Forfeits, campaign.House} {
		if fen := v.Balances[a]; fen != 0 {
			out = append(out, [2]string{ui.T(ctx, "campaigns.account."+string(a)), ui.Yuan(fen)})
		}
	}
	return out
}

// px writes a coordinate of a drawing.
func px(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func campaignFacts(ctx context.Context, v *campaignView) []string {
	out := []string{v.Number, ui.T(ctx, "campaigns.mode."+string(v.Mode)), ui.T(ctx, "campaigns.goal_fact", "Goal", v.Goal)}
	if v.Goods != nil {
		out = append(out, v.Goods.Code)
	}
	if v.Site != nil {
		out = append(out, ui.Name(ctx, v.Site.Name))
	}
	return append(out, ui.T(ctx, "campaigns.owned", "Name", v.Owner))
}

func tierName(ctx context.Context, c *campaign.Campaign, code string) string {
	t, ok := c.Tier(code)
	if !ok {
		return code
	}
	if name := ui.Name(ctx, t.Name); name != "" {
		return name
	}
	return ui.T(ctx, "campaigns.only_tier")
}

// tierNext says which price comes next.
func tierNext(ctx context.Context, v *campaignView, t campaign.Tier) string {
	if v.Final != nil || v.State.Over() {
		return ""
	}
	for _, b := range t.Breaks {
		if b.From > v.Reserved {
			return ui.T(ctx, "campaigns.next_break", "From", b.From, "Price", ui.YuanRound(b.Price))
		}
	}
	return ""
}

func termPairsOf(ctx context.Context, v *campaignView) [][2]string {
	say := func(id string) string { return ui.T(ctx, "campaigns.term."+id) }
	unbounded := func(n int64) string {
		if n == 0 {
			return ui.T(ctx, "campaigns.unbounded")
		}
		return ui.Int(n)
	}
	out := [][2]string{{say("charge"), ui.T(ctx, "campaigns.charge."+string(v.Charge))}, {say("quota"), unbounded(int64(v.Quota))}, {say("per_member"), unbounded(int64(v.PerMember))},
		{say("start"), ui.Moment(ctx, v.Start)}, {say("deadline"), ui.Moment(ctx, v.Deadline)}}
	if v.Mode == campaign.DepositBalance {
		out = append(out, [2]string{say("deposit"), ui.Yuan(v.Deposit)}, [2]string{say("balance_deadline"), ui.Moment(ctx, v.BalanceEnd())})
	}
	if v.GroupSize > 1 {
		out = append(out, [2]string{say("group"), ui.Int(int64(v.GroupSize))})
	}
	if v.Threshold > 0 {
		out = append(out, [2]string{say("threshold"), ui.Pieces(v.Threshold)})
	}
	out = append(out, [2]string{say("moq"), ui.Pieces(v.MOQ)}, [2]string{say("extensions"), ui.T(ctx, "campaigns.extended", "Used", v.Extended, "Most", v.Extensions)})
	if v.Spec != "" {
		out = append(out, [2]string{say("spec"), v.Spec})
	}
	if v.Reason != "" {
		out = append(out, [2]string{say("reason"), v.Reason})
	}
	return out
}

func campaignPager(ctx context.Context, p campaignList) ui.Pager {
	out := ui.Pager{First: 1, Last: int64(len(p.Rows)), Total: int64(p.Counts[p.View])}
	if !p.First {
		out.Prev = ui.With(ctx, "before", "")
	}
	if p.Next != 0 {
		out.Next = ui.With(ctx, "before", strconv.FormatInt(int64(p.Next), 10))
	}
	return out
}

// ask is a field of the form with what was typed and what is wrong.
func (f campaignForm) ask(ctx context.Context, name string, field ui.Field) templ.Component {
	label := name
	if strings.HasPrefix(name, "t") && len(name) > 3 && name[2] == '_' {
		label = "tier_" + name[3:]
	}
	field.Name, field.Label, field.Value, field.Error = name, ui.T(ctx, "campaigns.form."+label), f.Values[name], f.Errors[name]
	return ui.Ask(field)
}

func (f campaignForm) siteChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.Nothing}}
	for _, s := range f.Sites {
		out = append(out, ui.Choice{Value: s.Code, Text: ui.Name(ctx, s.Name)})
	}
	return out
}

func modeChoices(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, m := range campaign.Modes() {
		out = append(out, ui.Choice{Value: string(m), Text: ui.T(ctx, "campaigns.mode."+string(m))})
	}
	return out
}

func chargeChoices(ctx context.Context) []ui.Choice {
	return []ui.Choice{{Value: string(campaign.AtPledge), Text: ui.T(ctx, "campaigns.charge.at_pledge")}, {Value: string(campaign.OnSuccess), Text: ui.T(ctx, "campaigns.charge.on_success")}}
}
