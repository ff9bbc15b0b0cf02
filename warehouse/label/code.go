package label

import (
	"fmt"
	"slices"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/boombuler/barcode/qr"

	"milkrun/warehouse/gs1"
)

// fnc1 stands for the function character 1 in the text of a Code 128 mark: at its beginning it marks GS1-128, within it is the
// separator.
const fnc1 = string(code128.FNC1)

// quiet is the modules to be left blank on either side of a linear code.
const quiet = 10

// gs1Text gives the text of a GS1 symbol: FNC1, then the elements with FNC1 between.
func gs1Text(list []gs1.Element) (string, error) {
	s, err := gs1.Encode(list)
	if err != nil {
		return "", err
	}
	return fnc1 + strings.ReplaceAll(s, gs1.GS, fnc1), nil
}

// symbol128 encodes a Code 128 text.
func symbol128(text string) (barcode.Barcode, error) {
	return code128.Encode(text)
}

// symbolMatrix encodes a DataMatrix text, in which FNC1 is one codeword.
func symbolMatrix(text string) (barcode.Barcode, error) {
	if strings.ContainsFunc(strings.ReplaceAll(text, fnc1, ""), func(r rune) bool { return r > 0x7e || r < 0x20 }) {
		return nil, fmt.Errorf("%q: letters of ASCII alone", text)
	}
	return datamatrix.Encode(strings.ReplaceAll(text, fnc1, string([]byte{datamatrix.FNC1})))
}

// symbolQR encodes a text as QR code with 15 % of error correction.
func symbolQR(text string) (barcode.Barcode, error) {
	return qr.Encode(text, qr.M, qr.Auto)
}

// linear adds a Code 128 in the width and height, in the widest modules that fit with their quiet zones, and centres it.
// A code that would need modules below two dots is refused.
func (l *Label) linear(x, y, w, h, most int, text string) error {
	b, err := symbol128(text)
	if err != nil {
		return err
	}
	_, modules := zpl128(text)
	modules = max(modules, b.Bounds().Dx())
	module := min(w/(modules+2*quiet), most)
	if module < 2 {
		return fmt.Errorf("%d modules do not fit %d mm", modules, w/mm)
	}
	l.marks = append(l.marks, mark{kind: code128Mark, x: x + (w-modules*module)/2, y: y, w: w, h: h, text: text, module: module})
	return nil
}

// matrix adds a QR code or a DataMatrix in a square of the side, in the widest modules that fit.
func (l *Label) matrix(kind markKind, x, y, side int, text string) error {
	encode := symbolQR
	if kind == dataMatrixMark {
		encode = symbolMatrix
	}
	b, err := encode(text)
	if err != nil {
		return err
	}
	module := side / b.Bounds().Dx()
	if module < 2 {
		return fmt.Errorf("%d modules do not fit %d mm", b.Bounds().Dx(), side/mm)
	}
	rest := (side - module*b.Bounds().Dx()) / 2
	l.marks = append(l.marks, mark{kind: kind, x: x + rest, y: y + rest, w: side, h: side, text: text, module: module})
	return nil
}

// zplNames writes the letters that mean something else to ZPL in a Code 128, and FNC1. Source: ZPL II Programming Guide, ^BC,
// table of invocation characters.
var zplNames = strings.NewReplacer(">", ">0", "^", "><", "~", ">=", fnc1, ">8")

// zpl128 writes a Code 128 text for ZPL in one code set from beginning to end, which every printer reads alike: in pairs of
// digits (>;) where there is nothing else, else letter by letter (>:). It gives the number of modules besides.
func zpl128(text string) (zpl string, modules int) {
	marks := strings.Count(text, fnc1)
	n := len([]rune(text)) - marks
	digits := strings.Trim(strings.ReplaceAll(text, fnc1, ""), "0123456789") == ""
	start := ">:"
	if pairs := !slices.ContainsFunc(strings.Split(text, fnc1), func(s string) bool { return len(s)%2 == 1 }); digits && pairs {
		start, n = ">;", n/2
	}
	// Start, check and stop, the last of 13 modules, beside the letters.
	return start + zplNames.Replace(text), (n+marks+3)*11 + 2
}
