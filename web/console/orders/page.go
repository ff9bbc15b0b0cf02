package orders

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// orderPage is what the page of one order shows.
type orderPage struct {
	c2mops.Detail
	Here    string
	May     bool // the reader may change it
	Today   calendar.Day
	Effects orderEffects
	// Suggestions are those that lines came from, by the number of the line.
	Suggestions map[int]replenishment.Suggestion
	// Drafted is the draft's table as it was typed, where something in it is wrong; nil otherwise.
	Drafted *desk.Posted
	// Upload is the sheet that was just taken in by hand.
	Upload *c2mops.Upload
}

// mostSuggestions bounds how many suggestions of an order are looked up.
const mostSuggestions = 24

// page reads an order with everything that its page shows.
func (s Pages) page(ctx context.Context, id c2m.OrderID) (orderPage, error) {
	d, err := s.Ops.Detail(ctx, id)
	if err != nil {
		return orderPage{}, err
	}
	u := route.User(ctx)
	p := orderPage{Detail: d, Here: orderHref(d.Order.Number), May: access.Can(u, access.EditOrders), Today: s.Ops.Today(), Suggestions: map[int]replenishment.Suggestion{}}
	if s.Outlook == nil {
		return p, nil
	}
	if err := s.suggestions(ctx, &p); err != nil {
		return p, err
	}
	if p.deciding() {
		p.Effects, err = s.effects(ctx, p)
	}
	return p, err
}

// suggestions looks up where the lines came from. One that is gone, or not for the reader, is left out.
func (s Pages) suggestions(ctx context.Context, p *orderPage) error {
	if !access.Can(route.User(ctx), access.ViewSuggestions) || !p.Order.State.Awaited() {
		return nil
	}
	for _, pair := range p.Pairs {
		id := pair.Line.Suggestion
		if pair.Wanted != nil && id == 0 {
			id = pair.Wanted.Suggestion
		}
		if id == 0 || len(p.Suggestions) == mostSuggestions {
			continue
		}
		g, err := s.Outlook.Get(ctx, replenishment.SuggestionID(id))
		if errors.Is(err, replenishops.ErrUnknown) || errors.Is(err, access.ErrForbidden) {
			continue
		}
		if err != nil {
			return err
		}
		p.Suggestions[pair.Line.No] = g
	}
	return nil
}

// deciding tells whether an answer waits for the buyer.
func (p orderPage) deciding() bool {
	return p.Order.State == c2m.StateAnswered && p.Order.Undecided() > 0
}

// toSend tells whether the next version is to be sent: a draft with lines, or changes and counter-offers that wait.
func (p orderPage) toSend() bool {
	switch o := p.Order; {
	case o.State == c2m.StateDraft:
		return len(o.Lines) > 0
	case o.State == c2m.StateAnswered && o.Undecided() == 0:
		return true
	default:
		return o.Current != nil && o.State.Editable() && o.Changed()
	}
}

// agreedSide tells whether the second half of each pair of columns is what was agreed, not what was answered.
func (p orderPage) agreedSide() bool {
	switch p.Order.State {
	case c2m.StateConfirmed, c2m.StateProducing, c2m.StateDispatched, c2m.StateReceived, c2m.StateClosed:
		return true
	}
	return false
}

// topics are the heat topics behind the order's lines, each once.
func (p orderPage) topics(ctx context.Context) []string {
	var out []string
	seen := map[catalog.Name]bool{}
	for _, pair := range p.Pairs {
		g, ok := p.Suggestions[pair.Line.No]
		if name := g.Explanation.Inputs.Topic; ok && g.Reason == replenishment.ReasonHeat && !seen[name] && name != (catalog.Name{}) {
			seen[name] = true
			out = append(out, ui.Name(ctx, name))
		}
	}
	return out
}

// onlyDiffering tells whether the reader looks at the differing lines alone.
func onlyDiffering(ctx context.Context) bool {
	u := ui.From(ctx).URL
	return u != nil && u.Query().Get("only") == "diff"
}

// shown gives the pairs that the table shows.
func (p orderPage) shown(ctx context.Context) []c2mops.Pair {
	if !onlyDiffering(ctx) {
		return p.Pairs
	}
	var out []c2mops.Pair
	for _, pair := range p.Pairs {
		if p.differs(pair) {
			out = append(out, pair)
		}
	}
	return out
}

// differs tells whether a line's answer or agreement is not what was asked, or whether it is being changed.
func (p orderPage) differs(pair c2mops.Pair) bool {
	if len(pair.Deviations) > 0 || pair.Wanted != nil || pair.Struck {
		return true
	}
	splits, known := p.answered(pair)
	return known && !(len(splits) == 1 && splits[0] == (c2m.Split{Pieces: pair.Line.Pieces, Day: pair.Line.Due, Price: pair.Line.Price}))
}

// differing counts the lines that differ.
func (p orderPage) differing() int {
	n := 0
	for _, pair := range p.Pairs {
		if p.differs(pair) {
			n++
		}
	}
	return n
}

// answered gives the schedule of the second half of a pair, and false where nothing is known yet.
func (p orderPage) answered(pair c2mops.Pair) ([]c2m.Split, bool) {
	if !p.agreedSide() && pair.Answer != nil {
		return pair.Answer.Splits, true
	}
	if pair.Agreed != nil {
		return pair.Agreed.Splits, true
	}
	return nil, false
}

func (s Pages) one(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	// Links that know an order by its id alone lead to its number.
	if n, err := strconv.ParseInt(route.Param(r, "number"), 10, 64); err == nil {
		d, err := s.Ops.Detail(ctx, c2m.OrderID(n))
		if err != nil {
			return refused(err, "/orders")
		}
		return route.See(w, r, orderHref(d.Order.Number))
	}
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	p, err := s.page(ctx, id)
	if err != nil {
		return refused(err, here)
	}
	if n, err := strconv.ParseInt(r.URL.Query().Get("upload"), 10, 64); err == nil {
		for i := range p.Uploads {
			if p.Uploads[i].ID == n {
				p.Upload = &p.Uploads[i]
			}
		}
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "order" {
		return route.Render(w, r, orderBody(p))
	}
	if p.Order.Number != route.Param(r, "number") { // typed in lower case, or without dashes
		return route.See(w, r, p.Here)
	}
	return route.Render(w, r, orderScreen(p))
}

// news tells the page that the order has been changed by somebody else since it was drawn.
func (s Pages) news(w http.ResponseWriter, r *http.Request) error {
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	d, err := s.Ops.Detail(r.Context(), id)
	if err != nil {
		return refused(err, here)
	}
	seen, err := strconv.ParseInt(r.URL.Query().Get("seen"), 10, 64)
	if err != nil {
		return route.NotFound()
	}
	return route.Render(w, r, orderNewsNote(d, orderHref(d.Order.Number), seen))
}

// show answers a verb: the order's part of the page to htmx, the page itself to others.
func (s Pages) show(w http.ResponseWriter, r *http.Request, id c2m.OrderID, here string) error {
	if !route.Partial(r) || r.Header.Get("HX-Target") != "order" {
		return route.See(w, r, here)
	}
	p, err := s.page(r.Context(), id)
	if err != nil {
		return refused(err, here)
	}
	return route.Render(w, r, orderBody(p))
}

// orderRevision reads which revision of the order the form was made from; 0 for any.
func orderRevision(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.FormValue("revision"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func revisionText(p orderPage) string { return strconv.FormatInt(p.Order.Revision, 10) }

// openOrderPart gives the part of the order that the address wants in the drawer, as a path below the order's own.
func openOrderPart(ctx context.Context) string {
	part := desk.OpenedPart(ctx)
	for _, known := range []string{"send", "conditions", "receive", "end", "diff", "lines/new"} {
		if part == known {
			return part
		}
	}
	no, rest, _ := strings.Cut(strings.TrimPrefix(part, "lines/"), "/")
	if n, err := strconv.Atoi(no); err == nil && strings.HasPrefix(part, "lines/") && n != 0 {
		switch rest {
		case "":
			return "lines/" + strconv.Itoa(n)
		case "counter", "promise":
			return "lines/" + strconv.Itoa(n) + "/" + rest
		}
	}
	return ""
}

// capacityDays gives how many days of the supplier's capacity the pieces take, 0 where the capacity is not known.
func capacityDays(n, perDay quantity.Pieces) int {
	if perDay <= 0 || n <= 0 {
		return 0
	}
	return int((n + perDay - 1) / perDay)
}
