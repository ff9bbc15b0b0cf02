package models

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// dataDir gives the folder of the public series. Where they are absent the test is skipped loudly, for they are not part
// of the repository; with MILKRUN_REQUIRE=1 and a MILKRUN_TESTDATA that does not exist it fails.
func dataDir(t testing.TB) string {
	t.Helper()
	root := os.Getenv("MILKRUN_TESTDATA")
	named := root != ""
	if !named {
		root = filepath.Join(moduleRoot(t), "..", "shared", "data")
	}
	dir := filepath.Join(root, "forecasting")
	if _, err := os.Stat(dir); err != nil {
		if named && os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatalf("no test data at %s", dir)
		}
		t.Skipf("NOT MEASURED: no test data at %s (set MILKRUN_TESTDATA)", dir)
	}
	return dir
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// table reads a CSV file, or its .gz, and calls row with a getter of columns by name.
func table(t testing.TB, path string, row func(get func(string) string)) {
	t.Helper()
	var in io.Reader
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		f, err = os.Open(path + ".gz")
		if err == nil {
			in, err = gzip.NewReader(f)
		}
	} else {
		in = f
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(in)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.Clone(h)] = i
	}
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		row(func(c string) string { return rec[at[c]] })
	}
}

func number(t testing.TB, s string) float64 {
	if s == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// benchSeries is one series of a public set with its test part.
type benchSeries struct {
	id          string
	first       int // t of the first period
	train, test []float64
	columns     map[string][]float64 // side columns, train then test
}

// readSet reads a public set in the order of its file.
func readSet(t testing.TB, name string, columns ...string) []*benchSeries {
	t.Helper()
	dir := filepath.Join(dataDir(t), name)
	var all []*benchSeries
	byID := map[string]*benchSeries{}
	for _, part := range []string{"train.csv", "test.csv"} {
		table(t, filepath.Join(dir, part), func(get func(string) string) {
			s := byID[get("series_id")]
			if s == nil {
				s = &benchSeries{id: strings.Clone(get("series_id")), columns: map[string][]float64{}}
				s.first = int(number(t, get("t")))
				byID[s.id] = s
				all = append(all, s)
			}
			if part == "train.csv" {
				s.train = append(s.train, number(t, get("value")))
			} else {
				s.test = append(s.test, number(t, get("value")))
			}
			for _, c := range columns {
				s.columns[c] = append(s.columns[c], number(t, get(c)))
			}
		})
	}
	return all
}
