// Package filelock takes advisory locks on files between processes.
//
// The kernel drops such a lock when its holder ends, however it ends, so a
// lock tells whether another program is alive without any process list.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Mode says how many holders a lock admits at once.
type Mode int

const (
	// Shared admits any number of shared holders and no exclusive one.
	Shared Mode = syscall.LOCK_SH
	// Exclusive admits a single holder.
	Exclusive Mode = syscall.LOCK_EX
)

// poll is how often Wait asks again. flock(2) itself cannot be cancelled.
const poll = 25 * time.Millisecond

// ErrHeld says that another holder has the lock.
var ErrHeld = errors.New("lock is held")

// Lock is a held lock. It ends with Release or with the process.
type Lock struct{ file *os.File }

// Try takes the lock on path, making the file if needed, or returns ErrHeld
// at once. Two calls in one process contend like two processes.
func Try(path string, mode Mode) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), int(mode)|syscall.LOCK_NB)
		switch {
		case err == nil:
			return &Lock{file}, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			_ = file.Close()
			return nil, ErrHeld
		default:
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

// Wait takes the lock on path as soon as it is free, or returns the error of
// ctx.
func Wait(ctx context.Context, path string, mode Mode) (*Lock, error) {
	for {
		lock, err := Try(path, mode)
		if !errors.Is(err, ErrHeld) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for lock %s: %w", path, ctx.Err())
		case <-time.After(poll):
		}
	}
}

// Release gives the lock up. The file stays: removing it would let two
// programs hold locks on two different files of one name. Releasing a nil or
// released lock does nothing.
func (l *Lock) Release() {
	if l == nil || l.file == nil {
		return
	}
	_ = l.file.Close()
	l.file = nil
}
