package prepared

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"milkrun/internal/dbtest"
)

// root is the module's directory, as seen from this one.
const root = "../../.."

var temporary = regexp.MustCompile(`(?i)^create\s+temp`)

func TestPostgreSQLPreparesEveryStatement(t *testing.T) {
	all, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	pool := dbtest.Pool(t)
	conn, err := pool.Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	// Statements that read temporary tables need them to be there.
	for _, c := range all {
		if temporary.MatchString(c.Text) {
			text := regexp.MustCompile(`(?i)on\s+commit\s+drop`).ReplaceAllString(c.Text, "")
			if _, err := conn.Exec(t.Context(), text); err != nil {
				t.Errorf("%s: %s: %v", c.Place, c.Name, err)
			}
		}
	}
	prepared, parts := map[string]int{}, 0
	for _, c := range all {
		if c.Part() {
			parts++
			continue
		}
		if _, err := conn.Conn().PgConn().Prepare(t.Context(), "", c.Text, nil); err != nil {
			t.Errorf("%s: %s: %v", c.Place, c.Name, err)
		}
		prepared[c.Dir]++
	}
	t.Logf("prepared by package: %v; %d parts left to the tests of their packages", prepared, parts)
	for _, dir := range []string{"internal/catalog/catalogdb", "internal/access/accessdb", "internal/audit"} {
		if prepared[dir] == 0 {
			t.Errorf("no statement of %s was found", dir)
		}
	}
}

func TestFindReadsConstants(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("xdb/a.go", "package xdb\nconst sqlOne = `select ` + fields + (` from t`)\nconst (\n sqlTwo, other = \"select 2\", \"x\"\n sqlPart = ` and a = $1`\n)\nfunc f() { const sqlLocal = `select %d` }\nconst sqlHead = `select `\nconst sqlTail = sqlHead + `3`\n")
	write("xdb/b.go", "package xdb\nconst fields = \"a, b\"\n")
	write("xdb/b_test.go", "package xdb\nconst sqlTest = `no`\n")
	write("ground/a.go", "package ground\nconst sqlNo = `no`\n")
	write("node_modules/ydb/a.go", "package ydb\nconst sqlNo = `no`\n")
	all, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range all {
		got[c.Name] = c.Text
		if c.Part() != (c.Name == "sqlPart" || c.Name == "sqlLocal" || c.Name == "sqlHead") {
			t.Errorf("%s: part %t", c.Name, c.Part())
		}
	}
	if len(got) != 6 || got["sqlOne"] != "select a, b from t" || got["sqlTwo"] != "select 2" {
		t.Errorf("%q", got)
	}
	write("zdb/a.go", "package zdb\nconst sqlBad = `a` + elsewhere.B\n")
	if _, err := Find(dir); err == nil || !strings.Contains(err.Error(), "sqlBad") {
		t.Errorf("a constant that cannot be read: %v", err)
	}
}
