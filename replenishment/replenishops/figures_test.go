package replenishops

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"
)

func TestSumsThatAreQuickAreAlwaysFresh(t *testing.T) {
	o := New(Deps{Log: slog.New(slog.DiscardHandler)})
	for want := range 5 {
		got, err := remember(t.Context(), o, "x", func(context.Context) (int, error) { return want, nil })
		if err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
}

func TestSumsThatAreSlowAreShownAtOnceAndAddedUpBeside(t *testing.T) {
	o := New(Deps{Log: slog.New(slog.DiscardHandler)})
	var calls atomic.Int64
	release, done := make(chan struct{}), make(chan struct{}, 8)
	slow := func(context.Context) (int64, error) {
		n := calls.Add(1)
		if n > 1 {
			<-release
			defer func() { done <- struct{}{} }()
		}
		return n, nil
	}
	if got, err := remember(t.Context(), o, "x", slow); err != nil || got != 1 {
		t.Fatalf("the first sum: %d, %v", got, err)
	}
	s := o.figures.of("x")
	s.took, s.at = time.Second, time.Now() // as if it had taken long
	if got, _ := remember(t.Context(), o, "x", slow); got != 1 || calls.Load() != 1 {
		t.Errorf("a slow sum was added up again at once: %d after %d", got, calls.Load())
	}
	s.at = time.Now().Add(-time.Hour)
	for range 3 { // shows the old one and adds up beside, once
		if got, err := remember(t.Context(), o, "x", slow); err != nil || got != 1 {
			t.Errorf("while adding up: %d, %v", got, err)
		}
	}
	close(release)
	<-done
	for s.mu.Lock(); s.busy; s.mu.Lock() {
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	s.took = time.Second
	s.mu.Unlock()
	if got, _ := remember(t.Context(), o, "x", slow); got != 2 || calls.Load() != 2 {
		t.Errorf("after adding up: %d, %d calls", got, calls.Load())
	}
}

func TestSumThatFailsIsNotRemembered(t *testing.T) {
	o := New(Deps{Log: slog.New(slog.DiscardHandler)})
	bad := errors.New("bad")
	if _, err := remember(t.Context(), o, "x", func(context.Context) (int, error) { return 0, bad }); !errors.Is(err, bad) {
		t.Errorf("got %v", err)
	}
	if got, err := remember(t.Context(), o, "x", func(context.Context) (int, error) { return 7, nil }); err != nil || got != 7 {
		t.Errorf("got %d, %v", got, err)
	}
}
