// Package pgdb opens the database and runs transactions on it.
package pgdb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Querier is what reading and writing needs: a pool and a transaction both are one.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// Beginner starts transactions: a pool is one.
type Beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// Option changes the pool's configuration before it is opened.
type Option func(*pgxpool.Config)

// MaxConns bounds the connections of the pool.
func MaxConns(n int32) Option { return func(c *pgxpool.Config) { c.MaxConns = n } }

// MinIdleConns keeps connections open for the next request.
func MinIdleConns(n int32) Option { return func(c *pgxpool.Config) { c.MinIdleConns = n } }

// ApplicationName is what the database's own lists call the sessions of the pool. Default: milkrun.
func ApplicationName(name string) Option {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["application_name"] = name }
}

// defaultMaxConns suits two cores: more sessions at once would only wait for each other. The address may say
// pool_max_conns, as it may say every other setting that pgxpool reads.
const defaultMaxConns = 20

// Open gives a pool on the database of the URL (or key=value text), after one successful ping. Sessions speak UTC and are
// traced by OpenTelemetry. An address is never part of the error, because it may hold a password.
func Open(ctx context.Context, url string, options ...Option) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("pgdb: read the database address: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = defaultMaxConns
	}
	if !strings.Contains(url, "pool_max_conn_idle_time") {
		cfg.MaxConnIdleTime = 5 * time.Minute
	}
	if cfg.PingTimeout == 0 {
		cfg.PingTimeout = 5 * time.Second // a dead server must not hold a request for ever
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "milkrun"
	}
	cfg.ConnConfig.Tracer = otelpgx.NewTracer()
	for _, o := range options {
		o(cfg)
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("pgdb: open: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("pgdb: connect: %w", err)
	}
	return pool, nil
}

// attempts is how often InTx runs a function whose transaction lost against another.
const attempts = 5

// InTx runs f in a transaction and commits it; an error or panic of f rolls it back. When PostgreSQL ends the transaction for
// a deadlock or a serialization failure, f runs again, at most five times: f must have no effect outside of tx, and must
// return the database's error (wrapped as it likes) instead of going on. A lost connection is not tried again, because the
// commit may have happened.
func InTx(ctx context.Context, db Beginner, f func(tx pgx.Tx) error) error {
	return run(ctx, db, pgx.TxOptions{}, f)
}

// InSnapshot runs f in a read-only transaction in which every query sees the same state, that of f's first query.
func InSnapshot(ctx context.Context, db Beginner, f func(tx pgx.Tx) error) error {
	return run(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}

func run(ctx context.Context, db Beginner, options pgx.TxOptions, f func(pgx.Tx) error) error {
	var err error
	for i := range attempts {
		if err = pgx.BeginTxFunc(ctx, db, options, f); err == nil || !lost(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause(i)):
		}
	}
	return fmt.Errorf("pgdb: gave up after %d attempts: %w", attempts, err)
}

// pause grows with the attempts and differs between losers, or they would meet again.
func pause(attempt int) time.Duration {
	return time.Duration(attempt)*10*time.Millisecond + rand.N(20*time.Millisecond)
}

const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

func lost(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlockDetected)
}
