package catalog

// GTINCheck gives the check digit of a GTIN whose other digits are body: weights 3 and 1 alternate from the right.
// Source: GS1 General Specifications, 7.9.1. It is -1 when body holds anything but digits.
func GTINCheck(body string) int {
	sum := 0
	for i := range len(body) {
		c := body[len(body)-1-i]
		if c < '0' || c > '9' {
			return -1
		}
		if i%2 == 0 {
			sum += 3 * int(c-'0')
		} else {
			sum += int(c - '0')
		}
	}
	return (10 - sum%10) % 10
}

// ValidGTIN tells whether s is a GTIN of 8, 12, 13 or 14 digits whose check digit is right.
func ValidGTIN(s string) bool {
	switch len(s) {
	case 8, 12, 13, 14:
		check := GTINCheck(s[:len(s)-1])
		return check >= 0 && s[len(s)-1] == byte('0'+check)
	default:
		return false
	}
}
