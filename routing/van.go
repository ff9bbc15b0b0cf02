package routing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Identities of vans and their runs.
type (
	VanID int64
	RunID int64
)

// Refusals of vans.
var (
	// ErrVan refuses a van's particulars: see FormError.
	ErrVan = errors.New("routing: a van's particulars are out of their bounds")
	// ErrDock refuses a dock's windows.
	ErrDock = errors.New("routing: windows of a dock are HH:MM-HH:MM, in order, and do not overlap")
)

// FormError names the field that is wrong.
type FormError struct{ Field string }

func (e *FormError) Error() string { return fmt.Sprintf("%v: %s", ErrVan, e.Field) }

// Unwrap gives ErrVan.
func (e *FormError) Unwrap() error { return ErrVan }

// Van is a vehicle that carries transfers from its home to front warehouses.
type Van struct {
	ID            VanID
	Site          catalog.SiteID // home
	Plate, Driver string
	Phone         string // the driver's
	Grams         int64
	Millilitre    int64
	Cold          bool // refrigerated
	// From and Until are the driver's shift in minutes of the day.
	From, Until int
	PerDay      money.Fen // on the road
	PerHour     money.Fen
	PerKm       money.Fen
	CO2PerKm    int64 // grams
	Active      bool
}

// Check tells what is wrong with the van.
func (v Van) Check() error {
	for _, f := range []struct {
		name string
		bad  bool
	}{
		{"plate", strings.TrimSpace(v.Plate) == "" || len(v.Plate) > 20}, {"driver", len(v.Driver) > 40}, {"phone", len(v.Phone) > 30},
		{"grams", v.Grams <= 0 || v.Grams > 40_000_000}, {"litres", v.Millilitre <= 0 || v.Millilitre > 120_000_000},
		{"shift", v.From < 0 || v.Until > 24*60 || v.From >= v.Until}, {"cost", v.PerDay < 0 || v.PerHour < 0 || v.PerKm < 0 || v.CO2PerKm < 0},
	} {
		if f.bad {
			return &FormError{f.name}
		}
	}
	return nil
}

// Dock is where a site's vans are unloaded, and when.
type Dock struct {
	Site catalog.SiteID
	// Windows are the minutes of the day between which unloading may begin; none: all day.
	Windows [][2]int
	// Unload is what each van takes there at least, in minutes.
	Unload int
}

// UsualDock is a site's dock that nobody has told of: open from six to ten and from two to five, a quarter of an hour each.
func UsualDock(site catalog.SiteID) Dock {
	return Dock{Site: site, Windows: [][2]int{{6 * 60, 10 * 60}, {14 * 60, 17 * 60}}, Unload: 15}
}

// ParseWindows reads windows as people write them: "06:00-10:00, 14:00-17:00". Nothing is all day.
func ParseWindows(text string) ([][2]int, error) {
	var out [][2]int
	text = strings.NewReplacer("，", ",", "、", ",", "：", ":", "–", "-", "—", "-", "~", "-", " ", "").Replace(text)
	for _, part := range strings.Split(text, ",") {
		if part == "" {
			continue
		}
		from, until, ok := strings.Cut(part, "-")
		a, okA := minutes(from)
		b, okB := minutes(until)
		if !ok || !okA || !okB || a >= b || len(out) > 0 && a <= out[len(out)-1][1] {
			return nil, fmt.Errorf("%w: %q", ErrDock, part)
		}
		out = append(out, [2]int{a, b})
	}
	return out, nil
}

// minutes reads HH:MM, up to 24:00, as minutes of the day.
func minutes(text string) (int, bool) {
	var h, m int
	if n, err := fmt.Sscanf(text, "%d:%d", &h, &m); err != nil || n != 2 || h < 0 || m < 0 || m > 59 || 60*h+m > 24*60 || len(text) > 5 {
		return 0, false
	}
	return 60*h + m, true
}

// ClockOf gives minutes of the day as HH:MM.
func ClockOf(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// Text gives the windows as ParseWindows reads them.
func (d Dock) Text() string {
	var parts []string
	for _, w := range d.Windows {
		parts = append(parts, ClockOf(w[0])+"-"+ClockOf(w[1]))
	}
	return strings.Join(parts, ", ")
}

// Load is a transfer that waits for a van, or is on one.
type Load struct {
	Outbound   int64 // of the warehouse
	Number     string
	From, To   catalog.SiteID
	Pieces     int64
	Grams      int64
	Millilitre int64
	Cold       bool
	Due        time.Time
	State      string // of the outbound order: waiting, picking, packed, shipped …
}

// RunState is how far a van's run is.
type RunState string

// The states of a run: planned anew as transfers come, until it is released to its driver.
const (
	RunPlanned   RunState = "planned"
	RunReleased  RunState = "released"
	RunOut       RunState = "out"
	RunDone      RunState = "done"
	RunWithdrawn RunState = "withdrawn"
)

// RunStates lists every state of a run.
func RunStates() []RunState {
	return []RunState{RunPlanned, RunReleased, RunOut, RunDone, RunWithdrawn}
}

// RunStop is a dock on a run.
type RunStop struct {
	No                   int
	Site                 catalog.SiteID
	Arrive, Begin, Leave time.Time
	Done                 time.Time // zero before
	Loads                []Load
}

// Run is a van's way along docks and back on a day (送货趟).
type Run struct {
	ID           RunID
	Number       string
	Site         catalog.SiteID
	Day          calendar.Day
	Van          VanID
	State        RunState
	Leaves, Back time.Time
	Left         time.Time // really; zero before
	Metres       int64
	Cost         money.Fen
	CO2          int64 // grams
	Stops        []RunStop
}

// Weight gives the run's load at its start.
func (r Run) Weight() (grams, ml, pieces int64) {
	for _, s := range r.Stops {
		for _, l := range s.Loads {
			grams, ml, pieces = grams+l.Grams, ml+l.Millilitre, pieces+l.Pieces
		}
	}
	return grams, ml, pieces
}

// Cold tells whether the run carries cold goods.
func (r Run) Cold() bool {
	return slices.ContainsFunc(r.Stops, func(s RunStop) bool { return slices.ContainsFunc(s.Loads, func(l Load) bool { return l.Cold }) })
}

func (r *Run) step(asked string, to RunState, from ...RunState) error {
	if !slices.Contains(from, r.State) {
		return &StateError{What: "run " + r.Number, State: string(r.State), Asked: asked}
	}
	r.State = to
	return nil
}

// Release gives the run to its driver: it is not planned anew.
func (r *Run) Release() error { return r.step("released", RunReleased, RunPlanned) }

// Depart lets the released run leave.
func (r *Run) Depart(now time.Time) error {
	if err := r.step("sent off", RunOut, RunReleased); err != nil {
		return err
	}
	behind := now.Sub(r.Leaves)
	r.Left = now
	for i := range r.Stops {
		s := &r.Stops[i]
		took := s.Leave.Sub(s.Begin)
		s.Arrive = s.Arrive.Add(behind)
		// A van that waited for the dock to open makes some of a delay good there.
		if s.Arrive.After(s.Begin) {
			behind = s.Arrive.Sub(s.Begin)
			s.Begin = s.Arrive
		} else {
			behind = 0
		}
		s.Leave = s.Begin.Add(took)
	}
	r.Back = r.Back.Add(behind)
	return nil
}

// Unload marks a stop as unloaded; after the last the run is done.
func (r *Run) Unload(no int, now time.Time) error {
	if r.State != RunOut {
		return &StateError{What: "run " + r.Number, State: string(r.State), Asked: "unloaded"}
	}
	i := slices.IndexFunc(r.Stops, func(s RunStop) bool { return s.No == no })
	if i < 0 || !r.Stops[i].Done.IsZero() {
		return &StateError{What: fmt.Sprintf("run %s, stop %d", r.Number, no), State: string(r.State), Asked: "unloaded"}
	}
	r.Stops[i].Done = now
	if !slices.ContainsFunc(r.Stops, func(s RunStop) bool { return s.Done.IsZero() }) {
		r.State = RunDone
	}
	return nil
}

// Withdraw takes back a run that has not left: its transfers are planned anew.
func (r *Run) Withdraw() error { return r.step("withdrawn", RunWithdrawn, RunPlanned, RunReleased) }
