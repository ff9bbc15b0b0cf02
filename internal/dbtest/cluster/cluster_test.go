package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgserver"
	"milkrun/internal/pgserver/filelock"
)

// userEnv makes the test program a user of the shared server until its
// standard input ends.
const userEnv = "CLUSTER_TEST_USER"

// The keepers of these tests are this program too, and this runs before init.
var _ = func() bool { linger = 700 * time.Millisecond; return true }()

func TestMain(m *testing.M) {
	if os.Getenv(userEnv) == "" {
		os.Exit(m.Run())
	}
	c, err := Attach(context.Background())
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(c.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// ownTemp gives the test a shared directory that no other program uses.
func ownTemp(t *testing.T) (dir string) {
	t.Helper()
	tmp, err := os.MkdirTemp("", "dbtest-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	t.Setenv("TMPDIR", tmp)
	dir, err = directory()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

type user struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
}

// newUser starts a process that uses the server.
func newUser(t *testing.T) *user {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), userEnv+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	u := &user{cmd: cmd, stdin: stdin}
	t.Cleanup(u.leave)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "postgres://") {
		t.Fatalf("the user says %q, %v", line, err)
	}
	u.url = strings.TrimSpace(line)
	return u
}

func (u *user) leave() {
	_ = u.stdin.Close()
	_ = u.cmd.Wait()
}

func one[T any](t *testing.T, url, sql string, args ...any) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// awaitGone waits until no keeper runs and asserts that its server is gone.
func awaitGone(t *testing.T, dir string, postmaster int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lock, err := filelock.Wait(ctx, filepath.Join(dir, keeperName), filelock.Exclusive)
	if err != nil {
		t.Fatalf("the keeper lives on: %v", err)
	}
	lock.Release()
	for !errors.Is(syscall.Kill(postmaster, 0), syscall.ESRCH) {
		if ctx.Err() != nil {
			t.Fatalf("postmaster %d lives on", postmaster)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

const (
	sqlPostmaster = `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`
	sqlKnows      = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
)

func run(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestUsersShareOneServerThatEndsAfterTheLast(t *testing.T) {
	dir := ownTemp(t)
	a, b := newUser(t), newUser(t)
	if a.url != b.url {
		t.Errorf("two servers: %s and %s", a.url, b.url)
	}
	pid := one[int](t, a.url, sqlPostmaster)
	run(t, a.url, `CREATE DATABASE kept`)
	a.leave()
	time.Sleep(linger + time.Second)
	if got := one[int](t, b.url, sqlPostmaster); got != pid {
		t.Errorf("postmaster %d, then %d, though one user stayed", pid, got)
	}
	_ = b.cmd.Process.Kill() // however a user ends
	b.leave()
	awaitGone(t, dir, pid)

	c := newUser(t)
	if !one[bool](t, c.url, sqlKnows, "kept") {
		t.Error("the cluster was made again after an orderly stop")
	}
	pid = one[int](t, c.url, sqlPostmaster)
	c.leave()
	awaitGone(t, dir, pid)
}

func TestKilledKeeperLeavesNothingAndTheNextBeginsAnew(t *testing.T) {
	dir := ownTemp(t)
	a := newUser(t)
	run(t, a.url, `CREATE DATABASE kept`)
	postmaster := one[int](t, a.url, sqlPostmaster)
	keeper := parent(t, postmaster)
	if err := syscall.Kill(keeper, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, dir, postmaster)
	b := newUser(t)
	if one[bool](t, b.url, sqlKnows, "kept") {
		t.Error("a cluster without fsync is used again after a crash")
	}
	pid := one[int](t, b.url, sqlPostmaster)
	a.leave()
	b.leave()
	awaitGone(t, dir, pid)
}

func parent(t *testing.T, pid int) (ppid int) {
	t.Helper()
	out, err := exec.Command("ps", "-o", "ppid=", "-p", fmt.Sprint(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(out), &ppid); err != nil {
		t.Fatal(err)
	}
	return ppid
}

func TestHoldSpansProcessesAndWaits(t *testing.T) {
	dir := ownTemp(t)
	release, err := Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := newUser(t)
	pid := one[int](t, a.url, sqlPostmaster)
	a.leave()
	time.Sleep(linger + time.Second)
	if got := one[int](t, a.url, sqlPostmaster); got != pid {
		t.Errorf("postmaster %d, then %d, while held", pid, got)
	}
	release(30 * time.Second)
	lock, err := filelock.Try(filepath.Join(dir, keeperName), filelock.Exclusive)
	if err != nil {
		t.Errorf("the keeper lives after the release: %v", err)
	}
	lock.Release()
	awaitGone(t, dir, pid)
}

func TestSweep(t *testing.T) {
	dir := ownTemp(t)
	u := newUser(t)
	dead := fmt.Sprintf(cloneFormat, time.Now().Unix(), deadPID(t), 1)
	living := fmt.Sprintf(cloneFormat, time.Now().Unix(), os.Getpid(), 1)
	ancient := fmt.Sprintf(cloneFormat, time.Now().Add(-2*cloneLife).Unix(), os.Getpid(), 2)
	fresh, stale := TemplatePrefix+"fresh", TemplatePrefix+"stale"
	all := []string{dead, living, ancient, fresh, stale, "somebodys"}
	for _, name := range all {
		run(t, u.url, `CREATE DATABASE `+name)
	}
	run(t, u.url, fmt.Sprintf(`COMMENT ON DATABASE %s IS 'used %d'`, fresh, time.Now().Unix()))
	run(t, u.url, fmt.Sprintf(`COMMENT ON DATABASE %s IS 'used %d'`, stale, time.Now().Add(-2*templateLife).Unix()))

	expect := func(when string, want ...string) {
		t.Helper()
		for _, name := range all {
			if got, want := one[bool](t, u.url, sqlKnows, name), strings.Contains(strings.Join(want, " "), name); got != want {
				t.Errorf("%s: database %s is there: %v, want %v", when, name, got, want)
			}
		}
	}
	if err := SweepForeign(t.Context(), u.url); err != nil {
		t.Fatal(err)
	}
	if one[bool](t, u.url, sqlKnows, ancient) {
		t.Error("an ancient test database outlives a sweep of a foreign server")
	}
	if err := sweep(t.Context(), u.url, false); err != nil {
		t.Fatal(err)
	}
	expect("while running", living, fresh, "somebodys")
	if err := sweep(t.Context(), u.url, true); err != nil {
		t.Fatal(err)
	}
	expect("at a start", fresh, "somebodys")

	pid := one[int](t, u.url, sqlPostmaster)
	u.leave()
	awaitGone(t, dir, pid)
}

// deadPID returns the number of a process that has just ended.
func deadPID(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestNoPostgreSQL(t *testing.T) {
	ownTemp(t)
	t.Setenv("MILKRUN_PG_BIN", t.TempDir())
	_, err := Attach(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not run") {
		t.Errorf("error = %v, want the reason of the keeper", err)
	}
}

func TestFaultOfTheKeeper(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]bool{noBinaries + "\nnone here": true, "other\nnone here": false} {
		if err := os.WriteFile(filepath.Join(dir, faultName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := readFault(dir)
		if errors.Is(err, pgserver.ErrNoBinaries) != want || !strings.Contains(err.Error(), "none here") {
			t.Errorf("%q reads as %v", text, err)
		}
	}
	if err := readFault(t.TempDir()); err == nil {
		t.Error("a keeper that ended without a word has no fault")
	}
}

func TestCloneNames(t *testing.T) {
	name := CloneName()
	made, pid, ok := parseClone(name)
	if !ok || pid != os.Getpid() || time.Since(made) > time.Minute || len(name) > 63 {
		t.Errorf("%s reads as %v, %d, %v", name, made, pid, ok)
	}
	if other := CloneName(); other == name {
		t.Errorf("%s is given twice", name)
	}
	for _, name := range []string{"", "milkrun", "milkrun_test_", "milkrun_test_1_2", "milkrun_tpl_1_2_3"} {
		if _, _, ok := parseClone(name); ok {
			t.Errorf("%q is taken for a test's database", name)
		}
	}
}
