package label

import (
	"fmt"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/warehouse/gs1"
)

// Words are the words that stand on labels, in one language.
type Words struct {
	To, From, Order, Pieces, Weight, Tote, Lot, Expiry, Cold, HandOver string
}

// Chinese and English are the words in the two languages of the house.
var (
	Chinese = Words{To: "收", From: "寄", Order: "订单", Pieces: "件数", Weight: "重量", Tote: "周转箱", Lot: "批号", Expiry: "有效期至", Cold: "冷链", HandOver: "交接"}
	English = Words{To: "To", From: "From", Order: "Order", Pieces: "Pieces", Weight: "Weight", Tote: "Tote", Lot: "Lot", Expiry: "Use by", Cold: "COLD", HandOver: "Hand-over"}
)

// Parcel is what stands on a parcel: 100×150 mm. Name, phone and address are printed as given, masked or not.
type Parcel struct {
	// Number is the parcel's number as people say it; SSCC its 18 digits. One of the two is the code: the SSCC as GS1-128
	// where it is given, else the number as Code 128.
	Number, SSCC         string
	Carrier              string
	Route, HandOver      string // a short word for sorting; when the carrier leaves, as text
	Name, Phone, Address string
	From                 string
	Order, Tote          string
	Pieces               quantity.Pieces
	Grams                int64
	No, Of               int // parcel No of Of
	Cold                 bool
	// Link is the text of the QR code: a page to follow the parcel, or "" for the number.
	Link string
}

// Label lays the parcel's label out. It answers a *FieldError for a number or an SSCC that cannot be coded.
func (p Parcel) Label(w Words) (Label, error) {
	l := Label{Width: 100 * mm, Height: 150 * mm, Title: p.Number}
	l.text(4*mm, 4*mm, 62*mm, 8*mm, p.Carrier, true, left)
	l.text(4*mm, 13*mm, 62*mm, 5*mm, strings.TrimSpace(p.HandOver), false, left)
	if p.Route != "" {
		l.text(66*mm, 3*mm, 30*mm, 12*mm, p.Route, true, right)
	}
	if p.Of > 1 {
		l.text(66*mm, 15*mm, 30*mm, 5*mm, fmt.Sprintf("%d / %d", p.No, p.Of), false, right)
	}
	l.box(3*mm, 21*mm, 94*mm, 2, true)
	l.text(4*mm, 25*mm, 9*mm, 8*mm, w.To, true, left)
	l.text(16*mm, 24*mm, 79*mm, 6*mm, strings.TrimSpace(p.Name+"  "+p.Phone), true, left)
	l.lines(16*mm, 31*mm, 79*mm, 5*mm, 3, p.Address, false)
	l.text(4*mm, 51*mm, 9*mm, 4*mm, w.From, false, left)
	l.text(16*mm, 51*mm, 79*mm, 4*mm, p.From, false, left)
	l.box(3*mm, 57*mm, 94*mm, 2, true)
	p.facts(&l, w)
	if err := p.code(&l); err != nil {
		return Label{}, err
	}
	link := p.Link
	if link == "" {
		link = p.Number
	}
	if link != "" {
		if err := l.matrix(qrMark, 68*mm, 61*mm, 28*mm, link); err != nil {
			return Label{}, &FieldError{"link", link, err}
		}
	}
	return l, nil
}

// facts lists what the packer and the carrier look for, in rows of name and value.
func (p Parcel) facts(l *Label, w Words) {
	y := 60 * mm
	row := func(name, value string) {
		if value == "" {
			return
		}
		l.text(4*mm, y, 16*mm, 4*mm, name, false, left)
		l.text(21*mm, y, 45*mm, 4*mm, value, true, left)
		y += 6 * mm
	}
	row(w.Order, p.Order)
	if p.Pieces > 0 {
		row(w.Pieces, fmt.Sprint(int64(p.Pieces)))
	}
	if p.Grams > 0 {
		row(w.Weight, fmt.Sprintf("%d.%03d kg", p.Grams/1000, p.Grams%1000))
	}
	row(w.Tote, p.Tote)
	if p.Cold {
		l.box(4*mm, 86*mm, 40*mm, 10*mm, false)
		l.text(4*mm, 87*mm, 40*mm, 8*mm, w.Cold, true, centre)
	}
}

// code adds the code that is scanned at packing and handing over, and its text below.
func (p Parcel) code(l *Label) error {
	if p.SSCC == "" {
		if p.Number == "" {
			return &FieldError{Field: "number"}
		}
		if err := l.linear(2*mm, 100*mm, 96*mm, 34*mm, 4, p.Number); err != nil {
			return &FieldError{"number", p.Number, err}
		}
		l.text(4*mm, 137*mm, 92*mm, 6*mm, p.Number, true, centre)
		return nil
	}
	text, err := gs1Text([]gs1.Element{{AI: "00", Data: p.SSCC}})
	if err == nil {
		err = l.linear(2*mm, 100*mm, 96*mm, 34*mm, 4, text)
	}
	if err != nil {
		return &FieldError{"sscc", p.SSCC, err}
	}
	l.text(4*mm, 136*mm, 92*mm, 5*mm, "(00) "+p.SSCC, true, centre)
	l.text(4*mm, 143*mm, 92*mm, 4*mm, p.Number, false, centre)
	return nil
}

// Bin is what stands on a bin or a tote: 60×40 mm.
type Bin struct {
	Code string
	Zone string // a word for the place, "" where the code says enough
	// Up and Down point at the shelf that is meant where one label serves two.
	Up, Down bool
}

// Label lays the bin's label out: the code as large as it goes, at least 14 mm high, over two lines where it is long; below it
// as Code 128, or beside it as QR code where that does not fit.
func (b Bin) Label() (Label, error) {
	l := Label{Width: 60 * mm, Height: 40 * mm, Title: b.Code}
	if b.Code == "" {
		return Label{}, &FieldError{Field: "code"}
	}
	const high = 14 * mm
	room := 56 * mm
	if b.Up || b.Down {
		room -= 9 * mm
	}
	if width(b.Code, high) <= room*9/5 && l.linear(0, 20*mm, 60*mm, 13*mm, 4, b.Code) == nil {
		l.text(2*mm, 3*mm, room, high, b.Code, true, centre)
		b.point(&l, 51*mm, 4*mm)
		l.text(2*mm, 35*mm, 56*mm, 3*mm, b.Zone, false, centre)
		return l, nil
	}
	l.marks = nil
	first, second := halves(b.Code)
	l.text(2*mm, 3*mm, 38*mm, high, first, true, left)
	l.text(2*mm, 20*mm, 38*mm, high, second, true, left)
	if err := l.matrix(qrMark, 41*mm, 4*mm, 17*mm, b.Code); err != nil {
		return Label{}, &FieldError{"code", b.Code, err}
	}
	b.point(&l, 46*mm, 23*mm)
	l.text(2*mm, 36*mm, 56*mm, 3*mm, b.Zone, false, left)
	return l, nil
}

// point draws the arrow of the bin, if it has one.
func (b Bin) point(l *Label, x, y int) {
	if b.Up || b.Down {
		l.arrow(x, y, 7*mm, 12*mm, b.Up)
	}
}

// halves cuts a code behind the separator nearest its middle, or in the middle.
func halves(s string) (string, string) {
	best := -1
	for i := range s {
		if strings.IndexByte("-./_", s[i]) >= 0 && (best < 0 || offMiddle(i, s) < offMiddle(best, s)) {
			best = i
		}
	}
	if best < 0 {
		best = len(s)/2 - 1
	}
	return s[:best+1], s[best+1:]
}

func offMiddle(i int, s string) int {
	return max(2*i+1-len(s), len(s)-2*i-1)
}

// arrow draws an arrow in a box of the width and height.
func (l *Label) arrow(x, y, w, h int, up bool) {
	const steps = 8
	for i := range steps {
		row := i
		if !up {
			row = 2*steps - 1 - i
		}
		half := w * (i + 1) / steps / 2
		l.box(x+w/2-half, y+row*h/(2*steps), 2*half, h/(2*steps)+1, true)
		row = steps + i
		if !up {
			row = i
		}
		l.box(x+w/2-w/8, y+row*h/(2*steps), w/4, h/(2*steps)+1, true)
	}
}

// Item is what stands on goods without a code of their own, or on a carton of one lot: 40×30 mm.
type Item struct {
	GTIN   string // 8, 12, 13 or 14 digits
	Name   string
	SKU    string // our own code
	Lot    string
	Expiry *calendar.Day
}

// Label lays the item's label out: a GS1 DataMatrix with the GTIN (01), the expiry (17) and the lot (10), and their
// text; goods without a GTIN get a DataMatrix of our own code. It answers a *FieldError for what cannot be coded.
func (i Item) Label(w Words) (Label, error) {
	l := Label{Width: 40 * mm, Height: 30 * mm, Title: strings.TrimSpace(i.SKU + " " + i.Lot)}
	if err := i.code(&l); err != nil {
		return Label{}, err
	}
	l.lines(19*mm, 2*mm, 20*mm, 22, 3, i.Name, false)
	l.text(19*mm, 13*mm, 20*mm, 20, i.SKU, false, left)
	y := 19 * mm
	if i.Expiry != nil {
		l.text(2*mm, y, 36*mm, 22, w.Expiry+" "+i.Expiry.String(), true, left)
		y += 26
	}
	if i.Lot != "" {
		i.lot(&l, y, w)
		y += 28
	}
	if i.GTIN != "" {
		l.text(2*mm, y, 36*mm, 20, "(01) "+gs1.GTIN14(i.GTIN), false, left)
	}
	return l, nil
}

// code adds the DataMatrix.
func (i Item) code(l *Label) error {
	if i.GTIN == "" {
		if i.SKU == "" {
			return &FieldError{Field: "gtin"}
		}
		if err := l.matrix(dataMatrixMark, 2*mm, 2*mm, 15*mm, i.SKU); err != nil {
			return &FieldError{"sku", i.SKU, err}
		}
		return nil
	}
	list := []gs1.Element{{AI: "01", Data: gs1.GTIN14(i.GTIN)}}
	if i.Expiry != nil {
		list = append(list, gs1.Element{AI: "17", Data: gs1.FormatDay(*i.Expiry)})
	}
	if i.Lot != "" {
		list = append(list, gs1.Element{AI: "10", Data: i.Lot})
	}
	text, err := gs1Text(list)
	if err == nil {
		err = l.matrix(dataMatrixMark, 2*mm, 2*mm, 15*mm, text)
	}
	if err != nil {
		return &FieldError{"gtin", gs1.Bracketed(list), err}
	}
	return nil
}

// lot writes the lot with its last four characters bold and larger: what hands compare.
func (i Item) lot(l *Label, y int, w Words) {
	r := []rune(i.Lot)
	cut := max(0, len(r)-4)
	head, tail := w.Lot+" "+string(r[:cut]), string(r[cut:])
	room := 36 * mm
	end := min(width(tail, 28), room/2)
	begin := min(width(head, 22), room-end)
	l.text(2*mm, y+4, begin, 22, head, false, left)
	l.text(2*mm+begin+4, y, end, 28, tail, true, left)
}
