package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"milkrun/routing/instance"
	"milkrun/routing/solver"
)

// BenchRouteCmd solves published benchmark sets and prints the mean gaps.
type BenchRouteCmd struct {
	Sets    []string `help:"Sets to run, of those that --list prints; all if none." sep:","`
	Dir     string   `help:"Folder of the sets." default:"../shared/data/routing" env:"MILKRUN_ROUTING" type:"path"`
	Limit   int      `help:"Instances of each set, spread evenly; 0: all." default:"0"`
	Only    string   `help:"Only instances whose name contains this."`
	Seconds float64  `help:"Processor seconds of each instance and thread instead of the set's own." default:"0"`
	Seed    int64    `help:"Seed of the search." default:"1"`
	Each    bool     `help:"Print a line for each instance."`
	List    bool     `help:"Only list the sets."`
}

// routeSet is a row of the table.
type routeSet struct {
	name, folder string
	conv         instance.Convention
	seconds      float64
	threads      int
	goal         string
	most         int // largest number of nodes, 0: any
}

var routeSets = []routeSet{
	{"solomon-distance", "solomon", instance.DistanceDIMACS, 5, 1, "<= 0.20 %", 0},
	{"solomon", "solomon", instance.HierarchicalDouble, 5, 1, "all but 1 at the best number of vehicles, <= 0.5 %", 0},
	{"homberger-200", "homberger_200", instance.HierarchicalDouble, 15, 1, "90 % at the best number, <= 0.6 %", 0},
	{"homberger-400", "homberger_400", instance.HierarchicalDouble, 30, 2, "<= 2 %", 0},
	{"homberger-1000", "homberger_1000", instance.HierarchicalDouble, 60, 2, "<= 4 %", 0},
	{"li-lim-100", "li_lim_100", instance.HierarchicalDouble, 5, 1, "95 % at the best number, <= 0.5 %", 0},
	{"li-lim-200", "li_lim_200", instance.HierarchicalDouble, 10, 1, "90 % at the best number, <= 0.5 %", 0},
	{"cvrp-x", "cvrp_x", instance.DistanceInteger, 10, 1, "<= 0.45 %", 701},
	{"mdvrptw", "mdvrptw", instance.DistanceExact, 30, 1, "<= 1.5 %", 0},
	{"multi-trip", "mtvrptw_release", instance.DistanceDIMACS10, 30, 1, "<= 1.5 %", 0},
}

// routeTally sums up a set's runs.
type routeTally struct {
	runs, leftOut, sameVehicles, counted int
	vehicles, best                       int
	gap, worst, cpu                      float64
}

// Run runs the sets one instance after the other.
func (c *BenchRouteCmd) Run(ctx context.Context) error {
	sets, err := c.sets()
	if err != nil {
		return err
	}
	if c.List {
		for _, s := range sets {
			fmt.Printf("%-17s %-15s %-22s %3g s, %d thread(s)\n", s.name, s.folder, s.conv, s.seconds, s.threads)
		}
		return nil
	}
	fmt.Printf("%-17s %4s %8s %8s %5s %9s %9s %7s  %s\n", "set", "runs", "vehicles", "best", "same", "mean gap", "worst", "CPU s", "goal")
	for _, s := range sets {
		t, err := c.set(ctx, s)
		if err != nil {
			return err
		}
		gap := math.NaN()
		if t.counted > 0 {
			gap = t.gap / float64(t.counted)
		}
		fmt.Printf("%-17s %4d %8d %8d %5d %7.2f %% %7.2f %% %7.2f  %s", s.name, t.runs, t.vehicles, t.best, t.sameVehicles, gap, t.worst, t.cpu/float64(max(t.runs, 1)), s.goal)
		if t.leftOut > 0 {
			fmt.Printf("; %d runs left customers out", t.leftOut)
		}
		fmt.Println()
	}
	return nil
}

func (c *BenchRouteCmd) sets() ([]routeSet, error) {
	var out []routeSet
	for _, name := range c.Sets {
		i := slices.IndexFunc(routeSets, func(s routeSet) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("set %q is not known, see --list", name)
		}
		out = append(out, routeSets[i])
	}
	if len(out) == 0 {
		out = routeSets
	}
	return out, nil
}

// set runs the instances of a set. The budget is processor time, so that a
// loaded machine gives the same figures.
func (c *BenchRouteCmd) set(ctx context.Context, s routeSet) (routeTally, error) {
	var t routeTally
	files, err := c.files(s)
	if err != nil {
		return t, err
	}
	if c.Seconds > 0 {
		s.seconds = c.Seconds
	}
	for _, path := range files {
		o := solver.Options{Seed: c.Seed, Threads: s.threads, Clock: processorTime,
			Budget: time.Duration(s.seconds * float64(s.threads) * float64(time.Second))}
		rep, err := solveFile(ctx, path, s.conv, o)
		if err != nil {
			return t, err
		}
		if err := ctx.Err(); err != nil {
			return t, err
		}
		t.add(rep)
		if c.Each {
			fmt.Printf("  %-14s %4d (%4d) %12s (%12s)", rep.Instance, rep.Vehicles, rep.BestVehicles, s.conv.Format(rep.Distance), s.conv.Format(rep.BestDistance))
			if rep.Gap != nil {
				fmt.Printf(" %6.2f %%", *rep.Gap)
			}
			fmt.Printf(" %6.2f s %9d\n", rep.CPU, rep.Iterations)
		}
	}
	return t, nil
}

func (c *BenchRouteCmd) files(s routeSet) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(c.Dir, s.folder))
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if ext != ".txt" && ext != ".vrp" || !strings.Contains(e.Name(), c.Only) {
			continue
		}
		path := filepath.Join(c.Dir, s.folder, e.Name())
		if s.most > 0 {
			f, err := readInstance(path)
			if err != nil {
				return nil, err
			}
			if len(f.Nodes) > s.most {
				continue
			}
		}
		files = append(files, path)
	}
	if c.Limit > 0 && c.Limit < len(files) {
		var some []string
		for i := range c.Limit {
			some = append(some, files[i*len(files)/c.Limit])
		}
		files = some
	}
	return files, nil
}

func (t *routeTally) add(r *routeReport) {
	t.runs++
	t.vehicles += r.Vehicles
	t.best += r.BestVehicles
	t.cpu += r.CPU
	if r.LeftOut > 0 {
		t.leftOut++
	}
	if r.Vehicles == r.BestVehicles {
		t.sameVehicles++
	}
	if r.Gap != nil {
		t.counted++
		t.gap += *r.Gap
		t.worst = max(t.worst, *r.Gap)
	}
}
