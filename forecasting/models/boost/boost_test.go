package boost

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// steps is a table of two features, of which the first makes a step of 3 at .5 and the second nothing; every ninth value is missing.
func steps(n int, seed uint64) (rows [][]float32, y []float64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	for i := range n {
		a, b := rng.Float32(), rng.Float32()
		v := 1.0
		if a > .5 {
			v = 4
		}
		if i%9 == 0 {
			a, v = float32(math.NaN()), 7
		}
		rows, y = append(rows, []float32{a, b}), append(y, v+.1*rng.NormFloat64())
	}
	return rows, y
}

func grow(t *testing.T, rows [][]float32, y []float64, loss Loss, o Options) *Model {
	t.Helper()
	m, err := Train(context.Background(), NewTable(rows), y, nil, nil, loss, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainFindsSteps(t *testing.T) {
	rows, y := steps(4000, 1)
	for name, c := range map[string]struct {
		loss Loss
		back func(float64) float64
	}{
		"squared":  {Squared{}, func(v float64) float64 { return v }},
		"poisson":  {Poisson{}, math.Exp},
		"tweedie":  {Tweedie{1.5}, math.Exp},
		"quantile": {Quantile{.5}, func(v float64) float64 { return v }},
	} {
		m := grow(t, rows, y, c.loss, Options{Trees: 150, Leaves: 4, Rate: .1, Ridge: .1, Columns: 1, Intercept: true})
		for _, w := range []struct {
			a    float32
			want float64
		}{{.1, 1}, {.9, 4}, {float32(math.NaN()), 7}} {
			if got := c.back(m.Score([]float32{w.a, .3})); math.Abs(got-w.want) > .15 {
				t.Errorf("%s at %g: %.3f, want %g", name, w.a, got, w.want)
			}
		}
		if im := m.Importance(); im[0] < im[1] {
			t.Errorf("%s: the idle feature splits more: %v", name, im)
		}
	}
}

// TestQuantileCovers: the .9-quantile trees of uniform noise around a step cover nine of ten.
func TestQuantileCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var rows [][]float32
	var y []float64
	for range 6000 {
		a := rng.Float32()
		rows, y = append(rows, []float32{a}), append(y, rng.Float64()*(1+3*math.Round(float64(a))))
	}
	m := grow(t, rows, y, Quantile{.9}, Options{Trees: 120, Leaves: 4, Columns: 1, Intercept: true})
	under := 0.0
	for i, r := range rows {
		if y[i] <= m.Score(r) {
			under++
		}
	}
	if c := under / float64(len(y)); math.Abs(c-.9) > .01 {
		t.Errorf("covers %.3f", c)
	}
}

// TestGradients compares the derivatives with differences of the loss.
func TestGradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, s := rapid.Float64Range(0, 20).Draw(t, "y"), rapid.Float64Range(-2, 3).Draw(t, "score")
		for _, l := range []Loss{Squared{}, Poisson{}, Tweedie{1.3}, Quantile{.8}} {
			const d = 1e-5
			g, h := l.Gradient(y, s)
			if _, kink := l.(Quantile); kink && math.Abs(y-s) < 2*d {
				continue
			}
			if want := (l.Value(y, s+d) - l.Value(y, s-d)) / (2 * d); math.Abs(g-want) > 1e-4*(1+math.Abs(want)) {
				t.Fatalf("%T: gradient %g, difference %g", l, g, want)
			}
			up, _ := l.Gradient(y, s+d)
			down, _ := l.Gradient(y, s-d)
			if want := (up - down) / (2 * d); l != (Quantile{.8}) && math.Abs(h-want) > 1e-4*(1+math.Abs(want)) {
				t.Fatalf("%T: second derivative %g, difference %g", l, h, want)
			}
		}
	})
}

// TestWeightedQuantile: reference by hand: of 1, 2, 3, 4 with weights 1, 1, 1, 5 half of the weight is reached at 4.
func TestWeightedQuantile(t *testing.T) {
	for _, c := range []struct {
		w    []float64
		p    float64
		want float64
	}{{[]float64{1, 1, 1, 1}, .5, 2}, {[]float64{1, 1, 1, 5}, .5, 4}, {[]float64{5, 1, 1, 1}, .5, 1}, {[]float64{1, 1, 1, 1}, .9, 4}} {
		if got := weightedQuantile([]float64{1, 2, 3, 4}, c.w, c.p); got != c.want {
			t.Errorf("%+v: %g", c, got)
		}
	}
}

func TestTrainDoesNotDependOnWorkers(t *testing.T) {
	rows, y := steps(9000, 3)
	a := grow(t, rows, y, Poisson{}, Options{Trees: 20, Workers: 1, Seed: 4})
	b := grow(t, rows, y, Poisson{}, Options{Trees: 20, Workers: 2, Seed: 4})
	for _, r := range rows[:100] {
		if a.Score(r) != b.Score(r) {
			t.Fatal("the outcome depends on the number of workers")
		}
	}
}

// TestBinsAgree: a tree gives the same for a row and for its bins.
func TestBinsAgree(t *testing.T) {
	rows, y := steps(3000, 9)
	table := NewTable(rows)
	m, err := Train(context.Background(), table, y, nil, nil, Squared{}, Options{Trees: 10})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		sum := float32(0)
		for _, tree := range m.Trees {
			sum += tree.binned(table, i)
		}
		if math.Abs(float64(sum)-m.Score(r)) > 1e-4 {
			t.Fatalf("row %d: %g by bins, %g by values", i, sum, m.Score(r))
		}
	}
}

func TestModelIsStored(t *testing.T) {
	rows, y := steps(500, 2)
	m := grow(t, rows, y, Squared{}, Options{Trees: 5})
	text, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := back.UnmarshalBinary(text); err != nil || back.Score(rows[3]) != m.Score(rows[3]) {
		t.Errorf("%v", err)
	}
	bad := Model{Features: 1, Trees: []Tree{{{Feature: 0, Left: 0}}}}
	loop, _ := bad.MarshalBinary()
	for _, broken := range [][]byte{nil, []byte("no"), slices.Clone(text)[:len(text)-9], loop} {
		if err := new(Model).UnmarshalBinary(broken); !errors.Is(err, ErrModel) {
			t.Errorf("%d bytes: %v", len(broken), err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	m := Model{Features: 1, Trees: []Tree{{{Feature: 0, Left: 1}, {Feature: -1, Value: 1}, {Feature: -1}}}}
	text, _ := m.MarshalBinary()
	f.Add(text)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Model
		if m.UnmarshalBinary(data) == nil && m.Features < 100 {
			m.Score(make([]float32, m.Features)) // must end
		}
	})
}

func TestTrainRefuses(t *testing.T) {
	rows, y := steps(10, 1)
	if _, err := Train(context.Background(), NewTable(rows), y[:9], nil, nil, Squared{}, Options{}); !errors.Is(err, ErrRows) {
		t.Error(err)
	}
	if m := grow(t, nil, nil, Squared{}, Options{}); m.Score(nil) != 0 {
		t.Error("a model of nothing is 0")
	}
	same := slices.Repeat([][]float32{{1, float32(math.NaN())}}, 100)
	if m := grow(t, same, make([]float64, 100), Poisson{}, Options{Intercept: true, Trees: 3}); math.IsNaN(m.Score(same[0])) {
		t.Error("constant features")
	}
}
