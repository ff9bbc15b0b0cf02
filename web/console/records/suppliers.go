package records

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Suppliers are the firms that goods are ordered from: their figures, terms, orders and people.
type Suppliers struct {
	desk.Directory
	Orders *c2mops.Ops
}

// Screens gives the routes of the suppliers.
func (s Suppliers) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/suppliers", access.ViewSuppliers, s.list),
			{Method: http.MethodGet, Pattern: "/suppliers.xlsx", Permission: access.ViewSuppliers, Handler: s.export, Heavy: true},
			route.GET("/suppliers/-/new", access.EditSuppliers, s.newForm),
			route.POST("/suppliers", access.EditSuppliers, s.add),
			route.GET("/suppliers/{code}", access.ViewSuppliers, s.one),
			route.GET("/suppliers/{code}/edit", access.EditSuppliers, s.editForm),
			route.POST("/suppliers/{code}", access.EditSuppliers, s.edit),
			route.POST("/suppliers/{code}/ban", access.EditSuppliers, s.ban),
			route.POST("/suppliers/{code}/unban", access.EditSuppliers, s.unban),
			{Method: http.MethodGet, Pattern: "/suppliers/{code}/terms.xlsx", Permission: access.ViewSuppliers, Handler: s.exportTerms, Heavy: true},
			route.GET("/suppliers/{code}/terms/{sku}", access.ViewSuppliers, s.term),
			route.POST("/suppliers/{code}/terms/{sku}", access.EditSuppliers, s.saveTerm),
			route.POST("/suppliers/{code}/terms/{sku}/remove", access.EditSuppliers, s.removeTerm),
		},
		Menu: []ui.MenuItem{{Key: "suppliers", Path: "/suppliers", Permission: access.ViewSuppliers}},
	}
}

// supplierLine is a supplier in the list.
type supplierLine struct {
	catalog.SupplierRecord
	c2mops.Dealing
}

// state is the supplier's word: banned, off, or usable.
func (l supplierLine) state() string { return supplierState(l.Supplier) }

func supplierState(s catalog.Supplier) string {
	switch {
	case s.Banned != "":
		return "banned"
	case !s.Active:
		return "inactive"
	}
	return "active"
}

// supplierList is what the list shows.
type supplierList struct {
	Lines  []supplierLine // of this page
	Counts map[string]int // by state, and "" for all
	View   string
	Query  string
	Sort   string
	Page   int
	Total  int
}

// supplierViews are the choices of the list.
var supplierViews = []string{"", "active", "banned", "inactive"}

// read gives all suppliers of the query with their figures, sorted.
func (s Suppliers) read(r *http.Request) (supplierList, error) {
	ctx, q := r.Context(), r.URL.Query()
	p := supplierList{Query: q.Get("q"), Page: max(1, int(desk.Number(q.Get("page")))), Counts: map[string]int{}}
	if v := q.Get("view"); slices.Contains(supplierViews, v) {
		p.View = v
	}
	by, desc := ui.Sorted(q, "-open", "code", "name", "open", "ontime", "quantity", "skus")
	p.Sort = by
	if desc {
		p.Sort = "-" + by
	}
	found, err := s.Catalog.Suppliers(ctx, catalog.SupplierQuery{Text: p.Query})
	if err != nil {
		return p, err
	}
	dealings, err := s.dealings(ctx, found)
	if err != nil {
		return p, err
	}
	for _, f := range found {
		l := supplierLine{SupplierRecord: f, Dealing: dealings[f.ID]}
		p.Counts[""]++
		p.Counts[l.state()]++
		if p.View == "" || p.View == l.state() {
			p.Lines = append(p.Lines, l)
		}
	}
	language := string(ui.Lang(ctx))
	slices.SortStableFunc(p.Lines, func(a, b supplierLine) int {
		c := compareSuppliers(by, language, a, b)
		if desc {
			c = -c
		}
		return c
	})
	p.Total = len(p.Lines)
	return p, nil
}

func (s Suppliers) dealings(ctx context.Context, list []catalog.SupplierRecord) (map[catalog.SupplierID]c2mops.Dealing, error) {
	ids := make([]catalog.SupplierID, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	return s.Orders.Dealings(ctx, ids)
}

func compareSuppliers(by, language string, a, b supplierLine) int {
	switch by {
	case "name":
		return cmp.Compare(a.Name.In(language), b.Name.In(language))
	case "open":
		return cmp.Compare(a.Open, b.Open)
	case "skus":
		return cmp.Compare(a.SKUs, b.SKUs)
	case "ontime":
		return compareShares(a.Score.OnTimeShare, b.Score.OnTimeShare)
	case "quantity":
		return compareShares(a.Score.QuantityShare, b.Score.QuantityShare)
	}
	return cmp.Compare(a.Code, b.Code)
}

// compareShares puts a share that is unknown below all others.
func compareShares(a, b func() (float64, bool)) int {
	x, known := a()
	if !known {
		x = -1
	}
	y, known := b()
	if !known {
		y = -1
	}
	return cmp.Compare(x, y)
}

func (s Suppliers) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	from := min((p.Page-1)*desk.PageSize, len(p.Lines))
	p.Lines = p.Lines[from:min(from+desk.PageSize, len(p.Lines))]
	if route.Partial(r) && r.Header.Get("HX-Target") == "supplier-list" {
		return route.Render(w, r, suppliersTable(p))
	}
	return route.Render(w, r, suppliersScreen(p))
}

func (s Suppliers) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.read(r)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "suppliers."+id) }
	columns := []sheet.Column{
		desk.Column("code", say("code"), sheet.Code), desk.Column("name", say("name"), sheet.Text), desk.Column("city", say("city"), sheet.Text),
		desk.Column("state", say("state"), sheet.Text), desk.Column("reason", say("ban_reason"), sheet.Text), desk.Column("open", say("open"), sheet.Pieces),
		desk.Column("late", say("late"), sheet.Pieces), desk.Column("ontime", say("ontime"), sheet.Percent), desk.Column("quantity", say("quantity"), sheet.Percent),
		desk.Column("skus", say("skus"), sheet.Pieces), desk.Column("person", say("person"), sheet.Text), desk.Column("phone", say("phone"), sheet.Code),
		desk.Column("email", say("email"), sheet.Text),
	}
	return desk.Export(w, r, "suppliers", say("title"), columns, func(row func(...any) error) error {
		for _, l := range p.Lines {
			err := row(l.Code, ui.Name(ctx, l.Name), ui.Name(ctx, l.City), ui.T(ctx, "suppliers.state_"+l.state()), l.Banned, int64(l.Open), int64(l.Late),
				basisPoints(l.Score.OnTimeShare()), basisPoints(l.Score.QuantityShare()), int64(l.SKUs), l.Contact.Person, l.Contact.Phone, l.Contact.Email)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// basisPoints gives a share for a cell of percentages: hundredths of a percent, or nothing when it is unknown.
func basisPoints(share float64, known bool) any {
	if !known {
		return nil
	}
	return int64(share*10_000 + 0.5)
}

// find gives the supplier of the path.
func (s Suppliers) find(r *http.Request) (catalog.SupplierRecord, error) {
	code := route.Param(r, "code")
	list, err := s.Catalog.Suppliers(r.Context(), catalog.SupplierQuery{Text: code})
	if err != nil {
		return catalog.SupplierRecord{}, err
	}
	for _, l := range list {
		if l.Code == code {
			return l, nil
		}
	}
	// A code without letters and digits has nothing that a search could find.
	if list, err = s.Catalog.Suppliers(r.Context(), catalog.SupplierQuery{}); err != nil {
		return catalog.SupplierRecord{}, err
	}
	if i := slices.IndexFunc(list, func(l catalog.SupplierRecord) bool { return l.Code == code }); i >= 0 {
		return list[i], nil
	}
	return catalog.SupplierRecord{}, route.NotFound()
}

// supplierPage is what one supplier's page shows.
type supplierPage struct {
	catalog.SupplierRecord
	c2mops.Dealing
	Orders []c2mops.Row
	Terms  []catalog.TermRecord
	Place  desk.Trail
	Next   string
	Logins []access.Account
	Log    desk.ChangeLog
	Form   *desk.Posted // of the ban
}

// ordersShown is how many orders the page shows, the newest.
const ordersShown = 8

// termRows is how many terms the page shows at a time.
const termRows = 25

func (s Suppliers) page(r *http.Request, rec catalog.SupplierRecord) (supplierPage, error) {
	ctx := r.Context()
	p := supplierPage{SupplierRecord: rec, Place: desk.ReadTrail(r.URL.Query().Get("after"))}
	dealings, err := s.Orders.Dealings(ctx, []catalog.SupplierID{rec.ID})
	if err != nil {
		return p, err
	}
	p.Dealing = dealings[rec.ID]
	if desk.Can(ctx, access.ViewOrders) {
		orders, err := s.Orders.Orders(ctx, c2mops.Query{Filter: c2mops.Filter{Supplier: rec.ID}, Limit: ordersShown})
		if err != nil {
			return p, err
		}
		p.Orders = orders.Rows
	}
	if p.Terms, err = s.Catalog.SupplierTerms(ctx, rec.ID, catalog.SKUID(desk.Number(p.Place.Here())), termRows+1); err != nil {
		return p, err
	}
	if len(p.Terms) > termRows {
		p.Terms = p.Terms[:termRows]
		p.Next = desk.Itoa(p.Terms[termRows-1].SKU)
	}
	if p.Logins, err = s.Accounts.Logins(ctx, rec.ID); err != nil {
		return p, err
	}
	p.Log, err = s.History(ctx, "supplier", desk.Itoa(rec.ID))
	return p, err
}

func (s Suppliers) one(w http.ResponseWriter, r *http.Request) error {
	rec, err := s.find(r)
	if err != nil {
		return err
	}
	p, err := s.page(r, rec)
	if err != nil {
		return err
	}
	return route.Render(w, r, supplierScreen(p))
}

// exportTerms gives everything agreed with the supplier as a workbook.
func (s Suppliers) exportTerms(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rec, err := s.find(r)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "suppliers."+id) }
	columns := []sheet.Column{
		desk.Column("supplier", say("code"), sheet.Code), desk.Column("sku", "SKU", sheet.Code), desk.Column("name", say("goods"), sheet.Text), desk.Column("part", say("part_no"), sheet.Code),
		desk.Column("moq", say("moq"), sheet.Pieces), desk.Column("pack", say("pack"), sheet.Pieces), desk.Column("from", say("break_from"), sheet.Pieces),
		desk.Column("price", say("price"), sheet.Money), desk.Column("lead", say("lead_days"), sheet.Number), desk.Column("sd", say("lead_sd_days"), sheet.Number),
		desk.Column("capacity", say("capacity_day"), sheet.Pieces), desk.Column("backup", say("backup"), sheet.Bool), desk.Column("site", say("ships_to"), sheet.Code),
	}
	return desk.Export(w, r, "terms-"+strconv.Itoa(int(rec.ID)), say("terms"), columns, func(row func(...any) error) error {
		for after := catalog.SKUID(0); ; {
			terms, err := s.Catalog.SupplierTerms(ctx, rec.ID, after, catalog.MaxPage)
			if err != nil {
				return err
			}
			for _, t := range terms {
				after = t.SKU
				if err := termLines(ctx, t, row); err != nil {
					return err
				}
			}
			if len(terms) < catalog.MaxPage {
				return nil
			}
		}
	})
}

// termLines writes a term: a row for each of its prices, at least one.
func termLines(ctx context.Context, t catalog.TermRecord, row func(...any) error) error {
	breaks := t.Breaks
	if len(breaks) == 0 {
		breaks = []catalog.PriceBreak{{From: t.MOQ}}
	}
	for _, b := range breaks {
		var price any
		if b.Price > 0 {
			price = b.Price
		}
		if err := row(t.SupplierCode, t.SKUCode, ui.Name(ctx, t.SKUName), t.PartNo, t.MOQ, t.Pack, b.From, price, t.LeadMean, t.LeadSD, t.CapacityDay, t.Backup, t.ShipsToCode); err != nil {
			return err
		}
	}
	return nil
}
