package gs1_test

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/warehouse/gs1"
)

func ExampleParse() {
	today := calendar.Date(2026, time.November, 23)
	code, err := gs1.Parse("]C1010950110153000310AB12\x1d17270200\r\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	r := code.Read(today)
	fmt.Println(r.GTIN, r.Lot, r.Expiry)
	// Output: 09501101530003 AB12 2027-02-28
}

func ExampleParse_refused() {
	_, err := gs1.Parse("9501101530004")
	var e *gs1.Error
	if errors.As(err, &e) && errors.Is(err, gs1.ErrCheckDigit) {
		fmt.Printf("%s should end in %s\n", e.Value, e.Want)
	}
	_, err = gs1.Parse("A-03-12-2")
	text, ok := gs1.IsNotGS1(err)
	fmt.Println(text, ok)
	// Output:
	// 9501101530004 should end in 3
	// A-03-12-2 true
}

func ExampleEncode() {
	s, err := gs1.Encode([]gs1.Element{{AI: "01", Data: "09501101530003"}, {AI: "10", Data: "AB12"}, {AI: "17", Data: "270301"}})
	fmt.Printf("%q %v\n", s, err)
	// Output: "010950110153000310AB12\x1d17270301" <nil>
}
