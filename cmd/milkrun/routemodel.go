package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"milkrun/routing/instance"
	"milkrun/routing/solver"
)

// RouteModelCmd plans, checks and explains a problem with every rule of the model, from a JSON file.
type RouteModelCmd struct {
	File       string  `arg:"" type:"existingfile" help:"The problem in JSON: profiles or places and rides, vehicles, jobs, clashes, objective, running rounds."`
	Check      string  `type:"existingfile" help:"Check this plan instead of making one: JSON of each vehicle's visits." placeholder:"FILE"`
	Offer      string  `type:"existingfile" help:"Who can take this job now, at what price and when: JSON of a job." placeholder:"FILE"`
	Slots      string  `type:"existingfile" help:"With --offer: what each of these windows would cost, JSON of a list." placeholder:"FILE"`
	Explain    []int   `help:"Why these jobs, counted from 0, are where they are, or left out." sep:","`
	Seconds    float64 `help:"Seconds to search." default:"1"`
	Iterations int64   `help:"Stop after so many iterations of each thread."`
	Threads    int     `help:"Threads." default:"1"`
	Seed       int64   `help:"Seed of the search." default:"1"`
	JSON       bool    `name:"json" help:"Print JSON."`
}

// modelReport is what the command prints.
type modelReport struct {
	Plan         *solver.Plan         `json:"plan"`
	Broken       []string             `json:"broken,omitempty"`
	Offers       [][]modelOffer       `json:"offers,omitempty"` // of the job, or by slot
	Explanations []solver.Explanation `json:"explanations,omitempty"`
	Seconds      float64              `json:"seconds"`
}

// modelOffer is a vehicle's answer in words.
type modelOffer struct {
	Vehicle string `json:"vehicle"`
	Fits    bool   `json:"fits"`
	Cost    int64  `json:"cost_fen,omitempty"`
	Begin   int64  `json:"begin,omitempty"`
	Late    int64  `json:"late,omitempty"`
	Blocked string `json:"blocked,omitempty"`
}

// Run reads, plans or checks, answers, and prints. A plan that breaks a rule is an error.
func (c *RouteModelCmd) Run(ctx context.Context) error {
	if !(c.Seconds > 0) || c.Seconds > 86400 || c.Threads < 1 || c.Threads > 256 || c.Iterations < 0 {
		return fmt.Errorf("--seconds above 0 to 86400, --threads 1 to 256, --iterations not below 0")
	}
	rep, p, err := c.report(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", " ")
		err = e.Encode(rep)
	} else {
		rep.print(os.Stdout, p, c.Explain)
	}
	if err == nil && len(rep.Broken) > 0 {
		err = fmt.Errorf("%s: %d rules are broken", c.Check, len(rep.Broken))
	}
	return err
}

func (c *RouteModelCmd) report(ctx context.Context) (*modelReport, *solver.Problem, error) {
	p, err := readAs(c.File, instance.ReadModel)
	if err != nil {
		return nil, nil, err
	}
	rep, begin := &modelReport{}, time.Now()
	if c.Check != "" {
		rounds, err := readAs(c.Check, instance.ReadRounds)
		if err != nil {
			return nil, nil, err
		}
		if rep.Plan, err = p.Timetable(rounds); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", c.Check, err)
		}
		for _, b := range solver.Verify(p, rep.Plan) {
			rep.Broken = append(rep.Broken, breachWords(p, b))
		}
	} else {
		res, err := solver.Solve(ctx, p, solver.Options{Seed: c.Seed, Threads: c.Threads, Iterations: c.Iterations, Budget: time.Duration(c.Seconds * float64(time.Second))})
		if err != nil {
			return nil, nil, err
		}
		rep.Plan = res.Plan
	}
	rep.Seconds = time.Since(begin).Seconds()
	if c.Offer == "" && len(c.Explain) == 0 {
		return rep, p, nil
	}
	return rep, p, c.ask(p, rep)
}

// ask puts the questions to the plan.
func (c *RouteModelCmd) ask(p *solver.Problem, rep *modelReport) error {
	d, err := solver.NewDesk(p, rep.Plan)
	if err != nil {
		return err
	}
	for _, j := range c.Explain {
		e, err := d.Explain(j)
		if err != nil {
			return err
		}
		rep.Explanations = append(rep.Explanations, e)
	}
	if c.Offer == "" {
		return nil
	}
	job, err := readAs(c.Offer, instance.ReadJob)
	if err != nil {
		return err
	}
	answers := make([][]solver.Offer, 1)
	if c.Slots != "" {
		windows, err := readAs(c.Slots, instance.ReadWindows)
		if err != nil {
			return err
		}
		answers, err = d.Slots(job, windows)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Slots, err)
		}
	} else if answers[0], err = d.Offers(job); err != nil {
		return fmt.Errorf("%s: %w", c.Offer, err)
	}
	for _, list := range answers {
		rep.Offers = append(rep.Offers, offerWords(p, list))
	}
	return nil
}

func readAs[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer func() { _ = f.Close() }()
	v, err := read(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return v, err
}

func vehicleName(p *solver.Problem, v int) string {
	if v >= 0 && v < len(p.Vehicles) && p.Vehicles[v].ID != "" {
		return p.Vehicles[v].ID
	}
	return fmt.Sprint("vehicle ", v)
}

func jobName(p *solver.Problem, j int) string {
	if j >= 0 && j < len(p.Jobs) && p.Jobs[j].ID != "" {
		return p.Jobs[j].ID
	}
	return fmt.Sprint("job ", j)
}

func breachWords(p *solver.Problem, b solver.Breach) string {
	var parts []string
	if b.Vehicle >= 0 {
		parts = append(parts, vehicleName(p, b.Vehicle))
	}
	if b.Job >= 0 && b.Job < len(p.Jobs) {
		parts = append(parts, jobName(p, b.Job))
	}
	text := string(b.Constraint)
	if b.By != 0 {
		text += fmt.Sprintf(", by %d", b.By)
	}
	return strings.Join(append(parts, text), ": ")
}

func offerWords(p *solver.Problem, list []solver.Offer) (out []modelOffer) {
	for _, o := range list {
		x := modelOffer{Vehicle: vehicleName(p, o.Vehicle), Fits: o.Fits}
		if o.Fits {
			x.Cost, x.Begin, x.Late = o.Cost, o.Begin, o.Late
		} else {
			b := o.Blocked
			b.Vehicle, b.Job = -1, -1
			x.Blocked = breachWords(p, b)
		}
		out = append(out, x)
	}
	return out
}

func (r *modelReport) print(w io.Writer, p *solver.Problem, asked []int) {
	for _, x := range r.Plan.Routes {
		_, _ = fmt.Fprintf(w, "%s: leaves %d, back %d, %.1f km, %d fen\n", vehicleName(p, x.Vehicle), x.Depart, x.End, float64(x.Metres)/1000, x.Cost)
		for _, v := range x.Visits {
			what := map[solver.Action]string{solver.Deliver: "delivers", solver.PickUp: "picks up", solver.Reload: "reloads"}[v.Action]
			if v.Action != solver.Reload {
				what += " " + jobName(p, v.Job)
			}
			_, _ = fmt.Fprintf(w, "  %6d %s at place %d", v.Begin, what, v.Place)
			if v.Late > 0 {
				_, _ = fmt.Fprintf(w, ", %d s late", v.Late)
			}
			_, _ = fmt.Fprintln(w)
		}
		for _, b := range x.Rests {
			_, _ = fmt.Fprintf(w, "  %6d rests until %d\n", b.Begin, b.End)
		}
	}
	for _, j := range r.Plan.LeftOut {
		_, _ = fmt.Fprintf(w, "left out: %s\n", jobName(p, j))
	}
	for _, b := range r.Broken {
		_, _ = fmt.Fprintln(w, "broken:", b)
	}
	s := r.Plan.Score
	_, _ = fmt.Fprintf(w, "%d left out (weight %d), %d vehicles, cost %d fen, imbalance %d s; %.2f s\n", len(r.Plan.LeftOut), s.LeftOut, len(r.Plan.Routes), s.Cost, s.Imbalance, r.Seconds)
	for i, e := range r.Explanations {
		where := "left out"
		if e.Vehicle >= 0 {
			where = "with " + vehicleName(p, e.Vehicle) + fmt.Sprintf(", for %d fen", e.Cost)
		}
		if e.Fixed {
			where += ", fixed"
		}
		_, _ = fmt.Fprintf(w, "%s is %s\n", jobName(p, asked[i]), where)
		printOffers(w, offerWords(p, e.Offers))
	}
	for i, list := range r.Offers {
		_, _ = fmt.Fprintf(w, "slot %d: who can take it\n", i)
		printOffers(w, list)
	}
}

func printOffers(w io.Writer, list []modelOffer) {
	for _, o := range list {
		if o.Fits {
			_, _ = fmt.Fprintf(w, "  %s: %d fen, at %d, %d s late\n", o.Vehicle, o.Cost, o.Begin, o.Late)
		} else {
			_, _ = fmt.Fprintf(w, "  %s cannot: %s\n", o.Vehicle, o.Blocked)
		}
	}
}
