package models

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"milkrun/forecasting"
)

// ErrGlobal is the refusal of bytes that are no global model of this program.
var ErrGlobal = errors.New("models: not a global model of this version")

// globalVersion changes whenever the features do: trees that were grown on others would misread them.
const globalVersion = 2

// storedGlobal is the stored form.
type storedGlobal struct {
	Version  int
	Features int
	Global   plainGlobal
}

// plainGlobal is Global without its methods, for gob.
type plainGlobal Global

// MarshalBinary gives all of the model, compressed, so that one process can train it and others use it.
func (g *Global) MarshalBinary() ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := gob.NewEncoder(z).Encode(storedGlobal{globalVersion, g.features(), plainGlobal(*g)}); err != nil {
		return nil, fmt.Errorf("global model: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (g *Global) features() int {
	if len(g.Means) == 0 {
		return 0
	}
	return g.Means[0].Features
}

// maxStored bounds what is unpacked, in bytes.
const maxStored = 1 << 30

// UnmarshalBinary reads what MarshalBinary wrote. Anything else gives ErrGlobal.
func (g *Global) UnmarshalBinary(data []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrGlobal, err)
	}
	var s storedGlobal
	if err := gob.NewDecoder(io.LimitReader(z, maxStored)).Decode(&s); err != nil {
		return fmt.Errorf("%w: %w", ErrGlobal, err)
	}
	p := Global(s.Global)
	if s.Version != globalVersion || s.Features != p.features() || !p.sound() {
		return ErrGlobal
	}
	*g = p
	return nil
}

// sound sees that the parts belong together.
func (g *Global) sound() bool {
	c := g.Shape.columns()
	if len(g.Means) != meanKinds || len(g.Quantiles) != len(probabilities) || g.Linear == nil || len(g.Groups) != g.Shape.Levels+2 ||
		g.Shape.Main >= len(g.Shape.Halves) || g.Shape.Main < 1 || g.Shape.Horizon < 1 || len(g.Linear.All) != c || g.Linear.Columns != c {
		return false
	}
	all := append(append(g.Means[:0:0], g.Means...), g.Quantiles...)
	if g.Counts != nil {
		if !(g.Counts.Size > 0) {
			return false
		}
		all = append(all, g.Counts.Chances...)
	}
	for _, m := range all {
		if m == nil || m.Features != g.features() {
			return false
		}
	}
	for _, level := range g.Linear.Groups {
		for _, b := range level {
			if len(b) != c {
				return false
			}
		}
	}
	for _, level := range g.Groups {
		for _, t := range level {
			if t == nil || len(t.Sold) != len(t.Due) {
				return false
			}
		}
	}
	return true
}

// Spare keeps the model away from classes that it was not judged on: too young or too dead to be held back. Their forecasts stay as
// the series alone gives them.
func (g *Global) Spare(classes ...forecasting.Class) {
	for _, c := range classes {
		if _, judged := g.Classes[c]; !judged {
			if g.Classes == nil {
				g.Classes = map[forecasting.Class]Lesson{}
			}
			g.Classes[c] = unjudged()
		}
	}
}
