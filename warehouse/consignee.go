package warehouse

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"milkrun/internal/catalog"
)

// Consignee is who gets a parcel and where. The whole of it is only stored encrypted; staff read what Masked leaves.
type Consignee struct {
	Name     string   `json:"name,omitempty"`
	Phone    string   `json:"phone,omitempty"`
	Province string   `json:"province,omitempty"`
	City     string   `json:"city,omitempty"`
	District string   `json:"district,omitempty"`
	Street   string   `json:"street,omitempty"`
	Lat      *float64 `json:"lat,omitempty"`
	Lon      *float64 `json:"lon,omitempty"`
}

func (c Consignee) validate(f *faults) {
	f.token("consignee/name", c.Name, 60)
	f.token("consignee/phone", c.Phone, 20)
	if c.Phone != "" && !isPhone(c.Phone) {
		// The number itself is not repeated: refusals are logged.
		f.add("consignee/phone", catalog.BadForm, "")
	}
	f.text("consignee/province", c.Province, 40)
	f.token("consignee/city", c.City, 40)
	f.text("consignee/district", c.District, 40)
	f.token("consignee/street", c.Street, 200)
	switch {
	case (c.Lat == nil) != (c.Lon == nil):
		f.add("consignee/lat", catalog.Missing, "")
	case c.Lat != nil && !(math.Abs(*c.Lat) <= 90):
		f.add("consignee/lat", catalog.OutOfRange, "")
	case c.Lon != nil && !(math.Abs(*c.Lon) <= 180):
		f.add("consignee/lon", catalog.OutOfRange, "")
	}
}

// isPhone takes digits with the signs that people put between them: 138 1234 5678, +86-21-5555 1234, 8008208820-123.
func isPhone(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '-' || r == ' ' || r == '(' || r == ')' || r == '*':
		case r == '+' && i == 0:
		default:
			return false
		}
	}
	return digits >= 4
}

// Masked is what of a consignee is not secret.
type Masked struct {
	Name, Phone, Address, Area string
	// Lat and Lon are rounded to a hundred metres: enough to choose a site, too little to name a door.
	Lat, Lon *float64
}

// Masked hides the name but for its first character, the middle of the phone number and the street.
func (c Consignee) Masked() Masked {
	area := strings.TrimSpace(c.Province + c.City + c.District)
	if c.Province == c.City {
		area = c.City + c.District
	}
	return Masked{Name: maskName(c.Name), Phone: maskPhone(c.Phone), Address: area + "***", Area: area, Lat: round3(c.Lat), Lon: round3(c.Lon)}
}

func maskName(s string) string {
	r, size := utf8.DecodeRuneInString(strings.TrimSpace(s))
	if size == 0 {
		return ""
	}
	return string(r) + "**"
}

// maskPhone leaves three digits before and four behind: 138****1234; less of a short number.
func maskPhone(s string) string {
	var digits []rune
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits = append(digits, r)
		}
	}
	switch n := len(digits); {
	case n == 0:
		return ""
	case n < 8:
		return "****" + string(digits[max(0, n-2):])
	case n > 11: // with the country before it
		digits = digits[n-11:]
	}
	n := len(digits)
	return string(digits[:min(3, n-4-3)]) + "****" + string(digits[n-4:])
}

func round3(v *float64) *float64 {
	if v == nil {
		return nil
	}
	r := math.Round(*v*1000) / 1000
	return &r
}
