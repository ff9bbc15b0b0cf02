package scanner

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/code128"

	"milkrun/warehouse/gs1"
)

// fnc1 is how the encoder of Code 128 is told the function character that GS1-128 begins with and parts elements by.
const fnc1 = "\u00f1"

// setupSymbol draws the GS1-128 symbol that the set-up page asks to scan. Ten modules of quiet zone stand on either side.
func (s Scanner) setupSymbol(w http.ResponseWriter, _ *http.Request) error {
	text, err := gs1.Encode(gs1.SetupElements)
	if err != nil {
		return fmt.Errorf("scanner: set-up symbol: %w", err)
	}
	if _, data, ok := strings.Cut(text, "]C1"); ok {
		text = data
	}
	code, err := code128.Encode(fnc1 + strings.ReplaceAll(text, gs1.GS, fnc1))
	if err != nil {
		return fmt.Errorf("scanner: set-up symbol: %w", err)
	}
	const quiet, height = 10, 40
	width := code.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" preserveAspectRatio="none" shape-rendering="crispEdges"><rect width="100%%" height="100%%" fill="#fff"/><path fill="#000" d="`,
		width+2*quiet, height)
	for x := range width {
		if r, _, _, _ := code.At(x, 0).RGBA(); r == 0 {
			fmt.Fprintf(&b, "M%d 0h1v%dh-1z", x+quiet, height)
		}
	}
	b.WriteString(`"/></svg>`)
	return svg(w, b.String())
}
