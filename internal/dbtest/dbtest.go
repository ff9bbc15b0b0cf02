// Package dbtest gives each test a PostgreSQL database of its own.
//
// All test processes of a user share one cluster (package cluster), which
// starts with the first and ends a few seconds after the last. A database is
// cloned from a migrated template in about 50 ms; the template is made again
// when a migration changes.
//
// Environment:
//
//   - MILKRUN_TEST_DATABASE_URL names a server of your own to use instead,
//     with a role that may create databases.
//   - MILKRUN_REQUIRE=1 makes a test fail that would be skipped for want of
//     PostgreSQL.
//   - MILKRUN_PG_BIN names the directory of postgres and initdb to use.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/dbtest/cluster"
	"milkrun/internal/pgdb"
	"milkrun/internal/pgserver"
)

// maxConns bounds a test's pool: enough for two racing goroutines and a queue
// beside them, few enough for many packages at once.
const maxConns = 16

// timeout bounds each step on a busy machine.
const timeout = 2 * time.Minute

// Pool returns a pool on a migrated database that is the test's own. Both end
// with the test.
func Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, newDatabase(t, true))
}

// Empty returns a pool on a database without any table that is the test's
// own. Both end with the test.
func Empty(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, newDatabase(t, false))
}

// URL returns the connection string of a migrated database that is the test's
// own, for a program that opens it itself. It ends with the test.
func URL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, true)
}

// EmptyURL is URL for a database without any table.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, false)
}

// Tx returns a transaction on a migrated database that is the test's own. It
// is rolled back at the test's end.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	tx, err := Pool(t).Begin(context.Background())
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(context.Background()); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("dbtest: roll back: %v", err)
		}
	})
	return tx
}

// open opens a pool that is closed at the test's end. A test that keeps a
// connection would make that wait for ever, so it is told instead.
func open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgdb.Open(context.Background(), url, pgdb.MaxConns(maxConns))
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() { defer close(closed); pool.Close() }()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Errorf("dbtest: the test ended without giving back %d connections", pool.Stat().AcquiredConns())
		}
	})
	return pool
}

// newDatabase makes a database that is dropped at the test's end, and returns
// its connection string.
func newDatabase(t testing.TB, migrated bool) string {
	t.Helper()
	base := server(t)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	name := cluster.CloneName()
	if err := create(ctx, base, name, migrated); err != nil {
		t.Fatalf("dbtest: make a database: %v", err)
	}
	t.Cleanup(func() { remove(t, base, name) })
	url, err := withDatabase(base, name)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return url
}

func create(ctx context.Context, base, name string, migrated bool) error {
	admin, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer admin.Close(ctx)
	template := "template0"
	if migrated {
		if template, err = migratedTemplate(ctx, base); err != nil {
			return err
		}
	}
	// Copying files takes half the time of writing the copy through the log, as
	// long as nothing is synced.
	_, err = admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY`,
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()))
	return err
}

func remove(t testing.TB, base, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	admin, err := pgx.Connect(ctx, base)
	if err == nil {
		defer admin.Close(ctx)
		err = cluster.Drop(ctx, admin, name)
	}
	if err != nil {
		t.Errorf("dbtest: drop the database: %v", err)
	}
}

// server returns the URL of the server's maintenance database, or skips the
// test.
func server(t testing.TB) string {
	t.Helper()
	base, err := connected()
	switch {
	case err == nil:
		return base
	case errors.Is(err, pgserver.ErrNoBinaries) && os.Getenv("MILKRUN_REQUIRE") != "1":
		t.Skipf("\n*** SKIPPED, NOT TESTED: %v ***", err)
	default:
		t.Fatalf("dbtest: %v", err)
	}
	return ""
}

// connected finds the server once for the process.
var connected = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*timeout)
	defer cancel()
	if own := os.Getenv("MILKRUN_TEST_DATABASE_URL"); own != "" {
		return own, cluster.SweepForeign(ctx, own)
	}
	c, err := cluster.Attach(ctx)
	if err != nil {
		return "", err
	}
	return c.URL, nil
})

var template struct {
	sync.Mutex
	name string
}

// migratedTemplate makes sure of the template once for the process.
func migratedTemplate(ctx context.Context, base string) (string, error) {
	template.Lock()
	defer template.Unlock()
	if template.name != "" {
		return template.name, nil
	}
	admin, err := pgx.Connect(ctx, base) // its own, because a lock ends with it
	if err != nil {
		return "", err
	}
	defer admin.Close(ctx)
	name, err := ensureTemplate(ctx, admin, base)
	template.name = name
	return name, err
}

// withDatabase replaces the database in a connection string.
func withDatabase(base, name string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme == "" { // the error would show a password
		return "", errors.New("MILKRUN_TEST_DATABASE_URL must look like postgres://user@host/postgres")
	}
	u.Path = "/" + name
	return u.String(), nil
}
