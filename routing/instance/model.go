package instance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"milkrun/routing/solver"
)

// Model is a problem with every rule that the solver knows, as a JSON file. The names are those of solver.Problem, in any case: profiles
// may be given whole (size, seconds, metres), or made from the places and rides.
type Model struct {
	solver.Problem
	// Places are where things are, in degrees; each ride makes a profile over them, before those that are given.
	Places []solver.Point
	Rides  []Ride
}

// Ride is how a kind of vehicle moves: Detour times the great circle at KmH, and Lost seconds at each start.
type Ride struct {
	Detour, KmH float64
	Lost        int64
	Speed       []solver.SpeedStep
}

// mostPlaces bounds the matrix that places become.
const mostPlaces = 3000

// ReadModel reads a problem. A fault names the line; what the model itself forbids is named by solver.Problem.Check.
func ReadModel(r io.Reader) (*solver.Problem, error) {
	text, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	var m Model
	if err := readJSON(text, &m); err != nil {
		return nil, err
	}
	if len(m.Rides) > 0 {
		if len(m.Places) == 0 || len(m.Places) > mostPlaces {
			return nil, fmt.Errorf("%d places, 1 to %d for rides", len(m.Places), mostPlaces)
		}
		var profiles []solver.Profile
		for i, x := range m.Rides {
			if !(x.KmH > 0) || x.KmH > 300 || !(x.Detour >= 1) || x.Detour > 10 || x.Lost < 0 || x.Lost > 3600 {
				return nil, fmt.Errorf("ride %d: detour %g (1 to 10), %g km/h (above 0, to 300), %d s lost (0 to 3600)", i, x.Detour, x.KmH, x.Lost)
			}
			p := solver.Straight(m.Places, x.Detour, x.KmH, x.Lost)
			p.Speed = x.Speed
			profiles = append(profiles, p)
		}
		m.Profiles = append(profiles, m.Profiles...)
	}
	return &m.Problem, m.Problem.Check()
}

// ReadJob reads one job, such as one to be asked about.
func ReadJob(r io.Reader) (j solver.Job, err error) {
	text, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return j, err
	}
	return j, readJSON(text, &j)
}

// ReadWindows reads a list of windows.
func ReadWindows(r io.Reader) (list []solver.Window, err error) {
	text, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	return list, readJSON(text, &list)
}

// ReadRounds reads a plan made by hand: for each vehicle, counted from 0, its visits.
func ReadRounds(r io.Reader) (rounds map[int][]solver.Visit, err error) {
	text, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	return rounds, readJSON(text, &rounds)
}

// readJSON reads one document and says in which line it is wrong.
func readJSON(text []byte, to any) error {
	if len(text) > mostBytes {
		return fmt.Errorf("longer than %d bytes", mostBytes)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if err == nil {
		if d.More() {
			return fmt.Errorf("line %d: more than one document", lineAt(text, d.InputOffset()))
		}
		return nil
	}
	at := d.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s is %s where %s is expected", lineAt(text, kind.Offset), strings.TrimPrefix(kind.Field, "Problem."), kind.Value, kind.Type)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: the document ends early", lineAt(text, int64(len(text))))
	}
	return fmt.Errorf("line %d: %s", lineAt(text, at), strings.TrimPrefix(err.Error(), "json: "))
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
}
