package forecastops

import (
	"testing"
	"time"
)

func TestDailyIsAnHourOfShanghai(t *testing.T) {
	two := daily{2, 0}
	for now, want := range map[string]string{
		"2026-11-22T17:59:59Z": "2026-11-22T18:00:00Z", // 01:59:59 on the 23rd
		"2026-11-22T18:00:00Z": "2026-11-23T18:00:00Z", // the very instant: the next day's
		"2026-11-22T18:00:01Z": "2026-11-23T18:00:00Z",
		"2026-12-31T20:00:00Z": "2027-01-01T18:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := two.Next(at).UTC().Format(time.RFC3339); got != want {
			t.Errorf("after %s comes %s, want %s", now, got, want)
		}
	}
}
