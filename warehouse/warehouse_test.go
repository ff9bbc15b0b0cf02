package warehouse

import (
	"errors"
	"testing"

	"milkrun/internal/calendar"
)

func TestCheckCounts(t *testing.T) {
	early, late := calendar.Day(100), calendar.Day(200)
	place := Place{Site: 1, SKU: 2, Lot: "A", Status: Available}
	for _, c := range []struct {
		name   string
		counts []Count
		want   error
	}{
		{"good", []Count{{Place: place, Pieces: 5, Produced: &early, Expiry: &late}}, nil},
		{"negative", []Count{{Place: place, Pieces: -1}}, ErrNegative},
		{"dates", []Count{{Place: place, Pieces: 1, Produced: &late, Expiry: &early}}, ErrDates},
		{"twice", []Count{{Place: place, Pieces: 1}, {Place: place, Pieces: 2}}, ErrRepeated},
	} {
		if err := CheckCounts(c.counts); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
