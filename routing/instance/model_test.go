package instance

import (
	"strings"
	"testing"

	"milkrun/routing/solver"
)

const town = `{
  "places": [{"lat": 31.19, "lon": 121.43}, {"lat": 31.20, "lon": 121.43}, {"lat": 31.21, "lon": 121.43}],
  "rides": [{"detour": 1.3, "kmh": 20, "lost": 30}, {"detour": 1.2, "kmh": 40}],
  "vehicles": [
    {"id": "bike", "to": 7200, "capacity": [4], "perHour": 3000, "perKm": 60, "trips": 2, "reloadTime": 60},
    {"id": "van", "profile": 1, "to": 7200, "capacity": [40], "perHour": 4000, "perKm": 160, "fixed": 5000}
  ],
  "jobs": [
    {"id": "a", "load": [3], "delivery": [{"place": 1, "service": 60, "windows": [{"from": 0, "to": 1800, "until": 3600, "latePerHour": 6000}]}]},
    {"id": "b", "load": [3], "delivery": [{"place": 2}, {"place": 1, "cost": 200}]}
  ],
  "objective": {"fewerVehicles": true}
}`

func TestAModelIsReadAndSolved(t *testing.T) {
	p, err := ReadModel(strings.NewReader(town))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Profiles) != 2 || p.Profiles[0].Size != 3 || len(p.Jobs[1].Delivery) != 2 || !p.Objective.FewerVehicles || p.Vehicles[0].PerKm != 60 {
		t.Fatalf("%+v", p)
	}
	res, err := solver.Solve(t.Context(), p, solver.Options{Iterations: 200})
	if err != nil || len(res.LeftOut) > 0 || len(res.Routes) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
}

func TestFaultsOfAModelNameTheLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{strings.Replace(town, `"service": 60`, `"service": "x"`, 1), "line 9: Jobs.Delivery.Service"},
		{strings.Replace(town, `"service"`, `"servce"`, 1), "unknown field"},
		{strings.Replace(town, `"kmh": 20`, `"kmh": 0`, 1), "ride 0"},
		{strings.Replace(town, `"place": 2}`, `"place": 7}`, 1), "job 1 (b)"},
		{town[:200], "ends early"},
		{town + "{}", "more than one"},
		{"", "line 1"},
	} {
		if _, err := ReadModel(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func FuzzReadModel(f *testing.F) {
	f.Add(town)
	f.Add(`{"profiles":[{"size":1,"seconds":[0],"metres":[0]}],"vehicles":[{"to":1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ReadModel(strings.NewReader(text)); err == nil && p.Check() != nil {
			t.Error("read what does not hold")
		}
		_, _ = ReadJob(strings.NewReader(text))
		_, _ = ReadRounds(strings.NewReader(text))
	})
}
