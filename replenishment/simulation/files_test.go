package simulation_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"milkrun/replenishment/simulation"
)

// TestFaultsAreNamed: a world that cannot be played says where it is wrong.
func TestFaultsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		want  []string
	}{
		"unknown sku":  {func(t *testing.T, dir string) { rewrite(t, dir, "demand.csv.gz", "\nS01,", "\nX01,") }, []string{"demand.csv.gz, row 6", `"X01"`}},
		"unknown site": {func(t *testing.T, dir string) { rewrite(t, dir, "demand.csv.gz", "\nS00,F2,", "\nS00,F9,") }, []string{"row 3", `"F9"`}},
		"no number":    {func(t *testing.T, dir string) { rewrite(t, dir, "heat.csv.gz", ",0,", ",hot,") }, []string{"heat.csv.gz", `"hot"`}},
		"twice":        {func(t *testing.T, dir string) { rewrite(t, dir, "heat.csv.gz", "\nS02,", "\nS03,") }, []string{"S03", "twice"}},
		"not zipped": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "heat.csv.gz"), []byte("sku,d0\n"))
		}, []string{"heat.csv.gz"}},
		"short row": {func(t *testing.T, dir string) { rewrite(t, dir, "demand.csv.gz", "\nS01,F1,", "\nS01,F1,3,") }, []string{"demand.csv.gz, row 6", "fields, want 642"}},
		"life": {func(t *testing.T, dir string) {
			raw, err := os.ReadFile(filepath.Join(dir, "master.json"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "master.json"), []byte(strings.Replace(string(raw), `"min_remaining":`, `"min_remaining":9`, 1)))
		}, []string{"sku S00: min_remaining = 9", "want 0 to"}},
		"no json": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "master.json"), []byte("{")) }, []string{"master.json"}},
		"class": {func(t *testing.T, dir string) {
			raw, err := os.ReadFile(filepath.Join(dir, "master.json"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "master.json"), []byte(strings.Replace(string(raw), `"cls":"hot"`, `"cls":"warm"`, 1)))
		}, []string{`"warm"`, "core, hot, seasonal or slow"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := simulation.Generate(simulation.DefaultParams(5)).Save(dir); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, dir)
			_, err := simulation.Load(dir)
			if !errors.Is(err, simulation.ErrWorld) {
				t.Fatalf("answered %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v does not say %s", err, w)
				}
			}
		})
	}
	if _, err := simulation.Load(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder answers %v", err)
	}
}

func TestStoppedRun(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := simulation.Run(ctx, simulation.Generate(simulation.DefaultParams(5)), simulation.Naive{}); !errors.Is(err, context.Canceled) {
		t.Errorf("answered %v", err)
	}
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// rewrite replaces the first old in a zipped file.
func rewrite(t *testing.T, dir, name, old, with string) {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := io.Copy(&b, z); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(out)
	if _, err := w.Write([]byte(strings.Replace(b.String(), old, with, 1))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
}
