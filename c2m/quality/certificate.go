package quality

import "milkrun/internal/calendar"

// CertificateKind is what a certificate is about.
type CertificateKind string

// The certificates that a maker of infant food needs, both on the day its goods are received.
const (
	ISO22000   CertificateKind = "iso22000"    // food safety management
	InfantFood CertificateKind = "infant_food" // production licence for infant food
)

// DualQualification lists the certificates of which infant food needs each.
func DualQualification() []CertificateKind { return []CertificateKind{ISO22000, InfantFood} }

// Certificate is one document of a supplier, valid on both of its days and between them.
type Certificate struct {
	Kind   CertificateKind
	Number string
	From   calendar.Day
	To     calendar.Day
	// Revoked is the first day on which the issuer no longer stands by it, or nil.
	Revoked *calendar.Day
}

// ValidOn tells whether the certificate is valid on the day.
func (c Certificate) ValidOn(day calendar.Day) bool {
	return c.From <= day && day <= c.To && (c.Revoked == nil || day < *c.Revoked)
}

// Lack is a certificate that was not valid on the day: Last is the latest of its kind, or nil when there never was one.
type Lack struct {
	Kind CertificateKind
	Last *Certificate
}

// Lacking gives the kinds needed of which no certificate was valid on the day of receipt: the day counts on which the goods
// arrive, not that of the order. Goods with a lack are held.
func Lacking(all []Certificate, received calendar.Day, needed []CertificateKind) []Lack {
	var lacks []Lack
	for _, kind := range needed {
		valid, last := false, (*Certificate)(nil)
		for i, c := range all {
			if c.Kind != kind {
				continue
			}
			valid = valid || c.ValidOn(received)
			if last == nil || c.To > last.To {
				last = &all[i]
			}
		}
		if !valid {
			lacks = append(lacks, Lack{Kind: kind, Last: last})
		}
	}
	return lacks
}
