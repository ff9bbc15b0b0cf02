package desk

import (
	"context"
	"errors"
	"fmt"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/replenishment"
	"milkrun/web/ui"
	"strconv"
)

// digitsOr writes a number for a choice, nothing for 0.
func DigitsOr[T ~int | ~int32 | ~int64](n T) string {
	if n == 0 {
		return ""
	}
	return Digits(n)
}

func Digits[T ~int | ~int32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// dots joins what is not empty.
func Dots(parts ...string) string {
	out := ""
	for _, p := range parts {
		switch {
		case p == "":
		case out == "":
			out = p
		default:
			out = fmt.Sprintf("%s · %s", out, p)
		}
	}
	return out
}

func OrDash(s string) string {
	if s == "" {
		return ui.Nothing
	}
	return s
}

func OrNothing(n int64) string {
	if n == 0 {
		return ui.Nothing
	}
	return ui.Int(n)
}

// shareTone is the tone of a share of a scorecard: below four fifths somebody should look, below three fifths act.
func ShareTone(v float64) ui.Tone {
	switch {
	case v < 0.6:
		return ui.Risk
	case v < 0.8:
		return ui.Watch
	}
	return ui.Plain
}

func SignedYuan(f money.Fen) string {
	if f > 0 {
		return "+" + ui.Yuan(f)
	}
	return ui.Yuan(f)
}

// chipOf is a chip of the page's head.
type Chip struct {
	Tone       ui.Tone
	Icon, Word string
}

// causeWord says why a plan was made.
func CauseWord(ctx context.Context, cause string) string {
	switch cause {
	case "manual", "forecast", "settings", "heat", "stock":
		return ui.T(ctx, "runs.cause_"+cause)
	}
	return cause
}

// isStale tells whether a change came too late.
func IsStale(err error) bool { return errors.Is(err, catalog.ErrStale) }

func SuggestionText(id replenishment.SuggestionID) string { return strconv.FormatInt(int64(id), 10) }
