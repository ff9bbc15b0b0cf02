package importer

import (
	"encoding/json"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/importer/importerdb"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// State of an upload.
type State string

// The states: waiting → checking → checked → committing → done. A file that cannot be read is refused, a fault of the house
// makes an upload failed, and a user may cancel one that is not being imported.
const (
	Waiting    State = "waiting"
	Checking   State = "checking"
	Checked    State = "checked"
	Refused    State = "refused"
	Committing State = "committing"
	Done       State = "done"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
)

// Settled tells whether nothing happens to the upload unless a user asks for it.
func (s State) Settled() bool { return s != Waiting && s != Checking && s != Committing }

// Upload is a sheet on its way into the house.
type Upload struct {
	ID    int64
	Kind  string
	Title catalog.Name // of the kind
	Name  string       // of the file
	Size  int64
	Actor string
	At    time.Time
	State State
	// Worksheet is the one that the user chose, empty for the best; IncludeHidden reads hidden rows.
	Worksheet     string
	IncludeHidden bool
	// Progress of the running check or import, 0..1.
	Progress float64
	// Layout is how the sheet was read; nil until it has been.
	Layout *Layout
	// Refusal says why the file was turned away, or why an import did not happen; it may be zero.
	Refusal notice.Note
	// Reasons are the most frequent problems.
	Reasons []Tally
	// Total = Good + Bad + Skipped; Mended are among the Good.
	Total, Good, Mended, Bad, Skipped int
	// Outcome is what the import did.
	Outcome Outcome
	// Fault is set when the house failed, for the log's reader.
	Fault      string
	CheckedAt  *time.Time
	DecidedBy  string
	FinishedAt *time.Time
	// Purged says that file and rows are no longer kept.
	Purged bool
	// Twin is an earlier import of the same content.
	Twin *Twin
}

// Twin is an earlier import of the same content.
type Twin struct {
	ID    int64
	Actor string
	At    time.Time
}

// Layout is how a sheet was read.
type Layout struct {
	Format string `json:"format"`
	// Describe says how a CSV was read: "GB18030 ;".
	Describe  string `json:"describe,omitempty"`
	Worksheet string `json:"worksheet,omitempty"`
	HeaderRow int    `json:"header_row"`
	// HeaderLast is the last row of a header of two rows.
	HeaderLast int          `json:"header_last"`
	Columns    []Mapped     `json:"columns"`
	Unused     []Heading    `json:"unused,omitempty"`
	Twins      []Heading    `json:"twins,omitempty"`
	Worksheets []sheet.Info `json:"worksheets,omitempty"`
	// Also names further worksheets that would fit.
	Also   []string `json:"also,omitempty"`
	Merged bool     `json:"merged,omitempty"`
}

// Mapped is a wanted column that the file has.
type Mapped struct {
	ID     string       `json:"id"`
	Letter string       `json:"letter"`
	Header string       `json:"header"`
	Title  catalog.Name `json:"title"`
	Kind   sheet.Kind   `json:"kind"`
}

// Heading is another column of the file.
type Heading struct {
	Letter string `json:"letter"`
	Text   string `json:"text"`
}

// Tally counts rows with the same problem in the same column.
type Tally struct {
	Column string      `json:"column,omitempty"`
	Header string      `json:"header,omitempty"`
	Note   notice.Note `json:"note"` // of the first of them
	Row    int         `json:"row"`
	Rows   int         `json:"rows"`
}

// Row is a row of the preview.
type Row struct {
	// No is its number in the sheet; LastNo the last one of a run of empty rows.
	No, LastNo int
	Status     sheet.Status
	Skip       sheet.Why
	// Cells are what stands in the columns of the layout.
	Cells []string
	// Problems are why a wrong row does not go in; Mended is what was read in another form than written.
	Problems, Mended []sheet.Remark
}

// onColumn finds the first remark on a column in a list.
func onColumn(list []sheet.Remark, column string) *sheet.Remark {
	for i := range list {
		if list[i].Column == column {
			return &list[i]
		}
	}
	return nil
}

// Problem gives what is wrong with the cell of a column, nil if nothing is.
func (r Row) Problem(column string) *sheet.Remark { return onColumn(r.Problems, column) }

// Mend gives what was mended in the cell of a column, nil if nothing was.
func (r Row) Mend(column string) *sheet.Remark { return onColumn(r.Mended, column) }

func layoutOf(f *sheet.File, l *sheet.Layout) *Layout {
	out := &Layout{
		Format: string(f.Format()), Describe: f.Describe(), Worksheet: l.Sheet, HeaderRow: l.HeaderRow, HeaderLast: l.HeaderLast,
		Also: l.Also, Merged: l.Merged,
	}
	if f.Format() == sheet.XLSX {
		out.Worksheets = f.Sheets()
	}
	for _, c := range l.Found {
		out.Columns = append(out.Columns, Mapped{ID: c.Column.ID, Letter: grid.Letters(c.At), Header: c.Header, Title: c.Column.Title, Kind: c.Column.Kind})
	}
	for _, h := range l.Unused {
		out.Unused = append(out.Unused, Heading{grid.Letters(h.At), h.Text})
	}
	for _, h := range l.Twins {
		out.Twins = append(out.Twins, Heading{grid.Letters(h.At), h.Text})
	}
	return out
}

// record turns a stored upload into what the pages see.
func (o *Ops) record(r importerdb.Upload) (Upload, error) {
	u := Upload{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Size: r.Size, Actor: r.Actor, At: r.UploadedAt, State: State(r.State),
		Worksheet: r.Worksheet, IncludeHidden: r.IncludeHidden, Progress: r.Progress,
		Total: r.Total, Good: r.Good, Mended: r.Mended, Bad: r.Bad, Skipped: r.Skipped,
		Outcome: Outcome{r.Inserted, r.Changed, r.Unchanged}, Fault: r.Fault,
		CheckedAt: r.CheckedAt, DecidedBy: r.DecidedBy, FinishedAt: r.FinishedAt, Purged: r.PurgedAt != nil,
	}
	if k := o.kinds[r.Kind]; k != nil {
		u.Title = k.Title
	}
	for text, into := range map[*json.RawMessage]any{&r.Layout: &u.Layout, &r.Refusal: &u.Refusal, &r.Reasons: &u.Reasons} {
		if len(*text) == 0 {
			continue
		}
		if err := json.Unmarshal(*text, into); err != nil {
			return u, fmt.Errorf("importer: read upload %d: %w", r.ID, err)
		}
	}
	return u, nil
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return nil // none of our own types fails
	}
	return b
}
