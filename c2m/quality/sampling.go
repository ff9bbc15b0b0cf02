package quality

import "fmt"

// Class is how much a defect matters.
type Class string

// The classes of defects. A critical one may harm a child: a single one refuses the lot.
const (
	Critical Class = "critical"
	Major    Class = "major"
	Minor    Class = "minor"
)

// Classes lists the classes from the worst.
func Classes() []Class { return []Class{Critical, Major, Minor} }

// Terms are what is agreed on the inspection of an SKU's lots. There is no limit for critical defects: none is allowed.
type Terms struct {
	Level        Level
	Major, Minor AQL
}

// UsualTerms are those of consumer goods where nothing else is agreed: level II, 2.5 % of major and 4 % of minor defects.
func UsualTerms() Terms { return Terms{Level: "II", Major: "2.5", Minor: "4.0"} }

// Sampling is what to examine of one lot. The sample of a class is the first so many pieces drawn; critical defects count in
// every piece that is looked at.
type Sampling struct {
	Lot                    int
	Severity               Severity
	Critical, Major, Minor Plan
}

// Draw gives the sampling of a lot of so many pieces. It answers ErrLotSize, ErrLevel, ErrAQL or, where inspection is stopped,
// ErrSeverity.
func Draw(lot int, terms Terms, severity Severity) (Sampling, error) {
	major, err := PlanFor(lot, terms.Level, terms.Major, severity)
	if err != nil {
		return Sampling{}, fmt.Errorf("major defects: %w", err)
	}
	minor, err := PlanFor(lot, terms.Level, terms.Minor, severity)
	if err != nil {
		return Sampling{}, fmt.Errorf("minor defects: %w", err)
	}
	critical := major
	if minor.Sample > major.Sample {
		critical = minor
	}
	critical.Accept, critical.Reject = 0, 1
	return Sampling{Lot: lot, Severity: severity, Critical: critical, Major: major, Minor: minor}, nil
}

// Sample gives how many pieces to draw: the largest of the classes' samples.
func (s Sampling) Sample() int { return s.Critical.Sample }

// Plan gives the plan of a class.
func (s Sampling) Plan(c Class) Plan {
	switch c {
	case Critical:
		return s.Critical
	case Major:
		return s.Major
	default:
		return s.Minor
	}
}

// Counts are defective pieces by the worst class of defect that each has.
type Counts struct{ Critical, Major, Minor int }

// Of gives the count of a class.
func (n Counts) Of(c Class) int {
	switch c {
	case Critical:
		return n.Critical
	case Major:
		return n.Major
	default:
		return n.Minor
	}
}

// Decision is what an inspection comes to.
type Decision string

// The decisions. Pending asks for more pieces to be examined.
const (
	Accepted Decision = "accepted"
	Refused  Decision = "refused"
	Pending  Decision = "pending"
)

// Verdict is the decision on a lot and what it rests on.
type Verdict struct {
	Decision Decision
	Failed   []Class // the classes with too many defects, the worst first
	Left     int     // pieces that are still to be examined before the lot can be accepted
}

// Safety tells whether a critical defect was found.
func (v Verdict) Safety() bool { return len(v.Failed) > 0 && v.Failed[0] == Critical }

// Judge decides on a lot of which examined pieces were looked at. A lot is refused as soon as a class reaches its rejection
// number, and accepted only when its whole sample was looked at. It answers ErrCounts for counts below zero, above the pieces
// examined, or above the lot.
func (s Sampling) Judge(examined int, found Counts) (Verdict, error) {
	if found.Critical < 0 || found.Major < 0 || found.Minor < 0 || examined < 0 ||
		found.Critical+found.Major+found.Minor > examined || examined > s.Lot {
		return Verdict{}, fmt.Errorf("%w: %+v in %d pieces of %d", ErrCounts, found, examined, s.Lot)
	}
	v := Verdict{Decision: Accepted, Left: max(0, s.Sample()-examined)}
	for _, c := range Classes() {
		if found.Of(c) >= s.Plan(c).Reject {
			v.Failed = append(v.Failed, c)
		}
	}
	switch {
	case len(v.Failed) > 0:
		v.Decision, v.Left = Refused, 0
	case v.Left > 0:
		v.Decision = Pending
	}
	return v, nil
}
