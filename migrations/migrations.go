// Package migrations holds the database schema as numbered SQL, one PostgreSQL schema a domain, and brings a database up to it.
package migrations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// Files gives the migrations as they stand in the binary; a test database is keyed by their content.
func Files() fs.FS { return files }

// Up applies what the database lacks: River's tables, then ours. Processes that start together take turns.
func Up(ctx context.Context, pool *pgxpool.Pool) error {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithTableName("milkrun_migration"), goose.WithDisableGlobalRegistry(true),
		// Each domain numbers within a hundred of its own: a newer migration often has a lower number than the database's last.
		goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if err := river(ctx, pool); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// Pending counts the migrations of the binary that the database has not seen.
func Pending(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	entries, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	var done int
	const sqlApplied = `select count(distinct version_id)::int from milkrun_migration where is_applied and version_id > 0`
	if err := pool.QueryRow(ctx, sqlApplied).Scan(&done); err != nil {
		return 0, fmt.Errorf("migrations: read the applied ones: %w", err)
	}
	return len(entries) - done, nil
}

// riverLock is the advisory lock under which River's own tables are made: its migrator takes none.
const riverLock = 7_246_011

func river(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("migrations: river: %w", err)
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("migrations: river: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, riverLock); err != nil {
		return fmt.Errorf("migrations: river: %w", err)
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, riverLock) }()
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrations: river: %w", err)
	}
	return nil
}
