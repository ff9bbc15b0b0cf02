package warehouse

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Refusals about packing and handing over.
var (
	// ErrNotPicked is the refusal to pack what has not been picked.
	ErrNotPicked = errors.New("warehouse: nothing of this is picked and waits to be packed")
	// ErrParcelGone is the refusal of a deed on a parcel that was opened again or has left.
	ErrParcelGone = errors.New("warehouse: the parcel was opened again or has left")
	// ErrManifestEmpty is the refusal to close a manifest without parcels.
	ErrManifestEmpty = errors.New("warehouse: the manifest has no parcels")
	// ErrManifestClosed is the refusal of a deed on a closed manifest.
	ErrManifestClosed = errors.New("warehouse: the manifest is closed")
)

// CancelledError says that a parcel's or tote's order was cancelled: it is put aside, not sent.
type CancelledError struct{ Order, Parcel string }

func (e *CancelledError) Error() string {
	return fmt.Sprintf("warehouse: order %s is cancelled, put parcel %s aside", e.Order, e.Parcel)
}

// WeightError refuses to close a parcel that weighs otherwise than its content. Likely names the SKU whose pieces would make
// the difference: missing where Missing, else too many.
type WeightError struct {
	Measured, Expected, Tolerance int64 // grams
	Likely                        *Goods
	Pieces                        int64
	Missing                       bool
}

func (e *WeightError) Error() string {
	return fmt.Sprintf("warehouse: the parcel weighs %d g, its content %d g ± %d", e.Measured, e.Expected, e.Tolerance)
}

// Weighed is a kind of goods in a parcel: pieces and the weight of one.
type Weighed struct {
	Goods  Goods
	Pieces int64
}

// CheckWeight compares a parcel's weight with what its content should weigh: the goods, the box, and a tolerance in thousandths
// of that, at least five grams. A measured weight of 0 was not weighed and is not checked, nor is content of unknown weight.
func CheckWeight(measured, box int64, content []Weighed, permille int) (expected int64, err error) {
	expected = box
	for _, w := range content {
		if w.Goods.Grams == 0 {
			return 0, nil
		}
		expected += w.Goods.Grams * w.Pieces
	}
	if measured == 0 || expected == 0 {
		return expected, nil
	}
	tolerance := max(5, expected*int64(permille)/1000)
	off := measured - expected
	if -tolerance <= off && off <= tolerance {
		return expected, nil
	}
	e := &WeightError{Measured: measured, Expected: expected, Tolerance: tolerance, Missing: off < 0}
	best := tolerance + 1
	for _, w := range content {
		most := w.Pieces
		if off > 0 {
			most = 3 // a hand takes one or two too many, not ten
		}
		for n := int64(1); n <= most; n++ {
			rest := abs(abs(off) - n*w.Goods.Grams)
			if rest < best {
				goods := w.Goods
				best, e.Likely, e.Pieces = rest, &goods, n
			}
		}
	}
	return expected, e
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// ParcelNumber gives the number of a parcel: MP, nine digits and a check digit by the weights 3 and 1 of GS1, so that a wrongly
// typed one is found out.
func ParcelNumber(n int64) string {
	digits := fmt.Sprintf("%09d", n)
	return "MP" + digits + string(rune('0'+checkDigit(digits)))
}

// IsParcelNumber tells whether a code has the form and the check digit of a parcel's number.
func IsParcelNumber(code string) bool {
	if len(code) < 12 || code[:2] != "MP" {
		return false
	}
	for _, c := range code[2:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return checkDigit(code[2:len(code)-1]) == int(code[len(code)-1]-'0')
}

func checkDigit(digits string) int {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return (10 - sum%10) % 10
}

// PackLine is a kind of goods of a shipment at the packing bench.
type PackLine struct {
	Goods Goods `json:"goods"`
	// Want is what the tote holds of it, Packed what stands in parcels already, Short what the order lacks.
	Want   quantity.Pieces `json:"want"`
	Packed quantity.Pieces `json:"packed"`
	Short  quantity.Pieces `json:"short"`
	Lots   []PackLot       `json:"lots"`
}

// PackLot is the part of one lot.
type PackLot struct {
	Lot    string          `json:"lot"`
	Expiry string          `json:"expiry"`
	Pieces quantity.Pieces `json:"pieces"`
}

// PackTask is a shipment at the packing bench as the handheld holds it.
type PackTask struct {
	Kind      string     `json:"kind"` // always "pack"
	ID        int64      `json:"id"`   // of the shipment
	Site      int32      `json:"site"`
	Order     string     `json:"order"`
	Channel   string     `json:"channel"`
	Tote      string     `json:"tote"`
	Carrier   string     `json:"carrier"`
	Due       *time.Time `json:"due"`
	State     string     `json:"state"`
	Cancelled bool       `json:"cancelled"`
	Cold      bool       `json:"cold"`
	Note      string     `json:"note"`
	Consignee string     `json:"consignee"` // masked
	Permille  int        `json:"permille"`
	Lines     []PackLine `json:"lines"`
	Parcels   []Parcel   `json:"parcels"`
	Boxes     []Box      `json:"boxes"`
	// Waiting counts the shipments of a tote that several share; then ID is 0 and a piece chooses.
	Waiting int `json:"waiting"`
}

// Box is a kind of packing with its own weight.
type Box struct {
	Code  string       `json:"code"`
	Name  catalog.Name `json:"name"`
	Grams int64        `json:"grams"`
}

// Boxes lists the kinds of packing, small to large.
func Boxes() []Box {
	return []Box{
		{"bag", catalog.Name{ZH: "快递袋", EN: "Bag"}, 20},
		{"S", catalog.Name{ZH: "小箱", EN: "Small box"}, 120},
		{"M", catalog.Name{ZH: "中箱", EN: "Medium box"}, 240},
		{"L", catalog.Name{ZH: "大箱", EN: "Large box"}, 420},
		{"cold", catalog.Name{ZH: "保温箱", EN: "Insulated box"}, 900},
	}
}

// BoxGrams gives the weight of a kind of packing, 0 for an unknown one.
func BoxGrams(code string) int64 {
	for _, b := range Boxes() {
		if b.Code == code {
			return b.Grams
		}
	}
	return 0
}

// Parcel is a closed box.
type Parcel struct {
	ID            int64          `json:"id"`
	Number        string         `json:"number"`
	Shipment      int64          `json:"shipment"`
	Site          catalog.SiteID `json:"site"`
	State         string         `json:"state"`
	Order         string         `json:"order"`
	Channel       string         `json:"channel"`
	Carrier       string         `json:"carrier"`
	Box           string         `json:"box"`
	WeightGrams   int64          `json:"weight_grams"`
	ExpectedGrams int64          `json:"expected_grams"`
	Pieces        int64          `json:"pieces"`
	PackedAt      time.Time      `json:"packed_at"`
	PackedBy      string         `json:"packed_by"`
	Manifest      string         `json:"manifest"`
	HandedOverAt  *time.Time     `json:"handed_over_at"`
}

// Manifest is what one carrier takes at once, as the handheld holds it.
type Manifest struct {
	Kind     string         `json:"kind"` // always "handover"
	ID       int64          `json:"id"`
	Site     catalog.SiteID `json:"site"`
	Number   string         `json:"number"`
	Carrier  string         `json:"carrier"`
	State    string         `json:"state"`
	OpenedAt time.Time      `json:"opened_at"`
	OpenedBy string         `json:"opened_by"`
	ClosedAt *time.Time     `json:"closed_at"`
	ClosedBy string         `json:"closed_by"`
	Signed   string         `json:"signed"`
	// Loaded are the parcels scanned, Waiting those of the carrier that are packed and not yet loaded.
	Loaded  int64    `json:"loaded"`
	Waiting int64    `json:"waiting"`
	Parcels []Parcel `json:"parcels"`
}
