package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplierops"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/events"
	"milkrun/internal/importer"
	"milkrun/replenishment/replenishops"
	"milkrun/routing/routingops"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

// house is the whole program put together: the database, the queue and the use cases of every domain.
type house struct {
	cfg  *Config
	log  *slog.Logger
	db   *database
	bus  *events.Bus
	live *events.Live
	jobs *river.Client[pgx.Tx]
	seal *warehouse.Seal

	Access    *accessops.Ops
	Catalog   *catalogops.Ops
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Stock     *warehouseops.Ops
	Orders    *c2mops.Ops
	Imports   *importer.Ops
	Campaigns *campaignops.Ops
	// Suppliers, Statements and Finance are the suppliers' side: how they are judged, accounted with and lent to.
	Suppliers  *supplierops.Ops
	Statements *statementops.Ops
	Finance    *financeops.Ops
	Rounds     *routingops.Ops
}

// openHouse opens the database and puts the program together. Jobs are not worked off before startJobs.
func openHouse(ctx context.Context, cfg *Config, log *slog.Logger) (*house, error) {
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, log: log, db: db, bus: events.NewBus(), live: events.NewLive(db.Pool, log)}
	if err := h.assemble(); err != nil {
		db.close()
		return nil, err
	}
	if h.jobs, err = h.queue(); err != nil {
		db.close()
		return nil, err
	}
	h.bus.Bind(h.jobs)
	return h, nil
}

// assemble makes the use cases and joins them: who reads what of whom, and who hears what of whom.
func (h *house) assemble() error {
	seal, err := h.cfg.seal()
	if err != nil {
		return err
	}
	h.seal = seal
	clock, pool, zone := time.Now, h.db.Pool, h.cfg.zone()
	h.Access = accessops.New(accessops.Deps{Pool: pool, Clock: clock, Log: h.log})
	h.Catalog = catalogops.New(catalogops.Deps{Pool: pool, Bus: h.bus, Clock: clock, Log: h.log, Zone: zone})
	h.Forecasts = forecastops.New(forecastops.Deps{Pool: pool, Bus: h.bus, Clock: clock, Log: h.log, Outflow: warehousedb.Outflow{}})
	h.Stock = warehouseops.New(warehouseops.Deps{Pool: pool, Bus: h.bus, Clock: clock, Log: h.log, Seal: seal, Zone: zone,
		Notes: c2mdb.Notes{}, Quality: c2mdb.Quality{}, Lanes: h.Catalog, Suggestions: orderSuggestions{}})
	h.Plan = replenishops.New(replenishops.Deps{Pool: pool, Bus: h.bus, Clock: clock, Log: h.log, Zone: zone,
		Catalog: planCatalog{}, Forecasts: planDemand{}, Stock: planStock{}, Orders: planSupply{}, Records: planRecords{}, Pasts: planPast{}, Pledges: planPledges{}, LeadsOf: planLeads{},
		UndoWindow: time.Duration(h.cfg.UndoSeconds) * time.Second})
	h.Orders = h.ordersAt(clock)
	h.Campaigns = h.campaignsAt(clock)
	h.Suppliers, h.Statements, h.Finance = h.accountsAt(clock)
	roads, err := h.roads()
	if err != nil {
		return err
	}
	h.Rounds = routingops.New(routingops.Deps{Pool: pool, Bus: h.bus, Clock: clock, Log: h.log, Zone: zone, Sites: roundSites{}, Shipments: roundShipments{seal}, Transfers: roundTransfers{}, Roads: roads})
	h.Imports = importer.New(importer.Deps{Pool: pool, Bus: h.bus, Clock: clock, Log: h.log, Account: h.account, Catalog: catalogops.Lookups(),
		Kinds: slices.Concat(h.Catalog.Imports(), h.Forecasts.Imports(), h.Stock.Imports())})
	return nil
}

// account gives the user for whom a job acts: the house itself for the id 0.
func (h *house) account(ctx context.Context, id access.ID) (access.User, error) {
	if id == 0 {
		return access.TheSystem(), nil
	}
	return h.Access.User(ctx, id)
}

// ordersAt makes the use cases of factory orders with a clock of their own.
func (h *house) ordersAt(clock func() time.Time) *c2mops.Ops {
	return c2mops.New(c2mops.Deps{Pool: h.db.Pool, Bus: h.bus, Clock: clock, Log: h.log, Zone: h.cfg.zone(),
		Suggestions: orderSuggestions{}, Forecasts: forecastdb.Reader{}, Dock: warehousedb.Inbound{}, Suppliers: h.Catalog})
}

// queue makes the client of the job queue with every domain's workers and periodic jobs.
func (h *house) queue() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	h.Forecasts.Register(workers)
	h.Plan.Register(workers)
	h.Orders.Register(workers)
	h.Imports.Register(workers)
	h.Campaigns.Register(workers)
	h.Suppliers.Register(workers)
	h.Finance.Register(workers)
	h.Stock.Register(workers)
	h.Rounds.Register(workers)
	h.Forecasts.Subscribe(h.bus)
	h.Plan.Subscribe(h.bus)
	h.Orders.Subscribe(h.bus)
	h.Campaigns.Subscribe(h.bus)
	h.Stock.Subscribe(h.bus)
	h.Rounds.Subscribe(h.bus)
	client, err := river.NewClient(riverpgxv5.New(h.db.Pool), &river.Config{
		Logger:  quieter(h.log.With("part", "jobs")),
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: 8},
			"heavy":            {MaxWorkers: h.cfg.workers()},
			// Short jobs that somebody waits for: orders to sites, stock to orders.
			warehouseops.QueueAllocation: {MaxWorkers: 2},
		},
		PeriodicJobs:         slices.Concat(h.Forecasts.Periodic(), h.Imports.Periodic(), h.Stock.Periodic(), h.Campaigns.Periodic(), h.Suppliers.Periodic(), h.Finance.Periodic(), h.Rounds.Periodic()),
		JobTimeout:           30 * time.Minute,
		RescueStuckJobsAfter: time.Hour,
		SoftStopTimeout:      20 * time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("job queue: %w", err)
	}
	return client, nil
}

// startJobs works off the queue until stopJobs.
func (h *house) startJobs(ctx context.Context) error {
	// The queue outlives the signal that ends ctx: stopJobs lets running jobs finish first.
	if err := h.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	return nil
}

// stopJobs lets running jobs finish for a while, then cancels them; they are taken up again at the next start.
func (h *house) stopJobs() {
	soft, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.jobs.Stop(soft); err == nil {
		return
	}
	hard, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.jobs.StopAndCancel(hard); err != nil {
		h.log.Error("jobs did not stop", "error", err)
	}
}

func (h *house) close() { h.db.close() }

func (h *house) today() calendar.Day { return calendar.Of(time.Now(), h.cfg.zone()) }

// asSystem gives a context in which the house itself acts.
func (h *house) asSystem(ctx context.Context) context.Context {
	return access.WithUser(ctx, access.TheSystem())
}
