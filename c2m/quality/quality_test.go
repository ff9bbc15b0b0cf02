package quality

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"milkrun/internal/calendar"
)

// A lot exactly at its limit is accepted with a probability between 84 % and 99.9 % by every plan of the tables (ISO 2859-1,
// 4.10; a table shifted by a row breaks this). Poisson for the limits per hundred units, as the tables were made.
func TestPlansProtectTheSupplierAtTheLimit(t *testing.T) {
	for _, severity := range []Severity{Normal, Tightened} {
		for limit, aql := range AQLs() {
			percent, err := strconv.ParseFloat(string(aql), 64)
			if err != nil {
				t.Fatal(err)
			}
			for letter := range letters {
				ac := cell(severity, letter, limit)
				if ac < 0 {
					continue
				}
				p := distuv.Poisson{Lambda: percent / 100 * float64(sampleSizes[letter])}.CDF(float64(ac))
				lo := 0.84
				if severity == Tightened {
					lo = 0.70 // stricter by design
				}
				if p < lo || p > 0.9995 {
					t.Errorf("%s %s %c: accepted with %.4f at the limit", severity, aql, letters[letter], p)
				}
			}
		}
	}
}

// Where no arrow stands, tightened is never kinder than normal: no lot quality is accepted more often. Arrows lead to other sample
// sizes, and in a few cells of the standard to a plan that lets more through (J at 0.40: 125 pieces normal, 50 tightened).
func TestTightenedIsStricter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lot := rapid.IntRange(1, 1_000_000).Draw(t, "lot")
		level := rapid.SampledFrom(Levels()).Draw(t, "level")
		aql := rapid.SampledFrom(AQLs()).Draw(t, "AQL")
		normal, err1 := PlanFor(lot, level, aql, Normal)
		tight, err2 := PlanFor(lot, level, aql, Tightened)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for _, p := range []Plan{normal, tight} {
			if p.Sample < 1 || p.Sample > lot || p.Reject != p.Accept+1 || p.Accept < 0 || p.Full != (p.Sample == lot) {
				t.Fatalf("%+v of %d", p, lot)
			}
		}
		if normal.Used != normal.Letter || tight.Used != tight.Letter {
			return
		}
		for _, percent := range []float64{0.5, 1, 2, 5, 10} {
			a := distuv.Poisson{Lambda: percent / 100 * float64(normal.Sample)}.CDF(float64(normal.Accept))
			b := distuv.Poisson{Lambda: percent / 100 * float64(tight.Sample)}.CDF(float64(tight.Accept))
			if b > a+1e-9 {
				t.Fatalf("lot %d %s %s at %v %%: normal %+v %.4f, tightened %+v %.4f", lot, level, aql, percent, normal, a, tight, b)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		lot   int
		terms Terms
		sev   Severity
		want  error
	}{
		{0, UsualTerms(), Normal, ErrLotSize},
		{-1, UsualTerms(), Normal, ErrLotSize},
		{10, Terms{"IV", "1.0", "1.0"}, Normal, ErrLevel},
		{10, Terms{"II", "1.1", "1.0"}, Normal, ErrAQL},
		{10, Terms{"II", "1.0", ""}, Normal, ErrAQL},
		{10, UsualTerms(), Stopped, ErrSeverity},
	} {
		if _, err := Draw(c.lot, c.terms, c.sev); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for in, want := range map[string]AQL{"1": "1.0", " 1.0 %": "1.0", "1.00": "1.0", "0.4": "0.40", "0.10": "0.10", "6.50%": "6.5", "4": "4.0"} {
		if got, err := ParseAQL(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{"", "10", "0", "x", "1.05", "-1"} {
		if _, err := ParseAQL(in); !errors.Is(err, ErrAQL) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// Lot of 3,659 pieces, level II: letter L, 200 pieces; at 2.5 % 10 and 11, at 4.0 % 14 and 15 (ISO 2859-1, table 2-A).
func TestJudge(t *testing.T) {
	s, err := Draw(3659, UsualTerms(), Normal)
	if err != nil {
		t.Fatal(err)
	}
	if s.Sample() != 200 || s.Major.Accept != 10 || s.Minor.Accept != 14 || s.Critical.Accept != 0 || s.Critical.Reject != 1 {
		t.Fatalf("%+v", s)
	}
	for _, c := range []struct {
		examined int
		found    Counts
		want     Verdict
		safety   bool
	}{
		{200, Counts{}, Verdict{Decision: Accepted}, false},
		{200, Counts{Major: 10, Minor: 14}, Verdict{Decision: Accepted}, false},
		{200, Counts{Major: 11}, Verdict{Decision: Refused, Failed: []Class{Major}}, false},
		{200, Counts{Minor: 15}, Verdict{Decision: Refused, Failed: []Class{Minor}}, false},
		{200, Counts{Critical: 1, Major: 11}, Verdict{Decision: Refused, Failed: []Class{Critical, Major}}, true},
		{1, Counts{Critical: 1}, Verdict{Decision: Refused, Failed: []Class{Critical}}, true},
		{60, Counts{Major: 11}, Verdict{Decision: Refused, Failed: []Class{Major}}, false},
		{60, Counts{Major: 10}, Verdict{Decision: Pending, Left: 140}, false},
		{0, Counts{}, Verdict{Decision: Pending, Left: 200}, false},
		{3659, Counts{}, Verdict{Decision: Accepted}, false},
	} {
		got, err := s.Judge(c.examined, c.found)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || got.Safety() != c.safety {
			t.Errorf("%d, %+v: %s", c.examined, c.found, diff)
		}
	}
	for _, bad := range []struct {
		examined int
		found    Counts
	}{{1, Counts{Major: 2}}, {-1, Counts{}}, {5, Counts{Minor: -1}}, {3660, Counts{}}} {
		if _, err := s.Judge(bad.examined, bad.found); !errors.Is(err, ErrCounts) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// Arrows may give the classes samples of different sizes; the largest is drawn, and critical defects count in all of it.
func TestClassesWithDifferentSamples(t *testing.T) {
	s, err := Draw(60, Terms{Level: "II", Major: "0.65", Minor: "4.0"}, Normal)
	if err != nil {
		t.Fatal(err)
	}
	// Letter E: at 0.65 the arrow leads down to F (20, 0); at 4.0 E itself (13, 1).
	if s.Major.Used != "F" || s.Major.Sample != 20 || s.Minor.Sample != 13 || s.Minor.Accept != 1 || s.Sample() != 20 {
		t.Errorf("%+v", s)
	}
	for _, lot := range []int{1, 2} {
		s, err := Draw(lot, UsualTerms(), Normal)
		if err != nil || !s.Critical.Full || s.Sample() != lot {
			t.Errorf("lot of %d: %+v %v", lot, s, err)
		}
	}
}

func lots(s string) []Outcome {
	var list []Outcome
	for _, c := range s {
		list = append(list, Outcome{Accepted: c == 'P', Safety: c == 'S'})
	}
	return list
}

func TestCards(t *testing.T) {
	for in, want := range map[string]string{
		"":              " ",
		"PPPP":          " ",
		"F":             "yellow last_fail",
		"FP":            " ",
		"FF":            "red two_fails",
		"FFP":           "yellow tightened",
		"FFPPPPP":       " ",
		"FFF":           "ban fails_in_a_row",
		"FFFPPPPPPP":    "ban fails_in_a_row", // a ban ends by a person alone
		"S":             "red safety",
		"SPPPP":         "red safety",
		"SPPPPP":        " ",
		"SPPFPPPPP":     " ",
		"SPPPPFP":       "red safety",
		"FPFPFPFPFPFPF": "red stopped",
	} {
		card, reason := Replay(lots(in)).Card()
		if got := fmt.Sprintf("%s %s", card, reason); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestLiftAndResume(t *testing.T) {
	s := Replay(lots("FFF")).Lift()
	if card, reason := s.Card(); s.Severity() != Tightened || card != Yellow || reason != ReasonTightened {
		t.Errorf("after the ban: %s %s %s", s.Severity(), card, reason)
	}
	if s = s.After(Outcome{}); s.Banned {
		t.Error("one failed lot after a lifted ban bans again")
	}
	s = Replay(lots("FPFPFPFPFPFPF"))
	if s.Severity() != Stopped {
		t.Fatal(s.Severity())
	}
	if s = s.After(Outcome{Accepted: true}); s.Severity() != Stopped {
		t.Error("a lot starts inspection again")
	}
	if s = s.Resume(); s.Severity() != Tightened {
		t.Error(s.Severity())
	}
}

// An outcome that claims to be accepted with a safety defect is a failed lot.
func TestSafetyIsNeverAccepted(t *testing.T) {
	if s := Replay([]Outcome{{Accepted: true, Safety: true}}); s.ConsecutiveFails != 1 {
		t.Errorf("%+v", s)
	}
}

func TestAfterDoesNotChangeTheOld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		record := lots(rapid.StringMatching(`[PFS]{0,12}`).Draw(t, "lots"))
		s := Replay(record)
		before := append([]bool(nil), s.Recent...)
		s.After(Outcome{Accepted: true})
		s.After(Outcome{})
		if !cmp.Equal(before, append([]bool(nil), s.Recent...)) {
			t.Fatal("the standing before changed")
		}
	})
}

func TestCertificates(t *testing.T) {
	d := func(m time.Month, day int) calendar.Day { return calendar.Date(2026, m, day) }
	revoked := d(9, 1)
	all := []Certificate{
		{Kind: ISO22000, Number: "A1", From: d(1, 1), To: d(6, 30)},
		{Kind: ISO22000, Number: "A2", From: d(7, 2), To: d(12, 31)},
		{Kind: InfantFood, Number: "B1", From: d(1, 1), To: d(12, 31), Revoked: &revoked},
	}
	for _, c := range []struct {
		day  calendar.Day
		want string
	}{
		{d(1, 1), ""}, {d(6, 30), ""}, {d(7, 1), "iso22000 A2"}, {d(7, 2), ""}, {d(8, 31), ""}, {d(9, 1), "infant_food B1"},
		{calendar.Date(2027, 1, 1), "iso22000 A2infant_food B1"}, {calendar.Date(2025, 12, 31), "iso22000 A2infant_food B1"},
	} {
		got := ""
		for _, l := range Lacking(all, c.day, DualQualification()) {
			got += fmt.Sprintf("%s %s", l.Kind, l.Last.Number)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.day, got, c.want)
		}
	}
	if l := Lacking(nil, d(1, 1), DualQualification()); len(l) != 2 || l[0].Last != nil {
		t.Errorf("%+v", l)
	}
}
