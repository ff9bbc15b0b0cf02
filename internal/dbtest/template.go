package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"milkrun/internal/dbtest/cluster"
	"milkrun/internal/pgdb"
	"milkrun/migrations"
)

// templateName names the template of the migrations in this program: ours by
// their text, River's by theirs.
func templateName() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.Files(), path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		return "", err
	}
	river, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", err
	}
	for _, m := range river.AllVersions() {
		fmt.Fprintf(h, "river %d %s\n", m.Version, m.SQLUp)
	}
	return cluster.TemplatePrefix + hex.EncodeToString(h.Sum(nil)[:6]), nil
}

const (
	sqlTemplateExists = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	sqlLockTemplates  = `SELECT pg_advisory_lock(hashtext('milkrun dbtest templates'))`
)

// ensureTemplate makes the migrated template unless some process has, and
// marks it as used now.
func ensureTemplate(ctx context.Context, admin *pgx.Conn, base string) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	// The lock ends with the connection. It also keeps two processes from
	// writing the same comment at once.
	if _, err := admin.Exec(ctx, sqlLockTemplates); err != nil {
		return "", err
	}
	var there bool
	if err := admin.QueryRow(ctx, sqlTemplateExists, name).Scan(&there); err != nil {
		return "", err
	}
	if !there {
		if err := makeTemplate(ctx, admin, base, name); err != nil {
			return "", fmt.Errorf("make the migrated template: %w", err)
		}
	}
	_, err = admin.Exec(ctx, fmt.Sprintf(`COMMENT ON DATABASE %s IS 'used %d'`, pgx.Identifier{name}.Sanitize(), time.Now().Unix()))
	return name, err
}

// makeTemplate migrates a new database and gives it the template's name last:
// what has the name is finished.
func makeTemplate(ctx context.Context, admin *pgx.Conn, base, name string) error {
	unfinished := name + "_new"
	if err := cluster.Drop(ctx, admin, unfinished); err != nil {
		return err
	}
	if _, err := admin.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{unfinished}.Sanitize()); err != nil {
		return err
	}
	// A sweep that comes by while it is made must not take it for one that was left behind.
	if _, err := admin.Exec(ctx, fmt.Sprintf(`COMMENT ON DATABASE %s IS 'used %d'`, pgx.Identifier{unfinished}.Sanitize(), time.Now().Unix())); err != nil {
		return err
	}
	url, err := withDatabase(base, unfinished)
	if err != nil {
		return err
	}
	pool, err := pgdb.Open(ctx, url)
	if err != nil {
		return err
	}
	err = migrations.Up(ctx, pool)
	if err == nil {
		_, err = pool.Exec(ctx, `VACUUM (ANALYZE, FREEZE)`)
	}
	pool.Close()
	if err != nil {
		return err
	}
	_, err = admin.Exec(ctx, fmt.Sprintf(`ALTER DATABASE %s RENAME TO %s`,
		pgx.Identifier{unfinished}.Sanitize(), pgx.Identifier{name}.Sanitize()))
	return err
}
