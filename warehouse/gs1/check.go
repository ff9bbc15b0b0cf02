package gs1

import (
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"milkrun/internal/catalog"
)

// check is a test of a part's content beyond its characters and length. The name is that of the dictionary's reference test.
type check struct {
	name  string
	fault error
	ok    func(string) bool
}

// CheckDigit gives the check digit that belongs behind body, or −1 when body holds anything but digits.
// Source: GS1 General Specifications, 7.9.1.
func CheckDigit(body string) int { return catalog.GTINCheck(body) }

// ValidCheckDigit tells whether the last digit of a GTIN, SSCC, GLN or another numeric key is right.
func ValidCheckDigit(key string) bool {
	if key == "" {
		return false
	}
	c := CheckDigit(key[:len(key)-1])
	return c >= 0 && key[len(key)-1] == byte('0'+c)
}

// CheckPair gives the two check characters of an alphanumeric key (GMN, MUDI), or "" where body cannot have any: values of the
// 82 characters weighted with the primes from the right, modulo 1021, in base 32. Source: General Specifications, 7.9.5.
func CheckPair(body string) string {
	const set32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	sum, prime := 0, 1
	for i := len(body) - 1; i >= 0; i-- {
		v := strings.IndexByte(set82, body[i])
		if v < 0 {
			return ""
		}
		for prime++; !big.NewInt(int64(prime)).ProbablyPrime(0); prime++ {
		}
		sum += v * prime
	}
	sum %= 1021
	return string([]byte{set32[sum>>5], set32[sum&31]})
}

func between(lo, hi int) func(string) bool {
	return func(s string) bool {
		n, err := strconv.Atoi(s)
		return err == nil && lo <= n && n <= hi
	}
}

func listed(codes string) func(string) bool {
	set := map[string]bool{}
	for _, c := range strings.Fields(codes) {
		set[c] = true
	}
	return func(s string) bool { return set[s] }
}

func only(set *[256]bool) func(string) bool {
	return func(s string) bool {
		for i := range len(s) {
			if !set[s[i]] {
				return false
			}
		}
		return true
	}
}

// prefixed tells whether a GS1 Company Prefix, of which the shortest has four digits, can begin at the place.
func prefixed(at int) func(string) bool {
	return func(s string) bool { return len(s) >= at+4 && only(charsets[Digits])(s[at:at+4]) }
}

var (
	checkDigit = check{"csum", ErrCheckDigit, ValidCheckDigit}
	checkPair  = check{"csumalpha", ErrCheckDigit, func(s string) bool {
		return len(s) >= 2 && CheckPair(s[:len(s)-2]) == s[len(s)-2:]
	}}
	prefixAt0    = check{"gcppos1", ErrValue, prefixed(0)}
	prefixAt1    = check{"gcppos2", ErrValue, prefixed(1)}
	dateOrMonth  = check{"yymmd0", ErrDate, func(s string) bool { return validDate(s, true) }}
	date         = check{"yymmdd", ErrDate, func(s string) bool { return validDate(s, false) }}
	longDate     = check{"yyyymmdd", ErrDate, func(s string) bool { _, ok := dayOf(s, 0, false); return ok }}
	hour         = check{"hh", ErrValue, between(0, 23)}
	minute       = check{"mi", ErrValue, between(0, 59)}
	second       = check{"ss", ErrValue, between(0, 59)}
	hourMinute   = check{"hhmi", ErrValue, func(s string) bool { return len(s) == 4 && hour.ok(s[:2]) && minute.ok(s[2:]) }}
	country      = check{"iso3166", ErrValue, listed(countries)}
	countryOr999 = check{"iso3166999", ErrValue, listed(countries + " 999")}
	currency     = check{"iso4217", ErrValue, listed(currencies)}
	sexCode      = check{"iso5218", ErrValue, listed("0 1 2 9")}
	mediaType    = check{"mediatype", ErrValue, func(s string) bool { return between(1, 10)(s) || between(80, 99)(s) }}
	yesNo        = check{"yesno", ErrValue, listed("0 1")}
	winding      = check{"winding", ErrValue, listed("0 1 9")}
	zero         = check{"zero", ErrValue, func(s string) bool { return strings.Trim(s, "0") == "" }}
	notZero      = check{"nonzero", ErrValue, func(s string) bool { return strings.Trim(s, "0") != "" }}

	noLeadingZero = check{"nozeroprefix", ErrValue, func(s string) bool { return s == "0" || !strings.HasPrefix(s, "0") }}
	notAllDigits  = check{"hasnondigit", ErrValue, func(s string) bool { return !only(charsets[Digits])(s) }}
	hyphen        = check{"hyphen", ErrValue, func(s string) bool { return strings.Trim(s, "-") == "" }}
	importerIndex = check{"importeridx", ErrValue, only(setOf("-_" + numerals + letters))}
	latitude      = check{"latitude", ErrValue, between(0, 1_800_000_000)}
	longitude     = check{"longitude", ErrValue, between(0, 3_600_000_000)}

	countryLetters = check{"iso3166alpha2", ErrValue, isCountry}
	// The form alone: the list of package types is long and changes by the year. Source: UN/ECE Recommendation 21.
	packageType = check{"packagetype", ErrValue, only(setOf(numerals + letters[:26]))}
	// The form alone: coupons of North America are not redeemed in a warehouse.
	couponCode  = check{"couponcode", ErrValue, only(charsets[Digits])}
	couponOffer = check{"couponposoffer", ErrValue, only(charsets[Digits])}

	iban            = check{"iban", ErrCheckDigit, validIBAN}
	percentCoded    = check{"pcenc", ErrValue, validPercent}
	pieceOfTotal    = check{"pieceoftotal", ErrValue, validPiece}
	placeInSequence = check{"posinseqslash", ErrValue, validPlace}
)

// isCountry tells whether two capitals are a country's code of ISO 3166-1.
func isCountry(s string) bool {
	r, err := language.ParseRegion(s)
	return err == nil && r.IsCountry() && r.Canonicalize().String() == s && len(s) == 2
}

// validIBAN checks the two check digits modulo 97. Source: ISO 13616 with ISO 7064 MOD 97-10.
func validIBAN(s string) bool {
	if len(s) < 11 || !isCountry(s[:2]) || !only(charsets[Digits])(s[2:4]) {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// validPercent tells whether every percent sign begins a byte in two hexadecimal digits.
func validPercent(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) {
			return false
		}
		if _, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err != nil {
			return false
		}
		i += 2
	}
	return true
}

// validPiece tells whether the first half counts a piece of the whole that the second half counts.
func validPiece(s string) bool {
	piece, err1 := strconv.Atoi(s[:len(s)/2])
	total, err2 := strconv.Atoi(s[len(s)/2:])
	return len(s)%2 == 0 && err1 == nil && err2 == nil && piece >= 1 && piece <= total
}

// validPlace reads a place in a sequence such as 1/3.
func validPlace(s string) bool {
	first, last, cut := strings.Cut(s, "/")
	digit := only(charsets[Digits])
	if !cut || !digit(first) || !digit(last) || strings.HasPrefix(first, "0") || strings.HasPrefix(last, "0") {
		return false
	}
	a, err1 := strconv.Atoi(first)
	b, err2 := strconv.Atoi(last)
	return err1 == nil && err2 == nil && a <= b
}
