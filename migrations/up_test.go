package migrations_test

import (
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"milkrun/internal/dbtest"
	"milkrun/migrations"
)

// A database that has a later domain's migrations takes a new one of an earlier domain.
func TestLowerNumberComesLater(t *testing.T) {
	pool := dbtest.Pool(t)
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files(), goose.WithTableName("milkrun_migration"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	all := p.ListSources()
	if len(all) < 3 {
		t.Fatalf("%d migrations", len(all))
	}
	// The domain before the last: nothing stands upon it.
	if _, err := p.ApplyVersion(t.Context(), all[len(all)-2].Version, false); err != nil {
		t.Fatal(err)
	}
	if n, err := migrations.Pending(t.Context(), pool); err != nil || n != 1 {
		t.Errorf("%d migrations are pending, %v", n, err)
	}
	if err := migrations.Up(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if n, err := migrations.Pending(t.Context(), pool); err != nil || n != 0 {
		t.Errorf("%d migrations are pending afterwards, %v", n, err)
	}
}
