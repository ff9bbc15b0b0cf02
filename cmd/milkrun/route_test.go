package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tinySolomon is four customers around a depot; the best way is 40 long with
// one vehicle.
const tinySolomon = `tiny

VEHICLE
NUMBER     CAPACITY
  3         20

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0      0         0           0          0       1000          0
    1      10        0           5          0       1000          1
    2      10        10          5          0       1000          1
    3      0         10          5          0       1000          1
`

func writeTiny(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "tiny.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list := "instance,convention,vehicles,distance,source\ntiny,hierarchical-double,1,40.00,by hand\n"
	if err := os.WriteFile(filepath.Join(dir, "bks.csv"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRouteSolve(t *testing.T) {
	path := writeTiny(t, tinySolomon)
	sol := filepath.Join(t.TempDir(), "tiny.sol")
	out := captured(t, func() error {
		return run(context.Background(), []string{"route", "solve", path, "--convention", "hierarchical-double", "--iterations", "200", "--out", sol, "--json"})
	})
	var rep routeReport
	if err := json.Unmarshal([]byte(out), &rep); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if rep.Vehicles != 1 || rep.Distance != 40 || rep.Gap == nil || *rep.Gap != 0 || rep.BestVehicles != 1 || rep.LeftOut != 0 {
		t.Errorf("%+v", rep)
	}
	text, err := os.ReadFile(sol)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); s != "Route #1: 1 2 3\nCost 40.00\n" && s != "Route #1: 3 2 1\nCost 40.00\n" {
		t.Errorf("%q", s)
	}
}

func TestRouteSolveSaysWhatIsWrong(t *testing.T) {
	path := writeTiny(t, tinySolomon)
	bad := writeTiny(t, strings.Replace(tinySolomon, "10          5          0       1000          1", "10 five 0 1000 1", 1))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{bad, "--convention", "distance-dimacs"}, `line 12: demand "five" is not a number`},
		{[]string{path, "--convention", "miles"}, `convention "miles" is none of`},
		{[]string{path, "--convention", "distance-integer", "--seconds=-1"}, "--seconds -1"},
		{[]string{path, "--convention", "distance-integer", "--threads=0"}, "--threads 0"},
		{[]string{path, "--convention", "distance-integer", "--iterations=-1"}, "--iterations -1"},
	} {
		err := run(context.Background(), append([]string{"route", "solve"}, c.args...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestRouteCheckListsWhatIsBroken(t *testing.T) {
	path := writeTiny(t, tinySolomon)
	for _, c := range []struct {
		routes string
		want   string // in the output, or in the fault
		holds  bool
	}{
		{"Route #1: 1 2 3\nCost 40.00\n", "1 vehicles, distance 40.00; gap 0.00 %; every rule holds", true},
		{"Route #1: 1 2 3\n", "every rule holds", true},
		{"Route #1: 1 2\nCost 34.14\n", "customer 3: not visited", false},
		{"Route #1: 1 2 3\nCost 39\n", "stated cost, by -1", false},
		{"Route #1: 1 2 3\nRoute #2: 2\n", "customer 2: twice", false},
		{"Route #1: 1 9\n", "line 1: there is no customer 9", false},
	} {
		sol := filepath.Join(t.TempDir(), "hand.sol")
		if err := os.WriteFile(sol, []byte(c.routes), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		out := captured(t, func() error {
			err = run(context.Background(), []string{"route", "check", path, sol, "--convention", "hierarchical-double"})
			return err
		}, c.holds)
		if !strings.Contains(out, c.want) && (err == nil || !strings.Contains(err.Error(), c.want)) || (err == nil) != c.holds {
			t.Errorf("%q: %q, %v; want %q", c.routes, out, err, c.want)
		}
	}
	heavy := writeTiny(t, strings.Replace(tinySolomon, "3         20", "3         12", 1))
	sol := filepath.Join(t.TempDir(), "hand.sol")
	if err := os.WriteFile(sol, []byte("Route #1: 1 2 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := captured(t, func() error {
		return run(context.Background(), []string{"route", "check", heavy, sol, "--convention", "distance-dimacs", "--json"})
	}, false)
	var rep checkReport
	if err := json.Unmarshal([]byte(out), &rep); err != nil || rep.Holds || len(rep.Broken) != 1 || rep.Broken[0] != (brokenRule{Route: 1, Rule: "capacity", By: 3}) {
		t.Errorf("%v, %s", err, out)
	}
}

// captured is what f prints; whether f may fail is up to well.
func captured(t *testing.T, f func() error, well ...bool) string {
	t.Helper()
	old := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	err = f()
	os.Stdout = old
	w.Close()
	if err != nil && (len(well) == 0 || well[0]) {
		t.Fatal(err)
	}
	buf := make([]byte, 1<<16)
	n, _ := r.Read(buf)
	return string(buf[:n])
}
