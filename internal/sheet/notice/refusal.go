package notice

import (
	"encoding/json"
	"errors"
)

// Refusal is the error with which a whole file is turned away: it says why and what to do in both languages.
type Refusal struct {
	Note
	// Err is what lies beneath, for the log; it may be nil.
	Err error
}

// Refuse makes a refusal.
func Refuse(r *Reason, err error, args ...any) *Refusal {
	return &Refusal{Note: r.With(args...), Err: err}
}

// Error gives the English text, with what lies beneath.
func (r *Refusal) Error() string {
	s := r.Code() + ": " + r.Text("en")
	if r.Err != nil {
		s += ": " + r.Err.Error()
	}
	return s
}

// Unwrap gives what lies beneath.
func (r *Refusal) Unwrap() error { return r.Err }

// As gives the refusal inside err, nil if there is none.
func As(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// Is tells whether err is a refusal for the reason.
func Is(err error, reason *Reason) bool {
	r := As(err)
	return r != nil && r.Reason == reason
}

// wire is a note as JSON: written out in both languages, so that it can be read back long after, by a program that no
// longer knows the reason.
type wire struct {
	Code  string `json:"code"`
	ZH    string `json:"zh"`
	EN    string `json:"en"`
	FixZH string `json:"fix_zh,omitempty"`
	FixEN string `json:"fix_en,omitempty"`
}

// MarshalJSON writes the note out in both languages; the zero Note is null.
func (n Note) MarshalJSON() ([]byte, error) {
	if n.Reason == nil {
		return []byte("null"), nil
	}
	return json.Marshal(wire{n.Code(), n.Text("zh"), n.Text("en"), n.Fix("zh"), n.Fix("en")})
}

// UnmarshalJSON reads back what MarshalJSON wrote: same code and texts, no arguments.
func (n *Note) UnmarshalJSON(b []byte) error {
	var w *wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*n = Note{}
	if w != nil {
		n.Reason = &Reason{w.Code, w.ZH, w.EN, w.FixZH, w.FixEN}
	}
	return nil
}
