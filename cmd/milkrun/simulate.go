package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"milkrun/replenishment"
	"milkrun/replenishment/simulation"
)

// SimulateCmd plays plans against demand that is known, and makes worlds to play in.
type SimulateCmd struct {
	Day      SimulateDayCmd      `cmd:"" help:"Play a city's day of deliveries, sent by hand and by our rounds."`
	Planning SimulatePlanningCmd `cmd:"" help:"Play a planning policy against the world of a folder and print what it cost."`
	World    SimulateWorldCmd    `cmd:"" help:"Make a world from a seed."`
	Worlds   SimulateWorldsCmd   `cmd:"" help:"Play a planning policy in many worlds and hold it against the goals: mean and worst."`
}

// SimulateWorldCmd makes a world.
type SimulateWorldCmd struct {
	Seed int64  `help:"The same seed gives the same world." required:""`
	Out  string `help:"Folder to write master.json, demand.csv.gz and heat.csv.gz into." type:"path" required:""`
}

// Run writes the world's files. It overwrites no other world.
func (c *SimulateWorldCmd) Run() error {
	if _, err := os.Stat(filepath.Join(c.Out, "master.json")); err == nil {
		return fmt.Errorf("%s holds a world already; give another folder to --out", c.Out)
	}
	w := simulation.Generate(simulation.DefaultParams(c.Seed))
	if err := w.Check(); err != nil {
		return err
	}
	return w.Save(c.Out)
}

// SimulatePlanningCmd plays one policy.
type SimulatePlanningCmd struct {
	Dir    string `arg:"" help:"Folder with master.json, demand.csv.gz and heat.csv.gz." type:"existingdir"`
	Policy string `help:"naive, rop, ours (our planner with the settings of a new house) or weekly (with those of a house that orders by a weekly rhythm)." enum:"naive,rop,ours,weekly" default:"ours"`
	JSON   bool   `help:"Print one line of JSON."`
}

// policies are the planning policies by name.
var policies = map[string]func(*simulation.World) simulation.Policy{
	"naive": func(*simulation.World) simulation.Policy { return simulation.Naive{} },
	"rop":   func(*simulation.World) simulation.Policy { return simulation.ReorderPoint{} },
	"ours": func(w *simulation.World) simulation.Policy {
		return simulation.NewPlanner(w, replenishment.DefaultSettings())
	},
	"weekly": func(w *simulation.World) simulation.Policy {
		return simulation.NewPlanner(w, replenishment.WeeklySettings())
	},
}

// Run loads the world, plays and prints.
func (c *SimulatePlanningCmd) Run(ctx context.Context) error {
	w, err := simulation.Load(c.Dir)
	if err != nil {
		return err
	}
	m, err := simulation.Run(ctx, w, policies[c.Policy](w))
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(m)
	}
	return printMetrics(os.Stdout, m)
}

func printMetrics(out io.Writer, m simulation.Metrics) error {
	_, err := fmt.Fprintf(out, `unit fill rate        %7.2f %%
stock-out rate        %7.2f %%
  of core goods       %7.2f %%
turns a year          %7.2f
slow movers           %7.2f %% of the stock's value
average stock        %12.0f
average overstock    %12.0f
restocked in 72 h     %7.2f %%
written off          %12.0f
total cost           %12.0f
  lost margin        %12.0f
  holding            %12.0f
  orders             %12.0f
  moves              %12.0f
  backup             %12.0f
  markdown           %12.0f
`, 100*m.UnitFillRate, 100*m.StockoutRate, 100*m.CoreStockout, m.Turns, 100*m.SlowShare, m.AvgStock, m.AvgOverstock,
		100*m.RestockedShare, m.WriteOff, m.TotalCost, m.Costs.LostMargin, m.Costs.Holding, m.Costs.Orders, m.Costs.Moves, m.Costs.Backup, m.Costs.Markdown)
	return err
}
