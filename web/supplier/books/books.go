// Package books holds the pages that a supplier and the house look at together: the scorecard with papers and cards, capacity and work, the
// statements of account, and the advances. Both sides see the same page; what each may do on it is its own.
package books

import (
	"context"
	"net/http"
	"strings"

	"golang.org/x/text/width"

	"github.com/a-h/templ"

	"milkrun/c2m/c2mops"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// workPath is the page of what a supplier makes for the house: capacity, orders in the making and stock.
const workPath = "/work"

// Desk serves the pages.
type Desk struct {
	Suppliers  *supplierops.Ops
	Statements *statementops.Ops
	Finance    *financeops.Ops
	Orders     *c2mops.Ops
}

// Frame is whose pages they are, from which side they are looked at, and what stands around them.
type Frame struct {
	Supplier catalog.SupplierID
	Code     string
	Name     catalog.Name
	Base     string // "/portal", or the supplier's page of the console
	House    bool   // the house looks; otherwise the supplier does
	Edit     bool   // the house may decide
	// Judge says that the user may speak on appeals.
	Judge bool
	Wrap  func(title, tab string, body templ.Component) templ.Component
}

// Framer finds the frame of a request.
type Framer func(r *http.Request) (Frame, error)

// handler is a page or deed of a frame.
type handler func(f Frame, w http.ResponseWriter, r *http.Request) error

// Routes gives the pages below a prefix: read opens them, write is what the house's deeds need. For the portal both are access.UsePortal.
func (d Desk) Routes(prefix string, read, write access.Permission, framer Framer) []route.Route {
	in := func(h handler) route.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			f, err := framer(r)
			if err != nil {
				return err
			}
			return Refusal(h(f, w, r), r.Header.Get("Referer"))
		}
	}
	get := func(path string, h handler) route.Route { return route.GET(prefix+path, read, in(h)) }
	post := func(path string, h handler) route.Route { return route.POST(prefix+path, write, in(h)) }
	file := func(method, path string, p access.Permission, h handler) route.Route {
		return route.Route{Method: method, Pattern: prefix + path, Permission: p, Handler: in(h), Heavy: true, MaxBody: sheets.MaxBody}
	}
	return []route.Route{
		get("/standing", d.standing), file(http.MethodPost, "/standing/papers", write, d.addPaper), file(http.MethodGet, "/standing/papers/{id}", read, d.paper),
		post("/standing/appeal/{id}", d.appeal),
		get(workPath, d.work), post(workPath+"/capacity", d.writeCapacity), post(workPath+"/conflicts/{id}", d.settleConflict), post(workPath+"/stock", d.reportStock),
		post(workPath+"/progress", d.reportProgress), file(http.MethodGet, workPath+"/capacity.xlsx", read, d.capacitySheet),
		get("/statements", d.statements), get("/statements/{number}", d.statement), file(http.MethodGet, "/statements/{number}/sheet", read, d.statementSheet),
		post("/statements/{number}/say", d.say), post("/statements/{number}/bill", d.bill),
		get("/credit", d.credit), post("/credit", d.apply), get("/credit/{number}", d.advance), post("/credit/{number}/draw", d.draw), post("/credit/{number}/withdraw", d.withdrawAdvance),
	}
}

// Uploads gives the routes by which a supplier hands filled sheets in.
func (d Desk) Uploads(prefix string, framer Framer) []route.Route {
	file := func(path string, h handler) route.Route {
		return route.Route{Method: http.MethodPost, Pattern: prefix + path, Permission: access.UsePortal, Heavy: true, MaxBody: sheets.MaxBody,
			Handler: func(w http.ResponseWriter, r *http.Request) error {
				f, err := framer(r)
				if err != nil {
					return err
				}
				return Refusal(h(f, w, r), r.Header.Get("Referer"))
			}}
	}
	return []route.Route{file(workPath+"/upload", d.uploadCapacity), file("/statements/{number}/upload", d.uploadStatement)}
}

// Deeds gives the routes of what the house alone may do.
func (d Desk) Deeds(prefix string, framer Framer) []route.Route {
	post := func(path string, p access.Permission, h handler) route.Route {
		return route.POST(prefix+path, p, func(w http.ResponseWriter, r *http.Request) error {
			f, err := framer(r)
			if err != nil {
				return err
			}
			return Refusal(h(f, w, r), r.Header.Get("Referer"))
		})
	}
	return []route.Route{
		post("/standing/papers/{id}/verify", access.EditSuppliers, d.verifyPaper), post("/standing/appeal/{id}/decide", access.ViewSuppliers, d.decideAppeal),
		post("/standing/tier", access.EditSuppliers, d.setTier), post("/standing/shares/{sku}", access.EditSuppliers, d.moveShares),
		post("/statements", access.EditSuppliers, d.makeStatement), post("/statements/{number}/send", access.EditSuppliers, d.sendStatement),
		post("/statements/{number}/void", access.EditSuppliers, d.voidStatement), post("/statements/{number}/answer/{line}", access.EditSuppliers, d.answerLine),
		post("/statements/{number}/agree", access.EditSuppliers, d.agreeStatement), post("/statements/trade", access.EditSuppliers, d.saveTrade),
		post("/credit/{number}/approve", access.EditSuppliers, d.approve), post("/credit/{number}/reject", access.EditSuppliers, d.reject),
		post("/credit/{number}/repaid", access.EditSuppliers, d.repaid), post("/credit/payments", access.EditSuppliers, d.retryPayment),
	}
}

// page renders a body in the frame.
func (f Frame) page(w http.ResponseWriter, r *http.Request, tab string, body templ.Component) error {
	return route.Render(w, r, f.Wrap(ui.T(r.Context(), "books.tab_"+tab), tab, body))
}

// done tells what was done and goes to a page of the frame.
func (f Frame) done(w http.ResponseWriter, r *http.Request, path, word string, args ...any) error {
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), word, args...)})
	return route.See(w, r, f.Base+path)
}

// text gives a field without the space around it.
func text(r *http.Request, field string) string { return strings.TrimSpace(r.PostFormValue(field)) }

// plain gives a number's text without separators, signs of money and full-width digits.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ',', ' ', '\u00a0', '\u2009', '¥', '%':
			return -1
		case '−':
			return '-'
		}
		return r
	}, width.Narrow.String(strings.TrimSpace(s)))
}

// yuan reads an amount; nil for an empty field.
func yuan(r *http.Request, field string) (*money.Fen, error) {
	s := plain(r.PostFormValue(field))
	if s == "" {
		return nil, nil
	}
	fen, err := money.ParseYuan(s)
	if err != nil {
		return nil, route.Invalid("books.err.money", "Value", r.PostFormValue(field)).Because(err)
	}
	return &fen, nil
}

// pieces reads a quantity; nil for an empty field.
func pieces(r *http.Request, field string) (*quantity.Pieces, error) {
	s := strings.TrimSpace(r.PostFormValue(field))
	if s == "" {
		return nil, nil
	}
	n, ok := route.Pieces(s)
	if !ok {
		return nil, route.Invalid("books.err.pieces", "Value", s)
	}
	return &n, nil
}

// day reads a date; nil for an empty field.
func day(r *http.Request, field string) (*calendar.Day, error) {
	s := text(r, field)
	if s == "" {
		return nil, nil
	}
	d, err := calendar.ParseDay(s)
	if err != nil {
		return nil, route.Invalid("books.err.date", "Value", s).Because(err)
	}
	return &d, nil
}

func lang(ctx context.Context) string { return string(ui.Lang(ctx)) }
