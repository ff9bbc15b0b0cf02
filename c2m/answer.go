package c2m

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Split is one part of a line's schedule: so many pieces on a day at a price.
type Split struct {
	Pieces quantity.Pieces `json:"pieces"`
	// Day is the arrival at the ship-to site. It means nothing when Pieces is 0.
	Day   calendar.Day `json:"day"`
	Price money.Fen    `json:"price"`
}

// AnswerLine is the supplier's answer to one line. One split of 0 pieces says: cannot deliver.
type AnswerLine struct {
	Line   int
	SKU    catalog.SKUID
	Splits []Split
	Reason ReasonCode
	Note   string
}

// Pieces gives the pieces over all splits.
func (a AnswerLine) Pieces() quantity.Pieces { return splitPieces(a.Splits) }

func splitPieces(ss []Split) quantity.Pieces {
	var n quantity.Pieces
	for _, s := range ss {
		n += s.Pieces
	}
	return n
}

// Answer is a supplier's whole answer to one version of an order.
type Answer struct {
	ID      int64
	Version int
	At      time.Time
	By      Person
	Lines   []AnswerLine
}

// Line gives the answer to a line, and false when there is none.
func (a *Answer) Line(no int) (AnswerLine, bool) {
	if a == nil {
		return AnswerLine{}, false
	}
	for _, l := range a.Lines {
		if l.Line == no {
			return l, true
		}
	}
	return AnswerLine{}, false
}

// Hash is the same for two answers that say the same about the same version, whoever sent them and in whatever order the rows stand.
func (a *Answer) Hash() [sha256.Size]byte {
	lines := slices.Clone(a.Lines)
	slices.SortFunc(lines, func(x, y AnswerLine) int { return cmp.Or(x.Line-y.Line, int(x.SKU-y.SKU)) })
	h := sha256.New()
	fmt.Fprintf(h, "v%d\n", a.Version)
	for _, l := range lines {
		fmt.Fprintf(h, "%d %d %q %q", l.Line, l.SKU, l.Reason, l.Note)
		for _, s := range sorted(l.Splits) {
			fmt.Fprintf(h, " %d@%d@%d", s.Pieces, s.Day, s.Price)
		}
		fmt.Fprintln(h)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// sorted gives the splits by day, without the empty ones and with those of one day and price put together.
func sorted(ss []Split) []Split {
	out := slices.DeleteFunc(slices.Clone(ss), func(s Split) bool { return s.Pieces == 0 })
	slices.SortStableFunc(out, func(a, b Split) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Price, b.Price)) })
	merged := out[:0]
	for _, s := range out {
		if n := len(merged); n > 0 && merged[n-1].Day == s.Day && merged[n-1].Price == s.Price {
			merged[n-1].Pieces += s.Pieces
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// ReasonCode is why a supplier answers otherwise than asked.
type ReasonCode string

// The reasons that the sheets offer.
const (
	ReasonNone       ReasonCode = ""
	ReasonMaterial   ReasonCode = "material"
	ReasonCapacity   ReasonCode = "capacity"
	ReasonTooling    ReasonCode = "tooling"
	ReasonCost       ReasonCode = "cost"
	ReasonQuality    ReasonCode = "quality"
	ReasonPacking    ReasonCode = "packing"
	ReasonTransport  ReasonCode = "transport"
	ReasonHoliday    ReasonCode = "holiday"
	ReasonPower      ReasonCode = "power"
	ReasonEnded      ReasonCode = "ended"
	ReasonOtherCause ReasonCode = "other"
)

// reasonNames holds the words of the sheets, in the order in which they are offered.
var reasonNames = []struct {
	code ReasonCode
	name catalog.Name
}{
	{ReasonMaterial, catalog.Name{ZH: "缺料", EN: "Material shortage"}},
	{ReasonCapacity, catalog.Name{ZH: "产能不足", EN: "Capacity full"}},
	{ReasonTooling, catalog.Name{ZH: "模具 / 设备", EN: "Mould or machine"}},
	{ReasonCost, catalog.Name{ZH: "成本上涨", EN: "Cost increase"}},
	{ReasonQuality, catalog.Name{ZH: "质量返工", EN: "Quality rework"}},
	{ReasonPacking, catalog.Name{ZH: "凑整箱 / 起订量", EN: "Full cartons or minimum"}},
	{ReasonTransport, catalog.Name{ZH: "物流", EN: "Transport"}},
	{ReasonHoliday, catalog.Name{ZH: "放假", EN: "Holiday"}},
	{ReasonPower, catalog.Name{ZH: "限电 / 停工", EN: "Power cut or stoppage"}},
	{ReasonEnded, catalog.Name{ZH: "停产", EN: "Discontinued"}},
	{ReasonOtherCause, catalog.Name{ZH: "其他", EN: "Other"}},
}

// Reasons lists the codes in the order in which sheets and pages offer them.
func Reasons() []ReasonCode {
	codes := make([]ReasonCode, len(reasonNames))
	for i, r := range reasonNames {
		codes[i] = r.code
	}
	return codes
}

// Name gives the words for the reason; empty for ReasonNone and for a code that is not known.
func (r ReasonCode) Name() catalog.Name {
	for _, n := range reasonNames {
		if n.code == r {
			return n.name
		}
	}
	return catalog.Name{}
}

// ParseReason finds the reason by its code or its words in either language, folded. Another text is ReasonOtherCause, and
// false: the caller keeps the text as a note.
func ParseReason(s string) (ReasonCode, bool) {
	text := catalog.Fold(s)
	if text == "" {
		return ReasonNone, true
	}
	for _, r := range reasonNames {
		if text == catalog.Fold(string(r.code)) || text == catalog.Fold(r.name.ZH) || text == catalog.Fold(r.name.EN) {
			return r.code, true
		}
		for part := range strings.SplitSeq(r.name.ZH, " / ") {
			if text == catalog.Fold(part) {
				return r.code, true
			}
		}
	}
	return ReasonOtherCause, false
}
