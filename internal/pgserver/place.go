package pgserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"milkrun/internal/pgserver/filelock"
)

// linkName is the link in the directory asked for that leads to a cluster
// which had to live elsewhere.
const linkName = "cluster"

// A cluster that lives elsewhere tells the link that leads to it. The clusters
// of tests are told apart by name, because they may be cleared away.
const (
	originName = "origin"
	fastPrefix = "fast-"
)

// port only names the socket's file; nothing listens on a network.
const port = 5432

// maxSocketPath is the longest Unix socket path, without its closing zero, of
// the systems we run on: 107 bytes on Linux, 103 on macOS.
const maxSocketPath = 103

// homeDir returns the directory that holds the cluster of dir, made if needed:
// dir itself, or one that the account can reach.
func homeDir(dir string, acct account, fast bool) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := makeOpenDir(dir); err != nil {
		return "", fmt.Errorf("make the database directory: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	link := filepath.Join(dir, linkName)
	if home, err := filepath.EvalSymlinks(link); err == nil {
		return home, nil
	}
	closed, err := acct.closedParent(dir)
	if err != nil || closed == "" {
		return dir, err
	}
	if _, err := os.Stat(filepath.Join(dir, dataName)); err == nil {
		return "", fmt.Errorf("the database in %s cannot be run: the account %s may not enter %s (chmod o+x %s, or run Milkrun as the owner)",
			dir, acct.name, closed, closed)
	}
	return elsewhere(link, acct, fast)
}

// elsewhere makes a home for a cluster whose directory is closed to the
// account, and the link that leads there. The name is random and not derived
// from the link, so that removing the directory starts afresh as it does
// everywhere else.
func elsewhere(link string, acct account, fast bool) (string, error) {
	base, err := appDir(acct)
	if err != nil {
		return "", err
	}
	name := rand.Text()[:12]
	if fast {
		name = fastPrefix + name
	}
	home := filepath.Join(base, "clusters", name)
	removeForsaken(filepath.Dir(home))
	if err := makeOpenDir(home); err != nil {
		return "", fmt.Errorf("make the database directory: %w", err)
	}
	if err := os.WriteFile(filepath.Join(home, originName), []byte(link), 0o600); err != nil {
		return "", fmt.Errorf("make the database directory: %w", err)
	}
	// A broken link is left by somebody who removed the cluster behind it.
	if _, err := os.Stat(link); errors.Is(err, fs.ErrNotExist) {
		_ = os.Remove(link)
	}
	if err := os.Symlink(home, link); err != nil {
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("link the database directory: %w", err)
		}
		_ = os.RemoveAll(home) // another process was faster; use its choice
		return filepath.EvalSymlinks(link)
	}
	return home, nil
}

// removeForsaken removes the clusters of tests whose directory, and the link in
// it, are gone. Durable clusters stay whatever becomes of their link: a disk
// that is not mounted today must not cost anybody's data.
func removeForsaken(dir string) {
	homes, _ := filepath.Glob(filepath.Join(dir, fastPrefix+"*"))
	for _, home := range homes {
		origin, err := os.ReadFile(filepath.Join(home, originName))
		if err != nil {
			continue // being made
		}
		if target, err := os.Readlink(string(origin)); err == nil && target == home {
			continue
		}
		// The link is made last; a young cluster may not have it yet.
		if st, err := os.Stat(home); err != nil || time.Since(st.ModTime()) < time.Minute {
			continue
		}
		if lock, err := filelock.Try(filepath.Join(home, ownerName), filelock.Exclusive); err == nil {
			_ = os.RemoveAll(home)
			lock.Release()
		}
	}
}

// appDir returns a directory of ours that outlives a checkout and that the
// account can enter. Copied binaries stand there.
func appDir(acct account) (string, error) {
	var tries []string
	if acct.lent {
		tries = []string{"/var/lib/milkrun", "/var/tmp/milkrun"}
	} else {
		if cache, err := os.UserCacheDir(); err == nil {
			tries = append(tries, filepath.Join(cache, "milkrun"))
		}
		tries = append(tries, filepath.Join(os.TempDir(), "milkrun-"+strconv.Itoa(os.Geteuid())))
	}
	var faults []error
	for _, dir := range tries {
		err := safeDir(dir, acct)
		if err == nil {
			return dir, nil
		}
		faults = append(faults, err)
	}
	return "", fmt.Errorf("no directory for PostgreSQL's files: %w", errors.Join(faults...))
}

// safeDir makes dir and reports an error unless nobody but this account can
// write to it: programs are run from there, and some parents are open to all.
func safeDir(dir string, acct account) error {
	if err := makeOpenDir(dir); err != nil {
		return err
	}
	var st syscall.Stat_t
	if err := syscall.Lstat(dir, &st); err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFDIR || int(st.Uid) != os.Geteuid() || st.Mode&0o022 != 0 {
		return fmt.Errorf("%s is not a directory that this user alone can write to", dir)
	}
	if err := acct.canEnter(dir); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return err
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

// makeOpenDir makes dir and its missing parents with mode 0755, whatever the
// umask: the server's account must be able to pass through them.
func makeOpenDir(dir string) error {
	for _, d := range ancestors(dir) {
		err := os.Mkdir(d, 0o755)
		if err == nil {
			err = os.Chmod(d, 0o755)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			if st, statErr := os.Stat(d); statErr == nil && st.IsDir() {
				continue // there, though not ours to make (a read-only parent)
			}
			return err
		}
	}
	return nil
}

// socketDir makes the directory of the server's socket: short, because a
// socket's path is limited, and closed, because it is the access control.
func socketDir(home string, acct account) (string, error) {
	sum := sha256.Sum256([]byte(home))
	name := "milkrun-" + hex.EncodeToString(sum[:5])
	var faults []error
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir := filepath.Join(base, name)
		if len(socketPath(dir)) > maxSocketPath {
			faults = append(faults, fmt.Errorf("%s is too long for a socket", base))
			continue
		}
		if err := acct.canEnter(base); err != nil {
			faults = append(faults, err)
			continue
		}
		if err := closedDir(dir, acct); err != nil {
			faults = append(faults, err)
			continue
		}
		return dir, nil
	}
	return "", fmt.Errorf("no directory for PostgreSQL's socket: %w", errors.Join(faults...))
}

func socketPath(dir string) string {
	return filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(port))
}

// closedDir makes dir with mode 0700 for the account. A directory that is
// there already must have that owner: somebody else's would hand the database
// over.
func closedDir(dir string, acct account) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	var st syscall.Stat_t
	if err := syscall.Lstat(dir, &st); err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFDIR || int(st.Uid) != acct.uid && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	if err := acct.give(dir); err != nil { // again: a process may have ended between making and giving
		return fmt.Errorf("give %s away: %w", dir, err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("close %s: %w", dir, err)
	}
	return nil
}
