package warehouse

import (
	"time"

	"milkrun/internal/catalog"
)

// FigureKind names a figure of the floor whose rows can be opened.
type FigureKind string

// The figures. What each counts stands at its constant; pages say the same.
const (
	// FigureFill: order lines received in the span that could not be promised when they were looked at, and cannot yet.
	FigureFill FigureKind = "fill"
	// FigureOnTime: orders of the span that left after their promise, or are past it.
	FigureOnTime FigureKind = "on_time"
	// FigureDock: deliveries begun in the span: hours from the first scan at the dock to the first put-away of their goods.
	FigureDock FigureKind = "dock"
	// FigurePick: pick tasks done in the span: stops an hour between taking the task and its end.
	FigurePick FigureKind = "pick"
	// FigureMisscan: scans of the span that were not what was wanted, by screen, person and what was wrong.
	FigureMisscan FigureKind = "misscan"
	// FigureStockout: goods that left a site for customers within 28 days, or that orders wait for, and of which nothing can be sold there now.
	FigureStockout FigureKind = "stockout"
	// FigureSlow: goods that stand at a site and of which nothing has left it for 60 days.
	FigureSlow FigureKind = "slow"
	// FigureTurns: pieces that left a site within 90 days, times 365/90, over the mean of what stood at the beginning and stands now.
	FigureTurns FigureKind = "turns"
)

// FigureKinds lists the figures that can be opened.
func FigureKinds() []FigureKind {
	return []FigureKind{FigureFill, FigureOnTime, FigureDock, FigurePick, FigureMisscan, FigureStockout, FigureSlow, FigureTurns}
}

// Known tells whether the figure is one of ours.
func (k FigureKind) Known() bool {
	for _, x := range FigureKinds() {
		if x == k {
			return true
		}
	}
	return false
}

// FigureRow is a row behind a figure. Which of Values a figure fills, in its order:
// fill: pieces wanted, promised · on_time: hours late, pieces · dock: hours (−1 for not put away yet), pieces · pick: stops, pieces, minutes, stops an hour ·
// misscan: scans · stockout: pieces sold in 28 days, pieces waited for · slow: pieces, fen at retail price, days since the last left (−1 for never) ·
// turns: pieces left, mean pieces, turns a year.
type FigureRow struct {
	ID     int64 // of the order, delivery or wave; the SKU's for goods
	Code   string
	Name   catalog.Name
	Site   string // code
	Who    string
	At     *time.Time
	Values []float64
}

// FigureList are the rows behind a figure. Count and Sums are of all of them, Sums of Values.
type FigureList struct {
	Kind  FigureKind
	Rows  []FigureRow
	Count int64
	Sums  []float64
}
