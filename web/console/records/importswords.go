package records

import (
	"context"
	"strconv"
	"strings"

	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
	"milkrun/web/ui"
)

// importMark is the chip of an upload's state.
func importMark(s importer.State) (ui.Tone, string) {
	switch s {
	case importer.Waiting:
		return ui.Plain, "clock"
	case importer.Checking, importer.Committing:
		return ui.Act, "player-play"
	case importer.Checked:
		return ui.Watch, "hand-stop"
	case importer.Refused:
		return ui.Risk, "x"
	case importer.Failed:
		return ui.Risk, "alert-triangle"
	case importer.Done:
		return ui.OK, "check"
	}
	return ui.Plain, "ban"
}

// importIcons are the pictures of the kinds of sheet that we know; others get that of any sheet.
var importIcons = map[string]string{"sku": "package", "product": "package", "supplier": "building-factory-2", "term": "receipt", "sales": "chart-bar", "heat": "flame",
	"opening": "stack-2", "bins": "barcode", "bundles": "package", "stock": "stack-2", "site": "building-warehouse", "lane": "route", "topic": "message-circle", "weight": "scale", "category": "tags"}

func importIcon(kind string) string {
	if icon, ok := importIcons[kind]; ok {
		return icon
	}
	return "file-spreadsheet"
}

// say writes a note of the reader of sheets in the reader's language.
func sayNote(ctx context.Context, n notice.Note) string { return n.Text(string(ui.Lang(ctx))) }

// remedyOf says what to do about a note.
func remedyOf(ctx context.Context, n notice.Note) string { return n.Fix(string(ui.Lang(ctx))) }

// howRead says which part of the file was read, and how.
func howRead(ctx context.Context, u importer.Upload) string {
	parts := []string{u.Name}
	if l := u.Layout; l != nil {
		if l.Worksheet != "" {
			parts = append(parts, ui.T(ctx, "imports.worksheet", "Name", l.Worksheet))
		}
		if l.Describe != "" {
			parts = append(parts, l.Describe)
		}
		header := ui.T(ctx, "imports.header_at", "Row", l.HeaderRow)
		if l.HeaderLast > l.HeaderRow {
			header = ui.T(ctx, "imports.header_rows", "Row", l.HeaderRow, "Last", l.HeaderLast)
		}
		if l.Merged {
			header += ui.T(ctx, "imports.merged")
		}
		parts = append(parts, header)
	} else {
		parts = append(parts, bytesText(u.Size))
	}
	return strings.Join(parts, " · ")
}

// rightAligned tells whether a column holds figures.
func rightAligned(k sheet.Kind) bool {
	switch k {
	case sheet.Pieces, sheet.Money, sheet.Percent, sheet.Number, sheet.Measure:
		return true
	}
	return false
}

// sheetCell is a cell of the preview: what stands there, and what is to be said of it.
type sheetCell struct {
	Text, Note, Full string
	Bad, Mended, Num bool
}

// sheetCells gives the cells of a row in the order of the layout.
func sheetCells(ctx context.Context, l *importer.Layout, r importer.Row) []sheetCell {
	out := make([]sheetCell, len(l.Columns))
	for i, c := range l.Columns {
		cell := sheetCell{Num: rightAligned(c.Kind)}
		if i < len(r.Cells) {
			cell.Text = r.Cells[i]
		}
		if m := r.Problem(c.ID); m != nil {
			cell.Bad, cell.Note, cell.Full = true, sayNote(ctx, m.Note), m.Note.Full(string(ui.Lang(ctx)))
		} else if m := r.Mend(c.ID); m != nil {
			cell.Mended, cell.Note = true, sayNote(ctx, m.Note)
		}
		if cell.Num && !cell.Bad && !cell.Mended {
			cell.Text = grouped(cell.Text)
		}
		if cell.Text == "" && r.Status != sheet.Skipped {
			cell.Text = ui.Nothing
		}
		out[i] = cell
	}
	return out
}

// grouped writes a whole number with thousands commas; anything else stays as it stands in the sheet.
func grouped(text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return text
	}
	return ui.Int(n)
}

// besides gives the problems of a row that belong to no column of the layout: they stand beside its result.
func besides(ctx context.Context, l *importer.Layout, r importer.Row) []string {
	shown := map[string]bool{}
	for _, c := range l.Columns {
		shown[c.ID] = true
	}
	var out []string
	for _, m := range r.Problems {
		if !shown[m.Column] {
			text := sayNote(ctx, m.Note)
			if m.Header != "" {
				text = m.Header + " " + text
			}
			out = append(out, text)
		}
	}
	return out
}

// rowNumber writes a row's number, or the numbers of a run of empty rows.
func rowNumber(r importer.Row) string {
	if r.LastNo > r.No {
		return strconv.Itoa(r.No) + "–" + strconv.Itoa(r.LastNo)
	}
	return strconv.Itoa(r.No)
}

// rowWord is the word of a row's result: of a skipped one, why.
func rowWord(ctx context.Context, r importer.Row) string {
	if r.Status == sheet.Skipped {
		if n := r.Skip.Note(); n.Reason != nil {
			return sayNote(ctx, n)
		}
	}
	return ui.T(ctx, "status.import."+string(r.Status))
}

// rowsOf counts the rows of a view.
func (p importPage) rowsOf(v sheet.Status) int {
	switch v {
	case sheet.Bad:
		return p.Bad
	case sheet.Mended:
		return p.Mended
	case sheet.Skipped:
		return p.Skipped
	}
	return p.Total
}

func importViews(ctx context.Context, p importPage) []ui.Link {
	var out []ui.Link
	for _, v := range []sheet.Status{"", sheet.Bad, sheet.Mended, sheet.Skipped} {
		n := p.rowsOf(v)
		if v == sheet.Skipped && n == 0 {
			continue
		}
		word := "imports.all"
		if v != "" {
			word = "status.import." + string(v)
		}
		out = append(out, ui.Link{Text: ui.T(ctx, word), Href: importHref(p.ID) + viewQuery(v), Current: p.View == v, Count: n})
	}
	return out
}

func viewQuery(v sheet.Status) string {
	if v == "" {
		return ""
	}
	return "?view=" + string(v)
}

// previewTotal is the total of the foot: unknown where the preview does not hold all rows.
func previewTotal(p importPage) int64 {
	if p.cutShort() {
		return -1
	}
	if p.View == "" || p.View == sheet.Skipped {
		return -1 // a run of empty rows counts as one
	}
	return int64(p.rowsOf(p.View))
}

// previewFirst is how many rows of a long sheet the importer keeps for its preview.
const previewFirst = 2000

// cutShort tells whether the preview may lack rows that are all right.
func (p importPage) cutShort() bool { return p.Total > previewFirst && p.View == "" }

// commitWord is the button that imports: it says how many rows.
func commitWord(ctx context.Context, u importer.Upload) string {
	if u.Bad > 0 {
		return ui.T(ctx, "imports.commit_only", ui.Count, u.Good)
	}
	return ui.T(ctx, "imports.commit_all", ui.Count, u.Good)
}

// importBar says how the rows fared, for screen readers.
func importBar(ctx context.Context, u importer.Upload) string {
	return ui.T(ctx, "imports.bar", "Good", u.Good, "Bad", u.Bad, "Skipped", u.Skipped)
}

// afterwards is where what was imported can be seen.
func afterwards(kind string) (word, href string) {
	switch kind {
	case "sku", "category":
		return "imports.see_products", "/products"
	case "supplier", "term":
		return "imports.see_suppliers", "/suppliers"
	case "site", "lane":
		return "imports.see_network", "/network"
	case "topic", "weight":
		return "imports.see_topics", "/topics"
	case "sales", "heat":
		return "imports.see_demand", "/demand"
	case "opening":
		return "imports.see_stock", "/stock"
	}
	return "", ""
}

// required lists the titles of the columns that a kind of sheet must have.
func required(ctx context.Context, k importer.Spec) string {
	var out []string
	for _, c := range k.Columns {
		if c.Required {
			out = append(out, c.Title.In(string(ui.Lang(ctx))))
		}
	}
	return strings.Join(out, ui.T(ctx, "audit.and"))
}

// furtherColumns lists the titles of the other columns.
func furtherColumns(ctx context.Context, k importer.Spec) string {
	var out []string
	for _, c := range k.Columns {
		if !c.Required {
			out = append(out, c.Title.In(string(ui.Lang(ctx))))
		}
	}
	return strings.Join(out, ui.T(ctx, "audit.and"))
}

func importsTitle(ctx context.Context, p importList) string {
	if p.Kind != nil {
		return ui.T(ctx, "imports.past_of", "Title", ui.Name(ctx, p.Kind.Title))
	}
	return ui.T(ctx, "imports.past")
}

func worksheetChoices(ctx context.Context, l *importer.Layout) []ui.Choice {
	var out []ui.Choice
	for _, w := range l.Worksheets {
		text := w.Name
		if w.Hidden {
			text = ui.T(ctx, "imports.hidden_sheet", "Name", w.Name)
		}
		out = append(out, ui.Choice{Value: w.Name, Text: text})
	}
	return out
}
