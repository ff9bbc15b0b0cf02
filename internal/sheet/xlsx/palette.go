package xlsx

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
)

// palette knows the numbers of the styles that Annotate adds: for every cell style of the workbook one with the ground of
// a mended cell and one with that of a wrong one, and five for the added column.
type palette struct {
	styles, fills, fonts int
}

// maxBase is the most cell styles that are multiplied: Excel takes 65,490 in all.
const maxBase = 20_000

// marked gives the style that looks like the given one on the ground of the tone.
func (p *palette) marked(style int, tone Tone) int {
	if style >= p.styles {
		style = 0
	}
	if tone == Bad {
		return p.styles + style
	}
	return 2*p.styles + style
}

// result gives the style of the added column.
func (p *palette) result(tone Tone) int { return 3*p.styles + int(tone) - 1 }

// readPalette counts what the styles part holds. It gives nil, and the copy stays uncoloured, where that part is missing
// or unusual.
func (w *Workbook) readPalette() (*palette, error) {
	p, err := w.zip.scan(w.stylesPart)
	if p == nil || err != nil {
		return nil, err
	}
	defer p.Close()
	var out palette
	sections := 0
	for {
		err := p.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, xmlFault(err)
		}
		if p.kind != startTag {
			continue
		}
		section := string(p.name)
		switch {
		case p.depth == 2 && !p.closed && (section == "fonts" || section == "fills" || section == "cellXfs"):
			n, err := countChildren(p.scanner)
			if err != nil {
				return nil, xmlFault(err)
			}
			sections++
			switch section {
			case "fonts":
				out.fonts = n
			case "fills":
				out.fills = n
			case "cellXfs":
				out.styles = n
			}
		}
	}
	if sections != 3 || out.styles == 0 || out.styles > maxBase {
		return nil, nil
	}
	return &out, nil
}

// countChildren counts the children of the element that has just begun, up to its end.
func countChildren(s *scanner) (int, error) {
	n, depth := 0, s.depth
	for {
		if err := s.next(); err != nil {
			return 0, err
		}
		switch {
		case s.kind == startTag && s.depth == depth+1:
			n++
		case s.kind == endTag && s.depth < depth:
			return n, nil
		}
	}
}

// The grounds and inks, as in the console.
var (
	grounds = []string{"FFFDE8E8", "FFE5EEF8"}                                     // wrong, mended
	inks    = []string{"FF1F7A4D", "FF1F4E8C", "FFB42318", "FF6B7280", "FF111827"} // by Tone: good, mended, wrong, skipped, header
)

// write copies the styles part with the additions.
func (p *palette) write(w *Workbook, dst io.Writer) error {
	in, err := w.zip.scan(w.stylesPart)
	if err != nil {
		return err
	}
	defer in.Close()
	out := buffered{w: dst}
	out.text(xml.Header)
	for {
		err := in.next()
		if err == io.EOF {
			return out.flush()
		}
		if err != nil {
			return xmlFault(err)
		}
		section := string(in.name)
		switch {
		case in.kind == other && bytes.HasPrefix(in.raw(), []byte("<?xml ")):
			continue
		case in.kind == startTag && in.depth == 2 && (section == "fonts" || section == "fills" || section == "cellXfs"):
			if err := p.section(in.scanner, &out, section); err != nil {
				return xmlFault(err)
			}
		default:
			_, _ = out.Write(in.raw())
		}
	}
}

// section copies one of the three lists and adds to its end.
func (p *palette) section(s *scanner, out *buffered, name string) error {
	prefix, depth := tagPrefix(s.raw()), s.depth
	// Without its count, which may be left out.
	out.text("<", prefix, name, ">")
	var bodies [][]byte
	for {
		if err := s.next(); err != nil {
			return err
		}
		if s.kind == endTag && s.depth < depth {
			break
		}
		_, _ = out.Write(s.raw())
		if name == "cellXfs" {
			if s.kind == startTag && s.depth == depth+1 {
				bodies = append(bodies, nil)
			}
			if n := len(bodies); n > 0 {
				bodies[n-1] = append(bodies[n-1], s.raw()...)
			}
		}
	}
	switch name {
	case "fonts":
		for i, ink := range inks {
			out.text("<", prefix, "font>")
			if i == len(inks)-1 {
				out.text("<", prefix, "b/>")
			}
			out.text("<", prefix, `sz val="10"/><`, prefix, `color rgb="`, ink, `"/></`, prefix, "font>")
		}
	case "fills":
		for _, ground := range grounds {
			out.text("<", prefix, "fill><", prefix, `patternFill patternType="solid"><`, prefix, `fgColor rgb="`, ground, `"/></`, prefix, "patternFill></", prefix, "fill>")
		}
	case "cellXfs":
		p.xfs(out, prefix, bodies)
	}
	out.text("</", prefix, name, ">")
	return out.err
}

// xfs repeats every cell style on the two grounds and adds those of the new column.
func (p *palette) xfs(out *buffered, prefix string, bodies [][]byte) {
	for ground := range grounds {
		fill := strconv.Itoa(p.fills + ground)
		for _, body := range bodies {
			end := bytes.IndexByte(body, '>')
			tag := bytes.TrimRight(body[1+len(prefix)+len("xf"):end], "/")
			out.text("<", prefix, "xf")
			for rest := tag; ; {
				name, value, more, ok := nextAttr(rest)
				if !ok {
					break
				}
				if rest = more; string(name) != "fillId" && string(name) != "applyFill" {
					out.attr(name, value)
				}
			}
			out.text(` fillId="`, fill, `" applyFill="1"`)
			if body[end-1] == '/' {
				out.text("/")
			}
			_, _ = out.Write(body[end:])
		}
	}
	for i := range inks {
		out.text("<", prefix, `xf numFmtId="0" fontId="`, strconv.Itoa(p.fonts+i), `" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><`,
			prefix, `alignment vertical="top" wrapText="1"/></`, prefix, "xf>")
	}
}
