// Package instance reads the routing benchmark files of the literature
// (Solomon, Li & Lim, VRPLIB with PyVRP's sections), turns them into problems
// of routing/solver, and writes solutions the way published ones are.
package instance

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	Solomon Format = "Solomon"
	LiLim   Format = "Li & Lim"
	VRPLIB  Format = "VRPLIB"
)

// File is an instance as its file tells it, in the file's units.
type File struct {
	Name    string
	Format  Format
	Nodes   []Node // the depots first
	Depots  int
	Vehicle []int // the depot of each vehicle
	// Capacity of every vehicle; Unlimited fleets have as many vehicles as
	// customers.
	Capacity    int64
	Unlimited   bool
	MaxDuration float64 // 0: none
	Trips       int     // most trips of a vehicle; 1 but with reload sections
	Windows     bool    // the file tells when
	Explicit    []float64
	pickups     bool

	// lineOf is the line that tells a quantity of node i, 0 if none does.
	lineOf func(i int, q quantity) int
}

// quantity is what a file tells of a node.
type quantity uint8

const (
	place quantity = iota
	demand
	window
	service
	release
)

// Node is a line of the file.
type Node struct {
	ID                           int // as in the file
	X, Y                         float64
	Demand                       int64
	Ready, Due, Service, Release float64
	Mate                         int // of a pickup the index of its delivery, of a delivery − that of its pickup; 0: none
}

// ErrFormat is what every fault of a file wraps.
var ErrFormat = errors.New("not a readable instance")

// LineError is a fault in one line.
type LineError struct {
	Line int // from 1
	Text string
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Unwrap gives ErrFormat.
func (e *LineError) Unwrap() error { return ErrFormat }

// Most of what a file may hold: larger ones are refused instead of eating the
// memory for their matrix.
const (
	mostNodes = 20000
	mostBytes = 64 << 20
)

// line is a line with its number.
type line struct {
	no     int
	text   string
	fields []string
}

// Read reads an instance in any of the formats.
func Read(r io.Reader) (*File, error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > mostBytes {
		return nil, fmt.Errorf("larger than %d MB: %w", mostBytes>>20, ErrFormat)
	}
	var lines []line
	sc := bufio.NewScanner(bytes.NewReader(raw))
	sc.Buffer(nil, mostBytes)
	for no := 1; sc.Scan(); no++ {
		text := strings.TrimSpace(sc.Text())
		if no == 1 {
			text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
		}
		if text != "" {
			lines = append(lines, line{no, text, strings.Fields(text)})
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("the file is empty: %w", ErrFormat)
	}
	var f *File
	switch {
	case isVRPLIB(lines):
		f, err = readVRPLIB(lines)
	case isSolomon(lines):
		f, err = readSolomon(lines)
	default:
		f, err = readLiLim(lines)
	}
	if err != nil {
		return nil, err
	}
	return f, f.check()
}

// check looks at what no single field tells.
func (f *File) check() error {
	if len(f.Nodes) > mostNodes {
		return fmt.Errorf("%d nodes, more than %d: %w", len(f.Nodes), mostNodes, ErrFormat)
	}
	for i := range f.Nodes {
		if q, text := f.checkNode(i); text != "" {
			text = fmt.Sprintf("node %d %s", f.Nodes[i].ID, text)
			if no := f.lineOf(i, q); no > 0 {
				return &LineError{no, text}
			}
			return fmt.Errorf("%s: %w", text, ErrFormat)
		}
	}
	return nil
}

// checkNode says what is wrong with node i.
func (f *File) checkNode(i int) (quantity, string) {
	n := &f.Nodes[i]
	for _, x := range []struct {
		q quantity
		v float64
	}{{place, n.X}, {place, n.Y}, {window, n.Ready}, {window, n.Due}, {service, n.Service}, {release, n.Release}} {
		if math.IsNaN(x.v) || math.Abs(x.v) > 1e9 {
			return x.q, fmt.Sprintf("has the number %g, which is out of range", x.v)
		}
	}
	switch {
	case n.Service < 0:
		return service, fmt.Sprintf("has the negative service time %g", n.Service)
	case n.Release < 0:
		return release, fmt.Sprintf("has the negative release time %g", n.Release)
	case n.Ready < 0:
		return window, fmt.Sprintf("is ready at the negative time %g", n.Ready)
	case f.Windows && n.Due < n.Ready:
		return window, fmt.Sprintf("is due at %g, before it is ready at %g", n.Due, n.Ready)
	case i >= f.Depots && !f.pickups && n.Demand < 0:
		return demand, fmt.Sprintf("has the negative demand %d", n.Demand)
	case n.Demand > f.Capacity:
		return demand, fmt.Sprintf("demands %d, more than the capacity %d", n.Demand, f.Capacity)
	}
	return place, ""
}

// fault is a LineError about l.
func (l line) fault(format string, args ...any) error {
	return &LineError{l.no, fmt.Sprintf(format, args...)}
}

// number reads field k, called what in messages.
func (l line) number(k int, what string) (float64, error) {
	if k >= len(l.fields) {
		return 0, l.fault("%s is missing (%d fields)", what, len(l.fields))
	}
	v, err := strconv.ParseFloat(l.fields[k], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, l.fault("%s %q is not a number", what, l.fields[k])
	}
	return v, nil
}

// whole is number for integers; "10.0" is one.
func (l line) whole(k int, what string) (int64, error) {
	v, err := l.number(k, what)
	if err != nil {
		return 0, err
	}
	if v != math.Trunc(v) || math.Abs(v) > math.MaxInt32 {
		return 0, l.fault("%s %q is not a whole number of usual size", what, l.fields[k])
	}
	return int64(v), nil
}
