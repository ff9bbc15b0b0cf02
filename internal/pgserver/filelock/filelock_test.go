package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"milkrun/internal/pgserver/filelock"
)

func TestModes(t *testing.T) {
	for _, c := range []struct {
		first, second filelock.Mode
		admitted      bool
	}{
		{filelock.Shared, filelock.Shared, true},
		{filelock.Shared, filelock.Exclusive, false},
		{filelock.Exclusive, filelock.Shared, false},
		{filelock.Exclusive, filelock.Exclusive, false},
	} {
		path := filepath.Join(t.TempDir(), "lock")
		first, err := filelock.Try(path, c.first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := filelock.Try(path, c.second)
		if c.admitted != (err == nil) || !c.admitted && !errors.Is(err, filelock.ErrHeld) {
			t.Errorf("%v beside %v: %v", c.second, c.first, err)
		}
		second.Release() // nil is fine
		first.Release()
		first.Release()
		third, err := filelock.Try(path, filelock.Exclusive)
		if err != nil {
			t.Errorf("after both were released: %v", err)
		}
		third.Release()
	}
}

func TestWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := filelock.Try(path, filelock.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
	defer cancel()
	if _, err := filelock.Wait(short, path, filelock.Shared); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a held lock: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, held.Release)
	lock, err := filelock.Wait(t.Context(), path, filelock.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	lock.Release()
}

func TestNoDirectory(t *testing.T) {
	if _, err := filelock.Try(filepath.Join(t.TempDir(), "no", "lock"), filelock.Shared); err == nil {
		t.Error("a lock in a missing directory is taken")
	}
}
