package orders

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// inDrawer makes a control open an address in the drawer.
func inDrawer(href string) templ.Attributes {
	return templ.Attributes{"hx-get": href, "hx-target": "#drawer"}
}

// orderKey lets a letter press a control.
func orderKey(ctx context.Context, key string) templ.Attributes {
	if !ui.From(ctx).Keys {
		return nil
	}
	return templ.Attributes{"data-key": key, "aria-keyshortcuts": key}
}

// named tells screen readers which row a button of a table is about.
func named(ctx context.Context, word, what string) templ.Attributes {
	return templ.Attributes{"aria-label": ui.T(ctx, word) + " " + what}
}

// orderStops is the order's life as a line. What was reached in an earlier round and is ahead again in this one does not count as done.
func orderStops(ctx context.Context, p orderPage) []ui.Stop {
	var out []ui.Stop
	ahead := false
	for _, s := range p.Stops {
		stop := ui.Stop{Name: ui.T(ctx, "status.order."+string(s.State))}
		switch {
		case s.Now:
			ahead, stop.State = true, ui.Now
			if p.Late {
				stop.State = ui.Late
			}
		case !ahead: // also what was passed without a stop, as production that nobody noted
			stop.State = ui.Done
		}
		if s.At != nil && stop.State != ui.Ahead {
			stop.Note = ui.Moment(ctx, *s.At)
		}
		if s.State == c2m.StateReceived && stop.State == ui.Ahead {
			stop.Note = expectedWord(ctx, p, s)
		}
		out = append(out, stop)
	}
	return out
}

func expectedWord(ctx context.Context, p orderPage, s c2mops.Stop) string {
	if s.Expected == nil {
		return ""
	}
	if p.agreedSide() {
		return ui.T(ctx, "order.stop.expected", "Day", *s.Expected)
	}
	return ui.T(ctx, "order.stop.wanted", "Day", *s.Expected)
}

// endWord names the way in which the order can be ended now.
func endWord(p orderPage) string {
	if (orderForm{orderPage: p}).closes() {
		return "close"
	}
	return "cancel"
}

func newsText(ctx context.Context, d c2mops.Detail) string {
	word := ui.T(ctx, "status.order."+string(d.Order.State))
	if len(d.History) > 0 {
		return ui.T(ctx, "order.news.by", "Name", d.History[0].Actor, "State", word)
	}
	return ui.T(ctx, "order.news.changed", "State", word)
}

func replyTone(p orderPage) ui.Tone {
	if p.Late {
		return ui.Risk
	}
	return ui.Act
}

func pairsTitle(ctx context.Context, p orderPage) string {
	switch {
	case p.agreedSide():
		return ui.T(ctx, "order.pairs.agreed")
	case p.Order.Answer != nil:
		return ui.T(ctx, "order.pairs.answered")
	}
	return ui.T(ctx, "order.pairs.asked")
}

func pairsSum(ctx context.Context, p orderPage) string {
	lines := ui.T(ctx, "order.pairs.lines", ui.Count, len(p.Pairs))
	if n := p.differing(); n > 0 {
		return lines + ui.T(ctx, "order.pairs.differ", ui.Count, n)
	}
	if p.Order.Answer != nil || p.agreedSide() {
		return lines + ui.T(ctx, "order.pairs.same")
	}
	return lines
}

func differingHref(ctx context.Context) string {
	if onlyDiffering(ctx) {
		return ui.With(ctx, "only", "")
	}
	return ui.With(ctx, "only", "diff")
}

func differingWord(ctx context.Context) string {
	if onlyDiffering(ctx) {
		return ui.T(ctx, "order.pairs.show_all")
	}
	return ui.T(ctx, "order.pairs.only")
}

// secondHalf names the second column of each pair.
func secondHalf(p orderPage) string {
	if p.agreedSide() {
		return "agreed"
	}
	return "answered"
}

func lastColumn(p orderPage) string {
	if p.agreedSide() {
		return "progress"
	}
	return "decision"
}

// pairText are the cells of a line.
type pairText struct {
	AskedPieces, AskedDay, AskedPrice    string
	WantedPieces, WantedDay, WantedPrice string // the working copy where it differs
	Pieces, Day, Price                   ui.Cell
}

// pairCells writes a line: what is asked, or was agreed before where the supplier answers anew, and the other half with what differs.
func pairCells(ctx context.Context, p orderPage, pair c2mops.Pair) pairText {
	l := pair.Line
	expected := []c2m.Split{{Pieces: l.Pieces, Day: l.Due, Price: l.Price}}
	// Once the answer is accepted it is the agreement itself.
	if !p.agreedSide() && pair.Agreed != nil && (pair.Undecided() || countered(pair)) {
		expected = pair.Agreed.Splits
	}
	c := pairText{AskedPieces: sheets.SplitPieces(expected), AskedDay: sheets.SplitDays(ctx, expected), AskedPrice: sheets.SplitPrices(expected)}
	if l.Pieces == 0 { // not asked for: an offer, or a line that waits to be sent
		c.AskedPieces, c.AskedDay, c.AskedPrice = ui.Nothing, ui.Nothing, ui.Nothing
	}
	if w := pair.Wanted; w != nil && !pair.Struck {
		c.WantedPieces, c.WantedDay, c.WantedPrice = ui.Pieces(w.Pieces), ui.Day(ctx, w.Due), ui.Amount(w.Price)
	}
	splits, known := p.answered(pair)
	if !known {
		c.Pieces, c.Day, c.Price = ui.Cell{Value: ui.Nothing}, ui.Cell{Value: ui.Nothing}, ui.Cell{Value: ui.Nothing}
		if unanswered(pair) {
			c.Pieces = ui.Cell{Value: ui.Nothing, Note: ui.T(ctx, "order.dev.unanswered"), Tone: ui.Risk, Diff: true}
		}
		return c
	}
	want, due := sheets.Pieces(expected), l.Due
	if n := len(expected); n > 0 {
		due = expected[n-1].Day
	}
	c.Pieces, c.Price = piecesCell(ctx, pair, splits, want), priceCell(splits, expected)
	c.Day = ui.Cell{Value: sheets.SplitDays(ctx, splits)}
	if days, moved := shiftOf(splits, due); moved > 0 && l.Pieces > 0 {
		c.Day.Diff = true
		c.Day.Note, c.Day.Tone = shiftWord(ctx, days, moved, sheets.Pieces(splits))
	}
	return c
}

// unanswered tells whether the supplier said nothing about the line while it answered others.
func unanswered(pair c2mops.Pair) bool {
	return len(pair.Deviations) > 0 && pair.Deviations[0].Kind == c2m.DeviationUnanswered
}

func piecesCell(ctx context.Context, pair c2mops.Pair, splits []c2m.Split, want quantity.Pieces) ui.Cell {
	got := sheets.Pieces(splits)
	c := ui.Cell{Value: sheets.SplitPieces(splits), Diff: got != want || deliveries(splits) > 1}
	switch {
	case pair.Line.Pieces == 0:
		c.Note, c.Tone = ui.T(ctx, "order.offer"), ui.Watch
	case got < want:
		c.Note, c.Tone = ui.SignedInt(int64(got-want)), ui.Risk
	case got > want:
		c.Note, c.Tone = ui.SignedInt(int64(got-want)), ui.Watch
	case deliveries(splits) > 1:
		c.Note, c.Tone = ui.T(ctx, "order.shift.parts", ui.Count, deliveries(splits)), ui.Watch
	}
	for _, d := range pair.Deviations {
		if d.Kind == c2m.DeviationPack && got == want {
			c.Diff, c.Note, c.Tone = true, deviationText(ctx, d), ui.Watch
		}
	}
	return c
}

// deliveries counts the parts of a schedule in which something comes.
func deliveries(splits []c2m.Split) int {
	n := 0
	for _, s := range splits {
		if s.Pieces > 0 {
			n++
		}
	}
	return n
}

func priceCell(splits, expected []c2m.Split) ui.Cell {
	c := ui.Cell{Value: sheets.SplitPrices(splits)}
	if len(splits) == 0 || len(expected) == 0 || expected[0].Price == 0 {
		return c
	}
	dearest := money.Fen(0)
	for _, s := range splits {
		dearest = max(dearest, s.Price)
	}
	switch d := dearest - expected[0].Price; {
	case d > 0:
		c.Diff, c.Note, c.Tone = true, "+"+ui.Amount(d), ui.Risk
	case d < 0:
		c.Diff, c.Note, c.Tone = true, ui.Amount(d), ui.OK
	}
	return c
}

// suggestionOf gives the suggestion that a line came from, 0 for none.
func suggestionOf(pair c2mops.Pair) int64 {
	if pair.Line.Suggestion == 0 && pair.Wanted != nil {
		return pair.Wanted.Suggestion
	}
	return pair.Line.Suggestion
}

// acceptWord names what accepting the open differences of a line means.
func acceptWord(open []c2m.Deviation) string {
	switch open[0].Kind {
	case c2m.DeviationUnanswered:
		return "accept_none"
	case c2m.DeviationUnknown:
		return "accept_offer"
	}
	return "accept"
}

func refuseWord(open []c2m.Deviation) string {
	switch open[0].Kind {
	case c2m.DeviationUnanswered:
		return "refuse_none"
	case c2m.DeviationUnknown:
		return "refuse_offer"
	}
	return "refuse"
}

// countered tells whether something about the line was turned down.
func countered(pair c2mops.Pair) bool {
	for _, d := range pair.Deviations {
		if d.Decision == c2m.DecisionRefused {
			return true
		}
	}
	return false
}

func counterPart(pair c2mops.Pair) string {
	return "lines/" + strconv.Itoa(pair.Line.No) + "/counter"
}
func promisePart(pair c2mops.Pair) string {
	return "lines/" + strconv.Itoa(pair.Line.No) + "/promise"
}

func agreedPieces(pair c2mops.Pair) quantity.Pieces {
	if pair.Agreed == nil {
		return 0
	}
	return sheets.Pieces(pair.Agreed.Splits)
}

func progressWords(ctx context.Context, p orderPage, pair c2mops.Pair) string {
	switch {
	case agreedPieces(pair) == 0:
		return ui.T(ctx, "order.progress.none")
	case pair.Came > 0 || !p.Order.State.Awaited():
		return ui.T(ctx, "order.progress.came", "Came", pair.Came, "Pieces", agreedPieces(pair))
	case pair.Shipped > 0:
		return ui.T(ctx, "order.progress.shipped", "Shipped", pair.Shipped, "Pieces", agreedPieces(pair))
	}
	return ui.T(ctx, "order.progress.waits", "Pieces", agreedPieces(pair))
}

// arrivalTitle names what the chart of arrivals shows.
func arrivalTitle(p orderPage) string {
	switch {
	case p.agreedSide():
		return "agreed"
	case p.Order.Answer != nil:
		return "answered"
	}
	return "asked"
}

func arrivalLegends(ctx context.Context, p orderPage) []ui.Legend {
	out := []ui.Legend{{Text: ui.T(ctx, "order.arrival.intime"), Color: "var(--mk-action)", Shape: "bar"}, {Text: ui.T(ctx, "order.arrival.late_word"), Color: "var(--mk-risk)", Shape: "bar"}}
	if len(p.ASNs) > 0 {
		out = append(out, ui.Legend{Text: ui.T(ctx, "order.arrival.road_word"), Color: "var(--mk-ok)", Shape: "bar"})
	}
	return out
}

func effectTitle(p orderPage) string {
	if p.deciding() {
		return "accept"
	}
	return "facts"
}

// orderFacts are what to know of an order that waits for no decision.
func orderFacts(ctx context.Context, p orderPage) [][2]string {
	say := func(id string) string { return ui.T(ctx, "order.fact."+id) }
	facts := [][2]string{{say("asked"), piecesMoney(ctx, p.Asked)}}
	if p.agreedSide() {
		facts = append(facts, [2]string{say("agreed"), piecesMoney(ctx, p.Agreed)})
	}
	var came, road quantity.Pieces
	for _, pair := range p.Pairs {
		came += pair.Came
		road += max(0, pair.Shipped-pair.Came)
	}
	if road > 0 {
		facts = append(facts, [2]string{say("road"), ui.Pieces(road)})
	}
	if came > 0 {
		facts = append(facts, [2]string{say("came"), ui.Pieces(came)})
	}
	if short := p.Order.ShortPieces(); p.agreedSide() && short > 0 && came > 0 {
		facts = append(facts, [2]string{say("short"), ui.Pieces(short)})
	}
	if next := p.Order.NextDay(); next != nil {
		facts = append(facts, [2]string{say("next"), ui.Day(ctx, *next)})
	}
	if p.Order.State == c2m.StateSent {
		facts = append(facts, [2]string{say("reply"), ui.Moment(ctx, p.Order.Current.ReplyBy)})
	}
	return facts
}

func piecesMoney(ctx context.Context, t c2m.Totals) string {
	return ui.T(ctx, "order.fact.pieces_money", "Pieces", t.Pieces, "Money", ui.Yuan(t.Gross))
}

func gapText(ctx context.Context, g gapEffect) string {
	args := []any{"Goods", ui.Name(ctx, g.Goods), "Quantity", ui.Quantity(ctx, g.Lost, g.Unit), "From", g.From, "To", g.To, "Money", ui.YuanRound(g.Money)}
	if g.From == g.To {
		return ui.T(ctx, "order.effect.gap_day", args...)
	}
	return ui.T(ctx, "order.effect.gap", args...)
}

func spareText(ctx context.Context, g gapEffect) string {
	return ui.T(ctx, "order.effect.spare", "Goods", ui.Name(ctx, g.Goods), "Quantity", ui.Quantity(ctx, g.Spare.Quantity(), g.Unit))
}

func marginText(ctx context.Context, m marginEffect) string {
	return ui.T(ctx, "order.effect.margin", "Goods", ui.Name(ctx, m.Goods), "Rise", ui.PercentSigned(m.Rise, 1), "Was", ui.Percent(m.Was, 1), "Now", ui.Percent(m.Now, 1))
}

// scoreFigures are how a supplier has kept its word over the last days.
func scoreFigures(ctx context.Context, s c2m.Score) []ui.Figure {
	share := func(label string, v float64, known bool, note string) ui.Figure {
		f := ui.Figure{Label: ui.T(ctx, "order.score."+label), Value: ui.Nothing, Note: ui.T(ctx, "order.score.unknown"), Small: true}
		if known {
			f.Value, f.Note, f.Tone = ui.Percent(v, 0), note, desk.ShareTone(v)
		}
		return f
	}
	onTime, known1 := s.OnTimeShare()
	whole, known2 := s.QuantityShare()
	answers, known3 := s.AnswerShare()
	return []ui.Figure{
		share("ontime", onTime, known1, ui.T(ctx, "order.score.of", "Part", s.OnTime, "Whole", s.Promised)),
		share("quantity", whole, known2, ui.T(ctx, "order.score.of", "Part", s.Came, "Whole", s.Promised)),
		share("answers", answers, known3, ui.T(ctx, "order.score.of_answers", "Part", s.AnswersInTime, ui.Count, s.Answers)),
	}
}

// sayHref is where a remark is posted; empty for those who may only read.
func sayHref(p orderPage) string {
	if !p.May {
		return ""
	}
	return p.Here + "/messages"
}

// noteGoods names the goods of a delivery note's line.
func noteGoods(ctx context.Context, p orderPage) func(c2m.ASNLine) string {
	return func(l c2m.ASNLine) string { return lineGoods(ctx, p, l.Line) }
}

func lineGoods(ctx context.Context, p orderPage, line int) string {
	for _, pair := range p.Pairs {
		if pair.Line.No == line {
			return ui.Name(ctx, pair.SKU.Name)
		}
	}
	return "#" + strconv.Itoa(line)
}

func conditionPairs(ctx context.Context, c c2m.Conditions) [][2]string {
	return [][2]string{{ui.T(ctx, "orders.new_contract"), desk.OrDash(c.Contract)}, {ui.T(ctx, "orders.new_payment"), desk.OrDash(c.Payment)},
		{ui.T(ctx, "orders.new_licence"), desk.OrDash(c.Licence)}, {ui.T(ctx, "orders.new_remark"), desk.OrDash(c.Note)}}
}

// secondSum gives the sums of the second half of the table, and false while nothing is answered.
func (p orderPage) secondSum() (c2m.Totals, bool) {
	switch {
	case p.agreedSide():
		return p.Agreed, true
	case p.Order.Answer != nil || len(p.Order.Agreed) > 0:
		return p.Answered, true
	}
	return p.Asked, false
}

func orUnknown(s string, known bool) string {
	if !known {
		return ui.Nothing
	}
	return s
}
