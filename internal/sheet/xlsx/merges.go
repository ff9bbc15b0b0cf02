package xlsx

import (
	"bytes"
	"io"
	"slices"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// maxMerges bounds the merged ranges that are remembered: 12 bytes each.
const maxMerges = 1 << 20

// Merges gives the merged ranges of the sheet, sorted by their top row. They stand behind the cells, so the whole sheet
// is inflated once (and its checksum proved) before the first row is read.
func (w *Workbook) Merges(s Sheet) ([]grid.Merge, error) {
	p, err := w.zip.scan(s.part)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notice.Refuse(notice.FileDamaged, nil)
	}
	defer p.Close()
	if err := p.skipCells(); err != nil {
		return nil, xmlFault(err)
	}
	var out []grid.Merge
	for {
		err := p.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, xmlFault(err)
		}
		if !p.is(startTag, "mergeCell") {
			continue
		}
		if m, ok := parseMerge(p.attr("ref")); ok {
			if out = append(out, m); len(out) > maxMerges {
				return nil, notice.Refuse(notice.FileBomb, nil)
			}
		}
	}
	slices.SortFunc(out, func(a, b grid.Merge) int { return int(a.Top) - int(b.Top) })
	return out, nil
}

// skipCells moves the tokenizer behind the cells without looking at them: to the second "sheetData>", or to the end.
func (s *scanner) skipCells() error {
	for {
		err := s.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if s.is(endTag, "sheetData") {
			return nil // empty and self-closed
		}
		if s.is(startTag, "sheetData") && !s.closed {
			break
		}
	}
	for {
		if i := closing(s.buf[s.pos:s.end]); i >= 0 {
			s.start = s.pos + i
			s.depth--
			return s.until(">", 0)
		}
		// The mark may lie across the edge of the buffer.
		s.pos = max(s.pos, s.end-64)
		s.start = s.pos
		if err := s.fill(); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
}

// closing finds the start of the end tag of sheetData with any prefix; -1 if there is none in b.
func closing(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte("sheetData"))
		if i < 0 {
			return -1
		}
		i += from
		open := bytes.LastIndexByte(b[max(0, i-48):i], '<')
		if open >= 0 {
			open += max(0, i-48)
			if b[open+1] == '/' && bytes.IndexByte(b[open:i], ' ') < 0 {
				return open
			}
		}
		from = i + 1
	}
}

func parseMerge(ref string) (grid.Merge, bool) {
	a, b, ok := bytes.Cut([]byte(ref), []byte(":"))
	if !ok {
		return grid.Merge{}, false
	}
	top, left, ok1 := grid.ParseRef(a)
	bottom, right, ok2 := grid.ParseRef(b)
	if !ok1 || !ok2 || top < 1 || bottom < top || right < left {
		return grid.Merge{}, false
	}
	return grid.Merge{Top: int32(top), Bottom: int32(bottom), Left: int16(left), Right: int16(right)}, true
}
