package quality

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || filepath.Dir(root) == root {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "quality", name))
	if err != nil {
		if os.IsNotExist(err) && os.Getenv("MILKRUN_REQUIRE") != "1" {
			t.Skipf("REFERENCE DATA MISSING: %v; set MILKRUN_TESTDATA", err)
		}
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestVectors walks the cases of sampling_cases.json, a subtest for each, and every cell of aql_iso2859_1.json.
func TestVectors(t *testing.T) {
	t.Run("aql_iso2859_1", checkTables)
	var file struct {
		Cases []struct {
			ID, Kind         string
			Inputs, Expected json.RawMessage
		}
	}
	readJSON(t, "sampling_cases.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	passed := 0
	for _, c := range file.Cases {
		if t.Run(c.ID, func(t *testing.T) {
			switch c.Kind {
			case "sampling_plan":
				checkPlan(t, c.Inputs, c.Expected)
			case "switching_and_ban":
				checkSwitching(t, c.Inputs, c.Expected)
			default:
				t.Fatalf("unknown kind %q", c.Kind)
			}
		}) {
			passed++
		}
	}
	t.Logf("%d of %d cases", passed, len(file.Cases))
}

func decode(t *testing.T, raw json.RawMessage, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func checkPlan(t *testing.T, inputs, expected json.RawMessage) {
	var in struct {
		LotSize  int `json:"lot_size"`
		Level    Level
		AQL      AQL
		Severity Severity
	}
	var want struct {
		CodeLetter     string `json:"code_letter"`
		UsedCodeLetter string `json:"used_code_letter"`
		SampleSize     int    `json:"sample_size"`
		Full           bool   `json:"full_inspection"`
		Accept, Reject int
	}
	decode(t, inputs, &in)
	decode(t, expected, &want)
	got, err := PlanFor(in.LotSize, in.Level, in.AQL, in.Severity)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Plan{want.CodeLetter, want.UsedCodeLetter, want.SampleSize, want.Accept, want.Reject, want.Full}, got); diff != "" {
		t.Error(diff)
	}
}

func checkSwitching(t *testing.T, inputs, expected json.RawMessage) {
	var in struct {
		Lots  string
		After int `json:"ban_after_consecutive_failures"`
	}
	var want struct {
		Severities []Severity `json:"severity_before_each_lot_then_after"`
		Banned     *int       `json:"banned_after_lot"`
	}
	decode(t, inputs, &in)
	decode(t, expected, &want)
	if in.After != BanAfter {
		t.Fatalf("the case bans after %d lots, the rule after %d", in.After, BanAfter)
	}
	var s Standing
	var banned *int
	got := []Severity{s.Severity()}
	for i, c := range in.Lots {
		s = s.After(Outcome{Accepted: c == 'P'})
		got = append(got, s.Severity())
		if s.Banned && banned == nil {
			lot := i + 1
			banned = &lot
		}
	}
	if diff := cmp.Diff(want.Severities, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want.Banned, banned); diff != "" {
		t.Error(diff)
	}
}

// checkTables compares every cell of the reference tables with the rules here.
func checkTables(t *testing.T) {
	var ref struct {
		Ranges []struct {
			From int
			To   *int
			Code map[Level]string
		} `json:"lot_size_ranges"`
		SampleSize        map[string]int `json:"sample_size"`
		Normal, Tightened map[AQL]map[string]any
	}
	readJSON(t, "aql_iso2859_1.json", &ref)
	if len(ref.Ranges) != 15 || len(ref.SampleSize) != 16 || len(ref.Normal) != 10 || len(ref.Tightened) != 10 {
		t.Fatalf("tables of another shape: %d ranges, %d letters", len(ref.Ranges), len(ref.SampleSize))
	}
	for _, r := range ref.Ranges {
		to := 100_000_000
		if r.To != nil {
			to = *r.To
		}
		for level, want := range r.Code {
			for _, lot := range []int{r.From, (r.From + to) / 2, to} {
				if got, err := CodeLetter(lot, level); err != nil || got != want {
					t.Errorf("lot %d, level %s: %s %v, want %s", lot, level, got, err, want)
				}
			}
		}
	}
	for letter, want := range ref.SampleSize {
		if got := sampleSizes[strings.Index(letters, letter)]; got != want {
			t.Errorf("letter %s: %d pieces, want %d", letter, got, want)
		}
	}
	for severity, table := range map[Severity]map[AQL]map[string]any{Normal: ref.Normal, Tightened: ref.Tightened} {
		for aql, column := range table {
			limit := slices.Index(AQLs(), aql)
			if limit < 0 || len(column) != len(letters) {
				t.Fatalf("%s %s: limit %d, %d letters", severity, aql, limit, len(column))
			}
			for letter, want := range column {
				if got := cell(severity, strings.Index(letters, letter), limit); got != cellValue(t, want) {
					t.Errorf("%s %s %s: %d, want %v", severity, aql, letter, got, want)
				}
			}
		}
	}
}

func cellValue(t *testing.T, v any) int {
	switch v := v.(type) {
	case string:
		return map[string]int{"down": down, "up": up}[v]
	case []any:
		if ac, re := int(v[0].(float64)), int(v[1].(float64)); re == ac+1 {
			return ac
		}
	}
	t.Fatalf("a cell of another kind: %v", v)
	return 0
}
