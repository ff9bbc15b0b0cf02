package forecasting

import (
	"errors"
	"fmt"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Sale is what one SKU sold at one site on one day. A day without a Sale, up to the last day the site has reported, is a
// day without sales.
type Sale struct {
	Key
	Day    calendar.Day
	Pieces quantity.Pieces // negative when more came back than went out
	// Price is the average price paid a piece; 0 = not known.
	Price money.Fen
	// PromoBP is the cut off the usual price in hundredths of a percent, 0..10000.
	PromoBP int
	// SoldOut is true when the shelf was empty at closing: Pieces is then a lower bound of the demand.
	SoldOut bool
	// OutMinutes is how long the shelf was empty that day, in minutes of 1,440; 0 = not known. Where it is, the demand of the day
	// is not guessed but worked out.
	OutMinutes int
}

// DayMinutes is the length of a day.
const DayMinutes = 24 * 60

// SaleDraft is a sale as it comes from outside, the SKU and the site named by their codes.
type SaleDraft struct {
	SKUCode, SiteCode string
	Sale
}

// HeatPoint is the heat of one topic at one source on one day.
type HeatPoint struct {
	Topic  catalog.TopicID
	Source string
	Day    calendar.Day
	Value  float64 // index of the source, not negative
}

// HeatDraft is a heat value as it comes from outside, the topic named by its code.
type HeatDraft struct {
	TopicCode string
	HeatPoint
}

// Bounds of recorded figures.
const (
	// MaxDayPieces bounds the pieces of one SKU, site and day.
	MaxDayPieces = 100_000_000
	// MaxHeat bounds a heat value.
	MaxHeat = 1e12
	// MaxSource is the longest name of a heat source, in characters.
	MaxSource = 40
)

// FirstRecordDay is the earliest day that sales and heat are taken for.
var FirstRecordDay = calendar.Date(2000, 1, 1)

// Merged counts what became of recorded rows.
type Merged struct {
	Inserted  int `json:"inserted"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// ErrBatch is what every BatchError unwraps to: a batch was refused whole.
var ErrBatch = errors.New("forecasting: the batch holds faults, nothing was recorded")

// ItemFault is one thing wrong with one item of a batch. Index counts from 0.
type ItemFault struct {
	Index int
	catalog.Fault
}

// Pointer gives the JSON pointer of the field within the list called name: "/items/3/sku".
func (f ItemFault) Pointer(name string) string {
	return fmt.Sprintf("/%s/%d/%s", name, f.Index, f.Field)
}

// BatchError refuses a batch; it lists what is wrong item by item, at most MaxFaults of them. More tells how many
// faults are not listed.
type BatchError struct {
	Faults []ItemFault
	More   int
}

// MaxFaults bounds the list of a BatchError.
const MaxFaults = 200

// Add notes a fault.
func (e *BatchError) Add(index int, field string, p catalog.Problem, value string) {
	if len(e.Faults) == MaxFaults {
		e.More++
		return
	}
	e.Faults = append(e.Faults, ItemFault{Index: index, Fault: catalog.Fault{Field: field, Problem: p, Value: value}})
}

// OrNil gives nil when nothing was noted, so that an empty list is no error.
func (e *BatchError) OrNil() error {
	if e == nil || len(e.Faults) == 0 {
		return nil
	}
	return e
}

// Error lists the faults.
func (e *BatchError) Error() string {
	var b strings.Builder
	b.WriteString(ErrBatch.Error())
	for _, f := range e.Faults[:min(len(e.Faults), 5)] {
		fmt.Fprintf(&b, "; item %d %s %s", f.Index, f.Field, f.Problem)
		if f.Value != "" {
			fmt.Fprintf(&b, " (%s)", f.Value)
		}
	}
	if n := len(e.Faults) + e.More - 5; n > 0 {
		fmt.Fprintf(&b, "; and %d more", n)
	}
	return b.String()
}

// Unwrap gives ErrBatch.
func (e *BatchError) Unwrap() error { return ErrBatch }
