// Package pgdb opens the database and runs transactions on it.
package pgdb

import (
	"context"
	"errors"
	"fmt"
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

// Open gives a pool on the database of the URL (or key=value text), after one successful ping. Sessions speak UTC.
func Open(ctx context.Context, url string, options ...Option) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("pgdb: read the database address: %w", err)
	}
	cfg.MaxConns = 20
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "milkrun"
	}
	cfg.ConnConfig.Tracer = otelpgx.NewTracer(otelpgx.WithTrimSQLInSpanName())
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
// a deadlock or a serialization failure, f runs again, at most five times: f must have no effect outside of tx.
func InTx(ctx context.Context, db Beginner, f func(tx pgx.Tx) error) error {
	return run(ctx, db, pgx.TxOptions{}, f)
}

// InSnapshot runs f in a read-only transaction in which every query sees the same state.
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
			return ctx.Err()
		case <-time.After(time.Duration(i+1) * 10 * time.Millisecond):
		}
	}
	return fmt.Errorf("pgdb: gave up after %d attempts: %w", attempts, err)
}


const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

func lost(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlockDetected)
}
