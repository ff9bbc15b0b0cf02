package ui

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"
)

// sprite is the file that holds all icons as symbols; their ids are the names of the Tabler outline icons.
const sprite = "vendor/icons.svg"

// Icon draws a Tabler icon by its name at a size in pixels: 20 beside text, 18 in buttons, 14 in chips. It is
// decoration: the words beside it carry the meaning. Every name must stand in web/static/icons.txt.
func Icon(name string, size int) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := fmt.Fprintf(w, `<svg class="mk-i" width="%[1]d" height="%[1]d" style="width:%[1]dpx;height:%[1]dpx" aria-hidden="true"><use href="%[2]s#%[3]s"></use></svg>`,
			size, Asset(sprite), templ.EscapeString(name))
		return err
	})
}
