package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"milkrun/internal/demo"
	"milkrun/migrations"
	"milkrun/web"
)

// ServeCmd serves the web and works off the jobs.
type ServeCmd struct {
	Listen       string   `help:"Address to serve on." default:":8080"`
	Demo         bool     `help:"Load the demo business when the database is empty."`
	Secure       bool     `help:"The house is reached by HTTPS: secure cookies, strict transport security."`
	Proxies      []string `help:"Networks of the reverse proxies in front, whose X-Forwarded-For is believed." placeholder:"CIDR"`
	MetricsToken string   `help:"Bearer token with which a collector may read /metrics."`
	NoJobs       bool     `help:"Serve only; other processes work off the jobs."`

	// serving, where set, hears what is about to answer.
	serving func(*house, *web.Server, net.Listener) `kong:"-"`
}

// Run serves until ctx ends.
func (c *ServeCmd) Run(ctx context.Context, cfg *Config) error {
	log := cfg.logger()
	// The address is taken first: a port in use must not cost a start of the database.
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", c.Listen, err)
	}
	defer l.Close()
	h, err := openHouse(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer h.close()
	if err := c.prepare(ctx, h); err != nil {
		return err
	}
	server, err := h.webServer(ctx, c)
	if err != nil {
		return err
	}
	if !c.NoJobs {
		if err := h.startJobs(ctx); err != nil {
			return err
		}
		defer h.stopJobs()
	}
	live, quiet := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { h.live.Run(live) })
	defer func() { quiet(); wg.Wait() }()
	c.greet(ctx, h, l.Addr().String())
	if c.serving != nil {
		c.serving(h, server, l)
	}
	err = server.Serve(ctx, l)
	if err == nil || errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "Stopping: jobs finish what they are at …")
		return nil
	}
	return err
}

// prepare loads the demo business where it is asked for and the house is empty.
func (c *ServeCmd) prepare(ctx context.Context, h *house) error {
	if !c.Demo {
		return nil
	}
	empty, err := h.empty(ctx)
	if err != nil || !empty {
		return err
	}
	return h.loadDemo(ctx, h.today(), os.Stdout)
}

// greet says where the house is and who may enter.
func (c *ServeCmd) greet(ctx context.Context, h *house, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "::" || host == "0.0.0.0" {
		host = "localhost"
	}
	fmt.Printf("\nMilkrun serves on http://%s\n", net.JoinHostPort(host, port))
	if logins := h.demoLogins(ctx); len(logins) > 0 {
		names := make([]string, len(logins))
		for i, d := range logins {
			names[i] = fmt.Sprintf("%s (%s)", d.Login, d.Role)
		}
		fmt.Printf("Demo logins, password %q: %s\n", demo.Password, strings.Join(names, ", "))
	} else if n, err := h.accounts(ctx); err == nil && n == 0 {
		fmt.Println("Nobody may sign in yet: milkrun user add LOGIN --role admin")
	}
	fmt.Println("Ctrl-C stops it.")
}

// WorkCmd works off jobs.
type WorkCmd struct{}

// Run works off jobs until ctx ends.
func (c *WorkCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Milkrun works off jobs, %d heavy ones at a time. Ctrl-C stops it.\n", cfg.workers())
	<-ctx.Done()
	h.stopJobs()
	return nil
}

// MigrateCmd migrates the database.
type MigrateCmd struct{}

// Run brings the database up to this program's schema.
func (c *MigrateCmd) Run(ctx context.Context, cfg *Config) error {
	db, err := openDatabase(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer db.close()
	fmt.Println("The database is up to date.")
	return nil
}

// ready tells whether the house can do its work.
func (h *house) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	n, err := migrations.Pending(ctx, h.db.Pool)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%d migrations are pending", n)
	}
	return nil
}

// CheckCmd proves the books of the warehouse.
type CheckCmd struct{}

// Run fails when positions, ledger, reservations, allocations and orders disagree.
func (c *CheckCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	proof, err := h.Stock.Audit(h.asSystem(ctx), true)
	if err != nil {
		return err
	}
	for _, f := range proof.Detail {
		fmt.Println(f)
	}
	if proof.Faults > 0 {
		return fmt.Errorf("%d places where the books disagree", proof.Faults)
	}
	fmt.Printf("%d positions and their ledger agree, and so do reservations, allocations and orders (%.1f s).\n", proof.Positions, proof.Took.Seconds())
	return nil
}
