package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// TemplatePrefix begins the names of migrated templates, which a hash of the
// migrations ends. Their comment is the time of their last use, in Unix
// seconds.
const TemplatePrefix = "milkrun_tpl_"

// cloneFormat names a test's database by the Unix second and process that made
// it, and a count within the process.
const cloneFormat = "milkrun_test_%d_%d_%d"

// keptTemplates are the templates that outlive a run of the server: switching
// between two branches stays fast.
const keptTemplates = 2

// templateLife is how long an unused template stays while the server runs.
const templateLife = 30 * time.Minute

// cloneLife is how long a test's database on a server of the user's own is
// taken to be in use; its process may be on another machine.
const cloneLife = 6 * time.Hour

var clones atomic.Int64

// CloneName returns a new name for a test's database.
func CloneName() string {
	return fmt.Sprintf(cloneFormat, time.Now().Unix(), os.Getpid(), clones.Add(1))
}

// parseClone reads a name made by CloneName.
func parseClone(name string) (made time.Time, pid int, ok bool) {
	var second int64
	var n int
	if _, err := fmt.Sscanf(name, cloneFormat, &second, &pid, &n); err != nil {
		return time.Time{}, 0, false
	}
	return time.Unix(second, 0), pid, true
}

// SweepForeign drops the test databases that old runs left on a server of the
// user's own.
func SweepForeign(ctx context.Context, url string) error {
	return drop(ctx, url, func(d database) bool {
		made, _, ok := parseClone(d.Name)
		return ok && time.Since(made) > cloneLife
	})
}

// sweep drops the databases of dead processes and templates out of use. At the
// server's start nobody uses any clone.
func sweep(ctx context.Context, url string, atStart bool) error {
	var recent []string
	return drop(ctx, url, func(d database) bool {
		if _, pid, ok := parseClone(d.Name); ok {
			return atStart || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
		}
		if !strings.HasPrefix(d.Name, TemplatePrefix) {
			return false
		}
		if !atStart {
			return time.Since(time.Unix(d.Used, 0)) > templateLife
		}
		if d.Used == 0 || len(recent) == keptTemplates {
			return true
		}
		recent = append(recent, d.Name)
		return false
	})
}

type database struct {
	Name string
	Used int64 // Unix seconds; 0 for a template that is not finished
}

const sqlDatabases = `
SELECT datname AS name,
       coalesce(nullif(regexp_replace(shobj_description(oid, 'pg_database'), '\D', '', 'g'), ''), '0')::bigint AS used
FROM pg_database
WHERE datname LIKE 'milkrun\_t%'
ORDER BY used DESC, datname`

// drop drops the databases that old names, the most recently used first.
func drop(ctx context.Context, url string, old func(database) bool) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sqlDatabases)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[database])
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(d database) bool { return !old(d) })
	var faults []error
	for _, d := range all {
		faults = append(faults, Drop(ctx, conn, d.Name))
	}
	return errors.Join(faults...)
}

// Drop removes a database and ends the sessions in it.
func Drop(ctx context.Context, conn *pgx.Conn, name string) error {
	_, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`)
	return err
}
