package c2mops

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// The kinds of sheets of the portal that are not about orders.
const (
	CapacityFile  c2mdb.FileKind = "capacity"
	StatementFile c2mdb.FileKind = "statement"
)

// CapacitySheet makes the workbook of a supplier's capacity calendar.
func (o *Ops) CapacitySheet(ctx context.Context, c supplierops.Calendar, lang string) (File, error) {
	u, err := eitherSide(ctx, access.ViewSuppliers)
	if err != nil {
		return File{}, err
	}
	if !u.MayTouchSupplier(c.Supplier) {
		return File{}, c2m.ErrUnknown
	}
	firm, err := c2mdb.Supplier(ctx, o.Pool, c.Supplier)
	if err != nil {
		return File{}, err
	}
	p := c2mxlsx.CapacityPaper{Supplier: firm.Name, Made: o.Clock()}
	for _, r := range c.Rows {
		for i, monday := range c.Mondays {
			row := c2mxlsx.CapacityRow{Code: r.Code, PartNo: r.PartNo, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Monday: monday, Pieces: r.Week(i)}
			if r.Cells[i] != nil {
				row.Version = r.Cells[i].Version
			}
			p.Rows = append(p.Rows, row)
		}
	}
	content, err := c2mxlsx.Capacity(p, lang)
	return File{Kind: CapacityFile, SupplierID: c.Supplier, Name: "capacity_" + firm.Code + ".xlsx", MIME: c2mxlsx.MIME, Size: len(content), Content: content, At: p.Made}, err
}

// UploadedCapacity is what became of a capacity sheet.
type UploadedCapacity struct {
	Uploaded
	supplierops.Taken
}

// UploadCapacity takes a filled capacity calendar from a supplier. With any bad row nothing is taken; weeks that another has written since the
// sheet was made become conflicts.
func (o *Ops) UploadCapacity(ctx context.Context, in Uploading) (UploadedCapacity, error) {
	var out UploadedCapacity
	s, err := o.receiveSheet(ctx, in, CapacityFile)
	if err != nil {
		return out, err
	}
	sheet, err := c2mxlsx.ReadCapacity(ctx, in.Content)
	if p, refused := c2mxlsx.Refused(err); refused {
		err = s.refuse(ctx, []c2mxlsx.Problem{p}, nil)
		out.Uploaded = s.out
		return out, err
	}
	if err != nil {
		return out, err
	}
	defer sheet.Close()
	s.out.RowCount = sheet.Rows()
	entries, err := s.capacities(ctx, sheet)
	if err != nil {
		return out, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if len(sheet.Problems()) > 0 {
			return errBadSheet
		}
		if err := s.keep(ctx, tx); err != nil {
			return err
		}
		if out.Taken, err = supplierops.WriteIn(ctx, tx, s.supplier, entries, supplier.ViaSheet, person(s.user).Name, s.out.At, o.Today()); err != nil {
			return err
		}
		s.out.Outcome = c2mdb.Taken
		if out.Written+out.Conflicts == 0 {
			s.out.Outcome = c2mdb.Repeated
		}
		return s.note(ctx, tx)
	})
	if errors.Is(err, errBadSheet) {
		err = s.refuse(ctx, sheet.Problems(), sheet)
	}
	out.Uploaded = s.out
	return out, err
}

// capacities checks the rows of a capacity sheet: the goods must be the supplier's, the weeks and quantities possible.
func (s *incoming) capacities(ctx context.Context, sheet *c2mxlsx.Capacities) ([]supplier.Entry, error) {
	if len(sheet.Entries) == 0 && len(sheet.Problems()) == 0 {
		sheet.Fail(c2m.Problem{Row: -1, Reason: both("表里没有填产能", "no capacity was filled in"), Remedy: both("请填黄色的列", "fill in the yellow column")})
	}
	var codes []string
	for _, e := range sheet.Entries {
		codes = append(codes, e.SKU)
	}
	goods, err := c2mdb.SKUsByCode(ctx, s.ops.Pool, codes)
	if err != nil {
		return nil, err
	}
	terms, err := c2mdb.Terms(ctx, s.ops.Pool, s.supplier)
	if err != nil {
		return nil, err
	}
	today := s.ops.Today()
	var out []supplier.Entry
	for _, e := range sheet.Entries {
		k, known := goods[e.SKU]
		if _, own := terms[k.ID]; !known || !own {
			sheet.Fail(c2m.Problem{Row: e.Index, Field: c2m.KeySKU, Reason: both("SKU “"+e.SKU+"”不在贵司供货范围", "“"+e.SKU+"” is not among your goods"),
				Remedy: both("请照下载的产能表填写 SKU", "copy the SKU of the sheet that you downloaded")})
			continue
		}
		entry := supplier.Entry{SKU: k.ID, Monday: e.Monday, Pieces: e.Pieces, Base: e.Version}
		switch err := entry.Check(today); {
		case errors.Is(err, supplier.ErrWeek):
			sheet.Fail(c2m.Problem{Row: e.Index, Field: c2mxlsx.KeyWeek, Reason: both("这一周已经过去，或超出两年", "the week is over, or more than two years ahead"), Remedy: both("请下载新的产能表", "download a new sheet")})
		case err != nil:
			sheet.Fail(c2m.Problem{Row: e.Index, Field: c2mxlsx.KeyCapacity, Reason: both("产能应为 0 到 1 亿件", "a capacity is from 0 to 100,000,000 pieces"), Remedy: both("请核对数字", "check the number")})
		default:
			out = append(out, entry)
		}
	}
	return out, nil
}

func lineWord(n int) string { return fmt.Sprint(n) }
