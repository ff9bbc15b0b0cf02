package forecasting

import (
	"errors"
	"fmt"

	"milkrun/internal/calendar"
)

// The refusals of the domain. Match them with errors.Is.
var (
	// ErrSeries is the refusal of a series that cannot be read; the *SeriesError in the chain says where.
	ErrSeries = errors.New("forecasting: series cannot be read")
	// ErrHorizon is the refusal of a horizon outside 1..MaxHorizon.
	ErrHorizon = errors.New("forecasting: horizon out of range")
	// ErrHeat is the refusal of a heat series that cannot be read.
	ErrHeat = errors.New("forecasting: heat series cannot be read")
)

// MaxHorizon is the longest horizon that is forecast, in days.
const MaxHorizon = 730

// SeriesError says which figure of which series cannot be read.
type SeriesError struct {
	Key    Key
	Field  string       // Sales, SoldOut, Promo, Price
	Row    int          // index of the day, -1 when the whole column is meant
	Day    calendar.Day // the day of Row
	Reason string
}

// Error gives the series, the field, the day and what is wrong with it.
func (e *SeriesError) Error() string {
	if e.Row < 0 {
		return fmt.Sprintf("%s: %s %s", e.Key, e.Field, e.Reason)
	}
	return fmt.Sprintf("%s: %s on %s: %s", e.Key, e.Field, e.Day, e.Reason)
}

// Unwrap makes errors.Is(err, ErrSeries) hold.
func (e *SeriesError) Unwrap() error { return ErrSeries }
