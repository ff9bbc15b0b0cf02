package ui

// Tone is the meaning a colour carries; the values are the CSS classes of the tokens.
type Tone string

// The tones. Plain is neutral.
const (
	Plain    Tone = ""
	Heat     Tone = "heat"
	Forecast Tone = "forecast"
	Stock    Tone = "stock"
	OK       Tone = "ok"
	Watch    Tone = "watch"
	Risk     Tone = "risk"
	Cold     Tone = "cold"
	Act      Tone = "act"
)

// soft gives the class of a soft ground with its ink.
func (t Tone) soft() string {
	if t == Plain {
		return ""
	}
	return "is-" + string(t)
}

// ink gives the class of text in the tone.
func (t Tone) ink() string {
	if t == Plain {
		return ""
	}
	return "t-" + string(t)
}

// mark gives the CSS value of the tone's mark in charts and meters.
func (t Tone) mark() string {
	switch t {
	case Plain:
		return "var(--mk-sales)"
	case Act:
		return "var(--mk-action)"
	}
	return "var(--mk-" + string(t) + ")"
}

// Mark is how a status is drawn: always an icon and a word, never a colour alone.
type Mark struct {
	Icon string
	Tone Tone
}

// Statuses is the table of status words by kind and status. The word of each is the message
// "status.<kind>.<status>".
var Statuses = map[string]map[string]Mark{
	"suggestion": {
		"open": {"circle-dashed", Plain}, "approved": {"check", OK}, "changed": {"pencil", Forecast},
		"rejected": {"x", Plain}, "expired": {"clock-x", Plain}, "ordered": {"checks", OK},
	},
	"stock": {
		"enough": {"circle-check", OK}, "low": {"alert-triangle", Watch}, "running_out": {"alert-octagon", Risk},
		"out": {"circle-x", Risk}, "too_much": {"stack-3", Cold},
	},
	"order": {
		"draft": {"pencil", Plain}, "sent": {"send", Act}, "answered": {"message-reply", Watch},
		"confirmed": {"check", OK}, "producing": {"building-factory-2", Act}, "shipped": {"truck", OK},
		"received": {"checks", OK}, "late": {"clock-exclamation", Risk}, "cancelled": {"x", Plain}, "closed": {"lock", Plain},
	},
	"campaign": {
		"planned": {"calendar-time", Plain}, "open": {"player-play", Act}, "reached": {"target-arrow", OK},
		"missed": {"circle-x", Risk}, "closed": {"lock", Plain},
	},
	"wave": {
		"held": {"calendar-time", Plain}, "picking": {"player-play", Act}, "short": {"lock", Watch},
		"late": {"clock-exclamation", Risk}, "handed_over": {"check", OK},
	},
	"inspection": {
		"pending": {"microscope", Plain}, "accepted": {"check", OK}, "rejected": {"x", Risk},
		"yellow_card": {"cards", Watch}, "red_card": {"cards", Risk},
	},
	"sync": {
		"queued": {"clock", Plain}, "sending": {"refresh", Act}, "saved": {"check", OK},
		"offline": {"cloud-off", Watch}, "needs_you": {"hand-stop", Risk},
	},
	"import": {
		"good": {"check", OK}, "mended": {"wand", Act}, "bad": {"x", Risk}, "skipped": {"minus", Plain},
	},
	"job": {
		"queued": {"clock", Plain}, "running": {"player-play", Act}, "done": {"check", OK}, "failed": {"alert-triangle", Risk},
	},
	"account": {
		"active": {"check", OK}, "inactive": {"ban", Plain}, "locked": {"lock", Watch},
	},
}

// mark gives the drawing of a status; an unknown one is drawn neutral, with its own name as the word.
func mark(kind, status string) (Mark, bool) {
	m, ok := Statuses[kind][status]
	if !ok {
		return Mark{Icon: "circle-dashed"}, false
	}
	return m, true
}
