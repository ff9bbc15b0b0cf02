package policy_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"milkrun/replenishment/policy"
)

// vectorFile is a file of reference cases; see the README beside the files.
type vectorFile struct {
	Topic     string             `json:"topic"`
	Tolerance map[string]any     `json:"tolerance"`
	Cases     []vectorCase       `json:"cases"`
	tol       map[string]float64 // the numbers of Tolerance
}

type vectorCase struct {
	ID, Kind, Source string
	Inputs           map[string]any
	Expected         map[string]any
}

// answer computes what a case expects: numbers, whole numbers, texts, or lists and maps of them.
type answer func(t *testing.T, c vectorCase) map[string]any

// TestVectors compares every expected number of the reference files with ours.
func TestVectors(t *testing.T) {
	dir := filepath.Join(testdata(t), "replenishment")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no reference files in %s (%v)", dir, err)
	}
	total := 0
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			f := readVectors(t, path)
			kinds, ok := answers[name]
			if !ok {
				t.Fatalf("%s: no way to compute this file", name)
			}
			for _, c := range f.Cases {
				t.Run(c.ID, func(t *testing.T) {
					compute, ok := kinds[c.Kind]
					if !ok {
						t.Fatalf("unknown kind %q", c.Kind)
					}
					got := compute(t, c)
					for _, key := range slices.Sorted(mapKeys(c.Expected)) {
						if ignored[name][key] {
							continue
						}
						g, ok := got[key]
						if !ok {
							t.Errorf("%s is not computed", key)
							continue
						}
						f.compare(t, c, key, g, c.Expected[key])
					}
				})
				total++
			}
		})
	}
	t.Logf("%d reference cases in %d files", total, len(files))
}

// ignored names expectations that the files themselves call non-binding: one optimum of several, another program's view.
var ignored = map[string]map[string]bool{
	"wagner_whitin.json": {"order_quantities": true}, // several plans tie; ours is replayed instead
	"gsm.json":           {"an_optimal_service_time": true, "stockpyl_agrees": true, "is_tree": true},
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// testdata gives the folder of the reference data, or skips.
func testdata(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		root, err := os.Getwd()
		for err == nil {
			if _, e := os.Stat(filepath.Join(root, "go.mod")); e == nil {
				break
			}
			if parent := filepath.Dir(root); parent == root {
				break
			} else {
				root = parent
			}
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "replenishment")); err != nil {
		msg := fmt.Sprintf("REFERENCE DATA MISSING: %v; set MILKRUN_TESTDATA", err)
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatal(msg)
		}
		t.Skip(msg)
	}
	return dir
}

func readVectors(t *testing.T, path string) vectorFile {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f vectorFile
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	f.tol = map[string]float64{}
	for k, v := range f.Tolerance {
		if x, ok := v.(float64); ok {
			f.tol[k] = x
		}
	}
	return f
}

// allowed gives the absolute deviation allowed for a number of a case.
func (f vectorFile) allowed(c vectorCase, key string, want float64) float64 {
	relative, absolute := f.tol["relative"], f.tol["absolute"]
	pick := func(name string) {
		if v, ok := f.tol[name]; ok {
			relative = v
		}
	}
	switch {
	case f.tol["zf_absolute"] > 0: // (s,S): published rows hold three decimals
		pick("cost_relative")
		if len(c.ID) > 3 && c.ID[:3] == "zf-" {
			absolute = f.tol["zf_absolute"]
		}
	case c.Kind == "continuous":
		pick("continuous_relative")
	case key == "exact_cost" || c.Kind == "normal_cost_at" || (c.Kind == "normal" && key == "cost"):
		pick("exact_cost_relative")
	case key == "cost_rate":
		pick("cost_relative")
	case key == "echelon_base_stock" || key == "newsvendor_heuristic_echelon":
		pick("level_relative")
	}
	return max(relative*math.Abs(want), absolute, 1e-12)
}

// compare walks the expected value and fails for each number that is off.
func (f vectorFile) compare(t *testing.T, c vectorCase, key string, got, want any) {
	t.Helper()
	switch w := want.(type) {
	case float64:
		g, ok := number(got)
		if !ok {
			t.Errorf("%s: got %T, want a number", key, got)
		} else if d := math.Abs(g - w); !(d <= f.allowed(c, key, w)) {
			t.Errorf("%s: got %.12g, want %.12g (off by %.3g, relative %.3g)", key, g, w, d, d/math.Abs(w))
		}
	case []any:
		g, ok := got.([]float64)
		if !ok || len(g) != len(w) {
			t.Fatalf("%s: got %v, want %v", key, got, w)
		}
		for i := range w {
			f.compare(t, c, key, g[i], w[i])
		}
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Fatalf("%s: got %v, want %v", key, got, w)
		}
		for k, v := range w {
			f.compare(t, c, k, g[k], v)
		}
	default:
		if got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// in gives a number of the inputs and fails when there is none.
func (c vectorCase) in(t *testing.T, key string) float64 {
	t.Helper()
	v, ok := c.Inputs[key].(float64)
	if !ok {
		t.Fatalf("input %s: %v is no number", key, c.Inputs[key])
	}
	return v
}

// list gives a list of n numbers; a single number stands for a list of it.
func (c vectorCase) list(t *testing.T, key string, n int) []float64 {
	t.Helper()
	out := make([]float64, 0, n)
	switch v := c.Inputs[key].(type) {
	case float64:
		for range n {
			out = append(out, v)
		}
	case []any:
		for _, x := range v {
			out = append(out, x.(float64))
		}
	case nil:
		out = make([]float64, n)
	}
	if n > 0 && len(out) != n {
		t.Fatalf("input %s: %d numbers, want %d", key, len(out), n)
	}
	return out
}

// distribution reads the distribution of a case.
func distribution(t *testing.T, in map[string]any) policy.Distribution {
	t.Helper()
	get := func(key string) float64 {
		v, ok := in[key].(float64)
		if !ok {
			t.Fatalf("distribution %v lacks %s", in["dist"], key)
		}
		return v
	}
	switch in["dist"] {
	case "normal":
		return policy.Normal{Mu: get("mean"), Sigma: get("sd")}
	case "poisson":
		return policy.Poisson{Mu: get("mean")}
	case "gamma":
		return policy.Gamma{Shape: get("shape"), Scale: get("scale")}
	case "lognormal":
		return policy.Lognormal{Mu: get("mu"), Sigma: get("sigma")}
	case "exponential":
		return policy.Exponential{Mu: get("mean")}
	case "uniform":
		return policy.Uniform{Lo: get("lo"), Hi: get("hi")}
	case "negbin":
		return policy.NegativeBinomial{R: get("r"), P: get("p")}
	}
	t.Fatalf("unknown distribution %v", in["dist"])
	return nil
}

// pmf reads a table of probabilities.
func pmf(t *testing.T, in map[string]any) policy.Discrete {
	t.Helper()
	weights := map[float64]float64{}
	for k, v := range in {
		x, err := strconv.ParseFloat(k, 64)
		if err != nil {
			t.Fatal(err)
		}
		weights[x] = v.(float64)
	}
	return policy.NewDiscrete(weights)
}
