package gs1

import (
	"errors"
	"testing"
)

// 106141411234567897 is the SSCC of the examples in the General Specifications; the others were reckoned apart.
func TestSSCC(t *testing.T) {
	for _, c := range []struct {
		extension int
		prefix    string
		serial    int64
		want      string
		fault     error
	}{
		{1, "0614141", 123456789, "106141411234567897", nil},
		{0, "697204817035", 17, "069720481703500174", nil},
		{9, "6972", 0, "969720000000000007", nil},
		{1, "0614141", 1234567890, "", ErrTooLong},
		{1, "0614141", -1, "", ErrTooLong},
		{1, "061", 1, "", ErrValue},
		{10, "0614141", 1, "", ErrValue},
		{1, "06141A1", 1, "", ErrValue},
	} {
		got, err := SSCC(c.extension, c.prefix, c.serial)
		if !errors.Is(err, c.fault) || err == nil && (len(got) != 18 || !ValidCheckDigit(got)) || c.want != "" && got != c.want {
			t.Errorf("%+v: %q %v", c, got, err)
		}
	}
}
