package c2mops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// Uploading is a sheet that comes in.
type Uploading struct {
	Name    string
	Content []byte
	// Order is the order whose page the sheet was dropped on; rows without an order number belong to it. 0 for none. Staff who enter
	// a supplier's sheet must name it.
	Order c2m.OrderID
}

// Uploaded is what became of a sheet. Problems explain a refusal; then nothing of the sheet was taken.
type Uploaded struct {
	c2mdb.Upload
	// Changed are the orders that the sheet changed, Repeats those to which it said nothing new.
	Changed []OrderOutcome
	Repeats []OrderOutcome
	// Weeks is how many weeks of the forecast got a new commitment.
	Weeks int
}

// OrderOutcome is what a sheet did to one order.
type OrderOutcome struct {
	ID      c2m.OrderID
	Number  string
	Version int
	State   c2m.State
	// Undecided counts the deviations that wait for the buyer.
	Undecided int
}

// maxUpload is the largest sheet that is kept, in bytes; the reader refuses larger ones with a reason.
const maxUpload = 16 << 20

// incoming is a sheet being taken in.
type incoming struct {
	ops      *Ops
	user     access.User
	in       Uploading
	kind     c2mdb.FileKind
	supplier catalog.SupplierID
	out      Uploaded
}

// receiveSheet finds out whose sheet it is.
func (o *Ops) receiveSheet(ctx context.Context, in Uploading, kind c2mdb.FileKind) (*incoming, error) {
	u, err := eitherSide(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	s := &incoming{ops: o, user: u, in: in, kind: kind, supplier: u.Supplier}
	s.in.Name = cleanName(in.Name)
	if in.Order == 0 && u.Role != access.Supplier {
		return nil, fmt.Errorf("%w: name the order that the sheet belongs to", c2m.ErrUnknown)
	}
	if in.Order != 0 {
		order, err := c2mdb.Order(ctx, o.Pool, in.Order)
		if err != nil {
			return nil, err
		}
		if err := mayTouch(u, order); err != nil {
			return nil, err
		}
		s.supplier = order.Supplier
	}
	s.out.Upload = c2mdb.Upload{SupplierID: s.supplier, Kind: kind, Name: s.in.Name, At: o.Clock(), ByID: int64(u.ID), ByName: person(u).Name}
	return s, nil
}

// cleanName keeps the last part of a file name, without what a file system or a header line would choke on.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[len(runes)-120:])
	}
	if name == "" {
		return "upload"
	}
	return name
}

// mime guesses the content type of what came in, for giving it back.
func (s *incoming) mime() string {
	if strings.HasSuffix(strings.ToLower(s.in.Name), ".xlsx") {
		return c2mxlsx.MIME
	}
	if strings.HasSuffix(strings.ToLower(s.in.Name), ".csv") {
		return "text/csv"
	}
	return "application/octet-stream"
}

// keep stores the sheet as it came; 0 for one that is too large to keep.
func (s *incoming) keep(ctx context.Context, tx pgx.Tx) error {
	if len(s.in.Content) > maxUpload {
		return nil
	}
	f := c2mdb.File{Kind: s.kind, SupplierID: s.supplier, Name: s.in.Name, MIME: s.mime(), Content: s.in.Content, At: s.out.At,
		ByID: s.out.ByID, ByName: s.out.ByName}
	if err := c2mdb.InsertFile(ctx, tx, &f); err != nil {
		return err
	}
	s.out.FileID = &f.ID
	return nil
}

// annotatable is what the readers of this package have in common.
type annotatable interface {
	Annotated(ctx context.Context, lang string) ([]byte, error)
	MIME() string
}

// refuse notes that nothing of the sheet was taken, with the reasons, and keeps the annotated copy (sheet is nil for a file that could
// not be read).
func (s *incoming) refuse(ctx context.Context, problems []c2mxlsx.Problem, sheet annotatable) error {
	s.out.Outcome = c2mdb.Refused
	for _, p := range problems {
		s.out.Problems = append(s.out.Problems, c2mdb.UploadProblem{Sheet: p.Sheet, Row: p.Row, Cell: p.Cell, Header: p.Header, Value: p.Value,
			Reason: p.Reason, Remedy: p.Remedy})
	}
	var copied []byte
	if sheet != nil {
		var err error
		if copied, err = sheet.Annotated(ctx, s.user.Language); err != nil {
			return err
		}
	}
	return pgdb.InTx(ctx, s.ops.Pool, func(tx pgx.Tx) error {
		if err := s.keep(ctx, tx); err != nil {
			return err
		}
		if copied != nil {
			f := c2mdb.File{Kind: c2mdb.AnnotatedFile, SupplierID: s.supplier, Name: c2mxlsx.AnnotatedName(s.in.Name, sheet.MIME()), MIME: sheet.MIME(),
				Content: copied, At: s.out.At, ByID: s.out.ByID, ByName: s.out.ByName}
			if err := c2mdb.InsertFile(ctx, tx, &f); err != nil {
				return err
			}
			s.out.AnnotatedID = &f.ID
		}
		return s.note(ctx, tx)
	})
}

// note stores the upload itself and tells the pages of its orders.
func (s *incoming) note(ctx context.Context, tx pgx.Tx) error {
	if s.in.Order != 0 && !slices.Contains(s.out.Orders, int64(s.in.Order)) {
		s.out.Orders = append(s.out.Orders, int64(s.in.Order))
	}
	if err := c2mdb.InsertUpload(ctx, tx, &s.out.Upload); err != nil {
		return err
	}
	for _, id := range s.out.Orders {
		if err := events.Tell(ctx, tx, fmt.Sprintf("order/%d", id), "upload"); err != nil {
			return err
		}
	}
	return nil
}

func outcomeOf(o *c2m.FactoryOrder) OrderOutcome {
	return OrderOutcome{ID: o.ID, Number: o.Number, Version: o.Version(), State: o.State, Undecided: o.Undecided()}
}

func both(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }
