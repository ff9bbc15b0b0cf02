package replenishment_test

import (
	"errors"
	"testing"
	"time"

	"milkrun/replenishment"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// verbs are what can be done to a suggestion.
var verbs = map[string]func(*replenishment.Suggestion) error{
	"approve":   func(s *replenishment.Suggestion) error { return s.Approve(7, noon) },
	"change":    func(s *replenishment.Suggestion) error { return s.Change(4000, "supplier has only so many", 7, noon) },
	"reject":    func(s *replenishment.Suggestion) error { return s.Reject("to be replaced", 7, noon) },
	"expire":    func(s *replenishment.Suggestion) error { return s.Expire(noon) },
	"take back": func(s *replenishment.Suggestion) error { return s.TakeBack(7, noon) },
	"order":     func(s *replenishment.Suggestion) error { return s.Order(noon) },
}

// TestLife walks every verb from every state.
func TestLife(t *testing.T) {
	type outcome struct {
		state replenishment.State
		err   error
	}
	const (
		open, changed, approved   = replenishment.StateOpen, replenishment.StateChanged, replenishment.StateApproved
		rejected, expired, orderd = replenishment.StateRejected, replenishment.StateExpired, replenishment.StateOrdered
	)
	table := map[replenishment.State]map[string]outcome{
		open: {
			"approve": {approved, nil}, "change": {changed, nil}, "reject": {rejected, nil}, "expire": {expired, nil},
			"take back": {open, replenishment.ErrOpen}, "order": {open, replenishment.ErrOpen},
		},
		changed: {
			"approve": {approved, nil}, "change": {changed, nil}, "reject": {rejected, nil}, "expire": {changed, replenishment.ErrDecided},
			"take back": {changed, replenishment.ErrOpen}, "order": {changed, replenishment.ErrOpen},
		},
		approved: {
			"approve": {approved, replenishment.ErrDecided}, "change": {approved, replenishment.ErrDecided}, "reject": {approved, replenishment.ErrDecided},
			"expire": {approved, replenishment.ErrDecided}, "take back": {open, nil}, "order": {orderd, nil},
		},
		rejected: {
			"approve": {rejected, replenishment.ErrDecided}, "change": {rejected, replenishment.ErrDecided}, "reject": {rejected, replenishment.ErrDecided},
			"expire": {rejected, replenishment.ErrDecided}, "take back": {open, nil}, "order": {rejected, replenishment.ErrDecided},
		},
		expired: {
			"approve": {expired, replenishment.ErrExpired}, "change": {expired, replenishment.ErrExpired}, "reject": {expired, replenishment.ErrExpired},
			"expire": {expired, replenishment.ErrExpired}, "take back": {expired, replenishment.ErrExpired}, "order": {expired, replenishment.ErrExpired},
		},
		orderd: {
			"approve": {orderd, replenishment.ErrDecided}, "change": {orderd, replenishment.ErrDecided}, "reject": {orderd, replenishment.ErrDecided},
			"expire": {orderd, replenishment.ErrDecided}, "take back": {orderd, replenishment.ErrOrdered}, "order": {orderd, replenishment.ErrOrdered},
		},
	}
	for from, row := range table {
		for verb, want := range row {
			s := replenishment.Suggestion{State: from, Pieces: 4200}
			err := verbs[verb](&s)
			if !errors.Is(err, want.err) || (err == nil) != (want.err == nil) || s.State != want.state {
				t.Errorf("%s from %s: state %s, %v; want %s, %v", verb, from, s.State, err, want.state, want.err)
			}
			if err == nil && verb != "expire" && (s.At == nil || !s.At.Equal(noon) || (verb != "order" && s.By != 7)) {
				t.Errorf("%s from %s: by %d at %v", verb, from, s.By, s.At)
			}
		}
	}
}

func TestChange(t *testing.T) {
	s := replenishment.Suggestion{State: replenishment.StateOpen, Pieces: 4200}
	if err := s.Change(0, "none", 7, noon); !errors.Is(err, replenishment.ErrPieces) {
		t.Errorf("0 pieces: %v", err)
	}
	if err := s.Change(4000, "  ", 7, noon); !errors.Is(err, replenishment.ErrReasonNeeded) {
		t.Errorf("no reason: %v", err)
	}
	if s.State != replenishment.StateOpen || s.Quantity() != 4200 {
		t.Errorf("a refused change left its mark: %+v", s)
	}
	if err := s.Change(4000, " cash ", 7, noon); err != nil || s.Quantity() != 4000 || s.Note != "cash" {
		t.Errorf("%v: %+v", err, s)
	}
	// Approval of a changed number can be taken back to that number, and the number back to the planner's.
	if err := s.Approve(7, noon); err != nil || s.Quantity() != 4000 {
		t.Error(err)
	}
	if err := s.TakeBack(7, noon); err != nil || s.State != replenishment.StateChanged || s.Quantity() != 4000 {
		t.Errorf("%v: %+v", err, s)
	}
	if err := s.Change(4200, "", 7, noon); err != nil || s.State != replenishment.StateOpen || s.Quantity() != 4200 || s.Note != "" {
		t.Errorf("%v: %+v", err, s)
	}
	if err := s.Reject("", 7, noon); !errors.Is(err, replenishment.ErrReasonNeeded) {
		t.Errorf("rejected without a reason: %v", err)
	}
}

func TestSettingsNameTheirFault(t *testing.T) {
	if err := replenishment.DefaultSettings().Validate(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*replenishment.Settings){
		"service.core":         func(s *replenishment.Settings) { s.Service[replenishment.ClassCore] = 1 },
		"measure":              func(s *replenishment.Settings) { s.Measure = "luck" },
		"review_days.front":    func(s *replenishment.Settings) { s.Review["front"] = -1 },
		"cover.regional":       func(s *replenishment.Settings) { s.Cover["regional"] = replenishment.Cover{MinDays: 9, MaxDays: 3} },
		"error_correlation":    func(s *replenishment.Settings) { s.ErrorCorrelation = 1.5 },
		"freeze.rejected_days": func(s *replenishment.Settings) { s.Freeze.RejectedDays = -2 },
		"order_cost":           func(s *replenishment.Settings) { s.OrderCost = -1 },
	} {
		s := replenishment.DefaultSettings()
		spoil(&s)
		if err := s.Validate(); !errors.Is(err, replenishment.ErrSettings) || !contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
