package pgserver

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParsePidFile(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want pidFile
		ok   bool
	}{
		"ready":    {"4711\n/data\n1790000000\n5432\n/tmp/s\n\n  123 456\nready   \n", pidFile{4711, "/tmp/s", true}, true},
		"stopping": {"4711\n/data\n1790000000\n5432\n/tmp/s\n\n  123 456\nstopping\n", pidFile{4711, "/tmp/s", false}, true},
		"begun":    {"4711\n/data\n", pidFile{pid: 4711}, true},
		"empty":    {"", pidFile{}, false},
		"alone":    {"-4711\n", pidFile{}, false}, // a single-user server
		"init":     {"1\n", pidFile{}, false},
		"words":    {"postgres\n", pidFile{}, false},
	} {
		got, err := parsePidFile(c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func FuzzParsePidFile(f *testing.F) {
	f.Add("4711\n/data\n1790000000\n5432\n/tmp/s\n\n  123 456\nready   \n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parsePidFile(text)
		if err == nil && got.pid <= 1 {
			t.Errorf("%q gives process %d", text, got.pid)
		}
	})
}

func TestAncestors(t *testing.T) {
	want := []string{"/", "/a", "/a/b"}
	if got := ancestors("/a/b/"); !slices.Equal(got, want) {
		t.Errorf("ancestors = %q, want %q", got, want)
	}
}

// fakePackage lays out an npm package as npm does, without its links.
func fakePackage(t *testing.T, links string) string {
	t.Helper()
	native := filepath.Join(t.TempDir(), "linux-x64", "native")
	for name, text := range map[string]string{
		"../package.json":       `{"version": "17.0.0"}`,
		"bin/postgres":          "#!/bin/sh\necho 'postgres (PostgreSQL) 17.0'\n",
		"lib/libpq.so.5.17":     "library",
		"lib/libpq.a":           "static library",
		"lib/pkgconfig/libpq":   "build settings",
		"share/postgresql/data": "data",
		"pg-symlinks.json":      links,
	} {
		path := filepath.Join(native, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(native, "bin/postgres"), 0o700); err != nil {
		t.Fatal(err)
	}
	return native
}

func TestInstallCopiesAndLinks(t *testing.T) {
	native := fakePackage(t, `[{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so.5"}]`)
	target := filepath.Join(t.TempDir(), "postgres", "17")
	for range 2 { // the second finds the first's copy under the name
		if err := install(native, target); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(target, "lib/libpq.so.5"))
	if err != nil || string(text) != "library" {
		t.Errorf("the link reads %q, %v", text, err)
	}
	st, err := os.Stat(filepath.Join(target, "bin/postgres"))
	if err != nil || st.Mode().Perm() != 0o755 {
		t.Errorf("postgres has mode %v, %v; want 0755", st.Mode(), err)
	}
	for _, gone := range []string{"lib/libpq.a", "lib/pkgconfig"} {
		if _, err := os.Stat(filepath.Join(target, gone)); err == nil {
			t.Errorf("%s is copied though no server needs it", gone)
		}
	}
	partials, _ := filepath.Glob(filepath.Join(filepath.Dir(target), partialPrefix+"*"))
	if len(partials) > 0 {
		t.Errorf("left behind: %q", partials)
	}
}

func TestInstallRefusesLinksThatLeadOut(t *testing.T) {
	for _, links := range []string{
		`[{"source":"native/../../etc/passwd","target":"native/lib/x"}]`,
		`[{"source":"native/lib/libpq.so.5.17","target":"native/../../x"}]`,
		`[{"source":"/etc/passwd","target":"native/lib/x"}]`,
		`{`,
	} {
		if err := install(fakePackage(t, links), filepath.Join(t.TempDir(), "copy")); err == nil {
			t.Errorf("links %s are made", links)
		}
	}
}

func TestPackageVersion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "linux-x64")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"version":"17.10.0-beta.17"}`: "17.10.0-beta.17-linux-x64",
		`{"version":"../../x"}`:         "",
		`{"version":""}`:                "",
		`no`:                            "",
	} {
		if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := packageVersion(dir)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestNoBinariesAnywhere(t *testing.T) {
	t.Chdir(t.TempDir())
	saved := systemBins
	systemBins = nil
	t.Cleanup(func() { systemBins = saved })
	_, err := findBinaries(t.Context(), "", 0, account{})
	if !errors.Is(err, ErrNoBinaries) {
		t.Errorf("error = %v, want ErrNoBinaries", err)
	}
	_, err = findBinaries(t.Context(), t.TempDir(), 0, account{})
	if err == nil || !strings.Contains(err.Error(), "does not run") {
		t.Errorf("an empty directory of binaries: %v", err)
	}
}

// fakePostgres makes a program that tells a version.
func fakePostgres(t *testing.T, root, version string) {
	t.Helper()
	dir := filepath.Join(root, version, "bin")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + ".4 (Debian)'\n"
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNewestOfSystem(t *testing.T) {
	root := t.TempDir()
	t.Chdir(t.TempDir())
	saved := systemBins
	systemBins = []string{filepath.Join(root, "*", "bin")}
	t.Cleanup(func() { systemBins = saved })
	for _, v := range []string{"9", "15", "16", "100"} {
		fakePostgres(t, root, v)
	}
	for want, major := range map[int]int{0: 100, 15: 15, 16: 16} {
		b, err := findBinaries(t.Context(), "", want, account{})
		if err != nil || b.major != major {
			t.Errorf("for a cluster of %d: %+v, %v; want %d", want, b, err, major)
		}
	}
	for want, words := range map[int]string{9: "15 or newer is needed", 17: "was made by 17"} {
		_, err := findBinaries(t.Context(), "", want, account{})
		if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), words) {
			t.Errorf("for a cluster of %d: %v; want %q in it", want, err, words)
		}
	}
}

func TestStartOfAnotherVersionsClusterIsRefused(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, dataName)
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("11\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: dir, Fast: true})
	if err == nil || !strings.Contains(err.Error(), "the cluster was made by 11") {
		t.Errorf("error = %v", err)
	}
}

// A failing server's own words reach the caller.
func TestStartTellsWhyTheServerFails(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Start(t.Context(), Config{Dir: dir, Fast: true, MaxConnections: -5})
	if err == nil || !strings.Contains(err.Error(), "max_connections") {
		t.Errorf("error = %v, want the server's complaint about max_connections", err)
	}
}

func TestClosedParentBits(t *testing.T) {
	open := t.TempDir()
	if err := os.Chmod(filepath.Dir(open), 0o755); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(open, "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := account{uid: 54321, gid: 54321, lent: true}
	owner := account{uid: os.Geteuid(), gid: os.Getegid(), lent: true}
	got, err := stranger.closedParent(filepath.Join(closed))
	if err != nil || got == "" {
		t.Errorf("a stranger may enter %s: %q, %v", closed, got, err)
	}
	if got, err := owner.closedParent(closed); runtime.GOOS == "linux" && (err != nil || got != "") {
		t.Errorf("the owner may not enter %s: %q, %v", closed, got, err)
	}
}

func TestRemoveForsaken(t *testing.T) {
	dir, links := t.TempDir(), t.TempDir()
	old := time.Now().Add(-time.Hour)
	homes := map[string]bool{ // name → stays
		fastPrefix + "linked": true, fastPrefix + "forsaken": false, "DURABLE": true,
	}
	for name := range homes {
		home := filepath.Join(dir, name)
		if err := os.Mkdir(home, 0o755); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(links, name)
		if err := os.WriteFile(filepath.Join(home, originName), []byte(link), 0o600); err != nil {
			t.Fatal(err)
		}
		if name == fastPrefix+"linked" {
			if err := os.Symlink(home, link); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(home, old, old); err != nil {
			t.Fatal(err)
		}
	}
	removeForsaken(dir)
	for name, stays := range homes {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s stays: %v, want %v", name, err == nil, stays)
		}
	}
}

func TestLogBeginsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), logName)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, keptLog+1); err != nil {
		t.Fatal(err)
	}
	file, offset, err := openLog(path)
	if err != nil || offset != 0 {
		t.Fatalf("offset %d, %v", offset, err)
	}
	_ = file.Close()
	if _, err := os.Stat(path + ".1"); err != nil {
		t.Error(err)
	}
}
