package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"milkrun/routing/instance"
	"milkrun/routing/solver"
)

// RouteCmd plans rounds of files.
type RouteCmd struct {
	Solve RouteSolveCmd `cmd:"" help:"Solve a benchmark instance: Solomon, Li & Lim or VRPLIB."`
	Check RouteCheckCmd `cmd:"" help:"Check routes made by hand or by another program, and list what they break."`
	Model RouteModelCmd `cmd:"" help:"Plan, check and explain a problem with every rule of the model: skills, breaks, several trips, pairs, alternatives, running rounds."`
}

// RouteSolveCmd solves one instance.
type RouteSolveCmd struct {
	File       string  `arg:"" type:"existingfile" help:"The instance."`
	Convention string  `help:"How distances count: hierarchical-double, distance-dimacs, distance-integer, distance-exact-x1000 or distance-dimacs-x10." required:""`
	Seconds    float64 `help:"Seconds to search." default:"10"`
	CPU        bool    `name:"cpu" help:"Count the processor's seconds of all threads together instead of the wall's."`
	Iterations int64   `help:"Stop after so many iterations of each thread: repeatable on every machine."`
	Threads    int     `help:"Threads." default:"1"`
	Seed       int64   `help:"Seed of the search." default:"1"`
	Out        string  `type:"path" help:"Write the routes to this file."`
	JSON       bool    `name:"json" help:"Print one line of JSON."`
}

// routeReport is what a run is summed up in.
type routeReport struct {
	Instance     string   `json:"instance"`
	Convention   string   `json:"convention"`
	Vehicles     int      `json:"vehicles"`
	Distance     float64  `json:"distance"`
	LeftOut      int      `json:"left_out"`
	BestVehicles int      `json:"best_vehicles,omitempty"`
	BestDistance float64  `json:"best_distance,omitempty"`
	Gap          *float64 `json:"gap_percent,omitempty"`
	Iterations   int64    `json:"iterations"`
	CPU          float64  `json:"cpu_seconds"`
	Wall         float64  `json:"wall_seconds"`
	Seed         int64    `json:"seed"`
	Threads      int      `json:"threads"`
	Solution     string   `json:"solution,omitempty"`

	routes []instance.Route
	file   *instance.File
}

// Run reads, solves, writes and prints.
func (c *RouteSolveCmd) Run(ctx context.Context) error {
	begin := time.Now()
	conv, err := instance.ParseConvention(c.Convention)
	if err != nil {
		return err
	}
	if !(c.Seconds > 0) || c.Seconds > 86400 {
		return fmt.Errorf("--seconds %g: more than 0 and at most 86400", c.Seconds)
	}
	if c.Threads < 1 || c.Threads > 256 {
		return fmt.Errorf("--threads %d: 1 to 256", c.Threads)
	}
	if c.Iterations < 0 {
		return fmt.Errorf("--iterations %d is negative", c.Iterations)
	}
	o := solver.Options{Seed: c.Seed, Threads: c.Threads, Iterations: c.Iterations}
	// Reading and the matrix count as well.
	o.Clock, o.Budget = c.clock(begin)
	rep, err := solveFile(ctx, c.File, conv, o)
	if err != nil {
		return err
	}
	rep.Seed, rep.Threads = c.Seed, c.Threads
	rep.Wall = time.Since(begin).Seconds()
	var sol bytes.Buffer
	if err := rep.file.WriteSolution(&sol, conv, rep.routes); err != nil {
		return err
	}
	if c.Out != "" {
		if err := os.WriteFile(c.Out, sol.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return c.print(rep, conv, sol.String())
}

// clock is what the budget is measured by, and the budget left.
func (c *RouteSolveCmd) clock(begin time.Time) (func() time.Duration, time.Duration) {
	budget := time.Duration(c.Seconds * float64(time.Second))
	if c.CPU {
		return processorTime, max(budget-processorTime(), time.Millisecond)
	}
	// Timing and checking the plan found, and printing it, come after the search.
	budget -= min(100*time.Millisecond, budget/20)
	return func() time.Duration { return time.Since(begin) }, max(budget-time.Since(begin), time.Millisecond)
}

func (c *RouteSolveCmd) print(rep *routeReport, conv instance.Convention, sol string) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(rep)
	}
	if c.Out == "" {
		fmt.Print(sol)
	}
	fmt.Printf("%s (%s): %d vehicles, distance %s", rep.Instance, rep.Convention, rep.Vehicles, conv.Format(rep.Distance))
	if rep.BestDistance > 0 {
		fmt.Printf("; best known %s", conv.Format(rep.BestDistance))
		if rep.BestVehicles > 0 {
			fmt.Printf(" with %d vehicles", rep.BestVehicles)
		}
	}
	if rep.Gap != nil {
		fmt.Printf("; gap %.2f %%", *rep.Gap)
	}
	fmt.Printf("; %.2f s CPU, %.2f s wall, %d iterations\n", rep.CPU, rep.Wall, rep.Iterations)
	if rep.LeftOut > 0 {
		fmt.Printf("%d customers are left out: no plan with all of them was found\n", rep.LeftOut)
	}
	return nil
}

// solveFile reads an instance, solves it and compares with the best known.
func solveFile(ctx context.Context, path string, conv instance.Convention, o solver.Options) (*routeReport, error) {
	cpu := processorTime()
	f, err := readInstance(path)
	if err != nil {
		return nil, err
	}
	p, err := f.Problem(conv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	res, err := solver.Solve(ctx, p, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	rep := &routeReport{Convention: string(conv), file: f, routes: f.Routes(p, res.Plan), LeftOut: len(res.LeftOut), Iterations: res.Iterations}
	rep.Instance = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	rep.Vehicles = len(rep.routes)
	rep.Distance = conv.Distance(f, rep.routes)
	rep.CPU = (processorTime() - cpu).Seconds()
	return rep, rep.compare(filepath.Join(filepath.Dir(path), "bks.csv"), conv)
}

// readInstance reads a file; faults name it.
func readInstance(path string) (*instance.File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	f, err := instance.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// compare looks the instance up in the list of best known values, if there is
// one beside it.
func (r *routeReport) compare(list string, conv instance.Convention) error {
	in, err := os.Open(list)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	bests, err := instance.ReadBests(in)
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	best, ok := bests.Of(r.Instance, conv)
	if !ok {
		return nil
	}
	r.BestVehicles, r.BestDistance = best.Vehicles, best.Distance
	// With other vehicles than the best known a distance says nothing.
	if r.LeftOut == 0 && (conv != instance.HierarchicalDouble || best.Vehicles == r.Vehicles) {
		gap := 100 * (r.Distance/best.Distance - 1)
		r.Gap = &gap
	}
	return nil
}
