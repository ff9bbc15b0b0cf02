package c2mops

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Certificates gives a supplier's certificates; a supplier's user sees its own.
func (o *Ops) Certificates(ctx context.Context, supplier catalog.SupplierID) ([]c2m.Certificate, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		supplier = u.Supplier
	}
	return c2mdb.Certificates(ctx, o.Pool, supplier)
}

// CertificatesEnding gives the certificates that end within days, or ended in the last 90, without one that follows.
func (o *Ops) CertificatesEnding(ctx context.Context, days int) ([]c2m.Certificate, error) {
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	return c2mdb.CertificatesEnding(ctx, o.Pool, o.Today().AddDays(days), o.Today().AddDays(-90))
}

// Scan is a document as it was handed in: a PDF or a picture of at most 10 MB.
type Scan struct {
	Name    string
	Content []byte
}

// maxScan is the size of the largest document in bytes.
const maxScan = 10 << 20

// kindsOfScan are what a scan may be, by its first bytes.
var kindsOfScan = []string{"application/pdf", "image/jpeg", "image/png", "image/webp"}

// AddCertificate stores a certificate with its scan. One that a supplier's user hands in counts when somebody of the house has
// verified it; one that a buyer enters counts at once. One that has lapsed already is refused. *c2m.CertificateFault (field "file" for a document that is none or too
// large), c2m.ErrCertificateTaken.
func (o *Ops) AddCertificate(ctx context.Context, c c2m.Certificate, scan *Scan) (*c2m.Certificate, error) {
	u, err := access.RequireAny(ctx, access.EditSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		c.Supplier = u.Supplier
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := c.Fresh(o.Today()); err != nil {
		return nil, err
	}
	mime := ""
	if scan != nil {
		mime = http.DetectContentType(scan.Content[:min(512, len(scan.Content))])
		if len(scan.Content) > maxScan || !slices.Contains(kindsOfScan, mime) {
			return nil, &c2m.CertificateFault{Field: "file"}
		}
	}
	c.Added, c.AddedBy = o.Clock(), person(u).Name
	if access.Can(u, access.EditSuppliers) {
		c.Verified, c.VerifiedBy = &c.Added, c.AddedBy
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		c.ID = 0
		if scan != nil {
			f := c2mdb.File{Kind: c2mdb.CertificateFile, SupplierID: c.Supplier, Name: strings.TrimSpace(scan.Name), MIME: mime, Content: bytes.Clone(scan.Content),
				At: c.Added, ByID: int64(u.ID), ByName: c.AddedBy}
			if err := c2mdb.InsertFile(ctx, tx, &f); err != nil {
				return err
			}
			c.File = f.ID
		}
		if err := c2mdb.InsertCertificate(ctx, tx, &c); err != nil {
			return err
		}
		return audit.Write(ctx, tx, c.Added, audit.Change{Verb: "certificate.add", Thing: supplierThing(c.Supplier), After: certificateTrace(&c)})
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func certificateTrace(c *c2m.Certificate) map[string]any {
	return map[string]any{"id": c.ID, "kind": c.Kind, "number": c.Number, "from": c.From, "to": c.To, "verified": c.VerifiedBy, "revoked": c.Revoked, "why": c.Why}
}

// VerifyCertificate lets a certificate that a supplier handed in count.
func (o *Ops) VerifyCertificate(ctx context.Context, id int64) (*c2m.Certificate, error) {
	return o.changeCertificate(ctx, id, "certificate.verify", func(u access.User, c *c2m.Certificate) error {
		now := o.Clock()
		c.Verified, c.VerifiedBy = &now, person(u).Name
		return nil
	})
}

// RevokeCertificate ends a certificate from a day on, with a reason. c2m.ErrReason.
func (o *Ops) RevokeCertificate(ctx context.Context, id int64, from calendar.Day, why string) (*c2m.Certificate, error) {
	return o.changeCertificate(ctx, id, "certificate.revoke", func(u access.User, c *c2m.Certificate) error {
		if why = strings.TrimSpace(why); why == "" {
			return c2m.ErrReason
		}
		c.Revoked, c.RevokedBy, c.Why = &from, person(u).Name, why
		return nil
	})
}

func (o *Ops) changeCertificate(ctx context.Context, id int64, verb string, f func(access.User, *c2m.Certificate) error) (*c2m.Certificate, error) {
	u, err := access.Require(ctx, access.EditSuppliers)
	if err != nil {
		return nil, err
	}
	var out *c2m.Certificate
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		c, err := c2mdb.LockCertificate(ctx, tx, id)
		if err != nil {
			return err
		}
		before := certificateTrace(c)
		if err := f(u, c); err != nil {
			return err
		}
		out = c
		if err := c2mdb.SaveCertificate(ctx, tx, c); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: supplierThing(c.Supplier), Before: before, After: certificateTrace(c)})
	})
	return out, err
}

// CertificateFile gives the scan of a certificate. c2m.ErrUnknown.
func (o *Ops) CertificateFile(ctx context.Context, file int64) (c2mdb.File, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal)
	if err != nil {
		return c2mdb.File{}, err
	}
	f, err := c2mdb.ReadFile(ctx, o.Pool, file)
	if err == nil && (f.Kind != c2mdb.CertificateFile || !u.MayTouchSupplier(f.SupplierID)) {
		err = fmt.Errorf("%w: file %d", c2m.ErrUnknown, file)
	}
	if err != nil {
		return c2mdb.File{}, err
	}
	return f, nil
}

// CertificateNeeds gives which categories need which certificates on the day of receipt.
func (o *Ops) CertificateNeeds(ctx context.Context) ([]c2m.CertificateNeed, error) {
	if _, err := access.RequireAny(ctx, access.ViewSuppliers, access.ViewCatalog); err != nil {
		return nil, err
	}
	return c2mdb.CertificateNeeds(ctx, o.Pool)
}

// SetCertificateNeeds says which certificates the goods of a category, and of those below it, need. None ends the need.
// *c2m.CertificateFault for a kind that there is not.
func (o *Ops) SetCertificateNeeds(ctx context.Context, category catalog.CategoryID, kinds []quality.CertificateKind) error {
	if _, err := access.RequireAny(ctx, access.EditSuppliers, access.LeadFloor); err != nil {
		return err
	}
	for _, k := range kinds {
		if !slices.Contains(c2m.CertificateKinds(), k) {
			return &c2m.CertificateFault{Field: "kind"}
		}
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := c2mdb.SetCertificateNeeds(ctx, tx, category, kinds); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "certificate.need", Thing: audit.Thing{Kind: "category", ID: itoa(int64(category))}, After: kinds})
	})
}
