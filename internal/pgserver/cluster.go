package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const (
	dataName  = "data"
	logName   = "server.log"
	ownerName = "owner.lock"
)

// keptLog is the size in bytes from which a start begins a new log; one older
// log is kept.
const keptLog = 16 << 20

// dataMajor returns the major version that made the cluster, or 0 if there is
// none yet.
func dataMajor(dataDir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION: %w", dataDir, err)
	}
	return major, nil
}

// initCluster makes a new cluster at dataDir. It is made under another name
// first, so that an interrupted attempt is never taken for a cluster.
func initCluster(ctx context.Context, b binaries, acct account, dataDir string, fast bool) error {
	fresh := dataDir + ".new"
	var fault error
	for _, locale := range localeArgs(b.major) {
		if err := os.RemoveAll(fresh); err != nil {
			return err
		}
		if err := os.Mkdir(fresh, 0o700); err != nil {
			return err
		}
		if err := acct.give(fresh); err != nil {
			return fmt.Errorf("give %s to %s: %w", fresh, acct.name, err)
		}
		// Trusting every connection is safe: they all come through the socket
		// in a closed directory.
		args := append([]string{"-D", fresh, "-U", Superuser, "--auth=trust", "--encoding=UTF8", "--lc-messages=C"}, locale...)
		if fast {
			args = append(args, "--no-sync")
		}
		out, err := command(ctx, acct, filepath.Join(b.dir, "initdb"), args...).CombinedOutput()
		if err == nil {
			return os.Rename(fresh, dataDir)
		}
		fault = fmt.Errorf("initdb: %w: %s", err, lastLines(string(out), 4))
		if ctx.Err() != nil {
			break
		}
	}
	_ = os.RemoveAll(fresh)
	return fault
}

// localeArgs lists locales for a new cluster, best first. Sorting is by code
// point everywhere, so that a result does not depend on the machine; letters
// of all scripts are letters wherever the system knows C.UTF-8 (trigram
// indexes on Chinese names need that).
func localeArgs(major int) [][]string {
	var list [][]string
	utf8 := []string{"--locale=C.UTF-8"}
	if runtime.GOOS == "darwin" {
		utf8 = []string{"--locale=C", "--lc-ctype=UTF-8"}
	}
	if major >= 17 {
		list = append(list, append([]string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8"}, utf8...))
	}
	return append(list, utf8, []string{"--locale=C"})
}

// openLog opens the server's log for appending and returns its length.
func openLog(path string) (*os.File, int64, error) {
	if st, err := os.Stat(path); err == nil && st.Size() > keptLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, err
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, err
	}
	st, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, st.Size(), nil
}

// logSince returns what the server logged from offset on, at most 64 KiB.
func logSince(path string, offset int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	buf := make([]byte, 64<<10)
	n, _ := file.ReadAt(buf, offset)
	return string(buf[:n])
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, "\n")
}
