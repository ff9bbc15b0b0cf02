package rounds

import (
	"errors"
	"testing"
)

// What the form shows is read back as it was; what nobody can mean is refused.
func TestHourlySpeeds(t *testing.T) {
	for text, want := range map[string]string{"": "", "7-9:80, 17-19:70": "7-9:80, 17-19:70", " 17–19：70%，7-9:80 ": "7-9:80, 17-19:70", "0-24:100": "", "0-24:90": "0-24:90"} {
		p, err := hourlyOf(text)
		if err != nil || hourlyText(p) != want {
			t.Errorf("%q is read as %q, %v", text, hourlyText(p), err)
		}
	}
	for _, bad := range []string{"x", "7-9", "9-7:80", "7-25:80", "7-9:5", "7-9:400", "7-9:80x", "-1-3:80"} {
		if p, err := hourlyOf(bad); !errors.Is(err, errHourly) {
			t.Errorf("%q: %v, %v", bad, p, err)
		}
	}
}
