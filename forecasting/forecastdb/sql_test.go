package forecastdb

import (
	"context"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"milkrun/internal/dbtest"
)

// stages are the temporary tables that queries of a transaction find.
var stages = []string{sqlSaleStage, sqlHeatStage, sqlVintageStage}

// fragments are not queries but parts of them; every query made of them is run by the tests of the lists.
var fragments = map[string]bool{
	"sqlDemandColumns": true, "sqlDemandWhere": true, "sqlDemandCategory": true, "sqlDemandSearch": true, "sqlDemandTopic": true,
	"sqlDemandClass": true, "sqlDemandFound": true, "sqlDemandCount": true, "sqlDemandFrom": true, "sqlDemandFromBoth": true, "sqlDemandNames": true, "sqlSpikeColumns": true, "sqlHistoryColumns": true,
	"sqlMembersColumns": true, "sqlResultsColumns": true, "sqlWeightsColumns": true, "sqlVintagesColumns": true,
}

// TestEveryQueryPrepares lets PostgreSQL read every query of the package on the migrated schema.
func TestEveryQueryPrepares(t *testing.T) {
	tx := dbtest.Tx(t)
	for _, ddl := range stages {
		if _, err := tx.Exec(context.Background(), ddl); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for name, sql := range constants(t) {
		word := strings.ToLower(strings.Fields(sql)[0])
		if fragments[name] || word == "create" || word == "truncate" || word == "analyze" {
			continue
		}
		n++
		if _, err := tx.Exec(context.Background(), "savepoint one"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Prepare(context.Background(), name, sql); err != nil {
			t.Errorf("%s: %v", name, err)
			if _, err := tx.Exec(context.Background(), "rollback to one"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d queries were found", n)
	}
}

// constants gives the constants of the package named sql…, with their values.
func constants(t *testing.T) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	// Imports are not followed: the values of string constants do not need them.
	conf := types.Config{Error: func(error) {}, Importer: nil, FakeImportC: true}
	pkg, _ := conf.Check("forecastdb", set, files, nil)
	out := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if ok && strings.HasPrefix(name, "sql") && c.Val().Kind() == constant.String {
			out[name] = constant.StringVal(c.Val())
		}
	}
	return out
}
