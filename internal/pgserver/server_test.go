package pgserver_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgserver"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerEnv); dir != "" {
		beOwner(dir)
		return
	}
	os.Exit(m.Run())
}

// start runs a throw-away cluster in dir until the test ends.
func start(t *testing.T, dir string) *pgserver.Server {
	t.Helper()
	s, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

// openDir is t.TempDir, but open to the account that a root program lends to
// the server.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgserver-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func stop(t *testing.T, s *pgserver.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func exec(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	v, err := tryQuery[T](t.Context(), url, sql)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func tryQuery[T any](ctx context.Context, url, sql string) (v T, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return v, err
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(ctx, sql).Scan(&v)
	return v, err
}

// eventually repeats a query until it succeeds, as a pool would.
func eventually[T any](t *testing.T, url, sql string) T {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		v, err := tryQuery[T](t.Context(), url, sql)
		if err == nil {
			return v
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not come back: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

const postmasterPID = `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`

func TestStartQueryStopStart(t *testing.T) {
	dir := filepath.Join(openDir(t), "pg")
	s := start(t, dir)
	url, err := s.EnsureDatabase(t.Context(), "牛奶 run")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, url, `CREATE TABLE kept (name text); INSERT INTO kept VALUES ('出牙咬胶')`)

	for sql, want := range map[string]string{
		`SHOW server_encoding`:  "UTF8",
		`SHOW listen_addresses`: "",
		`SHOW timezone`:         "UTC",
		`SHOW fsync`:            "off",
		`SELECT upper('äß')`:    "Äß",
		`SELECT min(x) FROM (VALUES ('a'), ('Z'), ('中')) v(x)`: "Z", // by code point
		`SELECT current_user::text`:                            pgserver.Superuser,
		`SELECT current_database()`:                            "牛奶 run",
		`SELECT '出牙' ~ '^\w+$'`:                                "true",
	} {
		if got := query[string](t, url, "SELECT ("+asExpression(sql)+")::text"); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}

	if again, err := s.EnsureDatabase(t.Context(), "牛奶 run"); err != nil || again != url {
		t.Errorf("EnsureDatabase again = %q, %v; want %q", again, err, url)
	}
	pid := query[int](t, url, postmasterPID)
	stop(t, s)
	stop(t, s) // twice is fine
	awaitEnd(t, pid)
	if _, err := tryQuery[int](t.Context(), url, `SELECT 1`); err == nil {
		t.Error("the stopped server answers")
	}

	s = start(t, dir)
	if got := query[string](t, s.URL("牛奶 run"), `SELECT name FROM kept`); got != "出牙咬胶" {
		t.Errorf("after a restart the row reads %q", got)
	}
}

// asExpression turns SHOW x, which is no expression, into one.
func asExpression(sql string) string {
	if name, ok := strings.CutPrefix(sql, "SHOW "); ok {
		return fmt.Sprintf("SELECT current_setting('%s')", name)
	}
	return sql
}

// awaitEnd waits until nothing of the process is left. An orphan stays a
// zombie for a moment, until init has read its end.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d lives on", pid)
		}
	}
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestDurableByDefault(t *testing.T) {
	s, err := pgserver.Start(t.Context(), pgserver.Config{Dir: openDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"shared_buffers": "512MB", "autovacuum": "on", "unix_socket_permissions": "0700",
	} {
		if got := query[string](t, s.URL("postgres"), "SELECT current_setting('"+setting+"')"); got != want {
			t.Errorf("%s = %s, want %s", setting, got, want)
		}
	}
}

func TestSocketDirectoryIsClosed(t *testing.T) {
	s := start(t, openDir(t))
	dir := query[string](t, s.URL("postgres"), `SELECT current_setting('unix_socket_directories')`)
	st, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode().Perm() != 0o700 {
		t.Errorf("%s has mode %v, want 0700: everybody could log in", dir, st.Mode().Perm())
	}
	stop(t, s)
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s is left behind", dir)
	}
}

func TestLongTemporaryDirectory(t *testing.T) {
	long := filepath.Join(openDir(t), strings.Repeat("long/", 20))
	if err := os.MkdirAll(long, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	s := start(t, filepath.Join(long, "pg"))
	if got := query[int](t, s.URL("postgres"), `SELECT 1`); got != 1 {
		t.Errorf("SELECT 1 = %d", got)
	}
}

func TestGuestAttachesAndLeaves(t *testing.T) {
	dir := openDir(t)
	owner := start(t, dir)
	guest := start(t, dir)
	if !owner.Owned() || guest.Owned() {
		t.Errorf("owned by the first: %v, by the second: %v", owner.Owned(), guest.Owned())
	}
	if owner.URL("x") != guest.URL("x") {
		t.Errorf("the owner connects to %s, the guest to %s", owner.URL("x"), guest.URL("x"))
	}
	stop(t, guest)
	if got := query[int](t, owner.URL("postgres"), `SELECT 1`); got != 1 {
		t.Errorf("SELECT 1 = %d", got)
	}
}

func TestGuestTakesOverWhenTheOwnerStops(t *testing.T) {
	dir := openDir(t)
	owner, guest := start(t, dir), start(t, dir)
	before := query[int](t, guest.URL("postgres"), postmasterPID)
	stop(t, owner)
	after := eventually[int](t, guest.URL("postgres"), postmasterPID)
	if after == before || !guest.Owned() {
		t.Errorf("postmaster %d then %d, owned by the guest: %v", before, after, guest.Owned())
	}
	stop(t, guest)
	awaitEnd(t, after)
}

func TestCrashedServerIsStartedAgain(t *testing.T) {
	s := start(t, openDir(t))
	exec(t, s.URL("postgres"), `CREATE TABLE kept AS SELECT 1 AS n`)
	exec(t, s.URL("postgres"), `CHECKPOINT`) // a Fast cluster loses its last moment
	pid := query[int](t, s.URL("postgres"), postmasterPID)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, pid)
	if got := eventually[int](t, s.URL("postgres"), `SELECT n FROM kept`); got != 1 {
		t.Errorf("n = %d after the crash", got)
	}
}

func TestStalePidFileOfAnotherProcess(t *testing.T) {
	dir := openDir(t)
	s := start(t, dir)
	data := query[string](t, s.URL("postgres"), `SELECT current_setting('data_directory')`)
	pidFile := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	// As after a crash of the machine, with the number in use by a program of
	// the same account.
	sleeper := sleepAs(t, data)
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n%s", sleeper, rest), 0o644); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if got := query[int](t, s.URL("postgres"), `SELECT 1`); got != 1 {
		t.Errorf("SELECT 1 = %d", got)
	}
	if !alive(sleeper) {
		t.Error("an innocent process was ended")
	}
}
