package calendar

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayForms(t *testing.T) {
	d := Date(2026, time.November, 23)
	if d.String() != "2026-11-23" || d.Weekday() != time.Monday {
		t.Errorf("got %s, %s", d, d.Weekday())
	}
	if y, w := d.ISOWeek(); y != 2026 || w != 48 {
		t.Errorf("ISO week %d-%d", y, w)
	}
	b, err := json.Marshal(d)
	if err != nil || string(b) != `"2026-11-23"` {
		t.Errorf("json %s, %v", b, err)
	}
	if _, err := ParseDay("23.11.2026"); !errors.Is(err, ErrDay) {
		t.Errorf("ParseDay took a foreign form: %v", err)
	}
}

func TestOfUsesTheSitesDay(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)
	if got := Of(at, shanghai).String(); got != "2026-11-23" {
		t.Errorf("half past midnight in Shanghai is %s", got)
	}
	if got := Of(at, time.UTC).String(); got != "2026-11-22" {
		t.Errorf("in London it is %s", got)
	}
}

func TestDayRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.Int32Range(-300000, 900000).Draw(t, "day"))
		got, err := ParseDay(d.String())
		if err == nil && got != d {
			t.Fatalf("%d → %s → %d", d, d, got)
		}
		if d.Time().Weekday() != d.Weekday() {
			t.Fatalf("weekday of %s: %s", d, d.Weekday())
		}
		v, _ := d.Value()
		var back Day
		if err := back.Scan(v); err != nil || back != d {
			t.Fatalf("scan %v: %v, %v", v, back, err)
		}
	})
}
