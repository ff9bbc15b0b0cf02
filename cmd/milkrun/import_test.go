package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"milkrun/internal/calendar"
)

// Sheets are checked and imported from the command line: bad rows keep everything out unless the good ones are asked for.
func TestImportFromTheCommandLine(t *testing.T) {
	database := demoCopy(t)
	at := "--database-url=" + database
	h, err := openHouse(t.Context(), testConfig(database), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	dir, day := t.TempDir(), h.today().AddDays(-3)
	sold := func(d calendar.Day) (n int) {
		t.Helper()
		if err := h.db.Pool.QueryRow(t.Context(), `SELECT coalesce(sum(s.pieces), 0) FROM forecast.sale s JOIN catalog.sku k ON k.id = s.sku_id
			JOIN catalog.site p ON p.id = s.site_id WHERE k.code = 'MR-204817' AND p.code = 'JX' AND s.day = $1`, d).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	sheet := func(name string, rows ...string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("SKU,仓库,日期,销量\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	before := sold(day)
	good := fmt.Sprintf("MR-204817,JX,%s,\"4,321\"", day)
	bad := sheet("bad.csv", good, "MR-204817,JX,"+day.String()+"x,7", "MR-999999,JX,"+day.String()+",7")
	result := filepath.Join(dir, "result.csv")

	said, err := command(t, "", at, "import", "sales", bad, "--result="+result)
	if err == nil || !strings.Contains(err.Error(), "nothing was imported") || !strings.Contains(said, "1 good") || !strings.Contains(said, "MR-999999") {
		t.Errorf("with bad rows: %v\n%s", err, said)
	}
	if sold(day) != before {
		t.Error("half an import")
	}
	if b, err := os.ReadFile(result); err != nil || !strings.Contains(string(b), "MR-999999") {
		t.Errorf("the result sheet: %v\n%s", err, b)
	}
	if said, err := command(t, "", at, "import", "sales", sheet("good.csv", good), "--check"); err != nil || !strings.Contains(said, "1 good") || sold(day) != before {
		t.Errorf("--check: %v\n%s", err, said)
	}
	if said, err := command(t, "", at, "import", "sales", bad, "--good-rows"); err != nil || !strings.Contains(said, "Imported 1 rows") || sold(day) != 4321 {
		t.Errorf("--good-rows: %v, %d sold\n%s", err, sold(day), said)
	}
	if _, err := command(t, "", at, "import", "sales", sheet("again.csv", good)); err != nil || sold(day) != 4321 {
		t.Errorf("the same sheet again: %v, %d sold", err, sold(day))
	}
	for name, args := range map[string][]string{"no such file": {"sales", filepath.Join(dir, "none.csv")}, "no such kind": {"wishes", bad}, "no sheet at all": {"sales", result + "/.."}} {
		if _, err := command(t, "", append([]string{at, "import"}, args...)...); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
