package warehouse

import (
	"strings"

	"milkrun/internal/calendar"
	"milkrun/warehouse/allocation"
	"milkrun/warehouse/gs1"
)

// ItemScan is what a scan says of goods.
type ItemScan struct {
	gs1.Reading
	// Text is what was scanned where it is no GS1 code: a SKU's own code, a lot, a bin.
	Text string
}

// ReadItem reads a scan of goods. The error is gs1's: what is wrong with the code and where.
func ReadItem(scan string, today calendar.Day) (ItemScan, error) {
	code, err := gs1.Parse(scan)
	if err == nil {
		return ItemScan{Reading: code.Read(today)}, nil
	}
	if text, plain := gs1.IsNotGS1(err); plain {
		return ItemScan{Text: strings.TrimSpace(text)}, nil
	}
	return ItemScan{}, err
}

// CleanCode gives a bin's, tote's or parcel's code as it is kept: without what scanners add, in capitals.
func CleanCode(scan string) string {
	s := strings.TrimSpace(scan)
	if len(s) > 3 && s[0] == ']' {
		s = s[3:]
	}
	return strings.ToUpper(strings.TrimSpace(s))
}

// SameTrade tells whether two GTINs are of the same goods: equal with leading zeros, or of another packing of the same item,
// which differ in the first and the check digit.
func SameTrade(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = gs1.GTIN14(a), gs1.GTIN14(b)
	return a == b || len(a) == 14 && len(b) == 14 && a[1:13] == b[1:13] && '0' <= a[0] && a[0] <= '8' && '0' <= b[0] && b[0] <= '8'
}

// WantedItem is what a picker's or packer's next scan of goods should say.
type WantedItem struct {
	Goods  Goods
	Lot    string
	Expiry *calendar.Day
	// LotNeeded: the bin holds several lots, so the scan must say which. Today, where set, refuses what may not go to the customer
	// any more on that day: expired, or with fewer days left than were promised or than the shelf life asks for.
	LotNeeded        bool
	Today            *calendar.Day
	MinRemainingDays int
	ShelfLifeDays    int
}

// CheckItem compares a scan of goods, and the scan of a lot beside it where there was one, with what is wanted: *ScanError says
// what differs, in the order read, goods, lot, expiry.
func CheckItem(scan, lot string, want WantedItem, today calendar.Day) error {
	got, err := ReadItem(scan, today)
	if err != nil {
		return &ScanError{Fault: FaultUnread, Scanned: scan, Wanted: want.Goods.GTIN}
	}
	switch {
	case got.Text != "" && strings.EqualFold(got.Text, want.Goods.Code):
	case got.Text != "" && want.Lot != "" && got.Text == want.Lot: // the lot alone, as printed beside many codes
		got.Lot = got.Text
	case got.Text != "":
		return &ScanError{Fault: FaultSKU, Scanned: got.Text, Wanted: firstOf(want.Goods.GTIN, want.Goods.Code)}
	case got.Trade() == "":
		return &ScanError{Fault: FaultKind, Scanned: firstOf(got.SSCC, scan), Wanted: firstOf(want.Goods.GTIN, want.Goods.Code)}
	case !SameTrade(got.Trade(), want.Goods.GTIN):
		return &ScanError{Fault: FaultSKU, Scanned: got.Trade(), Wanted: firstOf(want.Goods.GTIN, want.Goods.Code)}
	}
	if lot != "" {
		if beside, err := ReadItem(lot, today); err == nil {
			got.Lot = firstOf(beside.Lot, beside.Text)
		}
	}
	if got.Lot != want.Lot && lostSeparator(got.Lot, want.Lot) {
		got.Lot = want.Lot
	}
	if got.Lot != "" && got.Lot != want.Lot {
		return &ScanError{Fault: FaultLot, Scanned: got.Lot, Wanted: want.Lot, ScannedExpiry: got.LastDay(), WantedExpiry: want.Expiry}
	}
	if got.Lot == "" && want.LotNeeded {
		return &ScanError{Fault: FaultLotNeeded, Scanned: firstOf(got.Trade(), got.Text), Wanted: want.Lot, WantedExpiry: want.Expiry}
	}
	if want.Today == nil {
		return nil
	}
	for _, day := range []*calendar.Day{got.LastDay(), want.Expiry} {
		switch {
		case day == nil || allocation.Sellable(day, *want.Today, want.MinRemainingDays, NearExpiryDays(want.ShelfLifeDays)):
		case *day <= *want.Today:
			return &ScanError{Fault: FaultExpired, Scanned: firstOf(got.Lot, want.Lot), Wanted: want.Lot, ScannedExpiry: day}
		default:
			return &ScanError{Fault: FaultOld, Scanned: firstOf(got.Lot, want.Lot), Wanted: want.Lot, ScannedExpiry: day}
		}
	}
	return nil
}

// lostSeparator tells whether a lot is the wanted one with further elements behind it, whose separator the scanner has lost.
func lostSeparator(got, want string) bool {
	if want == "" || len(got) < len(want)+4 || !strings.HasPrefix(got, want) {
		return false
	}
	_, err := gs1.ParseElements(got[len(want):])
	return err == nil
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
