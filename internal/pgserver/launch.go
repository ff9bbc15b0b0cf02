package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// transient are the parts of messages with which a server refuses to start
// while the last one is still on its way out: its orphaned backends hold the
// shared memory, or it is writing its last checkpoint.
var transient = []string{
	"pre-existing shared memory block",
	`lock file "postmaster.pid" already exists`,
	".lock\" already exists", // the socket's
}

// launch starts the server and waits until it answers, trying again while the
// last server is on its way out.
func (s *Server) launch(ctx context.Context, b binaries) error {
	dir, err := socketDir(s.home, s.acct)
	if err != nil {
		return err
	}
	for {
		if err := removeStalePidFile(s.dataDir); err != nil {
			return fmt.Errorf("remove a stale postmaster.pid: %w", err)
		}
		began := time.Now()
		p, words, err := s.launchOnce(ctx, b, dir)
		if err == nil {
			s.setProcess(p, dir)
			s.log.Info("PostgreSQL started", "dir", s.home, "version", b.major, "account", s.acct.name,
				"pid", p.pid, "took", time.Since(began).Round(time.Millisecond))
			return nil
		}
		if !isTransient(words) {
			_ = os.Remove(dir) // refused while anything is in it
			return err
		}
		if ctxErr := pause(ctx, 200*time.Millisecond); ctxErr != nil {
			return errors.Join(err, ctxErr)
		}
	}
}

func isTransient(words string) bool {
	for _, t := range transient {
		if strings.Contains(words, t) {
			return true
		}
	}
	return false
}

// launchOnce starts the server and waits until it answers or ends. It returns
// what the server logged when it fails.
func (s *Server) launchOnce(ctx context.Context, b binaries, socketDir string) (*process, string, error) {
	logFile, offset, err := openLog(s.LogFile())
	if err != nil {
		return nil, "", err
	}
	defer logFile.Close() // the server has its own copy
	if err := s.acct.give(s.LogFile()); err != nil {
		return nil, "", fmt.Errorf("give the log to %s: %w", s.acct.name, err)
	}
	args := append([]string{"-D", s.dataDir}, settings(s.cfg, socketDir, dynamicMemory())...)
	// The server outlives the start, so ctx does not bound it.
	cmd := command(context.WithoutCancel(ctx), s.acct, filepath.Join(b.dir, "postgres"), args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	dieWithParent(cmd.SysProcAttr)
	p, err := startProcess(cmd)
	if err != nil {
		return nil, "", err
	}
	for {
		if f, err := s.answering(ctx); err == nil && f.pid == p.pid {
			return p, "", nil
		}
		select {
		case <-p.done:
			words := logSince(s.LogFile(), offset)
			return nil, words, fmt.Errorf("the server ended: %s", lastLines(words, 6))
		case <-ctx.Done():
			_ = p.signal(syscall.SIGQUIT)
			<-p.done
			words := lastLines(logSince(s.LogFile(), offset), 6)
			return nil, "", fmt.Errorf("the server did not get ready: %w: %s", ctx.Err(), words)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// watch keeps the server running until Stop: an owner restarts a server that
// ended by itself, a guest takes over when the owner has gone.
func (s *Server) watch() {
	defer close(s.watched)
	for {
		s.mu.Lock()
		proc, owner := s.proc, s.owner
		s.mu.Unlock()
		if owner == nil {
			if !s.awaitOwnership() {
				return
			}
		} else {
			select {
			case <-s.stopping:
				return
			case <-proc.done:
				s.log.Error("PostgreSQL ended unexpectedly; starting it again", "dir", s.home,
					"log", s.LogFile())
			}
		}
		if !s.revive() {
			return
		}
	}
}

// awaitOwnership polls until the owner has gone, or returns false at Stop.
func (s *Server) awaitOwnership() bool {
	for {
		if err := s.tryOwn(); err == nil {
			return true
		}
		select {
		case <-s.stopping:
			return false
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// revive runs the server again, with growing pauses between failures, or
// returns false at Stop.
func (s *Server) revive() bool {
	wait := 500 * time.Millisecond
	for {
		ctx, cancel := context.WithTimeout(context.Background(), s.cfg.StartTimeout)
		go func() {
			select {
			case <-s.stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
		err := s.run(ctx)
		cancel()
		if err == nil {
			return true
		}
		s.log.Error("PostgreSQL cannot be started again", "dir", s.home, "error", err, "retry", wait)
		select {
		case <-s.stopping:
			return false
		case <-time.After(wait):
		}
		wait = min(2*wait, 30*time.Second)
	}
}
