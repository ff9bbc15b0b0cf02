package scanner

import (
	"errors"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
)

// Refused is why a command was not done, as the device says it.
type Refused struct {
	Code string `json:"code"`
	// Text says what is wrong with the numbers in it, Next what to do.
	Text Say `json:"text"`
	Next Say `json:"next"`
	// Scanned and Wanted are shown above each other, the differing digits large; the notes stand below.
	Scanned     string `json:"scanned,omitempty"`
	Wanted      string `json:"wanted,omitempty"`
	ScannedNote string `json:"scanned_note,omitempty"`
	WantedNote  string `json:"wanted_note,omitempty"`
	// Choices are the two ways on.
	Choices []Choice `json:"choices,omitempty"`
	// Stuck commands were done on the floor and wait for a person's decision.
	Stuck bool `json:"stuck,omitempty"`
}

// Choice is a way on from a refusal. Do names a deed of the part's script, or one of the frame's: forget (it was not so after
// all), retry, look (open the task).
type Choice struct {
	Do   string `json:"do"`
	Text Say    `json:"text"`
}

// explain says a refusal; nil for a fault of the house.
func (s Scanner) explain(err error) *Refused {
	for _, p := range s.Parts {
		for _, f := range p.Refusals {
			if r := f(err); r != nil {
				return withChoices(r)
			}
		}
	}
	if r := explain(err); r != nil {
		return withChoices(r)
	}
	return nil
}

func withChoices(r *Refused) *Refused {
	if len(r.Choices) == 0 {
		r.Choices = []Choice{{"look", Says("scanner.choice.look")}, {"forget", Says("scanner.choice.forget")}}
	}
	return r
}

func explain(err error) *Refused {
	var (
		scan   *warehouse.ScanError
		taken  *warehouse.TakenError
		back   *warehouse.PutBackError
		short  *warehouse.ShortError
		gone   *warehouse.CancelledError
		weight *warehouse.WeightError
	)
	switch {
	case errors.As(err, &scan):
		return &Refused{Code: string(scan.Fault), Text: Says("scanner.fault." + string(scan.Fault)), Next: Says("scanner.next." + string(scan.Fault)),
			Scanned: scan.Scanned, Wanted: scan.Wanted, ScannedNote: day(scan.ScannedExpiry), WantedNote: day(scan.WantedExpiry)}
	case errors.As(err, &taken):
		return &Refused{Code: "taken", Text: Says("scanner.refused.taken", "By", taken.By), Next: Says("scanner.next.taken")}
	case errors.As(err, &back):
		return &Refused{Code: "putback", Text: Says("scanner.refused.putback", "Order", back.Order, "Bin", back.Bin, "Count", int64(back.Pieces)), Next: Says("scanner.next.putback", "Bin", back.Bin),
			Choices: []Choice{{"done", Says("scanner.choice.putback")}, {"look", Says("scanner.choice.look")}}}
	case errors.As(err, &gone):
		return &Refused{Code: "cancelled", Text: Says("scanner.refused.cancelled", "Order", gone.Order), Next: Says("scanner.next.cancelled"), Scanned: gone.Parcel,
			Choices: []Choice{{"done", Says("scanner.choice.aside")}, {"look", Says("scanner.choice.look")}}}
	case errors.As(err, &weight):
		return explainWeight(weight)
	case errors.As(err, &short):
		return &Refused{Code: "short", Text: Says("scanner.refused.short", "Bin", short.Place.Bin, "Want", int64(short.Want), "Have", int64(short.Have)), Next: Says("scanner.next.short")}
	}
	for refusal, code := range plain {
		if errors.Is(err, refusal) {
			return &Refused{Code: code, Text: Says("scanner.refused." + code), Next: Says("scanner.next." + code)}
		}
	}
	return nil
}

// plain are the refusals without numbers.
var plain = map[error]string{
	warehouse.ErrTaskGone: "gone", warehouse.ErrNothingToUndo: "undone", warehouse.ErrCommand: "command", warehouse.ErrOtherCommand: "other",
	warehouse.ErrNoWork: "nowork", warehouse.ErrNotPicked: "notpicked", warehouse.ErrParcelGone: "parcelgone", warehouse.ErrManifestEmpty: "manifestempty",
	warehouse.ErrManifestClosed: "manifestclosed", catalog.ErrUnknown: "unknown", access.ErrForbidden: "forbidden", errBody: "body",
}

func explainWeight(e *warehouse.WeightError) *Refused {
	r := &Refused{Code: "weight", Text: Says("scanner.refused.weight", "Grams", e.Measured, "Want", e.Expected), Next: Says("scanner.next.weight"),
		Choices: []Choice{{"weigh", Says("scanner.choice.weigh")}, {"accept", Says("scanner.choice.accept")}}}
	if e.Likely == nil {
		return r
	}
	word := "scanner.next.extra"
	if e.Missing {
		word = "scanner.next.missing"
	}
	r.Next = Says(word, "Count", e.Pieces, "Name", map[string]string{"zh": e.Likely.Name.In("zh"), "en": e.Likely.Name.In("en")})
	return r
}

func day(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}
