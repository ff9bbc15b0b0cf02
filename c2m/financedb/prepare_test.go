package financedb

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"

	"milkrun/internal/dbtest"
)

// Every constant named sql… is a statement that PostgreSQL understands on the migrated schema.
func TestStatementsPrepare(t *testing.T) {
	set := token.NewFileSet()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Error: func(error) {}} // without imports; constants of text need none
	pkg, _ := conf.Check("financedb", set, files, nil)
	tx := dbtest.Tx(t)
	n := 0
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || !strings.HasPrefix(name, "sql") {
			continue
		}
		n++
		sp, err := tx.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sp.Prepare(t.Context(), name, constant.StringVal(c.Val())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := sp.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n < 20 {
		t.Errorf("found %d statements only", n)
	}
}
