package gs1

import (
	"strings"
	"testing"
)

// Reference values: General Specifications, 7.9 (check digits, GMN 1987654Ad4X4bL5ttr2310c2K); ISO 13616 (the IBAN); for the
// rest the reference tests of the GS1 Barcode Syntax Dictionary.
func TestChecks(t *testing.T) {
	for _, c := range []struct {
		check     check
		good, bad string
	}{
		{checkDigit, "02345673 416000336108 1234567890128 12345678901231 123456789012345675", "12345673 416000336109 1234567890129 x 12a4"},
		{checkPair, "1987654Ad4X4bL5ttr2310c2K 12345678901234567890123NT 12345_ABCDEFGHIJKLMCP 00000!HV 22", "1987654Ad4X4bL5ttr2310cXK 33 2 1987654Ad4X4bL5ttr2310c2X"},
		{prefixAt0, "0123 01234A", "012 A123 012A"},
		{prefixAt1, "I0123 I0123A", "I012 I012A"},
		{hour, "00 23", "24 99"},
		{hourMinute, "0000 2359", "2400 2360"},
		{country, "156 894 004", "999 000 001"},
		{countryOr999, "156 999", "998"},
		{currency, "156 999 978", "000 001"},
		{sexCode, "0 1 2 9", "3 8"},
		{mediaType, "01 10 80 99", "00 11 79"},
		{yesNo, "0 1", "2"},
		{winding, "0 1 9", "2 8"},
		{zero, "0 00", "1 01"},
		{notZero, "1 010", "0 000"},
		{noLeadingZero, "0 1 10", "01 00"},
		{notAllDigits, "1A A", "1 123"},
		{hyphen, "-", "A 1"},
		{importerIndex, "- _ 0 z Z", "! ."},
		{latitude, "0279085848 0000000000 1800000000", "1800000001"},
		{longitude, "3600000000 0", "3600000001"},
		{iban, "GB82WEST12345698765432 DE89370400440532013000", "GB82WEST12345698765431 GB 1282WEST gb82WEST12345698765432"},
		{percentCoded, "abc a%20b %E4%B8%AD", "% a%2 a%GG"},
		{pieceOfTotal, "11 0103 9999 001003", "1 00 01 10 21 0302"},
		{placeInSequence, "1/1 2/3 9/10 99/99", "3/2 0/1 1/01 / 1 1/ /1 a/b"},
		{longDate, "20260228 20240229", "20260229 20261301 202602"},
		{packageType, "PX 1A", "a ?"},
		{couponCode, "123", "12A"},
		{countryLetters, "CN NL DE GB US NZ AU TW HK", "cn 1N AA ZZ UK EU 156 XX"},
	} {
		for _, s := range strings.Fields(c.good) {
			if !c.check.ok(s) {
				t.Errorf("%s refuses %q", c.check.name, s)
			}
		}
		for _, s := range strings.Fields(c.bad) {
			if c.check.ok(s) {
				t.Errorf("%s takes %q", c.check.name, s)
			}
		}
	}
	if checkDigit.ok("") || checkPair.ok("") {
		t.Error("an empty key has no check digit")
	}
}
