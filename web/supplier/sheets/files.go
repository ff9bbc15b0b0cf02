// Package sheets holds what the house's pages and the suppliers' portal have in common about factory orders: files that come and
// go, what became of an upload, delivery notes, remarks, and the refusals of package c2m in words.
package sheets

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"milkrun/c2m/c2mops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// MaxBody bounds a request that carries a sheet, in bytes. The reader of sheets refuses a file above 16 MB with a reason of its own.
const MaxBody = 24 << 20

// Accept lists the endings of the files that can be read, for the choice of a file.
const Accept = ".xlsx,.csv,.txt,.xls"

// Download answers with a kept file.
func Download(w http.ResponseWriter, f c2mops.File) error {
	h := w.Header()
	h.Set("Content-Type", f.MIME)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Content)))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(f.Content) // the reader has gone when this fails
	return nil
}

// Read gives the file of a form's field: its name and content. A form without one is refused with what to do.
func Read(r *http.Request, field string) (name string, content []byte, err error) {
	f, head, err := r.FormFile(field)
	if err != nil {
		return "", nil, noFile(err)
	}
	defer func(f multipart.File) { err = errors.Join(err, f.Close()) }(f)
	if content, err = io.ReadAll(f); err != nil {
		return "", nil, noFile(err)
	}
	if len(content) == 0 {
		return "", nil, route.Invalid("order.err.emptyfile", "Name", head.Filename)
	}
	return head.Filename, content, nil
}

func noFile(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err // said by the server, with the limit
	}
	return route.Invalid("order.err.nofile").Because(err)
}

// Uploader takes sheets in.
type Uploader interface {
	SheetKind(ctx context.Context, content []byte) (c2mops.FileKind, bool, error)
	UploadAnswer(ctx context.Context, in c2mops.Uploading) (c2mops.Uploaded, error)
	UploadASN(ctx context.Context, in c2mops.Uploading) (c2mops.Uploaded, error)
	UploadForecast(ctx context.Context, in c2mops.Uploading) (c2mops.Uploaded, error)
}

// Take takes a sheet in as what it was chosen to be ("answer", "asn", "forecast"), or as what is filled in on it. A file that cannot be
// told is read as an answer, whose reader says what is wrong with it.
func Take(ctx context.Context, o Uploader, chosen string, in c2mops.Uploading) (c2mops.Uploaded, error) {
	kind := c2mops.FileKind(chosen)
	if kind != c2mops.AnswerFile && kind != c2mops.ASNFile && kind != c2mops.ForecastFile {
		var err error
		if kind, _, err = o.SheetKind(ctx, in.Content); err != nil {
			return c2mops.Uploaded{}, err
		}
	}
	switch kind {
	case c2mops.ASNFile:
		return o.UploadASN(ctx, in)
	case c2mops.ForecastFile:
		return o.UploadForecast(ctx, in)
	}
	return o.UploadAnswer(ctx, in)
}

// Kinds are the choices of what a sheet is.
func Kinds(ctx context.Context) []ui.Choice {
	return []ui.Choice{{Value: "", Text: ui.T(ctx, "order.kind.auto")}, {Value: string(c2mops.AnswerFile), Text: KindWord(ctx, c2mops.AnswerFile)},
		{Value: string(c2mops.ASNFile), Text: KindWord(ctx, c2mops.ASNFile)}, {Value: string(c2mops.ForecastFile), Text: KindWord(ctx, c2mops.ForecastFile)}}
}

// KindWord names a kind of sheet.
func KindWord(ctx context.Context, k c2mops.FileKind) string {
	return ui.T(ctx, "order.kind."+string(k))
}
