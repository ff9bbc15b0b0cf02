// Package api is the JSON API of the house, /api/v1: what other systems push and read. Errors are problem documents
// (RFC 9457) whose list points at each wrong field with a JSON pointer (RFC 6901).
package api

import (
	"context"
	_ "embed"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statementops"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/replenishment/replenishops"
	"milkrun/routing/routingops"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Prefix is where the API lives.
const Prefix = "/api/v1"

// API is the JSON API.
type API struct {
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Orders    *c2mops.Ops
	Catalog   Codes
	Campaigns *campaignops.Ops
	Rounds    *routingops.Ops
	Stock     *warehouseops.Ops
	// Statements and Finance are the accounts of suppliers.
	Statements *statementops.Ops
	Finance    *financeops.Ops
}

// Codes finds things by the codes that other systems know them by, and the other way round.
type Codes interface {
	SKUsByCode(ctx context.Context, codes ...string) (map[string]catalog.SKU, error)
	SKUs(ctx context.Context, ids ...catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error)
	Sites(ctx context.Context) ([]catalog.Site, error)
	SupplierByCode(ctx context.Context, code string) (catalog.Supplier, error)
	Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error)
}

// maxBody bounds a request: a batch of 50,000 sales is about 6 MB.
const maxBody = 16 << 20

// Screens gives the API as one mount: its operations check their own permission.
func (a API) Screens() route.Screens {
	return route.Screens{Mounts: []route.Mount{{Prefix: Prefix, Permission: access.Public, Handler: a.Handler(), API: true, Policy: docsPolicy}}}
}

// docsPolicy lets the documentation page style itself and show its inline pictures; everything still comes from the house.
const docsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

// The documentation page, with {css} and {js} where its library stands, and what draws it.
var (
	//go:embed docs.html
	docsPage string
	//go:embed docs.js
	docsScript string
)

// Handler gives the API with its description (openapi.json) and its documentation page (docs).
func (a API) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			req.Body = http.MaxBytesReader(w, req.Body, maxBody)
			next.ServeHTTP(w, req)
		})
	})
	cfg := huma.DefaultConfig("Milkrun", "1.0.0")
	cfg.Info.Description = "Push sales, social heat and births, read forecasts and suggestions, place and follow factory orders, run campaigns, settle statements of account. " +
		"Sign in with an API key: Authorization: Bearer mk_…. Amounts are integers in fen, days are YYYY-MM-DD in the site's zone."
	cfg.Servers = []*huma.Server{{URL: Prefix}}
	cfg.DocsPath, cfg.SchemasPath = "", ""
	cfg.CreateHooks = nil
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer", Description: "An API key: mk_…"}}
	cfg.Security = []map[string][]string{{"key": {}}}
	h := humachi.New(r, cfg)
	a.sales(h)
	a.heat(h)
	a.births(h)
	a.forecasts(h)
	a.suggestions(h)
	a.orders(h)
	a.campaigns(h)
	a.votes(h)
	a.statements(h)
	a.advances(h)
	a.paymentMessages(r, h)
	webhooks(h)
	a.parcels(h)
	a.outbound(h)
	page := strings.NewReplacer("{css}", ui.Asset("vendor/swagger-ui.css"), "{js}", ui.Asset("vendor/swagger-ui.js")).Replace(docsPage)
	r.Get("/docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page)) // the reader has gone when this fails
	})
	r.Get("/docs.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write([]byte(docsScript))
	})
	return r
}

// operation is an operation with what it needs: a permission, checked before the body is read.
func operation[I, O any](h huma.API, o huma.Operation, p access.Permission, f func(context.Context, *I) (*O, error)) {
	operationFor(h, o, []access.Permission{p}, f)
}

// permissionsMark is where the description of an operation tells which permissions open it, each by itself.
const permissionsMark = "x-permissions"

// operationFor is an operation that any of some permissions opens.
func operationFor[I, O any](h huma.API, o huma.Operation, each []access.Permission, f func(context.Context, *I) (*O, error)) {
	o.Extensions = map[string]interface{}{permissionsMark: each}
	o.Middlewares = append(o.Middlewares, func(c huma.Context, next func(huma.Context)) {
		if _, err := access.RequireAny(c.Context(), each...); err != nil {
			e := explain(err)
			c.SetHeader("Content-Type", "application/problem+json")
			if e.Status == http.StatusUnauthorized {
				c.SetHeader("WWW-Authenticate", `Bearer realm="milkrun"`)
			}
			c.SetStatus(e.Status)
			_ = e.write(c.BodyWriter())
			return
		}
		next(c)
	})
	o.MaxBodyBytes = maxBody
	huma.Register(h, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, explain(err)
		}
		return out, nil
	})
}
