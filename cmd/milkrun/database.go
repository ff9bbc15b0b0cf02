package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/pgdb"
	"milkrun/internal/pgserver"
	"milkrun/migrations"
)

// database is an open, migrated database, and how to leave it.
type database struct {
	Pool  *pgxpool.Pool
	URL   string
	close func()
}

// openDatabase starts the private PostgreSQL where the configuration asks for it, connects and migrates.
func openDatabase(ctx context.Context, c *Config, log *slog.Logger) (*database, error) {
	d := &database{URL: c.DatabaseURL, close: func() {}}
	if c.embedded() {
		server, err := pgserver.Start(ctx, pgserver.Config{Dir: c.clusterDir(), Logger: log})
		if err != nil {
			return nil, fmt.Errorf("start the private PostgreSQL: %w", err)
		}
		d.close = func() {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := server.Stop(ctx); err != nil {
				log.Error("the private PostgreSQL did not stop cleanly", "error", err)
			}
		}
		if d.URL, err = server.EnsureDatabase(ctx, "milkrun"); err != nil {
			d.close()
			return nil, err
		}
	}
	pool, err := pgdb.Open(ctx, d.URL)
	if err != nil {
		d.close()
		return nil, err
	}
	stop := d.close
	d.Pool, d.close = pool, func() { pool.Close(); stop() }
	if err := migrations.Up(ctx, pool); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}
