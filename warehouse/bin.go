package warehouse

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"milkrun/internal/catalog"
)

// BinKind is what a bin is for.
type BinKind string

// The kinds of bin. Totes are bins that walk.
const (
	BinDock       BinKind = "dock"
	BinInspect    BinKind = "inspect"
	BinReserve    BinKind = "reserve"
	BinPick       BinKind = "pick"
	BinTote       BinKind = "tote"
	BinStage      BinKind = "stage"
	BinPack       BinKind = "pack"
	BinReturns    BinKind = "returns"
	BinQuarantine BinKind = "quarantine"
	BinScrap      BinKind = "scrap"
)

// BinKinds lists the kinds in the order in which goods pass them.
func BinKinds() []BinKind {
	return []BinKind{BinDock, BinInspect, BinReserve, BinPick, BinTote, BinPack, BinStage, BinReturns, BinQuarantine, BinScrap}
}

// Stores tells whether bins of the kind keep goods that are for sale: what put-away fills.
func (k BinKind) Stores() bool { return k == BinReserve || k == BinPick }

// Bin is a place of a site where pieces may stand. The code is unique in its site.
type Bin struct {
	Site              catalog.SiteID
	Code              string
	Kind              BinKind
	Zone              string
	Aisle, Bay, Level int // 0 where the place is in no rack
	Side              int // 0 left, 1 right of the aisle
	Temperature       catalog.Temperature
	CapacityML        int64 // 0 without bound
	CapacityGrams     int64 // 0 without bound
	MixedSKUs         bool
	MixedLots         bool
	Velocity          string // "A", "B", "C": A is nearest to the packing bench
	Active            bool
}

// Refusals of bins.
var (
	// ErrUnknownBin is the answer to a code that no bin of the site has.
	ErrUnknownBin = errors.New("warehouse: the site has no such bin")
	// ErrBinTaken refuses a second bin of the same code.
	ErrBinTaken = errors.New("warehouse: the site has a bin of this code")
	// ErrBinFull refuses to switch off a bin, or to change what it is for, while pieces stand in it.
	ErrBinFull = errors.New("warehouse: pieces stand in the bin")
	// ErrBinStale refuses a change of a bin that another has changed meanwhile.
	ErrBinStale = errors.New("warehouse: the bin was changed by another meanwhile")
)

// UnknownBinError names the code that was scanned. It unwraps to ErrUnknownBin; Inactive tells that there is such a bin, switched off.
type UnknownBinError struct {
	Site     catalog.SiteID
	Code     string
	Inactive bool
}

func (e *UnknownBinError) Error() string { return fmt.Sprintf("%v: %q", ErrUnknownBin, e.Code) }
func (e *UnknownBinError) Unwrap() error { return ErrUnknownBin }

// BinFault says which field of a bin is wrong: "code", "kind", "zone", "aisle", "bay", "level", "side", "temperature",
// "capacity_ml", "capacity_grams" or "velocity".
type BinFault struct{ Field, Value string }

func (e *BinFault) Error() string {
	return fmt.Sprintf("warehouse: bin: %s cannot be %q", e.Field, e.Value)
}

// MaxBinCode is the longest code of a bin in characters.
const MaxBinCode = 24

var binCode = regexp.MustCompile(`^[0-9A-Z][0-9A-Z._/-]*$`)

// CleanBinCode gives the form in which a code is kept and compared: upper case, without blanks, half-width digits.
func CleanBinCode(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\u3000' || r == '\t' || r == '\r' || r == '\n':
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, s)
	return strings.ToUpper(s)
}

// Check tells what is wrong with the bin by itself: a *BinFault.
func (b Bin) Check() error {
	n := strconv.Itoa
	switch {
	case !binCode.MatchString(b.Code) || len(b.Code) > MaxBinCode:
		return &BinFault{"code", b.Code}
	case !b.Kind.known():
		return &BinFault{"kind", string(b.Kind)}
	case utf8.RuneCountInString(b.Zone) > 20:
		return &BinFault{"zone", b.Zone}
	case b.Aisle < 0 || b.Aisle > 9999:
		return &BinFault{"aisle", n(b.Aisle)}
	case b.Bay < 0 || b.Bay > 9999:
		return &BinFault{"bay", n(b.Bay)}
	case b.Level < 0 || b.Level > 99:
		return &BinFault{"level", n(b.Level)}
	case b.Side != 0 && b.Side != 1:
		return &BinFault{"side", n(b.Side)}
	case !knownTemperature(b.Temperature):
		return &BinFault{"temperature", string(b.Temperature)}
	case b.CapacityML < 0:
		return &BinFault{"capacity_ml", strconv.FormatInt(b.CapacityML, 10)}
	case b.CapacityGrams < 0:
		return &BinFault{"capacity_grams", strconv.FormatInt(b.CapacityGrams, 10)}
	case b.Velocity != "A" && b.Velocity != "B" && b.Velocity != "C":
		return &BinFault{"velocity", b.Velocity}
	}
	return nil
}

func (k BinKind) known() bool {
	for _, x := range BinKinds() {
		if x == k {
			return true
		}
	}
	return false
}

func knownTemperature(t catalog.Temperature) bool {
	for _, x := range catalog.Temperatures() {
		if x == t {
			return true
		}
	}
	return false
}

// rackCode is a code that says where the bin stands: zone and aisle, bay, level, as in A02-11-1.
var rackCode = regexp.MustCompile(`^([A-Z]{1,4})([0-9]{1,3})-([0-9]{1,3})-([0-9]{1,2})$`)

// RackOf reads zone, aisle, bay and level out of a code such as A02-11-1. ok is false for a code of another form.
func RackOf(code string) (zone string, aisle, bay, level int, ok bool) {
	m := rackCode.FindStringSubmatch(code)
	if m == nil {
		return "", 0, 0, 0, false
	}
	aisle, _ = strconv.Atoi(m[2])
	bay, _ = strconv.Atoi(m[3])
	level, _ = strconv.Atoi(m[4])
	return m[1], aisle, bay, level, true
}

// UsualBin gives a bin of that code with what follows from the code and from custom: a rack place at hand height is a pick
// face, a higher one reserve.
func UsualBin(site catalog.SiteID, code string) Bin {
	b := Bin{Site: site, Code: CleanBinCode(code), Kind: BinReserve, Temperature: catalog.Ambient, Velocity: "C", Active: true}
	if zone, aisle, bay, level, ok := RackOf(b.Code); ok {
		b.Zone, b.Aisle, b.Bay, b.Level, b.Side = zone, aisle, bay, level, bay%2
		if level <= 2 {
			b.Kind = BinPick
		}
	}
	return b
}

// BinDraft is a bin as a sheet gives it: what is nil stays as it is, or as it usually is for a new bin.
type BinDraft struct {
	Site                      catalog.SiteID
	Code                      string
	Kind                      *BinKind
	Zone                      *string
	Aisle, Bay, Level, Side   *int
	Temperature               *catalog.Temperature
	CapacityML, CapacityGrams *int64
	MixedSKUs, MixedLots      *bool
	Velocity                  *string
	Active                    *bool
}

// DraftOf gives a draft that says everything of the bin.
func DraftOf(b Bin) BinDraft {
	return BinDraft{Site: b.Site, Code: b.Code, Kind: &b.Kind, Zone: &b.Zone, Aisle: &b.Aisle, Bay: &b.Bay, Level: &b.Level, Side: &b.Side,
		Temperature: &b.Temperature, CapacityML: &b.CapacityML, CapacityGrams: &b.CapacityGrams, MixedSKUs: &b.MixedSKUs, MixedLots: &b.MixedLots,
		Velocity: &b.Velocity, Active: &b.Active}
}

// On gives the bin with what the draft says of it.
func (d BinDraft) On(b Bin) Bin {
	put(&b.Kind, d.Kind)
	put(&b.Zone, d.Zone)
	put(&b.Aisle, d.Aisle)
	put(&b.Bay, d.Bay)
	put(&b.Level, d.Level)
	put(&b.Side, d.Side)
	put(&b.Temperature, d.Temperature)
	put(&b.CapacityML, d.CapacityML)
	put(&b.CapacityGrams, d.CapacityGrams)
	put(&b.MixedSKUs, d.MixedSKUs)
	put(&b.MixedLots, d.MixedLots)
	put(&b.Velocity, d.Velocity)
	put(&b.Active, d.Active)
	return b
}

func put[T any](to, v *T) {
	if v != nil {
		*to = *v
	}
}
