package orders

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// lineNo gives the number of the line in the path. An offer of other goods has a negative one.
func lineNo(r *http.Request) (int, error) {
	n, err := strconv.Atoi(route.Param(r, "line"))
	if err != nil || n == 0 {
		return 0, route.NotFound()
	}
	return n, nil
}

// orderLineFields are the form's names of a line's fields where they are others than the domain's.
var orderLineFields = map[c2m.Field]string{c2m.FieldShelfLife: "life"}

// lineFault puts a refusal of a line beside its field and tells whether err was that. suffix is what the form adds to the names of the
// fields of one line.
func lineFault(form *desk.Posted, err error, suffix string) bool {
	var line *c2m.LineError
	field := c2m.FieldReason
	cause := err
	switch {
	case errors.As(err, &line):
		field, cause = line.Field, line.Err
		if field == "" {
			field = c2m.FieldPieces
		}
	case !errors.Is(err, c2m.ErrReason):
		return false
	}
	word := sheets.FieldWord(cause)
	if word == "" {
		return false
	}
	name := string(field)
	if n, ok := orderLineFields[field]; ok {
		name = n
	}
	if field == c2m.FieldReason {
		form.Bad("reason", "order.err.reason")
		return true
	}
	form.Bad(name+suffix, word)
	return true
}

// saveLines saves the numbers of a draft's table, line by line. Where one is wrong, the lines before it are saved and the table comes back
// with what was typed.
func (s Pages) saveLines(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	p, err := s.page(ctx, id)
	if err != nil {
		return refused(err, here)
	}
	if n := orderRevision(r); n != 0 && n != p.Order.Revision {
		return refused(c2m.ErrStale, here)
	}
	if err := s.saveEach(ctx, p, form); err != nil {
		return refused(err, here)
	}
	if !form.OK() {
		if p, err = s.page(ctx, id); err != nil {
			return refused(err, here)
		}
		p.Drafted = form
		if route.Partial(r) {
			return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderBody(p))
		}
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderScreen(p))
	}
	if form.Text("then") == "send" {
		return route.See(w, r, here+"?open=send")
	}
	return s.show(w, r, id, here)
}

// saveEach saves the lines that were changed. What is wrong is noted in the form.
func (s Pages) saveEach(ctx context.Context, p orderPage, form *desk.Posted) error {
	rev := p.Order.Revision
	for _, l := range p.Order.Lines {
		suffix := "-" + strconv.Itoa(l.No)
		if _, sent := form.Form["pieces"+suffix]; !sent {
			continue
		}
		change, moved := readLineChange(form, l, suffix)
		if !form.OK() {
			return nil
		}
		if !moved {
			continue
		}
		o, err := s.Ops.ChangeLine(ctx, p.Order.ID, rev, l.No, change, form.Text("reason"))
		if err != nil {
			if lineFault(form, err, suffix) {
				return nil
			}
			return err
		}
		rev = o.Revision
	}
	return nil
}

// readLineChange reads quantity, price and day of a line and tells whether any of them is another than the line's.
func readLineChange(form *desk.Posted, l c2m.Line, suffix string) (c c2m.LineChange, moved bool) {
	pieces, price := form.Pieces("pieces"+suffix), form.Yuan("price"+suffix)
	due := form.Day("due" + suffix)
	if pieces == 0 {
		form.Bad("pieces"+suffix, "order.err.pieces")
	}
	if due == nil {
		form.Bad("due"+suffix, "order.err.day")
	} else if *due != l.Due {
		c.Due, moved = due, true
	}
	if pieces != l.Pieces {
		c.Pieces, moved = &pieces, true
	}
	if price != l.Price {
		c.Price, moved = &price, true
	}
	return c, moved
}

// orderLine is the drawer of one line: everything about it that can be changed.
type orderLine struct {
	orderPage
	Pair c2mops.Pair
	Line c2m.Line // the working copy
	Term *catalog.Term
	Form *desk.Posted
}

func (s Pages) line(r *http.Request) (orderLine, error) {
	id, here, err := s.find(r)
	if err != nil {
		return orderLine{}, err
	}
	no, err := lineNo(r)
	if err != nil {
		return orderLine{}, err
	}
	p, err := s.page(r.Context(), id)
	if err != nil {
		return orderLine{}, refused(err, here)
	}
	f := orderLine{orderPage: p}
	for _, pair := range p.Pairs {
		if pair.Line.No == no {
			f.Pair = pair
		}
	}
	if f.Pair.Line.No == 0 {
		return f, route.NotFound()
	}
	var known bool
	if f.Line, known = p.Order.Line(no); !known {
		f.Line = f.Pair.Line
	}
	if t, ok := p.Terms[f.Pair.SKU.ID]; ok {
		f.Term = &t
	}
	return f, nil
}

// drawer answers a request for a part of the order: to htmx the drawer, to others the page that opens it.
func drawer(r *http.Request, here, part string) (string, bool) {
	if route.Partial(r) {
		return "", false
	}
	return here + "?open=" + url.QueryEscape(part), true
}

func (s Pages) lineForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "lines/"+strconv.Itoa(f.Pair.Line.No)); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderLineDrawer(f))
}

func (s Pages) changeLine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if f.Form, err = desk.ReadPosted(r); err != nil {
		return err
	}
	again := func() error { return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderLineDrawer(f)) }
	change, _ := readLineChange(f.Form, f.Line, "")
	tax, life := int(f.Form.Share("tax")*10_000+0.5), f.Form.Small("life")
	spec, note := f.Form.Text("spec"), f.Form.Text("note")
	change.TaxBP, change.MinRemainingDays, change.Spec, change.Note = &tax, &life, &spec, &note
	if !f.Form.OK() {
		return again()
	}
	if _, err := s.Ops.ChangeLine(ctx, f.Order.ID, orderRevision(r), f.Line.No, change, f.Form.Text("reason")); err != nil {
		if lineFault(f.Form, err, "") {
			return again()
		}
		return refused(err, f.Here)
	}
	return route.See(w, r, f.Here)
}

func (s Pages) removeLine(w http.ResponseWriter, r *http.Request) error {
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if f.Form, err = desk.ReadPosted(r); err != nil {
		return err
	}
	if _, err := s.Ops.RemoveLine(r.Context(), f.Order.ID, orderRevision(r), f.Line.No, f.Form.Text("why")); err != nil {
		if errors.Is(err, c2m.ErrReason) {
			f.Form.Bad("why", "order.err.reason")
			return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderLineDrawer(f))
		}
		return refused(err, f.Here)
	}
	return route.See(w, r, f.Here)
}

// orderAdd is the drawer in which goods are added: a search of what the supplier makes, then the chosen one's terms.
type orderAdd struct {
	orderPage
	Query  string
	Found  []catalog.SKURecord
	Chosen *catalog.SKURecord
	Term   *catalog.TermRecord
	Form   *desk.Posted
}

// foundGoods is how many goods the search shows.
const foundGoods = 12

func (s Pages) addPage(r *http.Request) (orderAdd, error) {
	ctx := r.Context()
	id, here, err := s.find(r)
	if err != nil {
		return orderAdd{}, err
	}
	p, err := s.page(ctx, id)
	if err != nil {
		return orderAdd{}, refused(err, here)
	}
	f := orderAdd{orderPage: p, Query: strings.TrimSpace(r.FormValue("q"))}
	if code := strings.TrimSpace(r.FormValue("sku")); code != "" {
		d, err := s.Catalog.SKUByCode(ctx, code)
		if errors.Is(err, catalog.ErrUnknown) {
			return f, route.Invalid("order.err.sku").With("order.next.look", here).Because(err)
		}
		if err != nil {
			return f, err
		}
		f.Chosen = &d.SKURecord
		for _, t := range d.Terms {
			if t.Supplier == p.Order.Supplier {
				f.Term = &t
			}
		}
		return f, nil
	}
	page, err := s.Catalog.SKUs(ctx, catalog.SKUQuery{Text: f.Query, Supplier: p.Order.Supplier, Limit: foundGoods})
	f.Found = page.Rows
	return f, err
}

func (s Pages) addForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.addPage(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "lines/new"); leave {
		return route.See(w, r, to)
	}
	if r.Header.Get("HX-Target") == "goods-found" {
		return route.Render(w, r, orderGoodsFound(f))
	}
	return route.Render(w, r, orderAddDrawer(f))
}

func (s Pages) add(w http.ResponseWriter, r *http.Request) error {
	f, err := s.addPage(r)
	if err != nil {
		return err
	}
	if f.Form, err = desk.ReadPosted(r); err != nil {
		return err
	}
	if f.Chosen == nil {
		return route.Invalid("order.err.sku").With("order.next.look", f.Here)
	}
	n := c2mops.NewLine{SKU: f.Chosen.ID, Pieces: f.Form.Pieces("pieces"), Due: f.Form.Day("due"), Spec: f.Form.Text("spec"), Note: f.Form.Text("note")}
	if f.Form.Text("price") != "" {
		price := f.Form.Yuan("price")
		// A price left as the terms have it follows the quantity.
		if f.Term == nil || price != f.Term.PriceAt(f.Term.MOQ) {
			n.Price = &price
		}
	}
	if n.Pieces == 0 {
		f.Form.Bad("pieces", "order.err.pieces")
	}
	if f.Form.OK() {
		_, err = s.Ops.AddLine(r.Context(), f.Order.ID, orderRevision(r), n)
		switch {
		case err == nil:
			return route.See(w, r, f.Here)
		case !lineFault(f.Form, err, ""):
			return refused(err, f.Here)
		}
	}
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderAddDrawer(f))
}

// orderForm is a drawer with a form about the whole order.
type orderForm struct {
	orderPage
	Form *desk.Posted
}

// form reads the order of the path and what was posted about it.
func (s Pages) form(r *http.Request) (orderForm, error) {
	id, here, err := s.find(r)
	if err != nil {
		return orderForm{}, err
	}
	p, err := s.page(r.Context(), id)
	if err != nil {
		return orderForm{}, refused(err, here)
	}
	f := orderForm{orderPage: p}
	if r.Method == http.MethodPost {
		f.Form, err = desk.ReadPosted(r)
	}
	return f, err
}

func (s Pages) conditionsForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "conditions"); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderConditionsDrawer(f))
}

func (s Pages) conditions(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	_, err = s.Ops.SetConditions(r.Context(), f.Order.ID, orderRevision(r), readConditions(f.Form))
	if errors.Is(err, c2m.ErrLong) {
		f.Form.Bad("note", "order.err.long")
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderConditionsDrawer(f))
	}
	if err != nil {
		return refused(err, f.Here)
	}
	return route.See(w, r, f.Here)
}

func (s Pages) discard(w http.ResponseWriter, r *http.Request) error {
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	o, err := s.Ops.Discard(r.Context(), id, orderRevision(r))
	if err != nil {
		return refused(err, here)
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "order.done.discarded", "Version", o.Version())})
	return route.See(w, r, here)
}
