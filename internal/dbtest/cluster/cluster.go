// Package cluster runs the PostgreSQL that all test processes of a user share.
//
// The first process that needs it starts a keeper: its own program once more,
// in a session of its own, which runs the server as its child. Every process
// that uses the server holds a shared lock on one file, which the kernel
// releases however the process ends; the keeper stops the server and itself
// shortly after the last one is gone.
//
// Importing the package makes a program able to be the keeper: init does not
// return in a process that was started as one.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgserver"
	"milkrun/internal/pgserver/filelock"
)

// startTimeout bounds making and starting the server on a busy machine.
const startTimeout = 3 * time.Minute

// Cluster is the shared server, in use by this process until it ends.
type Cluster struct {
	// URL is the connection string of the maintenance database, postgres. The
	// role may create databases.
	URL string

	// Major is the server's major version.
	Major int
}

// held keeps this process's use of the server from being collected.
var held struct {
	sync.Mutex
	users []*filelock.Lock
}

// Attach starts the shared server if it is not running and keeps it running
// until this process ends. The error is pgserver.ErrNoBinaries where no
// PostgreSQL is installed.
func Attach(ctx context.Context) (*Cluster, error) {
	dir, err := directory()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	users, err := filelock.Wait(ctx, filepath.Join(dir, usersName), filelock.Shared)
	if err != nil {
		return nil, err
	}
	c, err := await(ctx, dir)
	if err != nil {
		users.Release()
		return nil, fmt.Errorf("the shared test database: %w", err)
	}
	held.Lock()
	defer held.Unlock()
	held.users = append(held.users, users)
	return c, nil
}

// Hold keeps a shared server running between the processes of a test run,
// without starting one. The function it returns gives the server up and waits
// until it has ended, but not longer than the time given: other processes may
// use it too.
func Hold(ctx context.Context) (release func(wait time.Duration), err error) {
	dir, err := directory()
	if err != nil {
		return nil, err
	}
	users, err := filelock.Wait(ctx, filepath.Join(dir, usersName), filelock.Shared)
	if err != nil {
		return nil, err
	}
	return func(wait time.Duration) {
		users.Release()
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		if lock, err := filelock.Wait(ctx, filepath.Join(dir, keeperName), filelock.Exclusive); err == nil {
			lock.Release()
		}
	}, nil
}

// The files of the shared directory.
const (
	usersName  = "users.lock"  // shared by all users, exclusive while the keeper stops
	keeperName = "keeper.lock" // exclusive while a keeper lives
	urlName    = "url"         // the running server's URL
	faultName  = "fault"       // why the last keeper failed
	logName    = "keeper.log"
	cleanName  = "clean" // the server was stopped in order
	pgName     = "pg"
)

// directory makes the user's own directory below the system's temporary one.
func directory() (string, error) {
	dir := filepath.Join(os.TempDir(), "milkrun-dbtest-"+strconv.Itoa(os.Geteuid()))
	if err := os.Mkdir(dir, 0o755); err == nil {
		err = os.Chmod(dir, 0o755) // whatever the umask: the server's account passes through
		if err != nil {
			return "", err
		}
	}
	var st syscall.Stat_t
	if err := syscall.Lstat(dir, &st); err != nil {
		return "", fmt.Errorf("the shared test database: %w", err)
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFDIR || int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("the shared test database: %s belongs to somebody else; set TMPDIR to a directory of your own", dir)
	}
	return dir, nil
}

// await returns the running server, starting keepers as needed.
func await(ctx context.Context, dir string) (*Cluster, error) {
	var child keeperProcess
	for {
		c, err := answering(ctx, dir)
		if err == nil {
			return c, nil
		}
		if !child.running() {
			if child.failed() {
				return nil, readFault(dir)
			}
			if child, err = startKeeper(dir); err != nil {
				return nil, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("it does not get ready (see %s): %w: %w", filepath.Join(dir, logName), ctx.Err(), err)
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func answering(ctx context.Context, dir string) (*Cluster, error) {
	text, err := os.ReadFile(filepath.Join(dir, urlName))
	if err != nil {
		return nil, err
	}
	url := strings.TrimSpace(string(text))
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var number int
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&number); err != nil {
		return nil, err
	}
	return &Cluster{URL: url, Major: number / 10000}, nil
}

// readFault returns why the keeper ended.
func readFault(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, faultName))
	if err != nil {
		return errors.New("its keeper ended without a word; see " + filepath.Join(dir, logName))
	}
	kind, words, _ := strings.Cut(string(text), "\n")
	if kind == noBinaries {
		return fmt.Errorf("%w: %s", pgserver.ErrNoBinaries, words)
	}
	return errors.New(words)
}
