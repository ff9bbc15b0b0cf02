package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/importer/importerdb"
	"milkrun/internal/sheet"
)

// row gives a stored upload that the acting user may see.
func (o *Ops) row(ctx context.Context, id int64) (importerdb.Upload, *Kind, error) {
	row, err := importerdb.Get(ctx, o.Pool, id)
	if errors.Is(err, importerdb.ErrNone) {
		return row, nil, fmt.Errorf("%w: %d", ErrNone, id)
	}
	if err != nil {
		return row, nil, err
	}
	u, k, err := o.require(ctx, row.Kind)
	if err != nil {
		return row, nil, err
	}
	if !visible(u, row) {
		return row, nil, fmt.Errorf("%w: %d", ErrNone, id)
	}
	return row, k, nil
}

// Get gives an upload.
func (o *Ops) Get(ctx context.Context, id int64) (Upload, error) {
	row, _, err := o.row(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	u, err := o.record(row)
	if err != nil {
		return u, err
	}
	twin, err := importerdb.Twin(ctx, o.Pool, row.SHA256, row.Kind, row.ID)
	if err != nil {
		return u, err
	}
	if twin != nil {
		u.Twin = &Twin{ID: twin.ID, Actor: twin.Actor, At: twin.UploadedAt}
	}
	return u, nil
}

// List gives the uploads that the acting user may see, the newest first, below the id before (0 for the newest), of one kind
// or of all ("").
func (o *Ops) List(ctx context.Context, kind string, before int64, limit int) ([]Upload, error) {
	u, err := access.Require(ctx, access.Import)
	if err != nil {
		return nil, err
	}
	specs, err := o.Kinds(ctx)
	if err != nil {
		return nil, err
	}
	kinds := make([]string, 0, len(specs))
	for _, s := range specs {
		if kind == "" || kind == s.Name {
			kinds = append(kinds, s.Name)
		}
	}
	var account *int64
	if len(u.Sites) > 0 {
		account = accountOf(u)
	}
	rows, err := importerdb.List(ctx, o.Pool, kinds, account, before, min(max(limit, 1), 200))
	if err != nil {
		return nil, err
	}
	out := make([]Upload, len(rows))
	for i, r := range rows {
		if out[i], err = o.record(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Rows gives rows of the preview with a status ("" for all) behind the row number after, at most limit. Of a long sheet the
// preview holds the first rows and the wrong and mended ones; the whole of it is in Result.
func (o *Ops) Rows(ctx context.Context, id int64, status sheet.Status, after, limit int) ([]Row, error) {
	if _, _, err := o.row(ctx, id); err != nil {
		return nil, err
	}
	rows, err := importerdb.Rows(ctx, o.Pool, id, string(status), after, min(max(limit, 1), 1000))
	if err != nil {
		return nil, err
	}
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{No: r.No, LastNo: r.LastNo, Status: sheet.Status(r.Status), Skip: sheet.Why(r.Skip), Cells: r.Cells}
		var remarks []storedRemark
		if len(r.Remarks) > 0 {
			if err := json.Unmarshal(r.Remarks, &remarks); err != nil {
				return nil, fmt.Errorf("importer: row %d of upload %d: %w", r.No, id, err)
			}
		}
		for _, m := range remarks {
			if m.Mended {
				out[i].Mended = append(out[i].Mended, m.Remark)
			} else {
				out[i].Problems = append(out[i].Problems, m.Remark)
			}
		}
	}
	return out, nil
}

// Original writes the file as it was uploaded.
func (o *Ops) Original(ctx context.Context, id int64, w io.Writer) error {
	row, _, err := o.row(ctx, id)
	if err != nil {
		return err
	}
	_, err = importerdb.GetFile(ctx, o.Pool, row.ID, w)
	if errors.Is(err, importerdb.ErrNone) {
		return fmt.Errorf("%w: upload %d", ErrPurged, id)
	}
	return err
}

// Result writes the file with a column that says, in "zh" or "en", what became of each row, and with its wrong and mended
// cells coloured. It reads the file anew: the result is that of now. A file that cannot be read is a *notice.Refusal.
func (o *Ops) Result(ctx context.Context, id int64, language string, w io.Writer) error {
	row, k, err := o.row(ctx, id)
	if err != nil {
		return err
	}
	f, err := o.open(ctx, row, k)
	if err != nil {
		return err
	}
	defer f.close()
	scope, err := o.scope(ctx, row.AccountID, f.layout)
	if err != nil {
		return err
	}
	return f.layout.WriteResult(ctx, w, language, func(yield func(sheet.Result, error) bool) {
		err := k.walk(ctx, scope, false, func(list []*Entry) error {
			for _, e := range list {
				if e.Skip != nil && e.Skip.Why == sheet.Blank {
					continue
				}
				if !yield(e.result(), nil) {
					return errEnough
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(sheet.Result{}, err)
		}
	})
}

// ResultName is a name for the file that Result writes: “sales.xlsx” becomes “sales-结果.xlsx”.
func (u Upload) ResultName(language string) string {
	ext := ".xlsx"
	if u.Layout != nil && u.Layout.Format == string(sheet.CSV) {
		ext = ".csv"
	}
	suffix := "-结果"
	if language == "en" {
		suffix = "-result"
	}
	return strings.TrimSuffix(u.Name, path.Ext(u.Name)) + suffix + ext
}

// Template writes an empty workbook for a kind of sheet, in "zh", "en" or both ("").
func (o *Ops) Template(ctx context.Context, kind, language string, w io.Writer) error {
	_, k, err := o.require(ctx, kind)
	if err != nil {
		return err
	}
	return sheet.WriteTemplate(w, sheet.Table{Name: k.Title.In(language), Columns: k.Columns, Language: language})
}
