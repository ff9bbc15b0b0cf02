package backtest

import (
	"io/fs"
	"math"
	"strings"
)

// SignalItem is one series of a set that is forecast from origin to origin, with a heat that may run ahead of it. Both lists are as
// long; NaN = unknown.
type SignalItem struct {
	ID          string
	First       int // number of the first period
	Value, Heat []float64
}

// ReadSignals reads series.csv (or its .gz): series_id, t, value, heat. A bad file gives a *FileError.
func ReadSignals(folder fs.FS) ([]*SignalItem, error) {
	var items []*SignalItem
	byID := map[string]*SignalItem{}
	err := ReadSheet(folder, "series.csv", []string{"series_id", "t", "value", "heat"}, func(s *Sheet) error {
		id, err := s.Name("series_id")
		if err != nil {
			return err
		}
		t, err := s.Whole("t")
		if err != nil {
			return err
		}
		it := byID[id]
		if it == nil {
			it = &SignalItem{ID: strings.Clone(id), First: t}
			byID[it.ID] = it
			items = append(items, it)
		}
		next := it.First + len(it.Value)
		if t < next || t-next > maxGap {
			return s.Fault("t", "period %d of series %s where %d must follow", t, it.ID, next)
		}
		for ; next < t; next++ {
			it.Value, it.Heat = append(it.Value, math.NaN()), append(it.Heat, math.NaN())
		}
		for _, c := range []string{"value", "heat"} {
			v, err := s.Number(c)
			if err != nil {
				return err
			}
			if v < 0 && c == "value" {
				return s.Fault(c, "%g is below 0", v)
			}
			if v < 0 {
				v = math.NaN() // a slip of the source, of which a real index has some
			}
			if c == "value" {
				it.Value = append(it.Value, v)
			} else {
				it.Heat = append(it.Heat, v)
			}
		}
		return nil
	})
	if err == nil && len(items) == 0 {
		err = &FileError{File: "series.csv", Reason: "holds no row"}
	}
	return items, err
}
