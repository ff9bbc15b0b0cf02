package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"milkrun/replenishment/simulation"
)

// SimulateWorldsCmd plays the planner in many generated worlds.
type SimulateWorldsCmd struct {
	From   int64  `help:"First seed." default:"201"`
	Count  int    `help:"How many seeds; each draws other parameters too." default:"10"`
	Policy string `help:"naive, rop, ours or weekly; see simulate planning." enum:"naive,rop,ours,weekly" default:"ours"`
	JSON   bool   `help:"Print one line of JSON for each world."`
}

// Run makes each world, plays naive, rop and the policy in it, and prints the figures held against the goals.
func (c *SimulateWorldsCmd) Run(ctx context.Context) error {
	if c.Count < 1 || c.Count > 1000 {
		return fmt.Errorf("--count %d: want 1 to 1000", c.Count)
	}
	goals := simulation.Goals()
	t := newGoalTable(os.Stdout, goals, "world")
	for seed := c.From; seed < c.From+int64(c.Count); seed++ {
		w := simulation.Generate(simulation.DefaultParams(seed))
		var m [3]simulation.Metrics
		for i, p := range []string{"naive", "rop", c.Policy} {
			var err error
			if m[i], err = simulation.Run(ctx, w, policies[p](w)); err != nil {
				return fmt.Errorf("seed %d: %w", seed, err)
			}
		}
		if c.JSON {
			if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"seed": seed, "naive": m[0], "rop": m[1], c.Policy: m[2]}); err != nil {
				return err
			}
			continue
		}
		t.row(fmt.Sprint(seed), m[2], m[0], m[1])
	}
	if !c.JSON {
		t.end()
	}
	return nil
}

// goalTable prints runs against the goals, with their mean and the worst.
type goalTable struct {
	out         io.Writer
	goals       []simulation.Goal
	sum, worst  []float64
	n           int
	met, missed int
}

func newGoalTable(out io.Writer, goals []simulation.Goal, first string) *goalTable {
	t := &goalTable{out: out, goals: goals, sum: make([]float64, len(goals)), worst: make([]float64, len(goals))}
	t.line(first, func(g simulation.Goal, _ int) string { return g.Name })
	t.line("goal", func(g simulation.Goal, _ int) string { return t.figure(g, g.Want) })
	return t
}

func (t *goalTable) line(first string, cell func(simulation.Goal, int) string) {
	fmt.Fprintf(t.out, "%-10s", first)
	for i, g := range t.goals {
		fmt.Fprintf(t.out, " %16s", cell(g, i))
	}
	fmt.Fprintln(t.out)
}

func (t *goalTable) figure(g simulation.Goal, v float64) string {
	if g.Name == "turns" {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2f %%", 100*v)
}

// row prints a run; a figure short of its goal bears a mark.
func (t *goalTable) row(name string, m, naive, rop simulation.Metrics) {
	t.line(name, func(g simulation.Goal, i int) string {
		v := g.Of(m, naive, rop)
		if t.sum[i] += v; t.n == 0 {
			t.worst[i] = v
		}
		t.worst[i] = g.Worse(t.worst[i], v)
		if g.Met(v) {
			t.met++
			return t.figure(g, v) + "  "
		}
		t.missed++
		return t.figure(g, v) + " !"
	})
	t.n++
}

func (t *goalTable) end() {
	t.line("mean", func(g simulation.Goal, i int) string { return t.figure(g, t.sum[i]/float64(max(t.n, 1))) })
	t.line("worst", func(g simulation.Goal, i int) string { return t.figure(g, t.worst[i]) })
	fmt.Fprintf(t.out, "%d of %d figures reach their goal\n", t.met, t.met+t.missed)
}
