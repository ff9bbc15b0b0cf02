package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"milkrun/internal/access"
	"milkrun/internal/dbtest"
	"milkrun/web"
)

// command runs the program as from the command line and gives what it wrote to the standard output.
func command(t testing.TB, stdin string, args ...string) (string, error) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(in, []byte(stdin), 0o600); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, r)
		said <- b.String()
	}()
	oldIn, oldOut := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = from, w
	err = run(t.Context(), append([]string{"--log-level=error"}, args...))
	os.Stdin, os.Stdout = oldIn, oldOut
	w.Close()
	return <-said, err
}

func TestFaultsOfTheConfigurationComeAllAtOnce(t *testing.T) {
	err := run(t.Context(), []string{"--log-level=loud", "--log-format=xml", "--time-zone=Asia/Shangri-La", "--workers=-1", "--undo-seconds=99999",
		"--database-url=nowhere", "check"})
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{"--log-level \"loud\"", "--log-format \"xml\"", "Shangri-La", "--workers -1", "--undo-seconds 99999", "DATABASE_URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said:\n%v", want, err)
		}
	}
	if err := (&Config{LogLevel: "info", LogFormat: "text", TimeZone: ""}).check(); err == nil {
		t.Error("no zone is taken")
	}
}

func TestConfigurationByVariables(t *testing.T) {
	t.Setenv("MILKRUN_LOG_FORMAT", "yaml")
	t.Setenv("DATABASE_URL", "postgres://127.0.0.1:1/none?connect_timeout=2")
	if err := run(t.Context(), []string{"check"}); err == nil || !strings.Contains(err.Error(), `--log-format "yaml"`) {
		t.Errorf("MILKRUN_LOG_FORMAT is not read: %v", err)
	}
	t.Setenv("MILKRUN_LOG_FORMAT", "json")
	if err := run(t.Context(), []string{"check"}); err == nil || !strings.Contains(err.Error(), "connect") || strings.Contains(err.Error(), "password") {
		t.Errorf("DATABASE_URL is not read: %v", err)
	}
}

func TestPortInUseIsSaidBeforeTheDatabaseIsTouched(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := testConfig("postgres://127.0.0.1:1/none")
	if err := (&ServeCmd{Listen: l.Addr().String()}).Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("%v", err)
	}
}

// An empty house starts, says that it is ready, and asks for nothing but a sign-in.
func TestProbesAndMetrics(t *testing.T) {
	h := serve(t, demoCopy(t), func(_ *Config, c *ServeCmd) { c.MetricsToken = "scrape-me" })
	nobody := visitor(t, h.base)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": http.StatusSeeOther, "/": http.StatusSeeOther, "/login": 200} {
		if res, body := nobody.get(path); res.StatusCode != want {
			t.Errorf("GET %s: %s %.200s", path, res.Status, body)
		}
	}
	for role, want := range map[string]int{"admin": 200, "zhoumin": 403, "beili": 403} {
		if res, _ := signedIn(t, h.base, role).get("/metrics"); res.StatusCode != want {
			t.Errorf("/metrics as %s: %s", role, res.Status)
		}
	}
	if res, body := nobody.get("/metrics", "Authorization", "Bearer scrape-me"); res.StatusCode != 200 || !strings.Contains(body, `milkrun_http_request_seconds_count{method="GET",route="/metrics",status="200"}`) {
		t.Errorf("/metrics with the token: %s %.500s", res.Status, body)
	}
	if res, _ := nobody.get("/metrics", "Authorization", "Bearer scrape-you"); res.StatusCode == 200 {
		t.Error("/metrics with another token")
	}
	if _, err := h.db.Pool.Exec(t.Context(), `DELETE FROM milkrun_migration WHERE version_id = (SELECT max(version_id) FROM milkrun_migration)`); err != nil {
		t.Fatal(err)
	}
	if res, body := nobody.get("/readyz"); res.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "migration") {
		t.Errorf("/readyz while a migration is pending: %s %s", res.Status, body)
	}
	if res, _ := nobody.get("/healthz"); res.StatusCode != 200 {
		t.Errorf("/healthz: %s", res.Status)
	}
}

// A house without any data starts, and its first user can be added from the command line.
func TestEmptyHouse(t *testing.T) {
	database := dbtest.EmptyURL(t)
	at := "--database-url=" + database
	if said, err := command(t, "", at, "migrate"); err != nil || !strings.Contains(said, "up to date") {
		t.Fatalf("migrate: %v %s", err, said)
	}
	if _, err := command(t, "", at, "migrate"); err != nil {
		t.Errorf("migrate again: %v", err)
	}
	if said, err := command(t, "", at, "check"); err != nil || !strings.Contains(said, "agree") {
		t.Errorf("check: %v %s", err, said)
	}
	for name, c := range map[string]struct {
		stdin, want string
		args        []string
	}{
		"a short password":     {"kitten\n", "short", []string{"--role=admin", "anna"}},
		"no password":          {"", "no password", []string{"--role=admin", "anna"}},
		"no such role":         {"correct horse\n", "want one of", []string{"--role=king", "anna"}},
		"no such site":         {"correct horse\n", `"NOWHERE"`, []string{"--role=warehouse", "--sites=NOWHERE", "anna"}},
		"no such supplier":     {"correct horse\n", `"S-9"`, []string{"--role=supplier", "--supplier=S-9", "anna"}},
		"supplier for a buyer": {"correct horse\n", "", []string{"--role=supplier", "anna"}},
		"an impossible login":  {"correct horse\n", "login", []string{"--role=admin", "an na"}},
	} {
		if _, err := command(t, c.stdin, append([]string{at, "user", "add"}, c.args...)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	said, err := command(t, "correct horse\n", at, "user", "add", "anna", "--role=admin", "--name=安娜", "--key")
	if err != nil || !strings.Contains(said, "anna may sign in") || !strings.Contains(said, "API key (shown once): mk_") {
		t.Fatalf("user add: %v %s", err, said)
	}
	if _, err := command(t, "correct horse\n", at, "user", "add", "Anna", "--role=admin"); err == nil {
		t.Error("the login is given twice")
	}
	if said, err := command(t, "", at, "user", "list"); err != nil || !strings.Contains(said, "anna") || !strings.Contains(said, "安娜") || strings.Count(said, "\n") != 1 {
		t.Errorf("user list: %v\n%s", err, said)
	}
	h := serve(t, database)
	c := visitor(t, h.base)
	if res, body := c.get("/login"); res.StatusCode != 200 || strings.Contains(body, "zhoumin") {
		t.Errorf("the login page of a house that is no demo: %s", res.Status)
	}
	c.signIn("anna", "correct horse")
	for _, page := range pagesOf(h, access.Admin) {
		if res, body := c.get(page); res.StatusCode != http.StatusOK && (res.StatusCode != http.StatusSeeOther || denied(res)) {
			t.Errorf("GET %s of an empty house: %s %.300s", page, res.Status, plain(body))
		}
	}
}

func TestDemoNeedsAnEmptyDatabase(t *testing.T) {
	at := "--database-url=" + demoCopy(t)
	if _, err := command(t, "", at, "demo"); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("demo on top of goods: %v", err)
	}
	if _, err := command(t, "", at, "demo", "--today=23.11.2026"); err == nil || !strings.Contains(err.Error(), "--today") {
		t.Errorf("a day in another form: %v", err)
	}
	if said, err := command(t, "", at, "check"); err != nil || !strings.Contains(said, "agree") {
		t.Errorf("check: %v %s", err, said)
	}
	said, err := command(t, "", at, "user", "list")
	if err != nil || strings.Count(said, "\n") != 16 || !strings.Contains(said, "zhoumin") {
		t.Errorf("user list: %v\n%s", err, said)
	}
}

func TestCheckFindsAPositionThatTheLedgerDoesNotKnow(t *testing.T) {
	database := demoCopy(t)
	h, err := openHouse(t.Context(), testConfig(database), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if _, err := h.db.Pool.Exec(t.Context(), `UPDATE warehouse.position SET on_hand = on_hand + 7 WHERE id = (SELECT min(id) FROM warehouse.position WHERE on_hand > 0)`); err != nil {
		t.Fatal(err)
	}
	said, err := command(t, "", "--database-url="+database, "check")
	if err == nil || !strings.Contains(err.Error(), "1 places where the books disagree") || !strings.Contains(said, "the ledger says") {
		t.Errorf("%v %s", err, said)
	}
}

// When the network goes away, serve ends with the fault instead of hanging.
func TestServeEndsWhenItsListenerBreaks(t *testing.T) {
	cmd := &ServeCmd{Listen: "127.0.0.1:0", serving: func(_ *house, _ *web.Server, l net.Listener) { l.Close() }}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Run(t.Context(), testConfig(dbtest.URL(t))) }()
	select {
	case err := <-ended:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("serve: %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("serve hangs")
	}
}

// After a stop nothing of the house runs on.
func TestStopLeavesNothingRunning(t *testing.T) {
	database := demoCopy(t)
	before := goleak.IgnoreCurrent()
	h := serve(t, database)
	c := signedIn(t, h.base, "zhoumin")
	stream, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(stream, http.MethodGet, h.base+"/live?topic=suggestions", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("live: %v", err)
	}
	defer res.Body.Close()
	began := time.Now()
	if err := h.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("an open page kept the house from stopping for %s", took)
	}
	res.Body.Close()
	c.CloseIdleConnections()
	// The session library starts a store in memory that we replace; it has no way to be stopped for certain.
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}
