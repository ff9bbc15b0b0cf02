package instance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// data is the folder of the published instances, or the test is skipped.
func data(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "routing")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatalf("no routing instances: %v", err)
		}
		t.Skipf("no routing instances: %v", err)
	}
	return dir
}

func TestEveryPublishedInstanceIsRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(data(t), "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	count := map[Format]int{}
	for _, path := range files {
		if ext := filepath.Ext(path); ext != ".txt" && ext != ".vrp" {
			continue
		}
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(in)
		in.Close()
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		count[f.Format]++
	}
	if count[Solomon] != 119 || count[LiLim] != 118 || count[VRPLIB] != 150 {
		t.Errorf("read %v", count)
	}
}

func TestFormats(t *testing.T) {
	dir := data(t)
	read := func(path string) *File {
		in, err := os.Open(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		f, err := Read(in)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := read("solomon/R101.txt")
	if f.Name != "R101" || len(f.Nodes) != 101 || f.Capacity != 200 || len(f.Vehicle) != 25 || f.Nodes[1] != (Node{ID: 1, X: 41, Y: 49, Demand: 10, Ready: 161, Due: 171, Service: 10}) {
		t.Errorf("R101: %+v", f.Nodes[1])
	}
	f = read("li_lim_100/lr101.txt")
	if n := f.Nodes[2]; n.Mate != 73 || n.Demand != 7 || f.Nodes[73].Mate != -2 || f.Nodes[1].Mate != -66 {
		t.Errorf("lr101: %+v", n)
	}
	f = read("mdvrptw/PR11A.vrp")
	if f.Depots != 4 || len(f.Vehicle) != 40 || f.Vehicle[39] != 3 || f.MaxDuration != 450 || f.Number(4) != 4 || f.Trips != 1 {
		t.Errorf("PR11A: %d depots, vehicles %v", f.Depots, f.Vehicle)
	}
	f = read("mtvrptw_release/C201R0.5.vrp")
	if f.Trips < 2 || f.Nodes[0].Service != 0 || f.Nodes[1].Service != 90 || f.Unlimited {
		t.Errorf("C201R0.5: %+v", f.Nodes[:2])
	}
	f = read("cvrp_x/X-n101-k25.vrp")
	if !f.Unlimited || f.Capacity != 206 || f.Windows || f.Number(1) != 1 {
		t.Errorf("X-n101: %+v", f)
	}
}

func TestFaultsNameTheLine(t *testing.T) {
	head := "T\n\nVEHICLE\nNUMBER CAPACITY\n 5 10\n\nCUSTOMER\nCUST NO.\n\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \n\n", "the file is empty"},
		{"prose", "hello\nworld\n", "line 1: neither Solomon"},
		{"letters", head + "0 0 0 0 0 9 0\n1 2 x 1 0 9 0\n", `line 11: y "x" is not a number`},
		{"short", head + "0 0 0 0 0 9 0\n1 2 2 1\n", "line 11: ready time is missing"},
		{"long", head + "0 0 0 0 0 9 0 7\n", "line 10: 8 fields"},
		{"gap", head + "0 0 0 0 0 9 0\n2 2 2 1 0 9 0\n", "line 11: customer 2 where 1"},
		{"heavy", head + "0 0 0 0 0 9 0\n1 2 2 11 0 9 0\n", "line 11: node 1 demands 11, more than the capacity 10"},
		{"backwards", head + "0 0 0 0 0 9 0\n1 2 2 1 8 7 0\n", "line 11: node 1 is due at 7, before it is ready at 8"},
		{"no customers", "T\nVEHICLE\nNUMBER CAPACITY\n1 1\n", "no depot"},
		{"cut off", "T\nVEHICLE\n", "ends before the number of vehicles"},
		{"pair", "1 10 1\n0 0 0 0 0 9 0 0 0\n1 1 1 5 0 9 0 0 2\n2 1 1 -4 0 9 0 1 0\n", "line 3: the demands 5 and -4"},
		{"half a pair", "1 10 1\n0 0 0 0 0 9 0 0 0\n1 1 1 5 0 9 0 0 0\n", "line 3: node 1 must name"},
		{"heavy pair", "1 10 1\n0 0 0 0 0 9 0 0 0\n1 1 1 15 0 9 0 0 2\n2 1 1 -15 0 9 0 1 0\n", "line 3: node 1 demands 15, more than the capacity 10"},
		{"heavy in a section", "NAME : a\nDIMENSION : 2\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 0 0\nDEMAND_SECTION\n1 0\n2 4\nDEPOT_SECTION\n1\n-1\n", "line 10: node 2 demands 4, more than the capacity 3"},
		{"negative service", "NAME : a\nDIMENSION : 1\nCAPACITY : 3\nSERVICE_TIME : -2\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 2e9\nDEMAND_SECTION\n1 0\nDEPOT_SECTION\n1\n-1\n", "line 7: node 1 has the number 2e+09"},
		{"unknown section", "NAME : a\nFUEL_SECTION\n", "line 2: section FUEL_SECTION"},
		{"unknown key", "NAME : a\nFUEL : 3\n", "line 2: FUEL is not understood"},
		{"weights", "NAME : a\nDIMENSION : 2\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : GEO\n", "line 4: EDGE_WEIGHT_TYPE GEO"},
		{"count", "NAME : a\nDIMENSION : 2\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n", "line 5: NODE_COORD_SECTION has 1 lines"},
	} {
		_, err := Read(strings.NewReader(c.text))
		if err == nil || !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestBests(t *testing.T) {
	b, err := ReadBests(strings.NewReader("instance,convention,vehicles,distance,source\nC101,distance-dimacs,,827.3,\"x, y\"\nC101,hierarchical-double,10,828.94,z\n"))
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := b.Of("c101", HierarchicalDouble); !ok || v != (Best{10, 828.94}) {
		t.Errorf("%v %v", v, ok)
	}
	if v, ok := b.Of("C101", DistanceDIMACS); !ok || v != (Best{0, 827.3}) {
		t.Errorf("%v %v", v, ok)
	}
	for _, bad := range []string{"a,b\n", "a,distance-dimacs,x,1,s\n", "a,distance-dimacs,1,-1,s\n", "a,miles,1,1,s\n"} {
		if _, err := ReadBests(strings.NewReader("instance,convention,vehicles,distance,source\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("T\n\nVEHICLE\nNUMBER CAPACITY\n 5 10\n\nCUSTOMER\nCUST NO.\n\n0 0 0 0 0 9 0\n1 2 3 1 0 9 0\n")
	f.Add("1 10 1\n0 0 0 0 0 9 0 0 0\n1 1 1 5 0 9 0 0 2\n2 1 1 -5 0 9 0 1 0\n")
	f.Add("NAME : a\nDIMENSION : 2\nVEHICLES: 1\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 3 4\nDEMAND_SECTION\n1 0\n2 1\nTIME_WINDOW_SECTION\n1 0 9\n2 0 9\nVEHICLES_RELOAD_DEPOT_SECTION\n1 1\nDEPOT_SECTION\n1\n-1\nEOF\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("%v is no ErrFormat", err)
			}
			return
		}
		if len(file.Nodes) > 200 {
			return
		}
		for _, c := range Conventions {
			p, err := file.Problem(c)
			if err != nil {
				continue
			}
			if err := p.Check(); err != nil {
				t.Errorf("%s: %v", c, err)
			}
		}
	})
}

// TestScaleKeepsLateInstants: whatever the span of a file, no instant of it is beyond what the solver tells apart.
func TestScaleKeepsLateInstants(t *testing.T) {
	for _, due := range []float64{100, 1236, 5369, 7697, 12e3, 900e3, 500e6} {
		f := &File{Windows: true, Nodes: []Node{{Due: due}, {ID: 1, Due: due - 1, Service: 1}}}
		scale := HierarchicalDouble.Scale(f)
		if (due+1)*scale > 1<<29 || scale < 1 {
			t.Errorf("due %g is scaled by %g", due, scale)
		}
	}
}
