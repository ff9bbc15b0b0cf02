package campaigns

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
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
	case v.State == campaign.Balance:
		paid, pieces := paidBalances(v)
		out = append(out, ui.Figure{Label: ui.T(ctx, "campaigns.fig.balances"), Value: ui.Int(int64(paid)), Remark: ui.T(ctx, "campaigns.fig.of_backers", "Backers", v.Backers, "Pieces", pieces)})
	case v.State.Won():
		out = append(out, ui.Figure{Label: ui.T(ctx, "campaigns.fig.deliver"), Value: ui.Pieces(v.ToDeliver), Remark: ui.T(ctx, "campaigns.fig.factory", ui.Count, v.FactoryPieces())})
	}
	return out
}

// paidBalances counts the members who have paid their balance, and their pieces.
func paidBalances(v *campaignView) (members int, pieces quantity.Pieces) {
	for _, s := range v.Sums {
		if s.State == campaign.Confirmed {
			members, pieces = members+s.N, pieces+s.Pieces
		}
	}
	return members, pieces
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
		{Name: say("open"), Note: openNote(ctx, v), State: at(closed || v.State.Over(), v.State.Running())},
	}
	if v.State == campaign.Failed || v.State == campaign.Cancelled {
		return append(out, ui.Stop{Name: ui.T(ctx, "campaigns.state."+string(v.State)), Note: firstMoment(ctx, v.Stops.Stopped, v.Stops.Closed), State: ui.Late})
	}
	out = append(out, ui.Stop{Name: say("close"), Note: ui.Moment(ctx, v.Deadline), State: at(closed, false)})
	if v.Mode == campaign.DepositBalance {
		left := ui.Moment(ctx, v.BalanceEnd())
		if v.State == campaign.Balance {
			left = ui.Left(ctx, v.BalanceEnd())
		}
		out = append(out, ui.Stop{Name: say("balance"), Note: left, State: at(v.Stops.Settled != nil, v.State == campaign.Balance)})
	}
	factory, first, done := outlook(ctx, v)
	return append(out,
		ui.Stop{Name: say("factory"), Note: factory, State: at(v.State == campaign.Producing || v.State == campaign.Delivered, v.State == campaign.Succeeded)},
		ui.Stop{Name: say("first"), Note: first, State: at(v.State == campaign.Delivered, v.State == campaign.Producing)},
		ui.Stop{Name: say("done"), Note: done, State: at(v.State == campaign.Delivered, false)})
}

// outlook says when the goods go to the factory, leave it first, and have all come: as it is, or as the offers let expect.
func outlook(ctx context.Context, v *campaignView) (factory, first, done string) {
	factory, first, done = firstMoment(ctx, v.Stops.Produced), ui.DayOr(ctx, v.Promise), lastPromise(ctx, v)
	if len(v.Lots) > 0 || v.State.Over() || v.State == campaign.Draft {
		return factory, first, done
	}
	begin := calendar.Of(v.BalanceEnd(), desk.ZoneOf(ctx)).AddDays(1)
	if today := calendar.Of(v.Now, desk.ZoneOf(ctx)); begin < today {
		begin = today
	}
	expect := func(d calendar.Day) string { return ui.T(ctx, "campaigns.expected_on", "Day", ui.Day(ctx, d)) }
	factory = expect(begin)
	soon, late := 0, 0
	for _, q := range v.Offers {
		if soon == 0 || q.LeadDays < soon {
			soon = q.LeadDays
		}
		late = max(late, q.LeadDays)
	}
	if soon > 0 {
		if v.Promise == nil {
			first = expect(begin.AddDays(soon))
		}
		done = ui.T(ctx, "campaigns.expected_by", "Day", ui.Day(ctx, begin.AddDays(late)))
	}
	return factory, first, done
}

// openNote says how long pledges are taken, and when that began once it is over.
func openNote(ctx context.Context, v *campaignView) string {
	if v.State.Running() {
		return campaignWhen(ctx, v.Campaign)
	}
	return ui.Moment(ctx, v.Start)
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

func offersWord(ctx context.Context, v *campaignView) string {
	own := 0
	for _, q := range v.Offers {
		if !q.Terms {
			own++
		}
	}
	return ui.T(ctx, "campaigns.offers_count", ui.Count, own, "Terms", len(v.Offers)-own)
}

// cancelWord says on the button what a cancellation pays back.
func cancelWord(ctx context.Context, v *campaignView) string {
	if held, _ := v.Held(); held > 0 {
		return ui.T(ctx, "campaigns.cancel_money", "Money", ui.YuanRound(held))
	}
	return ui.T(ctx, "campaigns.cancel")
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
	case l.Pieces == 0:
		return ui.Risk, "circle-x", "failed"
	case l.Late() > 0:
		return ui.Risk, "clock-exclamation", "late"
	case l.Pieces < l.Asked:
		return ui.Watch, "alert-triangle", "short"
	}
	return ui.OK, "circle-check", "ordered"
}

// milli writes thousandths of a unit, with a decimal only where there is one.
func milli(n int64) string {
	if n%1000 == 0 {
		return ui.Int(n / 1000)
	}
	return ui.Decimal(float64(n)/1000, 1)
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

// openMaterials counts the materials of which something is still to be ordered.
func openMaterials(v *campaignView) (n int) {
	for _, m := range v.Materials {
		if m.OpenMilli() > 0 {
			n++
		}
	}
	return n
}
