package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// Field is one question of a form. What the user typed stays, also when it is wrong; the error says what to do.
type Field struct {
	Name  string
	Label string
	Value string
	// Type is an input's type: text (default), number, search, date, password, email, tel, file.
	Type    string
	Hint    string
	Error   string
	Choices []Choice // makes it a select
	Rows    int      // makes it a text area
	Number  bool     // right-aligned digits; the keyboard of a phone shows digits
	Need    bool     // must be answered
	Attrs   templ.Attributes
	ID      string // "f-" + Name when empty
	Unit    string // behind the box
}

// Choice is one option of a select.
type Choice struct {
	Value string
	Text  string
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// marks gives the attributes that tie a control to its hint and error.
func (f Field) marks() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name}
	if f.Need {
		a["required"] = true
	}
	if f.Number {
		a["inputmode"] = "numeric"
	}
	switch {
	case f.Error != "":
		a["aria-invalid"] = "true"
		a["aria-describedby"] = f.id() + "-error"
	case f.Hint != "":
		a["aria-describedby"] = f.id() + "-hint"
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

func plain(n int64) string { return strconv.FormatInt(n, 10) }
