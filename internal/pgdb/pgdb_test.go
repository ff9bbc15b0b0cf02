package pgdb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/dbtest"
	"milkrun/internal/pgdb"
)

var (
	_ pgdb.Querier  = (*pgxpool.Pool)(nil)
	_ pgdb.Querier  = (*pgxpool.Conn)(nil)
	_ pgdb.Querier  = (pgx.Tx)(nil)
	_ pgdb.Beginner = (*pgxpool.Pool)(nil)
)

func get[T any](t *testing.T, q pgdb.Querier, sql string, args ...any) (v T) {
	t.Helper()
	if err := q.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func exec(t *testing.T, q pgdb.Querier, sql string, args ...any) {
	t.Helper()
	if _, err := q.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSetsTheSession(t *testing.T) {
	url := dbtest.EmptyURL(t)
	for _, c := range []struct {
		address string
		options []pgdb.Option
		name    string
		most    int32
	}{
		{url, nil, "milkrun", 20},
		{url + "&pool_max_conns=3&application_name=psql", nil, "psql", 3},
		{url, []pgdb.Option{pgdb.MaxConns(2), pgdb.MinIdleConns(1), pgdb.ApplicationName("worker")}, "worker", 2},
	} {
		pool, err := pgdb.Open(t.Context(), c.address, c.options...)
		if err != nil {
			t.Fatal(err)
		}
		if got := get[string](t, pool, `SELECT current_setting('timezone')`); got != "UTC" {
			t.Errorf("timezone %q", got)
		}
		if got := get[string](t, pool, `SELECT current_setting('application_name')`); got != c.name {
			t.Errorf("application name %q, want %q", got, c.name)
		}
		if got := pool.Stat().MaxConns(); got != c.most {
			t.Errorf("at most %d connections, want %d", got, c.most)
		}
		pool.Close()
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://u:hush@localhost:bad/x":                   "read the database address",
		"postgres://u:hush@/x?host=/nowhere/at/all&port=5432": "connect",
	} {
		_, err := pgdb.Open(t.Context(), address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", address, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestInTxCommitsOrNot(t *testing.T) {
	pool := dbtest.Empty(t)
	exec(t, pool, `CREATE TABLE row (n int)`)
	insert := func(n int, end func() error) error {
		return pgdb.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			exec(t, tx, `INSERT INTO row VALUES ($1)`, n)
			return end()
		})
	}
	if err := insert(1, func() error { return nil }); err != nil {
		t.Error(err)
	}
	refusal := errors.New("refused")
	if err := insert(2, func() error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("error = %v, want the function's own", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic is swallowed")
			}
		}()
		_ = insert(3, func() error { panic("bug") })
	}()
	if got := get[string](t, pool, `SELECT string_agg(n::text, ',') FROM row`); got != "1" {
		t.Errorf("rows %s, want 1", got)
	}
	if got := pool.Stat().AcquiredConns(); got != 0 {
		t.Errorf("%d connections are not given back", got)
	}
}

// Two transactions take two rows in opposite order until one loses; both must
// be done in the end.
func TestInTxRunsADeadlocksLoserAgain(t *testing.T) {
	pool := dbtest.Empty(t)
	exec(t, pool, `CREATE TABLE account (id int PRIMARY KEY, n int)`)
	exec(t, pool, `INSERT INTO account VALUES (1, 0), (2, 0)`)
	var met sync.WaitGroup
	met.Add(2)
	runs := make(chan int, 2)
	faults := make(chan error, 2)
	add := func(first, second int) {
		n := 0
		faults <- pgdb.InTx(context.Background(), pool, func(tx pgx.Tx) error {
			n++
			for i, id := range []int{first, second} {
				if _, err := tx.Exec(context.Background(), `UPDATE account SET n = n + 1 WHERE id = $1`, id); err != nil {
					return fmt.Errorf("add: %w", err)
				}
				if i == 0 && n == 1 {
					met.Done()
					met.Wait()
				}
			}
			return nil
		})
		runs <- n
	}
	go add(1, 2)
	go add(2, 1)
	if err := errors.Join(<-faults, <-faults); err != nil {
		t.Fatal(err)
	}
	if n := <-runs + <-runs; n != 3 {
		t.Errorf("%d runs, want 3: one loser, once more", n)
	}
	if got := get[int](t, pool, `SELECT sum(n)::int FROM account`); got != 4 {
		t.Errorf("sum %d, want 4", got)
	}
}

func TestInTxGivesUp(t *testing.T) {
	pool := dbtest.Empty(t)
	runs := 0
	err := pgdb.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		runs++
		_, err := tx.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$`)
		return err
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "40001" || runs != 5 {
		t.Errorf("after %d runs: %v", runs, err)
	}
	runs = 0
	_ = pgdb.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		runs++
		_, err := tx.Exec(t.Context(), `SELECT 1/0`)
		return err
	})
	if runs != 1 {
		t.Errorf("a fault of our own is tried %d times", runs)
	}
}

func TestInTxEndsWithItsContext(t *testing.T) {
	pool := dbtest.Empty(t)
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := pgdb.InTx(ctx, pool, func(tx pgx.Tx) error {
		runs++
		_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END $$`)
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("after %d runs: %v", runs, err)
	}
}

func TestInSnapshot(t *testing.T) {
	pool := dbtest.Empty(t)
	exec(t, pool, `CREATE TABLE row (n int)`)
	err := pgdb.InSnapshot(t.Context(), pool, func(tx pgx.Tx) error {
		before := get[int](t, tx, `SELECT count(*)::int FROM row`)
		exec(t, pool, `INSERT INTO row VALUES (1)`)
		if after := get[int](t, tx, `SELECT count(*)::int FROM row`); after != before {
			t.Errorf("the snapshot saw %d rows, then %d", before, after)
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO row VALUES (2)`)
		return err
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "25006" { // read_only_sql_transaction
		t.Errorf("writing in a snapshot: %v", err)
	}
}
