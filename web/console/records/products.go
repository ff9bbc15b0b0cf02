package records

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Products is the master data of what is sold: SKUs, and the topics that concern them.
type Products struct{ desk.Directory }

// Screens gives the routes of the products and topics.
func (s Products) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/products", access.ViewCatalog, s.list),
			{Method: http.MethodGet, Pattern: "/products.xlsx", Permission: access.ViewCatalog, Handler: s.export, Heavy: true},
			route.GET("/products/-/codes", access.ViewCatalog, s.codes),
			route.GET("/products/-/new", access.EditCatalog, s.newForm),
			route.POST("/products", access.EditCatalog, s.add),
			route.GET("/products/{code}", access.ViewCatalog, s.one),
			route.POST("/products/{code}", access.EditCatalog, s.edit),
			route.POST("/products/{code}/weight", access.EditCatalog, s.weigh),
			route.GET("/topics", access.ViewCatalog, s.topics),
			route.GET("/topics/-/new", access.EditCatalog, s.newTopic),
			route.POST("/topics", access.EditCatalog, s.addTopic),
			route.GET("/topics/{code}", access.ViewCatalog, s.topic),
			route.POST("/topics/{code}", access.EditCatalog, s.editTopic),
			route.POST("/topics/{code}/weight", access.EditCatalog, s.weighTopic),
			{Method: http.MethodGet, Pattern: "/topics/{code}/skus.xlsx", Permission: access.ViewCatalog, Handler: s.exportTopic, Heavy: true},
		},
		Menu: []ui.MenuItem{{Key: "system", Sub: "catalog", Path: "/products", Permission: access.ViewCatalog}},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			if errors.Is(err, catalog.ErrPlace) {
				return route.NotFound().With("products.to_list", "/products")
			}
			return nil
		}},
	}
}

// productList is what the list shows.
type productList struct {
	catalog.SKUPage
	Query      catalog.SKUQuery
	Core       string // "", "yes" or "no"
	Place      desk.Trail
	Categories []catalog.CategoryRecord
	Supplier   desk.ThingName // of the filter
	Topic      desk.ThingName
}

// lives are the choices of the list, by where a SKU is in its life.
var lives = []catalog.Life{"", catalog.Selling, catalog.Newborn, catalog.Ending, catalog.Retired}

func (s Products) query(r *http.Request) (productList, error) {
	ctx, q := r.Context(), r.URL.Query()
	p := productList{Place: desk.ReadTrail(q.Get("after"))}
	by, down := ui.Sorted(q, "code", "code", "price", "launched", "updated")
	p.Query = catalog.SKUQuery{Text: q.Get("q"), Category: catalog.CategoryID(desk.Number(q.Get("category"))), Supplier: catalog.SupplierID(desk.Number(q.Get("supplier"))),
		Topic: catalog.TopicID(desk.Number(q.Get("topic"))), Sort: catalog.SKUSort(by), Down: down, After: desk.UnpackPlace(p.Place.Here()), Limit: desk.PageSize}
	if l := catalog.Life(q.Get("life")); slices.Contains(lives, l) {
		p.Query.Life = l
	}
	if t := catalog.Temperature(q.Get("temperature")); t.Rank() >= 0 {
		p.Query.Temperature = t
	}
	if c := q.Get("core"); c == "yes" || c == "no" {
		p.Core = c
		core := c == "yes"
		p.Query.Core = &core
	}
	var err error
	if p.Categories, err = s.Catalog.Categories(ctx); err != nil {
		return p, err
	}
	if p.Query.Category != 0 && !slices.ContainsFunc(p.Categories, func(c catalog.CategoryRecord) bool { return c.ID == p.Query.Category }) {
		p.Query.Category = 0 // a category that has gone filters nothing
	}
	return p, s.nameFilters(ctx, &p)
}

func (s Products) nameFilters(ctx context.Context, p *productList) error {
	names := desk.ThingNames{Things: map[audit.Thing]desk.ThingName{}}
	if p.Query.Supplier != 0 {
		if err := s.NameKind(ctx, names, "supplier", nil); err != nil {
			return err
		}
		p.Supplier = names.Of("supplier", desk.Itoa(p.Query.Supplier))
	}
	if p.Query.Topic != 0 {
		if err := s.NameKind(ctx, names, "topic", nil); err != nil {
			return err
		}
		p.Topic = names.Of("topic", desk.Itoa(p.Query.Topic))
	}
	return nil
}

func (s Products) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.query(r)
	if err != nil {
		return err
	}
	if p.SKUPage, err = s.Catalog.SKUs(r.Context(), p.Query); err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "product-list" {
		return route.Render(w, r, productsTable(p))
	}
	return route.Render(w, r, productsScreen(p))
}

// codes offers the codes that a text may mean, for fields that ask for one.
func (s Products) codes(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	text := ""
	for _, name := range []string{"q", "sku", "successor"} {
		if text == "" {
			text = strings.TrimSpace(q.Get(name))
		}
	}
	var hits []catalog.Hit
	if text != "" {
		found, err := s.Catalog.Find(r.Context(), text, 12)
		if err != nil {
			return err
		}
		for _, h := range found {
			if h.Kind == catalog.SKUHit {
				hits = append(hits, h)
			}
		}
	}
	return route.Render(w, r, codeOptions(hits))
}

func (s Products) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.query(r)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "products."+id) }
	columns := []sheet.Column{
		desk.Column("code", "SKU", sheet.Code), desk.Column("gtin", "GTIN", sheet.GTIN), desk.Column("name_zh", say("name_zh"), sheet.Text), desk.Column("name_en", say("name_en"), sheet.Text),
		desk.Column("category", say("category"), sheet.Code), desk.Column("category_name", say("category_name"), sheet.Text), desk.Column("unit_zh", say("unit_zh"), sheet.Text),
		desk.Column("unit_en", say("unit_en"), sheet.Text), desk.Column("core", say("core"), sheet.Bool), desk.Column("temperature", say("temperature"), sheet.Text),
		desk.Column("shelf", say("shelf_life_days"), sheet.Pieces), desk.Column("remaining", say("min_remaining_days"), sheet.Pieces), desk.Column("carton", say("carton_pieces"), sheet.Pieces),
		desk.Column("weight", say("weight_grams"), sheet.Pieces), desk.Column("volume", say("volume_ml"), sheet.Pieces), desk.Column("price", say("price"), sheet.Money),
		desk.Column("launched", say("launched"), sheet.Day), desk.Column("retired", say("retired"), sheet.Day), desk.Column("successor", say("successor"), sheet.Code),
	}
	return desk.Export(w, r, "products", say("title"), columns, func(row func(...any) error) error {
		p.Query.After, p.Query.Limit = "", catalog.MaxPage
		for written := 0; written < desk.ExportMost; {
			page, err := s.Catalog.SKUs(ctx, p.Query)
			if err != nil {
				return err
			}
			for _, k := range page.Rows {
				err := row(k.Code, k.GTIN, k.Name.ZH, k.Name.EN, k.CategoryCode, ui.Name(ctx, k.CategoryName), k.Unit.ZH, k.Unit.EN, k.Core,
					ui.T(ctx, "temperature."+string(k.Temperature)), int64(k.ShelfLifeDays), int64(k.MinRemainingDays), k.CartonPieces, int64(k.WeightGrams),
					int64(k.VolumeML), k.Price, k.Launched, k.Retired, k.SuccessorCode)
				if err != nil {
					return err
				}
				written++
			}
			if page.Next == "" {
				return nil
			}
			p.Query.After = page.Next
		}
		return nil
	})
}

// lifeOf tells where a SKU is in its life, for its chip.
func lifeOf(ctx context.Context, k catalog.SKU) catalog.Life {
	today := ui.Today(ctx)
	switch {
	case k.Retired != nil && *k.Retired <= today:
		return catalog.Retired
	case k.Retired != nil:
		return catalog.Ending
	case k.Launched != nil && today.Sub(*k.Launched) < catalog.NewbornDays:
		return catalog.Newborn
	}
	return catalog.Selling
}
