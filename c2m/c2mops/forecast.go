package c2mops

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// UploadForecast takes a supplier's reply to the rolling forecast on its own: committed quantities and capacities by week. With any bad
// row nothing is taken.
func (o *Ops) UploadForecast(ctx context.Context, in Uploading) (Uploaded, error) {
	s, err := o.receiveSheet(ctx, in, c2mdb.ForecastFile)
	if err != nil {
		return Uploaded{}, err
	}
	sheet, err := c2mxlsx.ReadForecast(ctx, in.Content)
	if p, refused := c2mxlsx.Refused(err); refused {
		err = s.refuse(ctx, []c2mxlsx.Problem{p}, nil)
		return s.out, err
	}
	if err != nil {
		return Uploaded{}, err
	}
	defer sheet.Close()
	s.out.RowCount = sheet.Rows()
	if len(sheet.Weeks) == 0 && len(sheet.Problems()) == 0 {
		sheet.Fail(c2m.Problem{Row: -1, Reason: both("表里没有填承诺数量或产能", "no commitment or capacity was filled in"),
			Remedy: both("请填黄色的列", "fill in the yellow columns")})
	}
	codes, err := s.forecastCodes(ctx, sheet)
	if err != nil {
		return Uploaded{}, err
	}
	if err := s.forecastOwn(ctx, sheet, codes); err != nil {
		return Uploaded{}, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if len(sheet.Problems()) > 0 {
			return errBadSheet
		}
		return s.takeForecast(ctx, tx, weeksOf(sheet, codes))
	})
	if errors.Is(err, errBadSheet) {
		err = s.refuse(ctx, sheet.Problems(), sheet)
	}
	if err != nil {
		return Uploaded{}, err
	}
	return s.out, nil
}

// forecastCodes looks up the goods and reports those that do not exist.
func (s *incoming) forecastCodes(ctx context.Context, sheet *c2mxlsx.Commitments) (map[string]catalog.SKU, error) {
	var codes []string
	for _, w := range sheet.Weeks {
		codes = append(codes, w.SKU)
	}
	found, err := c2mdb.SKUsByCode(ctx, s.ops.Pool, codes)
	if err != nil {
		return nil, err
	}
	for _, w := range sheet.Weeks {
		if _, ok := found[w.SKU]; !ok {
			sheet.Fail(c2m.Problem{Row: w.Index, Field: c2m.KeySKU, Reason: both("没有 SKU “"+w.SKU+"”", "there is no SKU “"+w.SKU+"”"),
				Remedy: both("请照预测表填写 SKU", "copy the SKU of the forecast sheet")})
		}
	}
	return found, nil
}

// forecastOwn reports the rows of another supplier's sheet, and those of goods and weeks that the supplier was told nothing of.
func (s *incoming) forecastOwn(ctx context.Context, sheet *c2mxlsx.Commitments, codes map[string]catalog.SKU) error {
	firm, err := c2mdb.Supplier(ctx, s.ops.Pool, s.supplier)
	if err != nil {
		return err
	}
	var ids []catalog.SKUID
	for _, k := range codes {
		ids = append(ids, k.ID)
	}
	told, err := c2mdb.ToldWeeks(ctx, s.ops.Pool, s.supplier, ids)
	if err != nil {
		return err
	}
	for _, w := range sheet.Weeks {
		k, known := codes[w.SKU]
		switch {
		case w.Supplier != "" && catalog.Fold(w.Supplier) != catalog.Fold(firm.Code):
			sheet.Fail(c2m.Problem{Row: w.Index, Field: c2mxlsx.KeySupplier, Reason: both("这一行是供应商 "+w.Supplier+" 的预测，不是贵司（"+firm.Code+"）的", "this row is of supplier "+w.Supplier+", not of yours ("+firm.Code+")"),
				Remedy: both("请下载贵司自己的预测表再填", "download your own forecast sheet and fill that in")})
		case known && told[k.ID] == nil:
			sheet.Fail(c2m.Problem{Row: w.Index, Field: c2m.KeySKU, Reason: both("没有给贵司发过“"+w.SKU+"”的预测", "you were sent no forecast of “"+w.SKU+"”"),
				Remedy: both("请下载贵司自己的预测表再填", "download your own forecast sheet and fill that in")})
		case known && !told[k.ID][w.Monday]:
			sheet.Fail(c2m.Problem{Row: w.Index, Field: c2mxlsx.KeyWeek, Reason: both("没有发过 "+w.Monday.String()+" 这一周的预测", "you were sent no forecast of the week of "+w.Monday.String()),
				Remedy: both("请照最新的预测表填写周次", "copy the week from the latest forecast sheet")})
		}
	}
	return nil
}

func (s *incoming) takeForecast(ctx context.Context, tx pgx.Tx, weeks []c2mdb.Week) error {
	if err := s.keep(ctx, tx); err != nil {
		return err
	}
	n, err := c2mdb.CommitWeeks(ctx, tx, s.supplier, weeks, s.out.At)
	if err != nil {
		return err
	}
	s.out.Weeks, s.out.Outcome = n, c2mdb.Taken
	if n == 0 {
		s.out.Outcome = c2mdb.Repeated
		return s.note(ctx, tx)
	}
	entry := audit.Change{Verb: "forecast.commit", Thing: audit.Thing{Kind: "supplier", ID: itoa(int64(s.supplier))}, After: weeks}
	if err := audit.Write(ctx, tx, s.out.At, entry); err != nil {
		return err
	}
	return s.note(ctx, tx)
}
