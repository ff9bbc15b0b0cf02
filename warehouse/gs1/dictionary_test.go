package gs1

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// component is one component of the dictionary's specification, such as [N13],csum.
var component = regexp.MustCompile(`^(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)$`)

// entry is a definition as text, from the dictionary or from the table.
type entry struct {
	AIs, Title      string
	Predefined, Key bool
	Parts           []string
	Needs, Excludes string
}

func dictionary(t *testing.T) []entry {
	f, err := os.Open(testdata(t, "gs1-syntax-dictionary.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []entry
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") || strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		body, title, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(body)
		e := entry{AIs: words[0], Title: strings.TrimSpace(title)}
		var needs, excludes []string
		for _, w := range words[1:] {
			switch {
			case strings.Trim(w, "*?") == "":
				e.Predefined = strings.Contains(w, "*")
			case component.MatchString(w):
				e.Parts = append(e.Parts, w)
			case strings.HasPrefix(w, "req="):
				needs = append(needs, w[4:])
			case strings.HasPrefix(w, "ex="):
				excludes = append(excludes, w[3:])
			case strings.HasPrefix(w, "dlpkey"):
				e.Key = true
			default:
				t.Fatalf("unknown word %q in %q", w, lines.Text())
			}
		}
		e.Needs, e.Excludes = strings.Join(needs, " "), strings.Join(excludes, ",")
		list = append(list, e)
	}
	return list
}

func written(d Definition) entry {
	e := entry{AIs: d.First, Title: d.Title, Predefined: d.Predefined, Key: d.Key, Needs: d.needs, Excludes: d.excludes}
	if d.Last != "" {
		e.AIs += "-" + d.Last
	}
	for _, p := range d.Parts {
		s := string(rune(p.Set))
		if p.Min < p.Max {
			s += ".."
		}
		s += strconv.Itoa(p.Max)
		if p.Optional {
			s = "[" + s + "]"
		}
		for _, c := range p.checks {
			s += "," + c.name
		}
		e.Parts = append(e.Parts, s)
	}
	return e
}

func TestTableIsTheDictionary(t *testing.T) {
	var got []entry
	for _, d := range definitions {
		got = append(got, written(d))
	}
	if diff := cmp.Diff(dictionary(t), got); diff != "" {
		t.Error(diff)
	}
}

// Every AI of the dictionary is found, and no AI is the beginning of another, nor do AIs of different lengths begin with the
// same two digits: the reader relies on it.
func TestAIsAreUnambiguous(t *testing.T) {
	length := map[string]int{}
	for ai, d := range index {
		if Lookup(ai) != d || d == nil {
			t.Errorf("AI %s", ai)
		}
		if n, ok := length[ai[:2]]; ok && n != len(ai) {
			t.Errorf("AIs beginning with %s have %d and %d digits", ai[:2], n, len(ai))
		}
		length[ai[:2]] = len(ai)
	}
	if len(index) < 500 {
		t.Errorf("%d AIs", len(index))
	}
}

// The predefined lengths of the General Specifications, figure 7.8.5-2: by the first two digits, AI and data together.
func TestPredefinedLengths(t *testing.T) {
	total := map[string]int{"00": 20, "01": 16, "02": 16, "03": 16, "11": 8, "12": 8, "13": 8, "15": 8, "16": 8, "17": 8, "20": 4,
		"31": 10, "32": 10, "33": 10, "34": 10, "35": 10, "36": 10, "41": 16}
	for ai, d := range index {
		least, most := d.Length()
		want, predefined := total[ai[:2]]
		if d.Predefined != predefined || predefined && (least != most || len(ai)+most != want) {
			t.Errorf("AI %s: predefined %v, %d–%d characters, want %d in all", ai, d.Predefined, least, most, want)
		}
	}
}
