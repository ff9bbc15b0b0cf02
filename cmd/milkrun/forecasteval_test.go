package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"milkrun/forecasting/backtest"
)

// evalFolder writes a monthly set of two series, of which the first repeats a season exactly.
func evalFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small_monthly")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var train, test strings.Builder
	for _, b := range []*strings.Builder{&train, &test} {
		b.WriteString("series_id,t,start_period,value\n")
	}
	for _, id := range []string{"a", "b"} {
		for m := 1; m <= 66; m++ {
			to := &train
			if m > 60 {
				to = &test
			}
			fmt.Fprintf(to, "%s,%d,1,%d\n", id, m, 100+10*(m%12))
		}
	}
	for name, text := range map[string]string{"train.csv": train.String(), "test.csv": test.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestForecastEval(t *testing.T) {
	dir := evalFolder(t)
	var text strings.Builder
	out := csv.NewWriter(&text)
	rows, err := (&ForecastEvalCmd{}).evalDir(context.Background(), &Config{Workers: 1}, dir, out)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	out.Flush()
	r := rows[0]
	if r.Set != "small_monthly" || r.Series != 2 || r.WAPE > 1 || r.Cov90 < .9 {
		t.Errorf("a season that repeats: %+v", r)
	}
	if n := strings.Count(text.String(), "\n"); n != 12 || !strings.HasPrefix(text.String(), "a,61,") {
		t.Errorf("%d rows:\n%s", n, text.String())
	}
	var line strings.Builder
	if err := r.print(&line, true); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(line.String()), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"set", "series", "mase", "rmsse", "smape", "wape", "bias", "wql50", "wql90", "wql95", "cov90", "cpu_s_per_1000"} {
		if _, ok := got[key]; !ok {
			t.Errorf("no %s in %s", key, line.String())
		}
	}
}

func TestForecastEvalNamesTheRow(t *testing.T) {
	dir := evalFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "train.csv"), []byte("series_id,t,value\na,1,2\na,2,two\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := (&ForecastEvalCmd{}).evalDir(context.Background(), &Config{Workers: 1}, dir, csv.NewWriter(&strings.Builder{}))
	var f *backtest.FileError
	if !errors.As(err, &f) || f.Row != 3 || f.Column != "value" {
		t.Errorf("%v", err)
	}
}
