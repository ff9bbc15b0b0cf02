package pgserver

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a postmaster: our child, or one that a dead owner left behind.
type process struct {
	pid  int
	done chan struct{} // closed when it has ended
}

// startProcess runs cmd until it ends. The thread that forks stays locked all
// that time: the parent-death signal is sent when that very thread ends, not
// when the process does.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // the log tells why a server ended, better than its exit code
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

// adoptProcess watches a postmaster that is not our child.
func adoptProcess(pid int, dataDir string) *process {
	p := &process{pid: pid, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for isPostmaster(pid, dataDir) {
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return p
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// signal asks the postmaster to shut down: SIGINT ends the sessions and writes
// a checkpoint, SIGQUIT ends at once and leaves recovery to the next start.
func (p *process) signal(sig syscall.Signal) error {
	err := syscall.Kill(p.pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// pidFile is what a postmaster writes about itself into its data directory.
type pidFile struct {
	pid       int
	socketDir string
	ready     bool
}

// readPidFile reads postmaster.pid; its lines are listed in PostgreSQL's
// src/include/utils/pidfile.h.
func readPidFile(dataDir string) (pidFile, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	return parsePidFile(string(text))
}

func parsePidFile(text string) (pidFile, error) {
	lines := strings.Split(text, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return pidFile{}, errors.New("postmaster.pid holds no process number")
	}
	f := pidFile{pid: pid}
	if len(lines) > 4 {
		f.socketDir = lines[4]
	}
	if len(lines) > 7 {
		f.ready = strings.TrimSpace(lines[7]) == "ready"
	}
	return f, nil
}

// isPostmaster says whether pid is a live PostgreSQL server of dataDir.
// Process numbers are used again, most of all in containers, so being alive is
// not enough.
func isPostmaster(pid int, dataDir string) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	if runtime.GOOS == "linux" {
		proc := filepath.Join("/proc", strconv.Itoa(pid))
		// A postmaster's working directory is its data directory.
		cwd, errCwd := os.Stat(filepath.Join(proc, "cwd"))
		data, errData := os.Stat(dataDir)
		return errCwd == nil && errData == nil && os.SameFile(cwd, data) && !isZombie(proc)
	}
	out, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), dataDir)
}

// isZombie reads the state that follows the command's name in /proc/<pid>/stat.
func isZombie(proc string) bool {
	stat, err := os.ReadFile(filepath.Join(proc, "stat"))
	if err != nil {
		return true
	}
	_, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return bytes.HasPrefix(rest, []byte("Z"))
}

// removeStalePidFile removes the mark of a dead server whose number some other
// process has by now: PostgreSQL would take that process for the server and
// refuse to start. All other leftovers it clears itself. The caller holds the
// owner's lock, so no server can be starting meanwhile.
func removeStalePidFile(dataDir string) error {
	f, err := readPidFile(dataDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		gone := errors.Is(syscall.Kill(f.pid, 0), syscall.ESRCH)
		if gone || isPostmaster(f.pid, dataDir) {
			return nil
		}
		if f.socketDir != "" { // the socket has a lock file of the same kind
			_ = os.Remove(socketPath(f.socketDir) + ".lock")
		}
	}
	return os.Remove(filepath.Join(dataDir, "postmaster.pid"))
}
