package ui

import (
	"math"
	"strings"
)

// spark is a drawn short series.
type spark struct {
	Line, Area string
	X, Y       float64 // of the last point
}

// sparkOf fits values into a box; the lowest value sits near the ground, gaps are skipped.
func sparkOf(values []float64, w, h float64) spark {
	lo, hi, n := math.Inf(1), math.Inf(-1), 0
	for _, v := range values {
		if !math.IsNaN(v) {
			lo, hi, n = min(lo, v), max(hi, v), n+1
		}
	}
	if n < 2 {
		return spark{}
	}
	var line strings.Builder
	var s spark
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		s.X = 1 + float64(i)*(w-6)/float64(len(values)-1)
		s.Y = h - 4
		if hi > lo {
			s.Y = h - 4 - (v-lo)/(hi-lo)*(h-8)
		}
		if line.Len() == 0 {
			line.WriteString("M")
		} else {
			line.WriteString(" L")
		}
		line.WriteString(num(s.X) + " " + num(s.Y))
	}
	s.Line = line.String()
	s.Area = s.Line + " L" + num(s.X) + " " + num(h-1) + " L1 " + num(h-1) + "Z"
	return s
}
