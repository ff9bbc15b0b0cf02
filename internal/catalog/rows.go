package catalog

import (
	"errors"
	"fmt"
)

// RowFaults are the faults of one row of a list.
type RowFaults struct {
	Row    int // from 0, in the list that was offered
	Code   string
	Faults Faults
}

// BadRows refuses a list of drafts: none of it was taken. It holds at most MaxBadRows rows; Count counts all of them.
// It unwraps to ErrInvalid.
type BadRows struct {
	Rows  []RowFaults
	Count int
	last  int // row last added, from 1
}

// MaxBadRows is how many bad rows are kept in full.
const MaxBadRows = 500

// Error names the first bad row and the number of all.
func (b *BadRows) Error() string {
	if len(b.Rows) == 0 {
		return ErrInvalid.Error()
	}
	return fmt.Sprintf("%d bad rows, the first: row %d (%s): %v", b.Count, b.Rows[0].Row+1, b.Rows[0].Code, b.Rows[0].Faults)
}

// Unwrap gives ErrInvalid.
func (b *BadRows) Unwrap() error { return ErrInvalid }

// Add keeps the faults of a row.
func (b *BadRows) Add(row int, code string, f ...Fault) {
	if b.last == row+1 {
		if n := len(b.Rows); b.Rows[n-1].Row == row {
			b.Rows[n-1].Faults = append(b.Rows[n-1].Faults, f...)
		}
		return
	}
	b.last = row + 1
	b.Count++
	if len(b.Rows) < MaxBadRows {
		b.Rows = append(b.Rows, RowFaults{Row: row, Code: code, Faults: f})
	}
}

// OrNil gives nil when no row is bad.
func (b *BadRows) OrNil() error {
	if b.Count == 0 {
		return nil
	}
	return b
}

// Draft is a row that knows its rules and its key, which must not come twice in a list.
type Draft interface {
	Validate() error
	Key() string
}

// Key gives the code of the category.
func (d CategoryDraft) Key() string { return d.Code }

// Key gives the code of the SKU.
func (d SKUDraft) Key() string { return d.Code }

// Key gives the code of the site.
func (s Site) Key() string { return s.Code }

// Key gives the codes of both ends.
func (d LaneDraft) Key() string { return d.FromCode + " → " + d.ToCode }

// Key gives the code of the supplier.
func (s Supplier) Key() string { return s.Code }

// Key gives the codes of supplier and SKU.
func (d TermDraft) Key() string { return d.SupplierCode + " / " + d.SKUCode }

// Key gives the code of the topic.
func (t Topic) Key() string { return t.Code }

// Key gives the codes of topic and SKU.
func (d TopicSKUDraft) Key() string { return d.TopicCode + " / " + d.SKUCode }

// Check answers *BadRows for a list in which a row breaks a rule, or a key or a GTIN comes twice.
func Check[D Draft](rows []D) error {
	bad := &BadRows{}
	keys := make(map[string]struct{}, len(rows))
	gtins := map[string]struct{}{}
	for i, r := range rows {
		var f Faults
		if err := r.Validate(); err != nil && !errors.As(err, &f) {
			return err
		}
		if len(f) > 0 {
			bad.Add(i, r.Key(), f...)
		}
		if _, twice := keys[r.Key()]; twice {
			bad.Add(i, r.Key(), Fault{Field: "code", Problem: Repeated, Value: r.Key()})
		}
		keys[r.Key()] = struct{}{}
		if s, ok := any(r).(SKUDraft); ok && s.GTIN != "" {
			if _, twice := gtins[s.GTIN]; twice {
				bad.Add(i, r.Key(), Fault{Field: "gtin", Problem: Repeated, Value: s.GTIN})
			}
			gtins[s.GTIN] = struct{}{}
		}
	}
	return bad.OrNil()
}
