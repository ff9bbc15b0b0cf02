package gs1

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type vector struct {
	Kind     string
	Input    *string
	Brackets string
	Valid    *bool
	Elements [][2]string
}

// TestVectors walks the cases of the GS1 Barcode Syntax Dictionary and Syntax Engine, a subtest for each.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile(testdata(t, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	passed := 0
	for i, v := range file.Cases {
		if t.Run(fmt.Sprintf("%03d-%s", i, v.Kind), func(t *testing.T) { checkVector(t, v) }) {
			passed++
		}
	}
	t.Logf("%d of %d cases", passed, len(file.Cases))
}

func checkVector(t *testing.T, v vector) {
	if v.Input == nil || v.Valid == nil {
		t.Fatalf("a case without input or verdict: %+v", v)
	}
	in := *v.Input
	var list []Element
	var err error
	verdict := func(ok bool) error {
		if !ok {
			return ErrValue
		}
		return nil
	}
	switch v.Kind {
	case "date_yymmd0":
		err = verdict(dateOrMonth.ok(in))
	case "date_yymmdd":
		err = verdict(date.ok(in))
	case "check_digit":
		err = verdict(ValidCheckDigit(in))
	case "scan":
		var c Code
		c, err = Parse(in)
		list = c.Elements
	case "element_string":
		list, err = ParseElements(in)
	case "brackets":
		list, err = ParseBracketed(in)
	default:
		t.Fatalf("unknown kind %q", v.Kind)
	}
	if (err == nil) != *v.Valid {
		t.Fatalf("%q: valid is %v, got %v", in, *v.Valid, err)
	}
	if err != nil || v.Elements == nil {
		return
	}
	var want []Element
	for _, e := range v.Elements {
		want = append(want, Element{e[0], e[1]})
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("%q: %s", in, diff)
	}
	if v.Brackets == "" {
		return
	}
	if got := Bracketed(list); got != v.Brackets {
		t.Errorf("brackets %q, want %q", got, v.Brackets)
	}
	back, err := ParseBracketed(v.Brackets)
	if diff := cmp.Diff(want, back); err != nil || diff != "" {
		t.Errorf("read back from brackets: %v %s", err, diff)
	}
	if v.Kind == "element_string" {
		if got, err := Encode(list); err != nil || got != in {
			t.Errorf("encoded %q (%v), want %q", got, err, in)
		}
	}
}
