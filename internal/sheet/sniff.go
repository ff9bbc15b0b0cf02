package sheet

import (
	"bytes"
	"io"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/notice"
)

// signatures of files that people upload by mistake.
var signatures = []struct {
	magic string
	what  catalog.Name
}{
	{"%PDF", catalog.Name{ZH: "PDF", EN: "a PDF"}},
	{"\x89PNG", catalog.Name{ZH: "图片", EN: "a picture"}},
	{"\xFF\xD8\xFF", catalog.Name{ZH: "图片", EN: "a picture"}},
	{"GIF8", catalog.Name{ZH: "图片", EN: "a picture"}},
	{"BM", catalog.Name{ZH: "图片", EN: "a picture"}},
	{"Rar!", catalog.Name{ZH: "RAR 压缩包", EN: "a RAR archive"}},
	{"7z\xBC\xAF", catalog.Name{ZH: "7z 压缩包", EN: "a 7z archive"}},
	{"\x1F\x8B", catalog.Name{ZH: "gzip 压缩包", EN: "a gzip archive"}},
	{"{\\rtf", catalog.Name{ZH: "RTF 文档", EN: "an RTF document"}},
	{"SQLite", catalog.Name{ZH: "数据库文件", EN: "a database"}},
}

// sniff tells what a file is from its first bytes, and turns away what is not read.
func sniff(r io.ReaderAt, size int64) (Format, error) {
	if size == 0 {
		return "", notice.Refuse(notice.FileEmpty, nil)
	}
	head := make([]byte, min(size, 2048))
	if n, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return "", err
	} else if head = head[:n]; n == 0 {
		return "", notice.Refuse(notice.FileEmpty, nil)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")), bytes.HasPrefix(head, []byte("PK\x07\x08")):
		return XLSX, nil
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return "", compound(r, size)
	case len(head) > 3 && head[0] == 0x09 && head[1] <= 0x08 && head[3] == 0 && (head[2] == 4 || head[2] == 6 || head[2] == 8 || head[2] == 16):
		return "", notice.Refuse(notice.FileOldExcel, nil) // a BIFF stream without its container
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) && (s.magic != "BM" || bytes.IndexByte(head, 0) >= 0) {
			return "", notice.Refuse(notice.FileNotSheet, nil, s.what)
		}
	}
	return CSV, markup(head)
}

// compound tells apart what comes in Microsoft's old container: encrypted workbooks, old workbooks, other documents. The
// names of its streams stand in it as UTF-16.
func compound(r io.ReaderAt, size int64) error {
	names := [][]byte{utf16le("EncryptedPackage"), utf16le("Workbook"), utf16le("Book")}
	found := make([]bool, len(names))
	buf, kept := make([]byte, 64<<10), 0
	in := io.NewSectionReader(r, 0, min(size, 256<<20))
	for {
		n, err := io.ReadFull(in, buf[kept:])
		for i, name := range names {
			found[i] = found[i] || bytes.Contains(buf[:kept+n], name)
		}
		if found[0] {
			return notice.Refuse(notice.FileEncrypted, nil)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
		kept = copy(buf, buf[len(buf)-64:])
	}
	if found[1] || found[2] {
		return notice.Refuse(notice.FileOldExcel, nil)
	}
	return notice.Refuse(notice.FileNotSheet, nil, catalog.Name{ZH: "旧版 Office 文档", EN: "an old Office document"})
}

func utf16le(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// markup turns away web pages and XML under the name of a sheet.
func markup(head []byte) error {
	text := bytes.ReplaceAll(head, []byte{0}, nil) // UTF-16, roughly
	text = bytes.TrimPrefix(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), []byte("\xFF\xFE"))
	s := strings.ToLower(strings.TrimSpace(string(text)))
	if strings.HasPrefix(s, "mime-version:") {
		return notice.Refuse(notice.FileWebPage, nil)
	}
	if !strings.HasPrefix(s, "<") {
		return nil
	}
	for _, tag := range []string{"<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<style", "<div", "<script", "<tr"} {
		if strings.Contains(s, tag) {
			return notice.Refuse(notice.FileWebPage, nil)
		}
	}
	switch {
	case strings.Contains(s, "excel.sheet") || strings.Contains(s, "<workbook") || strings.Contains(s, "<ss:workbook"):
		return notice.Refuse(notice.FileXMLSheet, nil)
	case strings.HasPrefix(s, "<?xml") || strings.HasPrefix(s, "<!"):
		return notice.Refuse(notice.FileNotSheet, nil, "XML")
	}
	return nil
}
