package label_test

import (
	"fmt"
	"strings"

	"milkrun/warehouse/label"
)

func ExampleZPL() {
	l, err := label.Bin{Code: "A-03-12"}.Label()
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(label.ZPL([]label.Label{l}, label.Printer{})) {
		if strings.Contains(line, "^BC") {
			fmt.Print(line)
		}
	}
	// Output: ^FO72,160^BY3^BCN,104,N,N,N^FD>:A-03-12^FS
}
