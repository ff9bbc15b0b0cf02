// Package xlsx reads .xlsx workbooks as streams, in memory that does not grow with the file, and marks cells in a copy of
// a workbook without touching anything else in it. It takes transitional and strict OOXML of any producer; what it cannot
// read it turns away with a notice.Refusal, never with a panic.
package xlsx

import (
	"errors"
	"io"
	"path"
	"strings"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Sheet is one worksheet.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// Workbook is an open .xlsx. It may be read by several goroutines, each with its own Rows.
type Workbook struct {
	Sheets []Sheet
	// Epoch1904 says that day numbers count from 1904-01-01 (old Excel for Mac).
	Epoch1904 bool

	zip        *container
	styles     styles
	stylesPart string
	strings    *stringTable
	limits     grid.Limits
}

// Options of Open.
type Options struct {
	Limits grid.Limits
	// TempDir takes the strings that do not fit in memory; empty for the system's.
	TempDir string
}

// Open reads the table of contents, the styles and the shared strings.
func Open(r io.ReaderAt, size int64, o Options) (*Workbook, error) {
	limits := o.Limits.WithDefaults()
	zip, err := openContainer(r, size, limits)
	if err != nil {
		return nil, err
	}
	w := &Workbook{zip: zip, limits: limits}
	root, err := zip.relations("")
	if err != nil {
		return nil, err
	}
	name := "xl/workbook.xml"
	for _, rel := range root {
		if rel.kind == "officeDocument" {
			name = rel.target
		}
	}
	if err := w.readWorkbook(name); err != nil {
		return nil, err
	}
	rels, err := zip.relations(name)
	if err != nil {
		return nil, err
	}
	return w, w.readParts(rels, o.TempDir)
}

// readParts resolves the sheets and reads what they share.
func (w *Workbook) readParts(rels []relation, tempDir string) (err error) {
	byID := map[string]relation{}
	for _, rel := range rels {
		byID[rel.id] = rel
		switch rel.kind {
		case "styles":
			w.stylesPart = rel.target
			w.styles, err = w.zip.readStyles(rel.target)
		case "sharedStrings":
			if w.strings == nil {
				w.strings, err = w.zip.readStrings(rel.target, tempDir)
			}
		}
		if err != nil {
			return errors.Join(err, w.Close())
		}
	}
	sheets := w.Sheets[:0]
	for _, s := range w.Sheets {
		// Chart and dialogue sheets have no cells.
		if rel := byID[s.part]; rel.kind == "worksheet" && w.zip.parts[partName(rel.target)] != nil {
			s.part = rel.target
			sheets = append(sheets, s)
		}
	}
	if w.Sheets = sheets; len(sheets) == 0 {
		return errors.Join(notice.Refuse(notice.FileDamaged, errors.New("xlsx: no worksheet")), w.Close())
	}
	return nil
}

// Close removes the temporary file, if there is one.
func (w *Workbook) Close() error {
	if w.strings == nil {
		return nil
	}
	return w.strings.Close()
}

func (w *Workbook) readWorkbook(name string) error {
	p, err := w.zip.scan(name)
	if err != nil {
		return err
	}
	if p == nil {
		return notice.Refuse(notice.FileNotSheet, nil, "zip")
	}
	defer p.Close()
	for {
		err := p.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return xmlFault(err)
		}
		switch {
		case p.is(startTag, "workbookPr"):
			v := p.attr("date1904")
			w.Epoch1904 = v == "1" || v == "true" || v == "on"
		case p.is(startTag, "sheet") && len(w.Sheets) < 4096:
			state := p.attr("state")
			w.Sheets = append(w.Sheets, Sheet{
				Name:   p.attr("name"),
				Hidden: state == "hidden" || state == "veryHidden",
				part:   p.attr("id"), // the relation's id until readParts resolves it
			})
		}
	}
}

// relation is one line of a .rels part.
type relation struct{ id, kind, target string }

// relations reads the relations of a part ("" for the package's own). Kinds are the last step of the type's address,
// which is the same in transitional and strict files.
func (c *container) relations(name string) ([]relation, error) {
	dir, base := path.Split(name)
	p, err := c.scan(dir + "_rels/" + base + ".rels")
	if p == nil || err != nil {
		return nil, err
	}
	defer p.Close()
	var out []relation
	for {
		err := p.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, xmlFault(err)
		}
		if !p.is(startTag, "Relationship") || strings.EqualFold(p.attr("TargetMode"), "External") || len(out) > 10_000 {
			continue
		}
		target := strings.ReplaceAll(p.attr("Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = "/" + dir + target
		}
		out = append(out, relation{p.attr("Id"), path.Base(p.attr("Type")), partName(target)})
	}
}
