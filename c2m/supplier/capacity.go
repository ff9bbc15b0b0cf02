package supplier

import (
	"errors"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Refusals of the capacity calendar.
var (
	// ErrWeek refuses a week that does not begin on a Monday, is over, or lies more than MaxWeeks ahead.
	ErrWeek = errors.New("supplier: the week must begin on a Monday, this week or within two years")
	// ErrCapacity refuses a capacity outside 0 … 100,000,000 pieces.
	ErrCapacity = errors.New("supplier: a week's capacity must be from 0 to 100,000,000 pieces")
	// ErrConflict refuses to settle a conflict that is not open.
	ErrConflict = errors.New("supplier: there is no such open conflict")
)

// MaxWeeks is how far the calendar reaches, MaxCapacity the most of a week.
const (
	MaxWeeks                    = 104
	MaxCapacity quantity.Pieces = 100_000_000
)

// Via says how an entry of the calendar came in.
type Via string

// The ways.
const (
	ViaPortal Via = "portal"
	ViaSheet  Via = "sheet"
	ViaBuyer  Via = "buyer"
)

// Capacity is what a supplier can make of a SKU in a week. Version counts the entries of the cell from 1.
type Capacity struct {
	SKU     catalog.SKUID
	Monday  calendar.Day
	Pieces  quantity.Pieces
	Version int
	Via     Via
	By      string
	At      time.Time
}

// Entry is a wish to write a cell: Base is the version that its writer saw, 0 for an empty cell.
type Entry struct {
	SKU    catalog.SKUID
	Monday calendar.Day
	Pieces quantity.Pieces
	Base   int
}

// Check refuses an entry that cannot be: ErrWeek, ErrCapacity.
func (e Entry) Check(today calendar.Day) error {
	switch monday := Monday(today); {
	case e.Monday.Weekday() != time.Monday || e.Monday < monday || e.Monday > monday.AddDays(7*MaxWeeks):
		return ErrWeek
	case e.Pieces < 0 || e.Pieces > MaxCapacity:
		return ErrCapacity
	}
	return nil
}

// Outcome is what became of an entry.
type Outcome string

// The outcomes: the cell was written; it said so already; another has written it since the writer looked, and both stay to be chosen from.
const (
	Written  Outcome = "written"
	Same     Outcome = "same"
	Conflict Outcome = "conflict"
)

// Take decides on an entry to a cell as it stands (the zero Capacity for an empty one). A value that stands already is no conflict, whoever
// wrote it.
func (e Entry) Take(stands Capacity) Outcome {
	switch {
	case stands.Version > 0 && stands.Pieces == e.Pieces:
		return Same
	case stands.Version != e.Base:
		return Conflict
	}
	return Written
}

// Clash is an entry that met a newer one: the supplier chooses which of the two holds.
type Clash struct {
	ID       int64
	SKU      catalog.SKUID
	Monday   calendar.Day
	Base     int
	Wants    quantity.Pieces
	Via      Via
	By       string
	At       time.Time
	Stands   Capacity // what holds now
	Settled  *time.Time
	SettleBy string
	Taken    bool // the entry was taken, and not what stood
}

// Within gives what can be made from a day to another, both included: each week's capacity by its days in the window, seven to the week;
// weeks without an entry at perDay. cells are of one SKU.
func Within(cells []Capacity, perDay quantity.Pieces, from, to calendar.Day) quantity.Pieces {
	of := map[calendar.Day]quantity.Pieces{}
	for _, c := range cells {
		of[c.Monday] = c.Pieces
	}
	var sum quantity.Pieces
	for monday := Monday(from); monday <= to; monday = monday.AddDays(7) {
		days := quantity.Pieces(min(to, monday.AddDays(6)).Sub(max(from, monday)) + 1)
		if week, ok := of[monday]; ok {
			sum += week * days / 7
		} else {
			sum += perDay * days
		}
	}
	return sum
}

// Monday gives the Monday of the day's ISO week.
func Monday(d calendar.Day) calendar.Day { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }
