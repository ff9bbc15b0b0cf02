package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

func TestFilesThatAreTurnedAway(t *testing.T) {
	good := book(t, nil, []any{"SKU", "数量"}, []any{"A", 1})
	cfb := func(names ...string) []byte {
		b := append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 70_000)...)
		for _, n := range names {
			b = append(b, utf16le(n)...)
		}
		return append(b, make([]byte, 70_000)...)
	}
	for _, c := range []struct {
		name string
		data []byte
		want *notice.Reason
	}{
		{"empty", nil, notice.FileEmpty},
		{"old excel", cfb("Root Entry", "Workbook"), notice.FileOldExcel},
		{"older excel", cfb("Book"), notice.FileOldExcel},
		{"oldest excel", []byte{0x09, 0x04, 0x06, 0x00, 0x00, 0x00, 0x10, 0x00, 1, 2, 3}, notice.FileOldExcel},
		{"password", cfb("EncryptionInfo", "EncryptedPackage"), notice.FileEncrypted},
		{"old word", cfb("WordDocument"), notice.FileNotSheet},
		{"web page", []byte("\uFEFF\r\n <!DOCTYPE html><html><table><tr><td>SKU"), notice.FileWebPage},
		{"bare table", []byte("<table border=1><tr><td>SKU"), notice.FileWebPage},
		{"utf-16 page", append([]byte("\xFF\xFE"), utf16le("<html><body>")...), notice.FileWebPage},
		{"mail page", []byte("MIME-Version: 1.0\r\nX-Document-Type: Workbook"), notice.FileWebPage},
		{"xml sheet", []byte(`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>`), notice.FileXMLSheet},
		{"xml", []byte(`<?xml version="1.0"?><orders/>`), notice.FileNotSheet},
		{"pdf", []byte("%PDF-1.7\n..."), notice.FileNotSheet},
		{"png", []byte("\x89PNG\r\n\x1a\n...."), notice.FileNotSheet},
		{"bmp", []byte("BM\x00\x00\x00\x00"), notice.FileNotSheet},
		{"rar", []byte("Rar!\x1a\x07"), notice.FileNotSheet},
		{"cut off", good[:len(good)/2], notice.FileDamaged},
		{"only a signature", []byte("PK\x03\x04"), notice.FileDamaged},
	} {
		for _, language := range []string{"zh", "en"} {
			_, err := OpenReader(bytes.NewReader(c.data), int64(len(c.data)), Options{})
			if !notice.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want.Code)
			} else if r := notice.As(err); r.Text(language) == "" || r.Fix(language) == "" || strings.Contains(r.Full(language), "{") {
				t.Errorf("%s says %q", c.name, r.Full(language))
			}
		}
	}
	if _, err := OpenReader(bytes.NewReader(good), int64(len(good)), Options{Limits: grid.Limits{FileBytes: 100}}); !notice.Is(err, notice.FileTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// A workbook that Excel has really encrypted.
func TestEncryptedWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	path := filepath.Join(t.TempDir(), "secret.csv")
	if err := f.SaveAs(filepath.Join(t.TempDir(), "x.xlsx"), excelize.Options{Password: "milk"}); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := excelize.Encrypt(b.Bytes(), &excelize.Options{Password: "milk"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !notice.Is(err, notice.FileEncrypted) {
		t.Errorf("%v", err)
	}
	if _, err := Open(path+".missing", Options{}); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

func TestContentDecidesNotTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sales.csv")
	if err := os.WriteFile(path, book(t, nil, []any{"SKU", "数量"}, []any{"A", 1}), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, Options{})
	if err != nil || f.Format() != XLSX {
		t.Fatalf("%v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// Every reason has both languages, and nothing left open in them.
func TestReasonsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range []*notice.Reason{
		notice.FileEmpty, notice.FileTooLarge, notice.FileOldExcel, notice.FileEncrypted, notice.FileBinaryWorkbook, notice.FileHasMacros, notice.FileOpenDocument,
		notice.FileWebPage, notice.FileXMLSheet, notice.FileNotSheet, notice.FileDamaged, notice.FileBomb, notice.FileUnsafeXML, notice.FileEncoding,
		notice.FileOpenQuote, notice.CellTooLong, notice.TooManyColumns, notice.TooManyRows, notice.NoSuchSheet, notice.NoVisibleSheet, notice.NoHeader,
		notice.MissingColumns, notice.TwinColumns, Missing, ExtraCells,
	} {
		if seen[r.Code] || r.ZH == "" || r.EN == "" || r.FixZH == "" || r.FixEN == "" {
			t.Errorf("%s is incomplete or twice", r.Code)
		}
		seen[r.Code] = true
	}
}
