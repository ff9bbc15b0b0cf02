package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"milkrun/routing/instance"
	"milkrun/routing/solver"
)

// RouteCheckCmd checks routes that somebody wrote down.
type RouteCheckCmd struct {
	File       string `arg:"" type:"existingfile" help:"The instance."`
	Solution   string `arg:"" type:"existingfile" help:"The routes: lines Route #1: 3 7 12 and, if wanted, Cost 123.4."`
	Convention string `help:"How distances count, as for solve." required:""`
	JSON       bool   `name:"json" help:"Print one line of JSON."`
}

// checkReport is what a check found.
type checkReport struct {
	routeReport
	Stated float64      `json:"stated_cost,omitempty"`
	Holds  bool         `json:"holds"`
	Broken []brokenRule `json:"broken,omitempty"`
}

// brokenRule is one broken constraint in the words of the files: routes from 1,
// customers as the solution numbers them, By in the instance's units.
type brokenRule struct {
	Route    int     `json:"route,omitempty"`
	Customer string  `json:"customer,omitempty"`
	Rule     string  `json:"rule"`
	By       float64 `json:"by,omitempty"`
}

// Run reads both files, times the routes and lists what they break. Broken
// routes are an error, so that scripts notice.
func (c *RouteCheckCmd) Run(context.Context) error {
	conv, err := instance.ParseConvention(c.Convention)
	if err != nil {
		return err
	}
	rep, err := c.check(conv)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(os.Stdout).Encode(rep)
	} else {
		rep.print(conv)
	}
	if err == nil && !rep.Holds {
		err = fmt.Errorf("%s: %d rules are broken", c.Solution, len(rep.Broken))
	}
	return err
}

func (c *RouteCheckCmd) check(conv instance.Convention) (*checkReport, error) {
	f, err := readInstance(c.File)
	if err != nil {
		return nil, err
	}
	in, err := os.Open(c.Solution)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	routes, stated, err := f.ReadSolution(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Solution, err)
	}
	p, err := f.Problem(conv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	plan, err := p.Timetable(f.Rounds(routes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Solution, err)
	}
	rep := &checkReport{Stated: stated}
	rep.Instance = strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File))
	rep.Convention, rep.Vehicles, rep.LeftOut = string(conv), len(plan.Routes), len(plan.LeftOut)
	rep.Distance = conv.Distance(f, routes)
	for _, b := range solver.Verify(p, plan) {
		rep.Broken = append(rep.Broken, broken(p, b, conv.Scale(f)))
	}
	for _, j := range plan.LeftOut {
		rep.Broken = append(rep.Broken, brokenRule{Customer: p.Jobs[j].ID, Rule: "not visited"})
	}
	if stated != 0 && conv.Format(stated) != conv.Format(rep.Distance) {
		rep.Broken = append(rep.Broken, brokenRule{Rule: "stated cost", By: stated - rep.Distance})
	}
	rep.Holds = len(rep.Broken) == 0
	return rep, rep.compare(filepath.Join(filepath.Dir(c.File), "bks.csv"), conv)
}

// broken says a breach in the files' words.
func broken(p *solver.Problem, b solver.Breach, scale float64) brokenRule {
	r := brokenRule{Route: b.Vehicle + 1, Rule: string(b.Constraint), By: float64(b.By)}
	if b.Job >= 0 {
		r.Customer = p.Jobs[b.Job].ID
	}
	switch b.Constraint {
	case solver.Capacity, solver.MaxStops, solver.MaxTrips:
	default:
		r.By /= scale
	}
	return r
}

func (r *checkReport) print(conv instance.Convention) {
	for _, b := range r.Broken {
		var parts []string
		if b.Route > 0 {
			parts = append(parts, fmt.Sprintf("route %d", b.Route))
		}
		if b.Customer != "" {
			parts = append(parts, "customer "+b.Customer)
		}
		text := b.Rule
		if b.By != 0 {
			text += fmt.Sprintf(", by %.6g", b.By)
		}
		fmt.Println(strings.Join(append(parts, text), ": "))
	}
	fmt.Printf("%s (%s): %d vehicles, distance %s", r.Instance, r.Convention, r.Vehicles, conv.Format(r.Distance))
	if r.Gap != nil && r.Holds {
		fmt.Printf("; gap %.2f %%", *r.Gap)
	}
	if r.Holds {
		fmt.Println("; every rule holds")
		return
	}
	fmt.Println()
}
