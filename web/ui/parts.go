package ui

import (
	"context"
	"fmt"

	"github.com/a-h/templ"
)

// CardHead is the head of a card. End is what stands at its right: a legend, a segment, a link.
type CardHead struct {
	Title string
	Note  string
	End   templ.Component
	ID    string // of the card element; the heading gets ID+"-title"
	Class string // further classes of the card
}

// Figure is one number with its label: the answer of a page.
type Figure struct {
	Label  string
	Value  string
	Remark string // beside the number, small
	Note   string // below the number
	Tone   Tone
	Small  bool   // 20 px instead of 28
	Href   string // opens the rows that the number counts
}

// Kind is the weight of a button: one filled button a region, the rest quiet.
type Kind string

// The weights.
const (
	Quiet  Kind = ""
	Main   Kind = "main"
	BareB  Kind = "bare"
	Danger Kind = "danger"
)

// Button is a button, or a link that looks like one when Href is set.
type Button struct {
	Label string // says its number: 批准 4,200 件
	Icon  string
	Kind  Kind
	Small bool
	Wide  bool
	Key   string // one letter; printed on the button and obeyed by js/keys.js
	Href  string
	// Submit makes it send the form it stands in; without, it is a plain button for scripts and htmx.
	Submit bool
	Attrs  templ.Attributes // hx-*, name, value, form, data-*
	Off    bool
}

func (b Button) class() string {
	c := "mk-btn"
	if b.Kind != Quiet {
		c += " is-" + string(b.Kind)
	}
	if b.Small {
		c += " is-s"
	}
	if b.Wide {
		c += " is-wide"
	}
	return c
}

func (b Button) kind() string {
	if b.Submit {
		return "submit"
	}
	return "button"
}

func (b Button) icon() int {
	if b.Small {
		return 16
	}
	return 18
}

// keyed gives the attributes by which the keyboard finds a control.
func keyed(ctx context.Context, key string) templ.Attributes {
	if key == "" || !From(ctx).Keys {
		return nil
	}
	return templ.Attributes{"data-key": key, "aria-keyshortcuts": key}
}

// Note is what happened and what to do about it: the next step is a button or link inside.
type Note struct {
	Tone Tone
	Icon string // empty takes the tone's own
	Text string
	Next templ.Component
	// Live says how screen readers hear of it: "" not at all (it came with the page), "status" or "alert".
	Live  string
	Dense bool
	ID    string
}

func (n Note) icon() string {
	if n.Icon != "" {
		return n.Icon
	}
	switch n.Tone {
	case OK:
		return "check"
	case Risk, Watch:
		return "alert-triangle"
	case Act:
		return "clock"
	}
	return "info-circle"
}

// Empty is a list with nothing in it: what is true, when that changes, and one button.
type Empty struct {
	Icon  string
	Title string
	Note  string
	Next  templ.Component
}

// Stop is one stop of a line.
type Stop struct {
	Name  string
	Note  string
	State StopState
	Icon  string // only on the line of the day (Run)
	Href  string
}

// StopState is where a stop stands: ahead, done, now or late.
type StopState string

// The states of a stop.
const (
	Ahead StopState = ""
	Done  StopState = "done"
	Now   StopState = "now"
	Late  StopState = "late"
)

// RunStop is one stop of the line of the day: a figure and its worst news.
type RunStop struct {
	Name  string
	Icon  string
	Tone  Tone // of the ring
	Value string
	Unit  string
	News  string
	Worse Tone // of the news
	Href  string
}

// WhyRow is one line of the sum that explains a number.
type WhyRow struct {
	Op    string // "+", "−", "×" or "=", empty for none
	Label string
	Note  string
	Value string
	Tone  Tone
	Sum   bool // the result: the last row
}

// Meter is a part of a whole; the tick marks the target. All are in the same unit.
type Meter struct {
	Value, Max, Target float64 // a Target of 0 or less draws no tick
	Tone               Tone
	Label              string // for screen readers: 在手 842 件，水位 876 件
	Width              int    // px; 0 fills the cell
}

func (m Meter) style() templ.SafeCSS {
	s := fmt.Sprintf("--c:%s", m.Tone.mark())
	if m.Width > 0 {
		s += fmt.Sprintf(";width:%dpx", m.Width)
	}
	return templ.SafeCSS(s)
}

// share gives v as a CSS percentage of the whole, within 0 and 100.
func share(property string, v, whole float64) templ.SafeCSS {
	p := 0.0
	if whole > 0 {
		p = min(100, max(0, v/whole*100))
	}
	return templ.SafeCSS(fmt.Sprintf("%s:%.2f%%", property, p))
}

// Legend is one entry of a chart's legend. Shape is "", "bar" or "band".
type Legend struct {
	Text  string
	Color string // a CSS colour, usually var(--mk-…)
	Shape string
}

// Progress is a job that runs. With a Topic the page listens on /live and follows by itself.
type Progress struct {
	ID          string
	Label       string // what runs, and that one may leave
	Done, Total int64
	Topic       string // of the live channel; the bar asks Source again when it speaks
	Source      string // address that renders this same Progress
}

func (p Progress) percent() int {
	if p.Total <= 0 {
		return 0
	}
	return int(min(100, max(0, p.Done*100/p.Total)))
}

func newsClass(t Tone) string {
	switch t {
	case Plain:
		return "mk-2nd"
	case Risk:
		return "t-risk mk-b"
	}
	return t.ink()
}

// weight gives the first way on from an error page the filled button.
func weight(i int, small bool) Kind {
	if i == 0 && !small {
		return Main
	}
	return Quiet
}
