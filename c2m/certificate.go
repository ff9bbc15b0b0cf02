package c2m

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/c2m/quality"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// The kinds of certificate beside those that infant food needs: compulsory certification of toys, organic goods, anything else.
const (
	CertificateCCC     quality.CertificateKind = "ccc"
	CertificateOrganic quality.CertificateKind = "organic"
	CertificateOther   quality.CertificateKind = "other"
)

// CertificateKinds lists the kinds of certificate.
func CertificateKinds() []quality.CertificateKind {
	return []quality.CertificateKind{quality.ISO22000, quality.InfantFood, CertificateCCC, CertificateOrganic, CertificateOther}
}

// Certificate is a document by which a supplier shows that it may make its goods.
type Certificate struct {
	ID         int64
	Supplier   catalog.SupplierID
	Kind       quality.CertificateKind
	Number     string
	Issuer     string
	Scope      string               // in words
	Categories []catalog.CategoryID // that it covers, with what is below them; none means all goods
	From, To   calendar.Day         // both days included
	File       int64                // 0 for none
	Added      time.Time
	AddedBy    string
	Verified   *time.Time // nil for one that nobody of the house has looked at
	VerifiedBy string
	Revoked    *calendar.Day // the first day on which it no longer counts
	RevokedBy  string
	Why        string // it was revoked
}

// Refusals about certificates and cards.
var (
	// ErrCertificate refuses a certificate with a field that cannot be; *CertificateFault names it.
	ErrCertificate = errors.New("c2m: the certificate is not complete")
	// ErrCertificateTaken refuses the same certificate twice.
	ErrCertificateTaken = errors.New("c2m: the certificate is there already")
	// ErrAppeal refuses an appeal where there is none to make or to decide.
	ErrAppeal = errors.New("c2m: there is no such appeal")
	// ErrSamePerson refuses a second word on an appeal by the person of the first.
	ErrSamePerson = errors.New("c2m: another person must confirm the decision")
	// ErrLacking refuses to order goods whose certificates are not valid; *LackError names them.
	ErrLacking = errors.New("c2m: the supplier lacks a valid certificate for these goods")
	// ErrStanding refuses to lift a ban or a stop that there is not.
	ErrStanding = errors.New("c2m: nothing is banned or stopped here")
)

// LackError tells which certificates a supplier lacks on a day, by SKU.
type LackError struct {
	Day   calendar.Day
	Lacks map[catalog.SKUID][]quality.Lack
}

func (e *LackError) Error() string {
	return fmt.Sprintf("%v: %d SKUs on %s", ErrLacking, len(e.Lacks), e.Day)
}

// Unwrap gives ErrLacking.
func (e *LackError) Unwrap() error { return ErrLacking }

// Kinds lists the kinds that any of the goods lack, each once, in the order of CertificateKinds.
func (e *LackError) Kinds() []quality.CertificateKind {
	var out []quality.CertificateKind
	for _, k := range CertificateKinds() {
		for _, lacks := range e.Lacks {
			if slices.ContainsFunc(lacks, func(l quality.Lack) bool { return l.Kind == k }) && !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// CertificateFault says which field of a certificate is wrong: "kind", "number", "issuer", "scope", "from", "to", "file", or "expired" for one
// that has lapsed already.
type CertificateFault struct{ Field string }

func (e *CertificateFault) Error() string { return fmt.Sprintf("%v: %s", ErrCertificate, e.Field) }
func (e *CertificateFault) Unwrap() error { return ErrCertificate }

// maxCertificateYears bounds the validity: a longer one is a slip of the finger.
const maxCertificateYears = 20

// Check tidies the texts and tells what is wrong with the certificate by itself.
func (c *Certificate) Check() error {
	for _, p := range []*string{&c.Number, &c.Issuer, &c.Scope} {
		*p = strings.TrimSpace(*p)
	}
	switch {
	case !slices.Contains(CertificateKinds(), c.Kind):
		return &CertificateFault{"kind"}
	case c.Number == "" || utf8.RuneCountInString(c.Number) > 80:
		return &CertificateFault{"number"}
	case utf8.RuneCountInString(c.Issuer) > 120:
		return &CertificateFault{"issuer"}
	case utf8.RuneCountInString(c.Scope) > MaxText:
		return &CertificateFault{"scope"}
	case c.From == 0:
		return &CertificateFault{"from"}
	case c.To < c.From || c.To > c.From.AddDays(366*maxCertificateYears):
		return &CertificateFault{"to"}
	}
	return nil
}

// Fresh refuses by *CertificateFault a certificate that has lapsed before a day: it can no longer count.
func (c *Certificate) Fresh(today calendar.Day) error {
	if c.To < today {
		return &CertificateFault{"expired"}
	}
	return nil
}

// Paper gives what counts for the decision on a lot.
func (c Certificate) Paper() quality.Certificate {
	return quality.Certificate{Kind: c.Kind, Number: c.Number, From: c.From, To: c.To, Revoked: c.Revoked}
}

// CertificateNeed is which certificates a category's goods need.
type CertificateNeed struct {
	Category     catalog.CategoryID
	CategoryCode string
	CategoryName catalog.Name
	Kinds        []quality.CertificateKind
}
