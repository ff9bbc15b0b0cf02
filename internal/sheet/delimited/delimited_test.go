package delimited

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// all reads a text into "row:col=text" words.
func all(t testing.TB, data []byte, limits grid.Limits) (*Text, []string, error) {
	t.Helper()
	text, err := Open(bytes.NewReader(data), int64(len(data)), limits)
	if err != nil {
		return nil, nil, err
	}
	rows, err := text.Rows()
	if err != nil {
		return nil, nil, err
	}
	var out []string
	var row grid.Row
	for {
		if err := rows.Next(&row); err == io.EOF {
			return text, out, nil
		} else if err != nil {
			return text, out, err
		}
		for _, c := range row.Cells {
			out = append(out, fmt.Sprintf("%s=%s", grid.Ref(row.Number, c.Col), c.Text))
		}
	}
}

func encoded(t testing.TB, e Encoding, s string) []byte {
	t.Helper()
	var out []byte
	var err error
	switch e {
	case GB18030:
		out, err = simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	case UTF16LE:
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	case UTF16BE:
		out, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	case UTF8BOM:
		out = []byte("\uFEFF" + s)
	default:
		out = []byte(s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const sample = "货号,数量,备注\r\nMR-1,1200,\"甲,乙\"\r\nMR-2,５,\"说“好”\n第二行 \"\"引\"\"\"\r\n"

func TestEncodings(t *testing.T) {
	want := []string{"A1=货号", "B1=数量", "C1=备注", "A2=MR-1", "B2=1200", "C2=甲,乙", "A3=MR-2", "B3=５", "C3=说“好”\n第二行 \"引\""}
	for _, e := range []Encoding{UTF8, UTF8BOM, UTF16LE, UTF16BE, GB18030} {
		text, got, err := all(t, encoded(t, e, sample), grid.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		if text.Encoding != e {
			t.Errorf("%s read as %s", e, text.Encoding)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s:\n got %q\nwant %q", e, got, want)
		}
	}
	// Without its byte order mark.
	for e, skip := range map[Encoding]int{UTF16LE: 2, UTF16BE: 2} {
		text, got, err := all(t, encoded(t, e, "SKU,qty\r\nMR-1,12\r\nMR-2,13\r\n")[skip:], grid.Limits{})
		if err != nil || text.Encoding != e || len(got) != 6 {
			t.Errorf("%s without mark: %q, %v", e, got, err)
		}
	}
}

func TestChineseBeyondTheFirstPiece(t *testing.T) {
	// The first 300 kB are ASCII; what decides stands behind them.
	head := strings.Repeat("MR-100236,SH-01,1200\n", 15_000)
	for _, e := range []Encoding{UTF8, GB18030} {
		data := append([]byte(head), encoded(t, e, strings.Repeat("MR-1,上海仓，纸尿裤,12\n", 9000))...)
		text, got, err := all(t, data, grid.Limits{})
		if err != nil || text.Encoding != e {
			t.Fatalf("%v: %v", e, err)
		}
		if last := got[len(got)-2]; last != "B24000=上海仓，纸尿裤" {
			t.Errorf("%s: %q", e, last)
		}
	}
}

func TestOneBrokenCharacterDoesNotChangeTheEncoding(t *testing.T) {
	data := []byte(strings.Repeat("货号,数量,纸尿裤拉拉裤\n", 200) + "坏\xe5,1\n")
	text, _, err := all(t, data, grid.Limits{})
	if err != nil || text.Encoding != UTF8 {
		t.Errorf("%v, %v", text, err)
	}
}

func TestForms(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"semicolon", "a;b\n1,5;2\n", "A1=a B1=b A2=1,5 B2=2"},
		{"tab", "a\tb\n1,200\t2\n", "A1=a B1=b A2=1,200 B2=2"},
		{"bar", "a|b\n1|2\n", "A1=a B1=b A2=1 B2=2"},
		{"one column", "SKU\nMR-1\n", "A1=SKU A2=MR-1"},
		{"sep line", "sep=;\r\na;b\r\n1;2\r\n", "A1=a B1=b A2=1 B2=2"},
		{"CR", "a,b\r1,2\r", "A1=a B1=b A2=1 B2=2"},
		{"mixed ends", "a,b\r\n1,2\n3,4\r5,6", "A1=a B1=b A2=1 B2=2 A3=3 B3=4 A4=5 B4=6"},
		{"empty lines count", "a,b\n\n\n1,2\n", "A1=a B1=b A4=1 B4=2"},
		{"ragged", "a,b,c\n1\n1,2,3,4\n", "A1=a B1=b C1=c A2=1 A3=1 B3=2 C3=3 D3=4"},
		{"empty fields", "a,,c\n,,\n", "A1=a C1=c"},
		{"quote inside", `a,b` + "\n" + `5" pipe,x` + "\n", `A1=a B1=b A2=5" pipe B2=x`},
		{"after the quote", `a,b` + "\n" + `"x"y,"z" ` + "\n", `A1=a B1=b A2=xy B2=z`},
		{"blank before quote", "a,b\nx, \"y,z\"\n", "A1=a B1=b A2=x B2=y,z"},
		{"formula trick", "a,b\n=\"0012\",1\n", `A1=a B1=b A2="="0012"" B2=1`},
		{"nul", "a,b\nx\x00y,z\n", "A1=a B1=b A2=xy B2=z"},
		{"no end", "a,b\n1,2", "A1=a B1=b A2=1 B2=2"},
		{"comma at the end", "a,b,\n1,2,", "A1=a B1=b A2=1 B2=2"},
	} {
		_, got, err := all(t, []byte(c.in), grid.Limits{})
		want := strings.ReplaceAll(c.want, `"="0012""`, `="0012"`)
		if s := strings.Join(got, " "); err != nil || s != want {
			t.Errorf("%s:\n got %q, %v\nwant %q", c.name, s, err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	small := grid.Limits{CellBytes: 100, Columns: 3, Rows: 3}
	for _, c := range []struct {
		name string
		in   string
		want *notice.Reason
	}{
		{"blank", " \r\n\r\n ", notice.FileEmpty},
		{"mark only", "\uFEFF", notice.FileEmpty},
		{"binary", string([]byte{1, 2, 3, 4, 5, 0, 0, 0, 1, 2, 3}), notice.FileNotSheet},
		{"nulls", "a,b" + strings.Repeat("\x00", 500), notice.FileNotSheet},
		{"other encoding", "\x81\xff\xfe\x8f\xff\x80\xff,\xff\x81", notice.FileEncoding},
		{"open quote", "a,b\n1,\"2\n3,4\n", notice.FileOpenQuote},
		{"long cell", "a,b\n" + strings.Repeat("x", 200) + ",2\n", notice.CellTooLong},
		{"long quoted", "a,b\n\"" + strings.Repeat("x", 200) + "\",2\n", notice.CellTooLong},
		{"long behind quote", "a,b\n\"\"" + strings.Repeat("x", 200) + ",2\n", notice.CellTooLong},
		{"columns", "a,b,c,d\n", notice.TooManyColumns},
		{"rows", "a\nb\nc\nd\n", notice.TooManyRows},
	} {
		_, _, err := all(t, []byte(c.in), small)
		if !notice.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want.Code)
		}
	}
	// A line of nothing but commas must not fill the memory.
	commas := bytes.Repeat([]byte(","), 1<<20)
	if _, _, err := all(t, append([]byte("a,b\n"), commas...), small); !notice.Is(err, notice.CellTooLong) {
		t.Errorf("endless line: %v", err)
	}
}

func TestAnnotate(t *testing.T) {
	for _, e := range []Encoding{UTF8, UTF8BOM, UTF16LE, UTF16BE, GB18030} {
		data := encoded(t, e, sample)
		text, _, err := all(t, data, grid.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		note := func(row int) (string, error) {
			return map[int]string{1: "结果", 2: "有错：数量,不对", 3: "=1+1"}[row], nil
		}
		if err := text.Annotate(&out, 3, note); err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer("备注\r", "备注,结果\r", "乙\"\r", "乙\",\"有错：数量,不对\"\r", "\"\"\"\r", "\"\"\",'=1+1\r").Replace(sample)
		if !bytes.Equal(out.Bytes(), encoded(t, e, want)) {
			t.Errorf("%s:\n got %q\nwant %q", e, out.Bytes(), encoded(t, e, want))
		}
		// A second round replaces the column.
		again, _, err := all(t, out.Bytes(), grid.Limits{})
		if err != nil || again.Encoding != e {
			t.Fatalf("%s came back as %v, %v", e, again, err)
		}
		var second bytes.Buffer
		err = again.Annotate(&second, 3, func(row int) (string, error) { return fmt.Sprintf("第 %d 行", row), nil })
		if err != nil {
			t.Fatal(err)
		}
		if _, got, _ := all(t, second.Bytes(), grid.Limits{}); len(got) != 12 || got[3] != "D1=第 1 行" || got[11] != "D3=第 3 行" || got[10] != "C3=说“好”\n第二行 \"引\"" {
			t.Errorf("%s second round: %q", e, got)
		}
	}
}

func TestAnnotateMarksPlainASCII(t *testing.T) {
	text, _, err := all(t, []byte("sep=;\nsku;qty\nA;1\n"), grid.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := text.Annotate(&out, 2, func(row int) (string, error) { return "好", nil }); err != nil {
		t.Fatal(err)
	}
	if out.String() != "\uFEFFsep=;\r\nsku;qty;好\r\nA;1;好\r\n" {
		t.Errorf("%q", out.String())
	}
	if w, err := text.Width(context.Background()); w != 2 || err != nil {
		t.Errorf("width %d, %v", w, err)
	}
}

// Against encoding/csv, on texts that it takes.
func TestLikeEncodingCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.SliceOfN(rapid.SliceOfN(rapid.StringMatching(`[a-z0-9",;\n 货号]{0,6}`), 2, 4), 1, 6).Draw(t, "table")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		if err := w.WriteAll(table); err != nil {
			t.Fatal(err)
		}
		r := &Reader{in: iotestOneByte{&b}, comma: ',', limits: grid.Limits{}.WithDefaults(), buf: make([]byte, 16)}
		var row grid.Row
		for i, want := range table {
			if err := r.Next(&row); err != nil {
				t.Fatalf("row %d: %v", i, err)
			}
			if row.Width != len(want) {
				t.Fatalf("row %d has %d fields, want %d", i, row.Width, len(want))
			}
			for col, text := range want {
				got := ""
				if c := row.At(col); c != nil {
					got = string(c.Text)
				}
				text = strings.ReplaceAll(text, "\r\n", "\n")
				if strings.ReplaceAll(got, "\r\n", "\n") != text && strings.Trim(text, " \t") != "" {
					t.Fatalf("%s = %q, want %q", grid.Ref(i+1, col), got, text)
				}
			}
		}
		if err := r.Next(&row); err != io.EOF {
			t.Fatalf("after the end: %v", err)
		}
	})
}

// iotestOneByte hands out one byte at a time, so that every edge of the buffer is met.
type iotestOneByte struct{ r io.Reader }

func (o iotestOneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func FuzzText(f *testing.F) {
	for _, e := range []Encoding{UTF8, UTF8BOM, UTF16LE, UTF16BE, GB18030} {
		f.Add(encoded(f, e, sample))
	}
	f.Add([]byte("sep=\t\n\"\"\"\"\t\r\r\n\x00"))
	f.Add([]byte(`a;"b` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := grid.Limits{CellBytes: 1 << 10, Columns: 20, Rows: 1000}
		text, _, err := all(t, data, limits)
		if err != nil {
			if notice.As(err) == nil {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if err := text.Annotate(io.Discard, 2, func(int) (string, error) { return "x", nil }); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	data := []byte("SKU,仓库,日期,销量,单价,促销,断货\n" + strings.Repeat("MR-100236,SH-01,2026-11-02,1200,12.80,是,否\n", 100_000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, n, err := count7(data); err != nil || n != 700_007 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
}

func count7(data []byte) (*Text, int, error) {
	text, err := Open(bytes.NewReader(data), int64(len(data)), grid.Limits{})
	if err != nil {
		return nil, 0, err
	}
	rows, err := text.Rows()
	if err != nil {
		return nil, 0, err
	}
	var row grid.Row
	n := 0
	for {
		if err := rows.Next(&row); err == io.EOF {
			return text, n, nil
		} else if err != nil {
			return text, n, err
		}
		n += len(row.Cells)
	}
}
