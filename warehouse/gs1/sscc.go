package gs1

import (
	"fmt"
	"strconv"
)

// SSCC makes the 18 digits of a logistic unit: an extension digit from 0 to 9 that its maker chooses, the GS1 Company Prefix
// of 4 to 12 digits, a serial number in the digits that are left, and the check digit. It answers an *Error for a prefix that
// is none and for a serial that does not fit. Source: General Specifications, 3.3.1.
func SSCC(extension int, prefix string, serial int64) (string, error) {
	if len(prefix) < 4 || len(prefix) > 12 || !only(charsets[Digits])(prefix) || extension < 0 || extension > 9 {
		return "", &Error{Fault: ErrValue, AI: "00", Title: Lookup("00").Title, Value: strconv.Itoa(extension) + prefix}
	}
	room := 16 - len(prefix)
	digits := strconv.FormatInt(serial, 10)
	if serial < 0 || len(digits) > room {
		return "", &Error{Fault: ErrTooLong, AI: "00", Title: Lookup("00").Title, Value: digits, Want: strconv.Itoa(room)}
	}
	body := fmt.Sprintf("%d%s%0*d", extension, prefix, room, serial)
	return body + strconv.Itoa(CheckDigit(body)), nil
}
