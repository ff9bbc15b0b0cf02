package instance

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Best is a best known solution's value.
type Best struct {
	Vehicles int // 0: not told
	Distance float64
}

// Bests are best known values by instance and convention.
type Bests map[string]Best

func bestKey(name string, c Convention) string { return strings.ToLower(name) + "|" + string(c) }

// Of is the best known value of an instance, by its file's name without ending.
func (b Bests) Of(name string, c Convention) (Best, bool) {
	v, ok := b[bestKey(name, c)]
	return v, ok
}

// ReadBests reads a bks.csv: instance, convention, vehicles, distance, source.
func ReadBests(r io.Reader) (Bests, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	out := Bests{}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		at, _ := in.FieldPos(0)
		if at == 1 && len(rec) > 0 && rec[0] == "instance" {
			continue
		}
		if len(rec) < 4 {
			return nil, &LineError{at, fmt.Sprintf("%d fields, expected 5: instance, convention, vehicles, distance, source", len(rec))}
		}
		c, err := ParseConvention(rec[1])
		if err != nil {
			return nil, &LineError{at, err.Error()}
		}
		var b Best
		if rec[2] != "" {
			if b.Vehicles, err = strconv.Atoi(rec[2]); err != nil {
				return nil, &LineError{at, fmt.Sprintf("vehicles %q is not a whole number", rec[2])}
			}
		}
		if b.Distance, err = strconv.ParseFloat(rec[3], 64); err != nil || !(b.Distance > 0) {
			return nil, &LineError{at, fmt.Sprintf("distance %q is not a positive number", rec[3])}
		}
		out[bestKey(rec[0], c)] = b
	}
}
