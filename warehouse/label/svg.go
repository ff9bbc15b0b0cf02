package label

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/boombuler/barcode"
)

// SVG writes the label as an SVG image of its true size, black on white, for a page that a browser prints. It holds no
// scripts, styles or links.
func (l Label) SVG() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%gmm" height="%gmm" viewBox="0 0 %d %d" role="img" aria-label="%s">`,
		float64(l.Width)/mm, float64(l.Height)/mm, l.Width, l.Height, escape(l.Title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`, l.Width, l.Height)
	for _, m := range l.marks {
		if err := m.svg(&b); err != nil {
			return "", err
		}
	}
	b.WriteString("</svg>")
	return b.String(), nil
}

func (m *mark) svg(b *strings.Builder) error {
	switch m.kind {
	case textMark:
		m.svgText(b)
	case boxMark:
		if m.filled {
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d"/>`, m.x, m.y, m.w, m.h)
		} else {
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#000" stroke-width="2"/>`, m.x+1, m.y+1, m.w-2, m.h-2)
		}
	case code128Mark:
		code, err := symbol128(m.text)
		if err != nil {
			return err
		}
		bars(b, code, m)
	default:
		encode := symbolQR
		if m.kind == dataMatrixMark {
			encode = symbolMatrix
		}
		code, err := encode(m.text)
		if err != nil {
			return err
		}
		bars(b, code, m)
	}
	return nil
}

// bars writes the dark modules of a code as one path: a run of them in each row, or in the one row of a linear code.
func bars(b *strings.Builder, code barcode.Barcode, m *mark) {
	size := code.Bounds()
	height := m.module
	if m.kind == code128Mark {
		height = m.h
	}
	b.WriteString(`<path shape-rendering="crispEdges" d="`)
	for y := range size.Dy() {
		for x := 0; x < size.Dx(); x++ {
			run := x
			for run < size.Dx() && dark(code, run, y) {
				run++
			}
			if run > x {
				fmt.Fprintf(b, "M%d %dh%dv%dh-%dz", m.x+x*m.module, m.y+y*m.module, (run-x)*m.module, height, (run-x)*m.module)
				x = run
			}
		}
	}
	b.WriteString(`"/>`)
}

func dark(code barcode.Barcode, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r < 0x8000
}

func (m *mark) svgText(b *strings.Builder) {
	x, anchor := m.x, "start"
	switch m.at {
	case centre:
		x, anchor = m.x+m.w/2, "middle"
	case right:
		x, anchor = m.x+m.w, "end"
	}
	weight := ""
	if m.bold {
		weight = ` font-weight="700"`
	}
	fit := ""
	if width(m.text, m.h) > m.w {
		fit = fmt.Sprintf(` textLength="%d" lengthAdjust="spacingAndGlyphs"`, m.w)
	}
	// The base of the letters lies at 85 % of their height.
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d" text-anchor="%s" font-family="PingFang SC, HarmonyOS Sans SC, MiSans, Noto Sans SC, Noto Sans CJK SC, Microsoft YaHei, Arial, sans-serif"%s%s>%s</text>`,
		x, m.y+m.h*85/100, m.h, anchor, weight, fit, escape(m.text))
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
