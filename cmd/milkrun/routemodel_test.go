package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aTown has a rider with a cold box and one without, and a rider on the road; each job needs another rule of the model.
const aTown = `{
 "places": [{"lat": 31.19, "lon": 121.43}, {"lat": 31.195, "lon": 121.43}, {"lat": 31.20, "lon": 121.43}, {"lat": 31.19, "lon": 121.44}],
 "rides": [{"detour": 1.3, "kmh": 20, "lost": 30, "speed": [{"from": 0, "percent": 100}, {"from": 7200, "percent": 70}]}],
 "vehicles": [
  {"id": "Li", "to": 14400, "capacity": [6, 30000], "skills": 1, "perHour": 3000, "perKm": 60, "trips": 3, "reloadTime": 60, "breaks": [{"from": 500, "to": 700, "duration": 900}]},
  {"id": "Sun", "to": 14400, "capacity": [6, 30000], "perHour": 3000, "perKm": 60, "maxStops": 4, "maxDistance": 20000, "maxDuration": 9000},
  {"id": "He", "to": 14400, "capacity": [6, 30000], "perHour": 3000, "perKm": 60, "end": -1}
 ],
 "jobs": [
  {"id": "milk", "load": [1, 900], "skills": 1, "maxRide": 2700, "delivery": [{"place": 1, "service": 120, "windows": [{"to": 480, "until": 490, "latePerHour": 60000}]}]},
  {"id": "nappies", "load": [1, 4000], "release": 300, "goods": 1, "delivery": [{"place": 2, "service": 120}, {"place": 3, "cost": 100}]},
  {"id": "pesticide", "load": [1, 500], "goods": 2, "never": [0], "delivery": [{"place": 2}]},
  {"id": "return", "load": [1, 800], "pickup": [{"place": 3, "windows": [{"from": 600, "to": 7200}]}]},
  {"id": "errand", "load": [1, 300], "pickup": [{"place": 1}], "delivery": [{"place": 3}], "only": [1]},
  {"id": "aboard", "load": [1, 300], "delivery": [{"place": 2}]},
  {"id": "fridge", "load": [1, 900], "skills": 4, "priority": 2, "delivery": [{"place": 1}]},
  {"id": "leaflet", "load": [1, 10], "penalty": 1, "delivery": [{"place": 3}]}
 ],
 "clashes": [[1, 2]], "now": 100, "running": [{"vehicle": 2, "visits": [{"job": 5}], "frozen": 1, "left": true, "depart": 50}],
 "objective": {"balance": true, "balanceSlack": 20}
}`

func inFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRouteModelPlansAndExplains(t *testing.T) {
	town := inFile(t, "town.json", aTown)
	job := inFile(t, "job.json", `{"load": [1, 500], "skills": 1, "delivery": [{"place": 3, "service": 60}]}`)
	slots := inFile(t, "slots.json", `[{"from": 0, "to": 3600}, {"from": 0, "to": 1}]`)
	out := captured(t, func() error {
		return run(context.Background(), []string{"route", "model", town, "--iterations", "300", "--explain", "0,6", "--offer", job, "--slots", slots})
	})
	for _, want := range []string{"Li: leaves", "delivers milk", "rests until", "picks up return", "delivers errand", "delivers aboard", "left out: fridge", "left out: leaflet",
		"milk is with Li", "fridge is left out", "Li cannot: skills", "Sun cannot: skills", "slot 0", "slot 1"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestRouteModelChecksAPlanMadeByHand(t *testing.T) {
	town := inFile(t, "town.json", aTown)
	for text, want := range map[string]string{
		`{"1": [{"job": 0}], "2": [{"job": 5}]}`:                "broken: Sun: milk",
		`{"0": [{"job": 1}, {"job": 9}]}`:                       "no such job",
		`{"1": [{"job": 1}, {"job": 2}], "2": [{"job": 5}]}`:    "broken: Sun",
		`{"1": [{"job": 4}], "2": [{"job": 5}]}`:                "broken: Sun: errand",
		"{\n\"1\": [{\"job\": \"x\"}]}":                         "line 2",
		`{"0": [{"job": 0}], "2": [{"job": 5}, {"job": 0}]}`:    "milk",
		`{"0": [{"job": 0}], "1": [{"job": 1}]}`:                "broken: He",
		`{"0": [{"job": 2, "action": 0}], "2": [{"job": 5}]}`:   "broken: Li: pesticide",
		`{"0": [{"job": 3, "action": 0}], "2": [{"job": 5}]}`:   "no such job or stop",
		`{"0": [{"job": 1, "stop": 2}], "2": [{"job": 5}]}`:     "no such job or stop",
		`{"7": [{"job": 0}]}`:                                   "no such vehicle",
		`{"2": [{"job": 5}]} {}`:                                "more than one document",
		`{"0": [{"job": 0}, {"job": 0}], "2": [{"job": 5}]}`:    "broken: milk: twice",
		`{"2": [{"job": 5}, {"job": 1}]}`:                       "broken: He: nappies",
		`{"0": [{"job": 0}, {"job": 3, "action": 1}], "2": []}`: "broken: He",
	} {
		plan := inFile(t, "plan.json", text)
		var err error
		out := captured(t, func() error {
			err = run(context.Background(), []string{"route", "model", town, "--check", plan})
			return err
		}, false)
		if err == nil || !strings.Contains(out+err.Error(), want) {
			t.Errorf("%s: %v\n%s\nwant %q", text, err, out, want)
		}
	}
	good := inFile(t, "plan.json", `{"0": [{"job": 0}], "2": [{"job": 5}]}`)
	if out := captured(t, func() error { return run(context.Background(), []string{"route", "model", town, "--check", good}) }); strings.Contains(out, "broken") || !strings.Contains(out, "left out: return") {
		t.Error(out)
	}
}
