package replenishment_test

import (
	"fmt"
	"strings"

	"milkrun/replenishment"
)

// brief describes a plan in a few lines.
func brief(r replenishment.Result) string {
	var b strings.Builder
	for _, s := range r.Suggestions {
		fmt.Fprintf(&b, "\n%s to %d from %d supplier %d: %d pieces, need %d, %s, arrives +%d of %.1f days:", s.Kind, s.Site, s.From, s.Supplier, s.Pieces, s.Need,
			s.Reason, s.ArriveBy.Sub(s.PlannedOn), s.Explanation.Inputs.ProtectionDays)
		for _, st := range s.Explanation.Steps {
			fmt.Fprintf(&b, " %s %d (%s)", st.Op, st.Pieces, strings.TrimPrefix(string(st.Key), "why."))
		}
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "\n%s at %d", w.Code, w.Site)
	}
	return b.String()
}
