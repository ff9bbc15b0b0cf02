package gs1

import (
	"slices"
	"strconv"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// Reading is what a warehouse asks of a code. An empty text, a nil day and a zero stand for what the code does not say.
type Reading struct {
	SSCC    string // 00: the carton or pallet
	GTIN    string // 01, 14 digits: the thing itself
	Content string // 02, 14 digits: what the carton or pallet holds, Count of them
	Count   quantity.Pieces
	Lot     string // 10
	Serial  string // 21
	// Produced (11), Packed (13), BestBefore (15), SellBy (16) and Expiry (17, or the day of 7003).
	Produced, Packed, BestBefore, SellBy, Expiry *calendar.Day
	NetGrams, GrossGrams                         int64 // 310n and 320n, 330n and 340n
}

// Trade gives the GTIN of the goods: that of the thing itself, or of what it holds.
func (r Reading) Trade() string {
	if r.GTIN != "" {
		return r.GTIN
	}
	return r.Content
}

// LastDay gives the day up to which the goods are good: the expiry, else the best-before day, or nil.
func (r Reading) LastDay() *calendar.Day {
	if r.Expiry != nil {
		return r.Expiry
	}
	return r.BestBefore
}

// Get gives the data of an AI.
func (c Code) Get(ai string) (string, bool) {
	i := slices.IndexFunc(c.Elements, func(e Element) bool { return e.AI == ai })
	if i < 0 {
		return "", false
	}
	return c.Elements[i].Data, true
}

// Read takes from the code what a warehouse asks, its dates in the century near today.
func (c Code) Read(today calendar.Day) Reading {
	var r Reading
	for _, e := range c.Elements {
		switch e.AI {
		case "00":
			r.SSCC = e.Data
		case "01":
			r.GTIN = e.Data
		case "02":
			r.Content = e.Data
		case "10":
			r.Lot = e.Data
		case "21":
			r.Serial = e.Data
		case "30", "37":
			r.Count = quantity.Pieces(number(e.Data))
		default:
			r.measure(e, today)
		}
	}
	return r
}

func (r *Reading) measure(e Element, today calendar.Day) {
	days := map[string]**calendar.Day{"11": &r.Produced, "13": &r.Packed, "15": &r.BestBefore, "16": &r.SellBy, "17": &r.Expiry}
	if at := days[e.AI]; at != nil {
		if d, err := Day(e.Data, today); err == nil {
			*at = &d
		}
		return
	}
	if e.AI == "7003" && r.Expiry == nil {
		if d, ok := dayOf(e.Data[:6], today.Year(), false); ok {
			r.Expiry = &d
		}
		return
	}
	if len(e.AI) < 4 {
		return
	}
	switch e.AI[:3] {
	case "310":
		r.NetGrams = grams(e, kilogram)
	case "320":
		r.NetGrams = grams(e, pound)
	case "330":
		r.GrossGrams = grams(e, kilogram)
	case "340":
		r.GrossGrams = grams(e, pound)
	}
}

// Units of weight in micrograms. The avoirdupois pound is so by definition.
const (
	kilogram = 1_000_000_000
	pound    = 453_592_370
)

// grams gives the weight of a value in the unit, in grams rounded to the nearest.
func grams(e Element, micrograms int64) int64 {
	value, places := e.Decimal()
	gram := int64(1_000_000)
	for range places {
		gram *= 10
	}
	return (value*micrograms + gram/2) / gram
}

// Decimal gives the value of an element whose AI counts decimal places (310n … 369n, 390n …): value ÷ 10^places. Elements of
// other kinds give their digits and no places.
func (e Element) Decimal() (value int64, places int) {
	d := Lookup(e.AI)
	if d == nil {
		return 0, 0
	}
	data := e.Data
	if d.Decimals() {
		places = int(e.AI[len(e.AI)-1] - '0')
		if len(d.Parts) == 2 && len(data) > 3 { // a currency first
			data = data[3:]
		}
	}
	value, err := strconv.ParseInt(data, 10, 64)
	if err != nil {
		return 0, 0
	}
	return value, places
}

func isDate(ai string) bool {
	switch ai {
	case "11", "12", "13", "15", "16", "17":
		return true
	}
	return false
}

// Suspects gives the elements that the end of the last element would be if a separator before them was lost on the way: a lot
// 10 whose data end like a date element, as in 10AB1217270301. A code in which a separator came through has
// none. Ask the person before
// taking such a lot.
func (c Code) Suspects() []Element {
	if len(c.Elements) == 0 {
		return nil
	}
	last := c.Elements[len(c.Elements)-1]
	if last.AI != "10" && last.AI != "21" {
		return nil
	}
	for _, e := range c.Elements[:len(c.Elements)-1] {
		if !Lookup(e.AI).Predefined {
			return nil // the separator behind it came through
		}
	}
	for i := 1; i+8 <= len(last.Data); i++ {
		tail := last.Data[i:]
		if !isDate(tail[:2]) {
			continue
		}
		if list, err := elements(tail, 0); err == nil {
			return list
		}
	}
	return nil
}
