package records

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Imports takes sheets into the house: upload, check, preview, decision.
type Imports struct {
	desk.Directory
	Importer *importer.Ops
}

// Screens gives the routes of the imports.
func (s Imports) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/imports", access.Import, s.list),
			{Method: http.MethodPost, Pattern: "/imports", Permission: access.Import, Handler: s.take, Heavy: true, MaxBody: s.mostBytes() + 1<<20},
			{Method: http.MethodGet, Pattern: "/imports/template/{kind}", Permission: access.Import, Handler: s.template, Heavy: true},
			route.GET("/imports/{id}", access.Import, s.show),
			route.POST("/imports/{id}/commit", access.Import, s.commit),
			route.POST("/imports/{id}/cancel", access.Import, s.cancel),
			route.POST("/imports/{id}/recheck", access.Import, s.recheck),
			{Method: http.MethodGet, Pattern: "/imports/{id}/result", Permission: access.Import, Handler: s.result, Heavy: true},
			{Method: http.MethodGet, Pattern: "/imports/{id}/original", Permission: access.Import, Handler: s.original, Heavy: true},
		},
		Menu:   []ui.MenuItem{{Key: "imports", Path: "/imports", Permission: access.Import}},
		Errors: []route.Mapper{importRefusal},
	}
}

// mostBytes is the largest file that is taken.
func (s Imports) mostBytes() int64 {
	if s.Importer == nil {
		return grid.Limits{}.WithDefaults().FileBytes
	}
	return s.Importer.Limits.WithDefaults().FileBytes
}

// importRefusal says the importer's refusals in words.
func importRefusal(err error) *route.Refusal {
	var state *importer.StateError
	var stale *importer.StaleError
	switch {
	case errors.Is(err, importer.ErrNone):
		return route.NotFound().With("imports.to_list", "/imports")
	case errors.Is(err, importer.ErrKind):
		return route.Invalid("imports.no_kind").With("imports.to_list", "/imports")
	case errors.Is(err, importer.ErrPurged):
		return route.Conflict("imports.purged").With("imports.to_list", "/imports")
	case errors.As(err, &stale):
		return route.Conflict("imports.stale", "Want", stale.Want, "Have", stale.Have).With("imports.look_again", importHref(stale.ID))
	case errors.As(err, &state):
		return route.Conflict("imports.moved_on").With("imports.look_again", importHref(state.ID))
	}
	return nil
}

func importHref(id int64) string { return "/imports/" + strconv.FormatInt(id, 10) }

// importList is the page of all imports, with the way to a new one.
type importList struct {
	Kinds   []importer.Spec
	Kind    *importer.Spec // the one chosen
	Uploads []importer.Upload
	Place   desk.Trail
	Next    string
	// Refused says why a file that was just sent cannot be taken; Name is the file's.
	Refused *notice.Refusal
	Name    string
}

// running lists the topics on which the uploads in the list still report.
func (p importList) running() string {
	var topics []string
	for _, u := range p.Uploads {
		if !u.State.Settled() {
			topics = append(topics, "import/"+strconv.FormatInt(u.ID, 10))
		}
	}
	return strings.Join(topics, " ")
}

const importRows = 20

func (s Imports) page(r *http.Request, kind string) (importList, error) {
	ctx := r.Context()
	p := importList{Place: desk.ReadTrail(r.URL.Query().Get("after"))}
	var err error
	if p.Kinds, err = s.Importer.Kinds(ctx); err != nil {
		return p, err
	}
	if i := slices.IndexFunc(p.Kinds, func(k importer.Spec) bool { return k.Name == kind }); i >= 0 {
		p.Kind = &p.Kinds[i]
	}
	before, _ := strconv.ParseInt(p.Place.Here(), 10, 64) // the first page where it is no number
	name := ""
	if p.Kind != nil {
		name = p.Kind.Name
	}
	if p.Uploads, err = s.Importer.List(ctx, name, before, importRows+1); err != nil {
		return p, err
	}
	if len(p.Uploads) > importRows {
		p.Uploads = p.Uploads[:importRows]
		p.Next = strconv.FormatInt(p.Uploads[importRows-1].ID, 10)
	}
	return p, nil
}

func (s Imports) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r, r.URL.Query().Get("kind"))
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "import-list" {
		return route.Render(w, r, importsTable(p))
	}
	return route.Render(w, r, importsScreen(p))
}

// take receives a file. It goes straight to the importer: a large one is never held in memory.
func (s Imports) take(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	parts, err := r.MultipartReader()
	if err != nil {
		return route.Invalid("error.form").Because(err)
	}
	kind := ""
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return route.Invalid("imports.no_file").With("imports.to_list", "/imports?kind="+kind)
		}
		if err != nil {
			return tooLargeOr(err)
		}
		switch part.FormName() {
		case "kind":
			text, err := io.ReadAll(io.LimitReader(part, 64))
			if err != nil {
				return tooLargeOr(err)
			}
			kind = string(text)
		case "file":
			if part.FileName() == "" {
				return route.Invalid("imports.no_file").With("imports.to_list", "/imports?kind="+kind)
			}
			return s.takeFile(ctx, w, r, kind, part)
		}
	}
}

func (s Imports) takeFile(ctx context.Context, w http.ResponseWriter, r *http.Request, kind string, part *multipart.Part) error {
	up, err := s.Importer.Take(ctx, importer.Incoming{Kind: kind, Name: part.FileName(), Body: part})
	if err == nil {
		return route.See(w, r, importHref(up.ID))
	}
	refusal := notice.As(err)
	if refusal == nil {
		return tooLargeOr(err)
	}
	p, err := s.page(r, kind)
	if err != nil {
		return err
	}
	p.Refused, p.Name = refusal, part.FileName()
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, importsScreen(p))
}

// tooLargeOr keeps the server's own word for a body that is too large, and calls anything else about the body a broken upload.
func tooLargeOr(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return route.Invalid("imports.broken_off").Because(err)
}

// template gives the empty sheet of a kind.
func (s Imports) template(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	kind := route.Param(r, "kind")
	var buf bytes.Buffer
	if err := s.Importer.Template(ctx, kind, string(ui.Lang(ctx)), &buf); err != nil {
		return err
	}
	attach(w, kind+"-template.xlsx")
	_, _ = w.Write(buf.Bytes()) // the reader has gone when this fails
	return nil
}

// attach says that the answer is a file of that name.
func attach(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	switch {
	case strings.HasSuffix(strings.ToLower(name), ".xlsx"):
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	case strings.HasSuffix(strings.ToLower(name), ".csv"):
		h.Set("Content-Type", "text/csv")
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
}

// importPage is one import with a page of its rows.
type importPage struct {
	importer.Upload
	View  sheet.Status // "" for all rows
	Rows  []importer.Row
	Place desk.Trail
	Next  string
	Log   desk.ChangeLog
}

// previewRows is how many rows of a sheet are shown at a time.
const previewRows = 100

func (s Imports) one(r *http.Request) (importPage, error) {
	ctx, q := r.Context(), r.URL.Query()
	id, err := route.ID(r, "id")
	if err != nil {
		return importPage{}, err
	}
	p := importPage{Place: desk.ReadTrail(q.Get("after"))}
	if p.Upload, err = s.Importer.Get(ctx, id); err != nil {
		return p, err
	}
	switch v := sheet.Status(q.Get("view")); v {
	case sheet.Bad, sheet.Mended, sheet.Skipped:
		p.View = v
	}
	if p.Layout != nil && !p.Purged {
		after, _ := strconv.Atoi(p.Place.Here()) // the first page where it is no number
		if p.Rows, err = s.Importer.Rows(ctx, id, p.View, after, previewRows+1); err != nil {
			return p, err
		}
		if len(p.Rows) > previewRows {
			p.Rows = p.Rows[:previewRows]
			p.Next = strconv.Itoa(p.Rows[previewRows-1].No)
		}
	}
	p.Log, err = s.History(ctx, "import", strconv.FormatInt(id, 10))
	return p, err
}

func (s Imports) show(w http.ResponseWriter, r *http.Request) error {
	p, err := s.one(r)
	if err != nil {
		return err
	}
	if route.Partial(r) {
		return route.Render(w, r, importBody(p))
	}
	return route.Render(w, r, importScreen(p))
}

func (s Imports) commit(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	rows, ok := route.Pieces(r.FormValue("rows"))
	if !ok {
		return route.Invalid("error.form")
	}
	if _, err := s.Importer.Commit(r.Context(), id, int(rows)); err != nil {
		return err
	}
	return route.See(w, r, importHref(id))
}

func (s Imports) cancel(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	u, err := s.Importer.Cancel(ctx, id)
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.Plain, Text: ui.T(ctx, "imports.cancelled", "Name", u.Name)})
	return route.See(w, r, "/imports?kind="+u.Kind)
}

func (s Imports) recheck(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	choice := importer.Choice{Worksheet: r.FormValue("worksheet"), IncludeHidden: r.FormValue("hidden") != ""}
	if _, err := s.Importer.Recheck(r.Context(), id, choice); err != nil {
		return err
	}
	return route.See(w, r, importHref(id))
}

// file answers with what write makes. It is made on disk first, so that a failure still becomes a proper error page.
func (s Imports) file(w http.ResponseWriter, name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(s.Importer.TempDir, "milkrun-download-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	attach(w, name)
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	_, _ = io.Copy(w, f) // the reader has gone when this fails
	return nil
}

// result gives the file back with a column that says what became of each row.
func (s Imports) result(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	u, err := s.Importer.Get(ctx, id)
	if err != nil {
		return err
	}
	language := string(ui.Lang(ctx))
	err = s.file(w, u.ResultName(language), func(out io.Writer) error { return s.Importer.Result(ctx, id, language, out) })
	return refusedFile(ctx, err, id)
}

// original gives the file as it was uploaded.
func (s Imports) original(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	u, err := s.Importer.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.file(w, u.Name, func(out io.Writer) error { return s.Importer.Original(ctx, id, out) })
}

// refusedFile says why a file cannot be read, in the reader's language.
func refusedFile(ctx context.Context, err error, id int64) error {
	if refusal := notice.As(err); refusal != nil {
		return route.Invalid("imports.unreadable", "Reason", refusal.Full(string(ui.Lang(ctx)))).With("imports.look_again", importHref(id)).Because(err)
	}
	return err
}
