package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"milkrun/internal/pgserver"
	"milkrun/internal/pgserver/filelock"
)

// keeperEnv makes a process the keeper of the directory it names.
const keeperEnv = "MILKRUN_DBTEST_KEEPER"

// linger is how long the server waits for a next user, such as the next
// package of a `go test ./...`.
var linger = 3 * time.Second

// noBinaries marks a fault as pgserver.ErrNoBinaries.
const noBinaries = "no binaries"

func init() {
	if dir := os.Getenv(keeperEnv); dir != "" {
		os.Exit(keep(dir))
	}
}

// keeperProcess is a keeper started by this process.
type keeperProcess struct {
	pid    int
	ended  bool
	status syscall.WaitStatus
}

// startKeeper runs this program once more as a keeper. Its session and output
// are its own, so that neither a Ctrl-C nor a waiting `go test` concerns it.
func startKeeper(dir string) (keeperProcess, error) {
	exe, err := os.Executable()
	if err != nil {
		return keeperProcess{}, err
	}
	log, err := os.OpenFile(filepath.Join(dir, logName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return keeperProcess{}, err
	}
	defer log.Close()
	cmd := exec.Command(exe)
	cmd.Args = []string{"milkrun-dbtest-keeper"}
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return keeperProcess{}, fmt.Errorf("start the keeper: %w", err)
	}
	return keeperProcess{pid: cmd.Process.Pid}, nil
}

// running says whether the keeper lives. It asks instead of waiting in a
// goroutine, which a leak check would report.
func (k *keeperProcess) running() bool {
	if k.pid == 0 || k.ended {
		return false
	}
	pid, err := syscall.Wait4(k.pid, &k.status, syscall.WNOHANG, nil)
	k.ended = pid == k.pid || errors.Is(err, syscall.ECHILD)
	return !k.ended
}

// failed says whether the keeper ended with an error. One that found another
// keeper at work ends without.
func (k *keeperProcess) failed() bool {
	return k.ended && (k.status.Signaled() || k.status.ExitStatus() != 0)
}

// keep is the keeper's life; it returns its exit code.
func keep(dir string) int {
	lock, err := filelock.Try(filepath.Join(dir, keeperName), filelock.Exclusive)
	if errors.Is(err, filelock.ErrHeld) {
		time.Sleep(100 * time.Millisecond) // do not make the starter spin
		return 0
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err == nil {
		defer lock.Release()
		_ = os.Truncate(filepath.Join(dir, logName), 0)
		err = keepServer(dir, log)
	}
	if err == nil {
		return 0
	}
	log.Error("the keeper ends", "error", err)
	kind := "other"
	if errors.Is(err, pgserver.ErrNoBinaries) {
		kind = noBinaries
	}
	_ = os.WriteFile(filepath.Join(dir, faultName), []byte(kind+"\n"+err.Error()), 0o600)
	return 1
}

func keepServer(dir string, log *slog.Logger) error {
	server, err := startServer(dir, log)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := sweep(ctx, server.URL("postgres"), true); err != nil {
		log.Warn("old databases cannot be removed", "error", err)
	}
	url := filepath.Join(dir, urlName)
	if err := os.WriteFile(url+".new", []byte(server.URL("postgres")), 0o600); err != nil {
		return err
	}
	if err := os.Rename(url+".new", url); err != nil {
		return err
	}
	users := awaitIdle(ctx, dir, server, log)
	defer users.Release() // after the stop: a new user then starts a new keeper
	_ = os.Remove(url)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, cleanName), nil, 0o600)
}

// startServer starts the cluster that an earlier run left in order, or a new
// one: without fsync a crash leaves nothing to rely on, and another version of
// PostgreSQL cannot read it.
func startServer(dir string, log *slog.Logger) (*pgserver.Server, error) {
	pg := filepath.Join(dir, pgName)
	if err := os.Remove(filepath.Join(dir, cleanName)); err != nil {
		if err := os.RemoveAll(pg); err != nil {
			return nil, err
		}
	}
	cfg := pgserver.Config{Dir: pg, Fast: true, Logger: log, BinDir: os.Getenv("MILKRUN_PG_BIN")}
	server, err := pgserver.Start(context.Background(), cfg)
	if err == nil {
		return server, nil
	}
	log.Warn("the old cluster is given up", "error", err)
	if err := os.RemoveAll(pg); err != nil {
		return nil, err
	}
	return pgserver.Start(context.Background(), cfg)
}

// awaitIdle returns, holding the users' lock alone, when nobody has used the
// server for a while. Meanwhile it drops the databases of dead processes.
func awaitIdle(ctx context.Context, dir string, server *pgserver.Server, log *slog.Logger) *filelock.Lock {
	used, swept := time.Now(), time.Now()
	for ; ; time.Sleep(100 * time.Millisecond) {
		lock, err := filelock.Try(filepath.Join(dir, usersName), filelock.Exclusive)
		switch {
		case err != nil:
			used = time.Now()
		case time.Since(used) >= linger:
			return lock
		default:
			lock.Release()
		}
		if time.Since(swept) > 5*time.Second {
			if err := sweep(ctx, server.URL("postgres"), false); err != nil {
				log.Warn("old databases cannot be removed", "error", err)
			}
			swept = time.Now()
		}
	}
}
