package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"riverqueue.com/riverui"

	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/demo"
	"milkrun/web"
	"milkrun/web/api"
	"milkrun/web/console"
	"milkrun/web/console/campaigns"
	"milkrun/web/console/desk"
	"milkrun/web/console/floor"
	"milkrun/web/console/orders"
	"milkrun/web/console/partners"
	"milkrun/web/console/planning"
	"milkrun/web/console/records"
	"milkrun/web/console/rounds"
	"milkrun/web/console/workbench"
	"milkrun/web/courier"
	"milkrun/web/public"
	"milkrun/web/route"
	"milkrun/web/supplier"
	"milkrun/web/supplier/books"
	"milkrun/web/ui"
)

// webServer puts the screens together.
func (h *house) webServer(ctx context.Context, c *ServeCmd) (*web.Server, error) {
	store := pgxstore.New(h.db.Pool)
	context.AfterFunc(ctx, store.StopCleanup)
	sessions := route.NewSessions(store, c.Secure)
	jobs, err := h.jobConsole(ctx)
	if err != nil {
		return nil, err
	}
	cfg := web.Config{
		Log: h.log, Clock: time.Now, Zone: h.cfg.zone(), Sessions: sessions, Accounts: h.Access, Sites: h.siteOptions,
		DataAsOf: h.dataAsOf, Live: h.live, Ready: h.ready, MetricsToken: c.MetricsToken, Secure: c.Secure, Proxies: c.Proxies,
		SearchPath: "/search", ProfilePath: "/profile", Home: home,
	}
	return web.New(cfg, append(h.screens(ctx, sessions), jobs)...)
}

// screens lists every screen of the house.
func (h *house) screens(ctx context.Context, sessions *route.Sessions) []route.Screens {
	people := desk.Directory{Catalog: h.Catalog, Accounts: h.Access, Orders: h.Orders}
	factories := console.OrderDesk{Ops: h.Orders}
	accounts := books.Desk{Suppliers: h.Suppliers, Statements: h.Statements, Finance: h.Finance, Orders: h.Orders}
	allies := partners.Pages{Directory: people, Books: accounts, Goods: names{h.db.Pool}}
	matters := func(ctx context.Context) (m console.PartnerMatters, err error) {
		m.Lapsing, m.Lapsed, m.Appeals, m.Statements, m.Advance, err = allies.Matters(ctx)
		return m, err
	}
	return []route.Screens{
		console.SignIn{Check: h.Access.SignIn, Sessions: sessions, Home: home, Demo: h.demoLogins(ctx), DemoPassword: demo.Password}.Screens(),
		console.Today{Forecasts: h.Forecasts, Plan: h.Plan, Catalog: h.Catalog, Orders: factories, Partners: matters}.Screens(),
		console.Demand{Forecasts: h.Forecasts, Plan: h.Plan, Catalog: h.Catalog}.Screens(),
		console.SKU{Forecasts: h.Forecasts, Plan: h.Plan, Catalog: h.Catalog}.Screens(),
		console.Topics{Forecasts: h.Forecasts, Plan: h.Plan, Catalog: h.Catalog}.Screens(),
		workbench.Pages{Forecasts: h.Forecasts, Catalog: h.Catalog}.Screens(),
		console.Suggestions{Plan: h.Plan, Catalog: names{h.db.Pool}}.Screens(),
		console.Stock{Plan: h.Plan, Catalog: h.Catalog, Warehouse: h.Stock}.Screens(),
		console.Alarms{Plan: h.Plan}.Screens(),
		console.Excess{Plan: h.Plan, Catalog: h.Catalog}.Screens(),
		console.WhatIf{Plan: h.Plan, Catalog: h.Catalog}.Screens(),
		planning.Pages{Plan: h.Plan, Catalog: h.Catalog, Suppliers: supplierops.New(supplierops.Deps{Pool: h.db.Pool, Clock: time.Now, Log: h.log, Zone: h.cfg.zone()})}.Screens(),
		console.Runs{Forecasts: h.Forecasts, Plan: h.Plan, Catalog: h.Catalog}.Screens(),
		console.Search{Catalog: h.Catalog, Orders: factories, Warehouse: h.Stock}.Screens(),
		orders.Pages{Directory: people, Ops: h.Orders, Outlook: h.Plan}.Screens(),
		public.Tracks{Ops: h.Rounds}.Screens(),
		courier.Courier{Ops: h.Rounds, Clock: time.Now}.Screens(),
		floor.Pages{Ops: h.Stock, Catalog: h.Catalog, Clock: time.Now}.Screens(),
		rounds.Pages{Ops: h.Rounds, Catalog: h.Catalog, Accounts: h.Access, Tiles: rounds.Tiles{Address: h.cfg.MapTiles, By: h.cfg.MapBy}}.Screens(),
		campaigns.Pages{Directory: people, Ops: h.Campaigns, Codes: names{h.db.Pool}, Orders: h.Orders, Rates: h.rates, Public: public.CampaignPath}.Screens(),
		campaigns.Votes{Ops: h.Campaigns, Goods: names{h.db.Pool}.SKUsByCode}.Screens(),
		records.Suppliers{Directory: people, Orders: h.Orders}.Screens(),
		allies.Screens(),
		records.Imports{Directory: people, Importer: h.Imports}.Screens(),
		records.System{Facts: h.facts, Books: h.Stock, Jobs: "/jobs/", Docs: api.Prefix + "/docs", Metrics: "/metrics"}.Screens(),
		records.Products{Directory: people}.Screens(),
		records.Network{Directory: people}.Screens(),
		console.Policy{Directory: people, Plan: h.Plan}.Screens(),
		records.Users{Directory: people}.Screens(),
		records.Keys{Directory: people}.Screens(),
		records.Audit{Directory: people}.Screens(),
		records.Profile{Accounts: h.Access}.Screens(),
		public.Campaigns{Ops: h.Campaigns}.Screens(),
		supplier.Portal{Ops: h.Orders, Firms: h.Catalog, Books: &accounts}.Screens(),
		h.scanner(sessions),
		api.API{Forecasts: h.Forecasts, Plan: h.Plan, Orders: h.Orders, Catalog: names{h.db.Pool}, Campaigns: h.Campaigns, Rounds: h.Rounds, Stock: h.Stock,
			Statements: h.Statements, Finance: h.Finance}.Screens(),
	}
}

// home gives the first page of a role.
func home(r access.Role) string {
	switch r {
	case access.Supplier:
		return "/portal"
	case access.Warehouse:
		return "/warehouse"
	case access.Courier:
		return "/ride"
	case access.Integrator:
		return "/profile"
	}
	return "/today"
}

// jobConsole is River's own console of the queue, behind our sign-in.
func (h *house) jobConsole(ctx context.Context) (route.Screens, error) {
	handler, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(h.jobs, nil), Logger: h.log.With("part", "job console"), Prefix: "/jobs"})
	if err != nil {
		return route.Screens{}, fmt.Errorf("job console: %w", err)
	}
	if err := handler.Start(ctx); err != nil {
		return route.Screens{}, fmt.Errorf("job console: %w", err)
	}
	return route.Screens{
		Mounts: []route.Mount{{Prefix: "/jobs", Permission: access.ViewSystem, Handler: http.Handler(handler),
			Policy: "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"}},
		Menu: []ui.MenuItem{{Key: "system", Sub: "jobs", Path: "/jobs/", Permission: access.ViewSystem}},
	}, nil
}

// siteOptions are the choices of the site picker.
func (h *house) siteOptions(ctx context.Context, u access.User) ([]ui.SiteOption, error) {
	if !access.Can(u, access.Console) {
		return nil, nil
	}
	sites, err := h.Catalog.Sites(ctx)
	if err != nil {
		return nil, err
	}
	out := []ui.SiteOption{{Name: ui.T(ctx, "shell.allsites")}}
	for _, s := range sites {
		if s.Active {
			out = append(out, ui.SiteOption{Code: s.Code, Name: s.Name.In(u.Language)})
		}
	}
	return out, nil
}

// dataAsOf tells when the plan in force was computed.
func (h *house) dataAsOf(ctx context.Context) (time.Time, error) {
	runs, err := h.Plan.Runs(h.asSystem(ctx), 5)
	if err != nil {
		return time.Time{}, err
	}
	for _, r := range runs {
		if r.FinishedAt != nil && r.State == "done" {
			return *r.FinishedAt, nil
		}
	}
	return time.Time{}, nil
}

// isDemo tells whether the house was loaded with the demo business.
func (h *house) isDemo(ctx context.Context) bool {
	entries, err := h.Access.History(h.asSystem(ctx), audit.Thing{Kind: "import", ID: "demo"}, 1)
	return err == nil && len(entries) > 0
}
