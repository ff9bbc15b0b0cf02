package quality

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Refusals.
var (
	ErrLotSize  = errors.New("quality: a lot has at least one piece")
	ErrLevel    = errors.New("quality: not an inspection level")
	ErrAQL      = errors.New("quality: not an acceptance quality limit of the table")
	ErrSeverity = errors.New("quality: there is no plan for this severity")
	ErrCounts   = errors.New("quality: defects and pieces examined do not fit together")
)

// Level is an inspection level: how much a lot's size counts. II is the usual one; S-1 to S-4 are for costly examinations.
type Level string

// Levels lists the inspection levels of table 1.
func Levels() []Level { return []Level{"S-1", "S-2", "S-3", "S-4", "I", "II", "III"} }

// Severity is how strictly lots of a supplier's SKU are inspected.
type Severity string

// The severities. Stopped has no plan: nothing is inspected until the supplier has acted.
const (
	Normal    Severity = "normal"
	Tightened Severity = "tightened"
	Stopped   Severity = "stopped"
)

// AQL is an acceptance quality limit in percent nonconforming, as the tables write it.
type AQL string

// AQLs lists the limits of the tables in rising order.
func AQLs() []AQL {
	return []AQL{"0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5"}
}

// ParseAQL reads a limit as people write it: 1, 1.0, 0.4 or 4%. It answers ErrAQL for what the tables do not hold.
func ParseAQL(s string) (AQL, error) {
	short := func(s string) string {
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	want := short(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")))
	for _, a := range AQLs() {
		if short(string(a)) == want {
			return a, nil
		}
	}
	return "", fmt.Errorf("%w: %q", ErrAQL, s)
}

// letters are the sample size code letters: no I, no O.
const letters = "ABCDEFGHJKLMNPQR"

// sampleSizes are the sample sizes of the letters, in pieces.
var sampleSizes = [len(letters)]int{2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000}

// letterTable is table 1: the greatest lot of each row and its letters in the order of Levels.
var letterTable = []struct {
	upTo    int
	letters string
}{
	{8, "AAAAAAB"}, {15, "AAAAABC"}, {25, "AABBBCD"}, {50, "ABBCCDE"}, {90, "BBCCCEF"},
	{150, "BBCDDFG"}, {280, "BCDEEGH"}, {500, "BCDEFHJ"}, {1200, "CCEFGJK"}, {3200, "CDEGHKL"},
	{10_000, "CDFGJLM"}, {35_000, "CDFHKMN"}, {150_000, "DEGJLNP"}, {500_000, "DEGJMPQ"}, {1 << 62, "DEHKNQR"},
}

// CodeLetter gives the sample size code letter of a lot. Lots of one piece are treated like those of two.
func CodeLetter(lot int, level Level) (string, error) {
	column := slices.Index(Levels(), level)
	switch {
	case lot < 1:
		return "", fmt.Errorf("%w: %d", ErrLotSize, lot)
	case column < 0:
		return "", fmt.Errorf("%w: %q", ErrLevel, level)
	}
	for _, row := range letterTable {
		if lot <= row.upTo {
			return row.letters[column : column+1], nil
		}
	}
	panic("quality: no last row")
}

// Plan is a single sampling plan: examine Sample pieces, accept the lot with at most Accept defective ones, refuse it with
// Reject or more.
type Plan struct {
	Letter         string // of the lot's size
	Used           string // of the plan taken, after arrows
	Sample         int    // pieces
	Accept, Reject int    // defective pieces
	Full           bool   // the sample is the whole lot
}

// The diagonal of tables 2-A and 2-B: acceptance numbers depend on the rank of the letter plus that of the limit alone. arrow
// downwards is the next plan with a larger sample, upwards with a smaller one.
const (
	down = -1
	up   = -2
)

var (
	normalDiagonal    = []int{9: 0, 10: up, 11: down, 12: 1, 13: 2, 14: 3, 15: 5, 16: 7, 17: 10, 18: 14, 19: 21}
	tightenedDiagonal = []int{10: 0, 11: up, 12: down, 13: 1, 14: 2, 15: 3, 16: 5, 17: 8, 18: 12, 19: 18}
)

// cell gives the acceptance number at a letter's and a limit's rank, or an arrow.
func cell(severity Severity, letter, limit int) int {
	diagonal, first := normalDiagonal, 9
	if severity == Tightened {
		diagonal, first = tightenedDiagonal, 10
	}
	switch k := letter + limit; {
	case k < first:
		return down
	case k >= len(diagonal):
		return up
	default:
		return diagonal[k]
	}
}

// PlanFor gives the plan for a lot. An arrow of the tables changes the sample size and the acceptance number together. A sample
// as large as the lot means that every piece is examined.
func PlanFor(lot int, level Level, aql AQL, severity Severity) (Plan, error) {
	letter, err := CodeLetter(lot, level)
	if err != nil {
		return Plan{}, err
	}
	limit := slices.Index(AQLs(), aql)
	switch {
	case limit < 0:
		return Plan{}, fmt.Errorf("%w: %q", ErrAQL, aql)
	case severity != Normal && severity != Tightened:
		return Plan{}, fmt.Errorf("%w: %q", ErrSeverity, severity)
	}
	at := strings.Index(letters, letter)
	for {
		switch ac := cell(severity, at, limit); {
		case ac == up:
			at--
		case ac == down && at < len(letters)-1:
			at++
		case ac == down: // below the last letter: the tables go no further
			return Plan{Letter: letter, Used: letters[at:], Sample: lot, Reject: 1, Full: true}, nil
		default:
			p := Plan{Letter: letter, Used: letters[at : at+1], Sample: sampleSizes[at], Accept: ac, Reject: ac + 1}
			if p.Sample >= lot {
				p.Sample, p.Full = lot, true
			}
			return p, nil
		}
	}
}
