package boost

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
)

// Model is a sum of trees. It is immutable and safe for concurrent use.
type Model struct {
	Features int
	Base     float64 // added to every score
	Trees    []Tree
}

// Tree is a tree of nodes; the first is the root.
type Tree []Node

// Node is a split, or a leaf where Feature is negative. Rows whose feature is missing or at most Threshold go to Left, the
// others to Left+1.
type Node struct {
	Feature   int32
	Left      int32
	Threshold float32
	Value     float32 // of a leaf
	Bin       uint8   // Threshold as a bin of the training table
}

// Score gives Base and the sum of the trees for a row of features.
func (m *Model) Score(row []float32) float64 {
	sum := m.Base
	for _, t := range m.Trees {
		n := &t[0]
		for n.Feature >= 0 {
			next := n.Left
			if row[n.Feature] > n.Threshold {
				next++
			}
			n = &t[next]
		}
		sum += float64(n.Value)
	}
	return sum
}

// binned gives the value of a tree for a row of the training table.
func (t Tree) binned(table *Table, row int) float32 {
	bins := table.bins[row*table.features : (row+1)*table.features]
	n := &t[0]
	for n.Feature >= 0 {
		next := n.Left
		if bins[n.Feature] > n.Bin {
			next++
		}
		n = &t[next]
	}
	return n.Value
}

// Importance gives the share of the splits by feature.
func (m *Model) Importance() []float64 {
	out, total := make([]float64, m.Features), 0.0
	for _, t := range m.Trees {
		for _, n := range t {
			if n.Feature >= 0 {
				out[n.Feature]++
				total++
			}
		}
	}
	for i := range out {
		out[i] /= max(total, 1)
	}
	return out
}

// ErrModel is the refusal of bytes that are no model.
var ErrModel = errors.New("boost: not a model")

// plain is Model without its methods, for gob.
type plain Model

// MarshalBinary implements encoding.BinaryMarshaler.
func (m *Model) MarshalBinary() ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode((*plain)(m)); err != nil {
		return nil, fmt.Errorf("boost: %w", err)
	}
	return b.Bytes(), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler. Bytes that are no model, or a broken one, give ErrModel.
func (m *Model) UnmarshalBinary(data []byte) error {
	var p plain
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		return fmt.Errorf("%w: %w", ErrModel, err)
	}
	if err := (*Model)(&p).check(); err != nil {
		return err
	}
	*m = Model(p)
	return nil
}

// check sees that every path through the trees ends in a finite leaf.
func (m *Model) check() error {
	if m.Features < 0 || math.IsNaN(m.Base) || math.IsInf(m.Base, 0) {
		return ErrModel
	}
	for i, t := range m.Trees {
		if len(t) == 0 {
			return fmt.Errorf("%w: tree %d is empty", ErrModel, i)
		}
		for k, n := range t {
			v := float64(n.Value)
			switch {
			case n.Feature >= int32(m.Features), n.Feature >= 0 && (int(n.Left) <= k || int(n.Left)+1 >= len(t)),
				n.Feature < 0 && (math.IsNaN(v) || math.IsInf(v, 0)):
				return fmt.Errorf("%w: tree %d, node %d", ErrModel, i, k)
			}
		}
	}
	return nil
}
