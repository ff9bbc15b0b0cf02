package desk

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/ui"
)

// column is a column of an exported list: its title in the reader's language and what its values are.
func Column(id, title string, kind sheet.Kind) sheet.Column {
	return sheet.Column{ID: id, Title: catalog.Name{ZH: title, EN: title}, Kind: kind}
}

// export answers with a workbook. It is written into memory first, so that a failure still becomes a proper error page.
func Export(w http.ResponseWriter, r *http.Request, file, title string, columns []sheet.Column, rows func(row func(...any) error) error) error {
	view := ui.From(r.Context())
	book := sheet.NewWorkbook("")
	out, err := book.Add(sheet.Table{Name: title, Columns: columns, Language: string(view.Language), Zone: view.Zone})
	if err == nil {
		err = rows(out.Row)
	}
	if err != nil {
		return errors.Join(err, book.Discard())
	}
	var buf bytes.Buffer
	if _, err := book.WriteTo(&buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="`+file+"-"+ui.Today(r.Context()).String()+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(buf.Bytes()) // the reader has gone when this fails
	return nil
}

// exportHref gives the address of the present list as a workbook, with its filters.
func ExportHref(ctx context.Context) string {
	u, err := url.Parse(ui.With(ctx, "open", "", "page", "", "after", ""))
	if err != nil {
		return "" // With gives addresses of this house only
	}
	u.Path += ".xlsx"
	return u.RequestURI()
}
