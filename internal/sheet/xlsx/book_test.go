package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"milkrun/internal/sheet/grid"
)

// parts are the files of a workbook being built for a test.
type parts map[string]string

const (
	mainNS = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relNS  = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	rels   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// workbook builds a plain workbook around the content of sheetData (and what follows it in the sheet).
func workbook(sheetData string) parts {
	return parts{
		"_rels/.rels":                `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + rels + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<?xml version="1.0" encoding="UTF-8"?><workbook ` + mainNS + `><sheets><sheet name="发货明细" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + rels + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet ` + mainNS + `><sheetData>` + sheetData + `</sheetData></worksheet>`,
	}
}

// with adds or replaces parts.
func (p parts) with(more parts) parts {
	out := maps.Clone(p)
	maps.Copy(out, more)
	return out
}

// shared adds a table of shared strings, given as its items.
func (p parts) shared(items string) parts {
	return p.with(parts{
		"xl/_rels/workbook.xml.rels": strings.Replace(p["xl/_rels/workbook.xml.rels"], "</Rel", `<Relationship Id="rId8" Type="`+rels+`/sharedStrings" Target="/xl/sharedStrings.xml"/></Rel`, 1),
		"xl/sharedStrings.xml":       `<sst ` + mainNS + `>` + items + `</sst>`,
	})
}

// styled adds a styles part with one cell style for each format code.
func (p parts) styled(codes ...string) parts {
	var fmts, xfs strings.Builder
	for i, c := range codes {
		fmt.Fprintf(&fmts, `<numFmt numFmtId="%d" formatCode="%s"/>`, 164+i, strings.ReplaceAll(c, `"`, "&quot;"))
		fmt.Fprintf(&xfs, `<xf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0"><alignment horizontal="left"/></xf>`, 164+i)
	}
	return p.with(parts{
		"xl/_rels/workbook.xml.rels": strings.Replace(p["xl/_rels/workbook.xml.rels"], "</Rel", `<Relationship Id="rId9" Type="`+rels+`/styles" Target="styles.xml"/></Rel`, 1),
		"xl/styles.xml": `<styleSheet ` + mainNS + `><numFmts>` + fmts.String() + `</numFmts><fonts count="1"><font><sz val="11"/></font></fonts><fills count="2"><fill/><fill/></fills>` +
			`<cellStyleXfs><xf/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fillId="0"/>` + xfs.String() + `</cellXfs></styleSheet>`,
	})
}

func (p parts) zip(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		_, _ = io.WriteString(w, p[name])
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func open(data []byte, limits grid.Limits) (*Workbook, error) {
	return Open(bytes.NewReader(data), int64(len(data)), Options{Limits: limits})
}

// dump reads the first sheet, merged cells expanded, into words such as "A1=x", with a letter for kinds other than text
// and number: b e d p, a % or ~ for percent and date formats, a ^ for merged cells, h for hidden rows.
func dump(data []byte, limits grid.Limits) (string, error) {
	w, err := open(data, limits)
	if err != nil {
		return "", err
	}
	defer w.Close()
	merges, err := w.Merges(w.Sheets[0])
	if err != nil {
		return "", err
	}
	rows, err := w.Rows(w.Sheets[0])
	if err != nil {
		return "", err
	}
	defer rows.Close()
	src := grid.Unmerge(rows, merges)
	var out []string
	var row grid.Row
	for {
		if err := src.Next(&row); errors.Is(err, io.EOF) {
			return strings.Join(out, " "), nil
		} else if err != nil {
			return strings.Join(out, " "), err
		}
		for _, c := range row.Cells {
			out = append(out, word(&row, &c))
		}
	}
}

func word(row *grid.Row, c *grid.Cell) string {
	s := grid.Ref(row.Number, c.Col) + [...]string{"", "", "", "b", "d", "e", "p"}[c.Kind]
	if c.Format != nil {
		if c.Format.Date {
			s += "~"
		}
		if c.Format.Percent {
			s += "%"
		}
		if c.Format.Digits > 0 {
			s += fmt.Sprint(c.Format.Digits)
		}
		s += c.Format.Unit
	}
	if row.Hidden {
		s += "h"
	}
	if c.From > 0 {
		s += "^"
	}
	return s + "=" + string(c.Text)
}
