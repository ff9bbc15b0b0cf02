// Command milkrun is the operations system of a retailer in one binary: web, workers, embedded database, tools.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// CLI is the command line. Every flag can also be set as MILKRUN_<FLAG>.
type CLI struct {
	Config

	Serve    ServeCmd    `cmd:"" default:"withargs" help:"Serve the web and work off the jobs."`
	Work     WorkCmd     `cmd:"" help:"Work off jobs without serving the web; start as many as there are machines."`
	Migrate  MigrateCmd  `cmd:"" help:"Bring the database up to this program's schema."`
	Demo     DemoCmd     `cmd:"" help:"Load the demo business into an empty database."`
	Import   ImportCmd   `cmd:"" help:"Import a sheet (.xlsx or .csv)."`
	Forecast ForecastCmd `cmd:"" help:"Run the forecast and the plan and wait for them; measure the engine."`
	User     UserCmd     `cmd:"" help:"Manage the people who may sign in."`
	Check    CheckCmd    `cmd:"" help:"Prove that the stock ledger, positions, reservations and orders agree."`
	Plan     PlanCmd     `cmd:"" help:"Look at the plan."`
	Simulate SimulateCmd `cmd:"" help:"Play planning policies against demand that is known."`
	Route    RouteCmd    `cmd:"" help:"Plan rounds of benchmark files."`
	Bench    BenchCmd    `cmd:"" help:"Measure this machine with data of the size asked for."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "milkrun:", err)
		os.Exit(1)
	}
}

// run parses the arguments and runs the command until it ends or ctx does.
func run(ctx context.Context, args []string) error {
	var cli CLI
	parser, err := kong.New(&cli, kong.Name("milkrun"), kong.UsageOnError(), kong.DefaultEnvars("MILKRUN"),
		kong.Description("Operations system: forecasts from sales and social heat, stock targets, factory orders."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	k, err := parser.Parse(args)
	if err != nil {
		return err
	}
	if err := cli.Config.check(); err != nil {
		return err
	}
	return k.Run(&cli.Config)
}
