package c2m

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// ASN is a delivery note (advance shipping notice): what a supplier has put on its way to one site, of one order or several.
type ASN struct {
	ID       int64
	Number   string // the supplier's own; unique for the supplier
	Supplier catalog.SupplierID
	ShipTo   catalog.SiteID
	Carrier  string
	Tracking string       // tracking number or number plate
	Arrives  calendar.Day // planned arrival at the ship-to site
	Slot     string       // planned hours, as the supplier wrote them
	Sent     time.Time
	By       Person
	Revision int // 1 for the first, one more for each correction
	Lines    []ASNLine
}

// ASNLine is one lot of one order line in cartons of one kind.
type ASNLine struct {
	No          int
	Order       OrderID
	OrderNumber string
	Line        int
	SKU         catalog.SKUID
	Barcode     string
	Lot         string
	Produced    *calendar.Day
	Expires     *calendar.Day
	Pieces      quantity.Pieces
	Cartons     int
	PerCarton   quantity.Pieces
	CartonNo    string // SSCC of 18 digits, or the supplier's carton numbers ("1-20")
	GrossGrams  int64
	NetGrams    int64
	VolumeML    int64
	Temperature catalog.Temperature // empty for the SKU's own
	Certificate string
	Came        quantity.Pieces // received so far
}

// Hash is the same for two delivery notes that say the same under the same number.
func (a *ASN) Hash() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %d %q %q %d %q\n", a.Number, a.Supplier, a.ShipTo, a.Carrier, a.Tracking, a.Arrives, a.Slot)
	var rows []string
	for _, l := range a.Lines {
		rows = append(rows, fmt.Sprintf("%q %d %d %q %q %s %s %d %d %d %q %d %d %d %q %q", l.OrderNumber, l.Line, l.SKU, l.Barcode, l.Lot,
			dayText(l.Produced), dayText(l.Expires), l.Pieces, l.Cartons, l.PerCarton, l.CartonNo, l.GrossGrams, l.NetGrams, l.VolumeML,
			l.Temperature, l.Certificate))
	}
	slices.Sort(rows)
	for _, r := range rows {
		fmt.Fprintln(h, r)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func dayText(d *calendar.Day) string {
	if d == nil {
		return "-"
	}
	return d.String()
}

// PiecesByLine sums the pieces of the note for each line of one order.
func (a *ASN) PiecesByLine(order OrderID) map[int]quantity.Pieces {
	sums := map[int]quantity.Pieces{}
	for _, l := range a.Lines {
		if l.Order == order {
			sums[l.Line] += l.Pieces
		}
	}
	return sums
}

// Orders lists the orders of the note in ascending order of their ids: the order in which they are to be locked.
func (a *ASN) Orders() []OrderID {
	var ids []OrderID
	for _, l := range a.Lines {
		ids = append(ids, l.Order)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Came tells whether anything of the note has been received.
func (a *ASN) Came() bool {
	return slices.ContainsFunc(a.Lines, func(l ASNLine) bool { return l.Came > 0 })
}

// Lot is a batch number as GS1 allows it (AI 10): up to 20 characters of its character set 82.
// Source: GS1 General Specifications, 3.4.1 and figure 7.11-1.
const maxLot = 20

const gs1Set82 = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`

// ValidLot tells whether s can be a lot number on a label.
func ValidLot(s string) bool {
	return s != "" && len(s) <= maxLot && strings.Trim(s, gs1Set82) == "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(gs1Set82, r) })
}

// ReadSSCC finds a serial shipping container code in a carton number: 18 digits, or 20 with the application identifier 00 before
// them, in brackets or not. isSSCC is false for a carton number of another form; valid tells whether the check digit is right.
// Source: GS1 General Specifications, 3.3.1 and 7.9.1 (the same check digit as a GTIN).
func ReadSSCC(s string) (code string, isSSCC, valid bool) {
	code = strings.NewReplacer(" ", "", "(00)", "", "（00）", "").Replace(s)
	if len(code) == 20 && strings.HasPrefix(code, "00") {
		code = code[2:]
	}
	if len(code) < 17 || len(code) > 19 || strings.Trim(code, "0123456789") != "" {
		return s, false, true
	}
	if len(code) != 18 {
		return code, true, false
	}
	return code, true, catalog.GTINCheck(code[:17]) == int(code[17]-'0')
}

// tidy cleans the texts of the note.
func (a *ASN) tidy() {
	for _, p := range []*string{&a.Number, &a.Carrier, &a.Tracking, &a.Slot} {
		*p = short(*p)
	}
	for i := range a.Lines {
		l := &a.Lines[i]
		for _, p := range []*string{&l.Barcode, &l.Lot, &l.CartonNo, &l.Certificate} {
			*p = short(*p)
		}
	}
}

func short(s string) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= MaxText {
		return s
	}
	return string([]rune(s)[:MaxText])
}
