package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/dbtest"
	"milkrun/internal/pgdb"
	"milkrun/migrations"
)

func TestPoolIsMigratedAndOnesOwn(t *testing.T) {
	a, b := dbtest.Pool(t), dbtest.Pool(t)
	n, err := migrations.Pending(t.Context(), a)
	if err != nil || n != 0 {
		t.Errorf("%d migrations are pending, %v", n, err)
	}
	if _, err := a.Exec(t.Context(), `CREATE TABLE mine (n int)`); err != nil {
		t.Fatal(err)
	}
	if exists(t, b, "mine") {
		t.Error("one test's table is in another's database")
	}
	if !exists(t, a, "river_job") || !exists(t, a, "milkrun_migration") {
		t.Error("the clone lacks the template's tables")
	}
}

func exists(t *testing.T, q pgdb.Querier, table string) (there bool) {
	t.Helper()
	if err := q.QueryRow(t.Context(), `SELECT to_regclass($1) IS NOT NULL`, table).Scan(&there); err != nil {
		t.Fatal(err)
	}
	return there
}

func TestEmptyHasNoTables(t *testing.T) {
	var n int
	err := dbtest.Empty(t).QueryRow(t.Context(),
		`SELECT count(*) FROM pg_class c JOIN pg_namespace s ON s.oid = relnamespace
		 WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d tables, %v", n, err)
	}
}

func TestTxSeesTheSchema(t *testing.T) {
	if !exists(t, dbtest.Tx(t), "river_job") {
		t.Error("no migrated schema")
	}
}

func TestDatabaseEndsWithTheTest(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) {
		pool := dbtest.Pool(t)
		if err := pool.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var n int
	err := dbtest.Empty(t).QueryRow(t.Context(), `SELECT count(*) FROM pg_database WHERE datname = $1`, name).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("database %s is left: %d, %v", name, n, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	for range 8 {
		t.Run("clone", func(t *testing.T) {
			t.Parallel()
			if !exists(t, dbtest.Pool(t), "river_job") {
				t.Error("no migrated schema")
			}
		})
	}
}

func TestURLOpens(t *testing.T) {
	for name, url := range map[string]string{"migrated": dbtest.URL(t), "empty": dbtest.EmptyURL(t)} {
		pool, err := pgdb.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if exists(t, pool, "river_job") != (name == "migrated") {
			t.Errorf("%s: schema is wrong", name)
		}
		pool.Close()
	}
}

// Migrating twice at once, as two processes that start together do, works.
func TestMigrateTwiceAtOnce(t *testing.T) {
	pool := dbtest.Empty(t)
	faults := make(chan error, 2)
	for range 2 {
		go func() { faults <- migrations.Up(context.Background(), pool) }()
	}
	if err := errors.Join(<-faults, <-faults); err != nil {
		t.Fatal(err)
	}
	err := pgdb.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		if !exists(t, tx, "river_job") {
			t.Error("no migrated schema")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func BenchmarkClone(b *testing.B) {
	for b.Loop() {
		dbtest.URL(b)
	}
}
