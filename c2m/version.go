package c2m

import (
	"slices"
	"time"
)

// Version is what was sent to the supplier, frozen. Its lines are never changed afterwards.
type Version struct {
	No         int
	SentAt     time.Time
	By         Person
	ReplyBy    time.Time // until when the supplier is asked to answer
	Reason     string    // why there is a new version; empty for the first
	Conditions Conditions
	Lines      []Line
}

// Line gives the version's line with that number, and false when there is none.
func (v Version) Line(no int) (Line, bool) {
	for _, l := range v.Lines {
		if l.No == no {
			return l, true
		}
	}
	return Line{}, false
}

// working gives the working copy in the form of a version, without copying the lines.
func (o *FactoryOrder) working() Version { return Version{Conditions: o.Conditions, Lines: o.Lines} }

// Diff is what changed from one version to another.
type Diff struct {
	Conditions []ConditionDiff
	Lines      []LineDiff
}

// Empty tells whether nothing changed.
func (d Diff) Empty() bool { return len(d.Conditions) == 0 && len(d.Lines) == 0 }

// ConditionDiff is a changed condition: "contract", "payment", "licence" or "note".
type ConditionDiff struct{ Name, Before, After string }

// LineDiff is a line that was added (Before nil), removed (After nil) or changed in Fields.
type LineDiff struct {
	No            int
	Before, After *Line
	Fields        []Field
}

// DiffOf gives the differences from a to b: the conditions, then the lines by number.
func DiffOf(a, b Version) Diff {
	return Diff{Conditions: diffConditions(a.Conditions, b.Conditions), Lines: diffLines(a.Lines, b.Lines)}
}

func diffConditions(a, b Conditions) []ConditionDiff {
	var ds []ConditionDiff
	for _, c := range []ConditionDiff{
		{"contract", a.Contract, b.Contract},
		{"payment", a.Payment, b.Payment},
		{"licence", a.Licence, b.Licence},
		{"note", a.Note, b.Note},
	} {
		if c.Before != c.After {
			ds = append(ds, c)
		}
	}
	return ds
}

func diffLines(a, b []Line) []LineDiff {
	byNo := map[int]*LineDiff{}
	at := func(no int) *LineDiff {
		if byNo[no] == nil {
			byNo[no] = &LineDiff{No: no}
		}
		return byNo[no]
	}
	for _, l := range a {
		at(l.No).Before = &l
	}
	for _, l := range b {
		at(l.No).After = &l
	}
	var ds []LineDiff
	for _, d := range byNo {
		if d.Before != nil && d.After != nil {
			if d.Fields = changedFields(*d.Before, *d.After); len(d.Fields) == 0 {
				continue
			}
		}
		ds = append(ds, *d)
	}
	slices.SortFunc(ds, func(x, y LineDiff) int { return x.No - y.No })
	return ds
}

func changedFields(a, b Line) []Field {
	var fs []Field
	for _, c := range []struct {
		field   Field
		differs bool
	}{
		{FieldSKU, a.SKU != b.SKU},
		{FieldPieces, a.Pieces != b.Pieces},
		{FieldPrice, a.Price != b.Price},
		{FieldTax, a.TaxBP != b.TaxBP},
		{FieldDue, a.Due != b.Due},
		{FieldShelfLife, a.MinRemainingDays != b.MinRemainingDays},
		{FieldSpec, a.Spec != b.Spec},
		{FieldNote, a.Note != b.Note},
	} {
		if c.differs {
			fs = append(fs, c.field)
		}
	}
	return fs
}
