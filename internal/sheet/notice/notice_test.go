package notice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
)

type name struct{ zh, en string }

func (n name) In(language string) string { return pick(language, n.zh, n.en) }

var missing = &Reason{"test.missing", "第 {0} 行没有“{1}”", "row {0} has no {1}", "补上{1}", "add {1}"}

func TestNoteIsFilledInBothLanguages(t *testing.T) {
	n := missing.With(1200, name{"数量", "quantity"})
	for _, c := range []struct{ got, want string }{
		{n.Text("zh"), "第 1,200 行没有“数量”"},
		{n.Text("en"), "row 1,200 has no quantity"},
		{n.Fix("zh"), "补上数量"},
		{n.Full("en"), "row 1,200 has no quantity. add quantity"},
		{n.Full("zh"), "第 1,200 行没有“数量”；补上数量"},
		{Note{}.Full("zh"), ""},
		{(&Reason{ZH: "{0} {9} {x} {"}).With("{0}").Text("zh"), "{0} {9} {x} {"},
		{(&Reason{EN: "only English"}).With().Text("zh"), "only English"},
		{(&Reason{ZH: "{0}"}).With([]string{"a", "b"}).Text("zh"), "a、b"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestNoteSurvivesJSON(t *testing.T) {
	b, err := json.Marshal(missing.With(3, "{0}"))
	if err != nil {
		t.Fatal(err)
	}
	var back Note
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.Text("zh") != "第 3 行没有“{0}”" || back.Code() != "test.missing" || back.Fix("en") != "add {0}" {
		t.Errorf("read back %+v", back.Reason)
	}
	if err := json.Unmarshal([]byte("null"), &back); err != nil || !back.IsZero() {
		t.Errorf("null became %+v, %v", back, err)
	}
}

func TestRefusalIsFoundThroughWrapping(t *testing.T) {
	err := fmt.Errorf("open: %w", Refuse(missing, io.ErrUnexpectedEOF, 1, "SKU"))
	if !Is(err, missing) || !errors.Is(err, io.ErrUnexpectedEOF) || Is(io.EOF, missing) {
		t.Errorf("refusal lost: %v", err)
	}
}
