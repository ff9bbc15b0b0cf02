package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Workbooks as programs of all kinds write them.
func TestReads(t *testing.T) {
	plain := `<row r="1"><c r="A1" t="inlineStr"><is><t>SKU</t></is></c><c r="B1"><v>12</v></c></row>`
	utf16 := func(s string) string {
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(`<?xml version="1.0" encoding="GBK"?><worksheet><sheetData><row><c t="inlineStr"><is><t>数量</t></is></c></row></sheetData></worksheet>`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		book parts
		want string
	}{
		{"plain", workbook(plain), "A1=SKU B1=12"},
		{"no references", workbook(`<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`), "A1=1 B1=2 A2=3"},
		{"some references", workbook(`<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`), "B3=1 C3=2 A4=3"},
		{"sparse", workbook(`<row r="2"/><row r="5"><c r="C5" s="1"/><c r="XFD5"/><c r="E5"><v>1</v></c></row>`), "E5=1"},
		{"cells out of order", workbook(`<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>`), "A1=1 B1=2"},
		{"kinds", workbook(`<row r="1"><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="d"><v>2026-11-02</v></c><c t="str"><f>A1</f><v>x</v></c><c><f>1+1</f><v>2</v></c><c><f>1+1</f></c><c t="str"><f>""</f><v></v></c></row>`),
			"A1b=1 B1e=#N/A C1d=2026-11-02 D1=x E1=2 F1p="},
		{"entities", workbook(`<row><c t="inlineStr"><is><t>a&amp;b &lt;c&gt; &#20214;&#x7BB1; &quot;&apos;</t></is></c></row>`), `A1=a&b <c> 件箱 "'`},
		{"cdata", workbook(`<row><c t="inlineStr"><is><t><![CDATA[<a> & ]]>b</t></is></c></row>`), "A1=<a> & b"},
		{"rich text without hints", workbook(`<row><c t="inlineStr"><is><r><t>数</t></r><r><rPr/><t>量</t></r><rPh><t>shu</t></rPh></is></c></row>`), "A1=数量"},
		{"escaped characters", workbook(`<row><c t="inlineStr"><is><t>a_x000A_b_x005F_x000A_</t></is></c></row>`), "A1=a\nb_x000A_"},
		{"line ends", workbook("<row><c t=\"inlineStr\"><is><t>a\r\nb</t></is></c></row>"), "A1=a\nb"},
		{"hidden row", workbook(`<row r="1" hidden="1"><c><v>1</v></c></row><row r="2" hidden="0"><c><v>2</v></c></row>`), "A1h=1 A2=2"},
		{"comments", workbook(`<!-- <row><c><v>9</v></c></row> --><row><!--x--><c><?pi x?><v><!--y-->1</v></c></row>`), "A1=1"},
		{"greater in a value", workbook(`<row r="1" note="a>b"><c r='A1' x="'>"><v>1</v></c></row>`), "A1=1"},
		{"prefixes", workbook("").with(parts{"xl/worksheets/sheet1.xml": `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData><x:mergeCells/></x:worksheet>`}), "A1=7"},
		{"byte order mark", workbook("").with(parts{"xl/worksheets/sheet1.xml": "\uFEFF<?xml version=\"1.0\"?><worksheet><sheetData><row><c><v>7</v></c></row></sheetData></worksheet>"}), "A1=7"},
		{"utf-16", workbook("").with(parts{"xl/worksheets/sheet1.xml": utf16(`<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData><row><c t="inlineStr"><is><t>数量</t></is></c></row></sheetData></worksheet>`)}), "A1=数量"},
		{"gbk", workbook("").with(parts{"xl/worksheets/sheet1.xml": gbk}), "A1=数量"},
		{"empty sheet", workbook("").with(parts{"xl/worksheets/sheet1.xml": `<worksheet><sheetData/></worksheet>`}), ""},
		{"shared strings", workbook(`<row><c t="s"><v>1</v></c><c t="s"><v> 0 </v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row>`).shared(`<si><t>件</t></si><si><r><t>数</t></r><r><t xml:space="preserve"> 量</t></r></si><si/><si><t> </t></si>`), "A1=数 量 B1=件"},
		{"leading slash and backslash", workbook(plain).with(parts{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="` + rels + `/worksheet" Target="\xl\Worksheets\Sheet1.xml"/></Relationships>`}), "A1=SKU B1=12"},
		{"strict", workbook(plain).with(parts{"_rels/.rels": `<Relationships ` + relNS + `><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`}), "A1=SKU B1=12"},
		{"no package relations", func() parts { p := workbook(plain); delete(p, "_rels/.rels"); return p }(), "A1=SKU B1=12"},
		{"merged down", workbook(`<row r="1"><c r="A1" t="inlineStr"><is><t>PO1</t></is></c><c r="B1"><v>1</v></c></row><row r="2"><c r="A2"/><c r="B2"><v>2</v></c></row><row r="3"><c r="B3"><v>3</v></c></row><row r="4"><c r="B4"><v>4</v></c></row>`).
			with(nil).merged("A1:A3", "B1:C1", "D1:D9", "X"), "A1=PO1 B1=1 A2^=PO1 B2=2 A3^=PO1 B3=3 B4=4"},
		{"formats", workbook(`<row><c s="1"><v>46295</v></c><c s="2"><v>0.13</v></c><c s="3"><v>12</v></c><c s="4"><v>5</v></c><c s="5"><v>1.5</v></c><c s="6"><v>5</v></c><c s="7"><v>5</v></c><c s="8"><v>5</v></c><c s="9"><v>3</v></c><c s="99"><v>4</v></c></row>`).
			styled(`yyyy/m/d;@`, `0.00%`, `00000000`, `0"箱"`, `[h]:mm:ss`, `0.00E+00`, `[$-804]yyyy"年"m"月"d"日"`, `General"件"`, `[Red]#,##0;[Blue]\-#,##0`),
			"A1~=46295 B1%=0.13 C18=12 D1箱=5 E1=1.5 F1=5 G1~=5 H1件=5 I1=3 J1=4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := dump(c.book.zip(t), grid.Limits{})
			if got != c.want || err != nil {
				t.Errorf("\n got %q, %v\nwant %q", got, err, c.want)
			}
		})
	}
}

func (p parts) merged(refs ...string) parts {
	s := `</sheetData><mergeCells><mergeCell ref="` + strings.Join(refs, `"/><mergeCell ref="`) + `"/>`
	return p.with(parts{"xl/worksheets/sheet1.xml": strings.Replace(p["xl/worksheets/sheet1.xml"], "</sheetData>", s+"</mergeCells>", 1)})
}

// Workbooks that must be turned away, each with its reason, in bounded memory and time.
func TestRefuses(t *testing.T) {
	row := `<row r="1"><c r="A1"><v>1</v></c></row>`
	good := workbook(row)
	sheet := func(s string) parts { return good.with(parts{"xl/worksheets/sheet1.xml": s}) }
	small := grid.Limits{CellBytes: 64 << 10, Columns: 10, Rows: 100}
	long := strings.Repeat("长", 40<<10)
	for _, c := range []struct {
		name string
		data []byte
		want *notice.Reason
	}{
		{"macros", good.with(parts{"xl/vbaProject.bin": "x"}).zip(t), notice.FileHasMacros},
		{"binary workbook", parts{"xl/workbook.bin": "x"}.zip(t), notice.FileBinaryWorkbook},
		{"open document", parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "x", "META-INF/manifest.xml": "x"}.zip(t), notice.FileOpenDocument},
		{"word", parts{"word/document.xml": "x"}.zip(t), notice.FileNotSheet},
		{"slides", parts{"ppt/presentation.xml": "x"}.zip(t), notice.FileNotSheet},
		{"numbers", parts{"Index/Document.iwa": "x"}.zip(t), notice.FileNotSheet},
		{"some zip", parts{"a.txt": "x"}.zip(t), notice.FileNotSheet},
		{"empty zip", parts{}.zip(t), notice.FileNotSheet},
		{"cut in half", good.zip(t)[:400], notice.FileDamaged},
		{"no sheet part", func() []byte { p := good.with(nil); delete(p, "xl/worksheets/sheet1.xml"); return p.zip(t) }(), notice.FileDamaged},
		{"doctype", sheet(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData>` + row + `</sheetData></worksheet>`).zip(t), notice.FileUnsafeXML},
		{"unknown entity", sheet(`<worksheet><sheetData><row><c t="str"><v>&xxe;</v></c></row></sheetData></worksheet>`).zip(t), notice.FileUnsafeXML},
		{"ends in a cell", sheet(`<worksheet><sheetData><row><c><v>1`).zip(t), notice.FileDamaged},
		{"ends in a tag", sheet(`<worksheet><sheetData><row><c r="A1`).zip(t), notice.FileDamaged},
		{"no cells at all", sheet(`<worksheet></worksheet>`).zip(t), notice.FileDamaged},
		{"not xml", sheet("\x00\x01\x02 nonsense").zip(t), notice.FileDamaged},
		{"empty part", sheet("").zip(t), notice.FileDamaged},
		{"closing too much", sheet(`</a></b>`).zip(t), notice.FileDamaged},
		{"deep", sheet(strings.Repeat("<a>", 300)).zip(t), notice.FileDamaged},
		{"rows backwards", sheet(`<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>`).zip(t), notice.FileDamaged},
		{"cell twice", workbook(`<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>`).zip(t), notice.FileDamaged},
		{"bad reference", workbook(`<row r="1"><c r="1A"><v>1</v></c></row>`).zip(t), notice.FileDamaged},
		{"bad string number", workbook(`<row r="1"><c t="s"><v>5</v></c></row>`).zip(t), notice.FileDamaged},
		{"bad shared string", workbook(`<row r="1"><c t="s"><v>x</v></c></row>`).shared(`<si><t>a</t></si>`).zip(t), notice.FileDamaged},
		{"long cell", workbook(`<row><c t="inlineStr"><is><t>` + long + `</t></is></c></row>`).zip(t), notice.CellTooLong},
		{"long value", workbook(`<row><c t="str"><v>` + long + `</v></c></row>`).zip(t), notice.CellTooLong},
		{"long in pieces", workbook(`<row><c t="inlineStr"><is>` + strings.Repeat("<r><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></r>", 4000) + `</is></c></row>`).zip(t), notice.CellTooLong},
		{"long tag", workbook(`<row><c r="` + long + `"/></row>`).zip(t), notice.CellTooLong},
		{"long open quote", workbook(`<row><c r="` + strings.Repeat(">", 100<<10)).zip(t), notice.CellTooLong},
		{"long shared", workbook(row).shared(`<si><t>` + long + `</t></si>`).zip(t), notice.CellTooLong},
		{"columns", workbook(`<row><c r="K1"><v>1</v></c></row>`).zip(t), notice.TooManyColumns},
		{"rows", workbook(`<row r="101"><c><v>1</v></c></row>`).zip(t), notice.TooManyRows},
		{"unknown encoding", sheet(`<?xml version="1.0" encoding="x-klingon"?><worksheet/>`).zip(t), notice.FileEncoding},
		{"bomb", bomb(t, 64<<20), notice.FileBomb},
		{"string bomb", workbook(row).shared(strings.Repeat(`<si><t>`+strings.Repeat("a", 1000)+`</t></si>`, 40_000)).zip(t), notice.FileBomb},
		{"many parts", manyParts(t), notice.FileBomb},
		{"part twice", twice(t), notice.FileDamaged},
		{"checksum", corrupted(t), notice.FileDamaged},
		{"encrypted part", encryptedPart(t, good), notice.FileEncrypted},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := small
			if strings.Contains(c.name, "bomb") {
				limits.Ratio = 200
			}
			if _, err := dump(c.data, limits); !notice.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want.Code)
			}
		})
	}
}

// bomb is a sheet of n bytes that packs to almost nothing.
func bomb(t *testing.T, n int) []byte {
	p := workbook("")
	p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData>` + strings.Repeat(`<row><c><v>0</v></c></row>`, n/26) + `</sheetData></worksheet>`
	return p.zip(t)
}

func manyParts(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 60_000 {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprint("part", i)}); err != nil {
			t.Fatal(err)
		}
	}
	_ = z.Close()
	return b.Bytes()
}

func twice(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"xl/workbook.xml", "XL/Workbook.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, "<workbook/>")
	}
	_ = z.Close()
	return b.Bytes()
}

// corrupted is a workbook whose sheet no longer agrees with its checksum.
func corrupted(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range workbook(`<row r="1"><c r="A1"><v>1</v></c></row>`) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	_ = z.Close()
	return bytes.Replace(b.Bytes(), []byte("<v>1</v>"), []byte("<v>2</v>"), 1)
}

// encryptedPart sets the encryption bit of every part in the directory.
func encryptedPart(t *testing.T, p parts) []byte {
	data := p.zip(t)
	for i := 0; ; {
		n := bytes.Index(data[i:], []byte("PK\x01\x02"))
		if n < 0 {
			return data
		}
		i += n + 4
		binary.LittleEndian.PutUint16(data[i+4:], binary.LittleEndian.Uint16(data[i+4:])|1)
	}
}

// Ranges that overlap without end must not cost more than the rows themselves.
func TestOverlappingMergesAreHarmless(t *testing.T) {
	var rows strings.Builder
	for range 3000 {
		rows.WriteString(`<row><c><v>1</v></c><c t="inlineStr"><is><t>x</t></is></c></row>`)
	}
	refs := make([]string, 0, 60_000)
	for i := range 3000 {
		for range 20 {
			refs = append(refs, fmt.Sprintf("B%d:B3000", i+1))
		}
	}
	got, err := dump(workbook(rows.String()).merged(refs...).zip(t), grid.Limits{})
	if err != nil || !strings.HasSuffix(got, "A3000=1 B3000=x") {
		t.Errorf("%v", err)
	}
}
