package route

import (
	"errors"
	"fmt"
	"net/http"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Refusal is an error as the reader meets it: a status, a message with its arguments, and the next step. The message
// says what is wrong with the numbers in it; the step says what to do, as a button.
type Refusal struct {
	Status int
	Word   string // message id; its arguments as ui.T takes them
	Args   []any
	Next   []Step
	// Fields names the form's fields that are wrong and the message id of each.
	Fields map[string]string
	Err    error // what it came from; logged, never shown
}

// Step is the way on from an error: a link to an address, or a verb when Post is set.
type Step struct {
	Word string // message id
	Args []any
	Href string
	Post string
}

// Mapper says a domain's refusal. It gives nil for errors it does not know.
type Mapper func(error) *Refusal

func (e *Refusal) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s (%d): %v", e.Word, e.Status, e.Err)
	}
	return fmt.Sprintf("%s (%d)", e.Word, e.Status)
}

// Unwrap gives the cause.
func (e *Refusal) Unwrap() error { return e.Err }

// With adds a next step that leads to an address.
func (e *Refusal) With(word, href string, args ...any) *Refusal {
	e.Next = append(e.Next, Step{Word: word, Href: href, Args: args})
	return e
}

// WithPost adds a next step that does something: a post to the address.
func (e *Refusal) WithPost(word, post string, args ...any) *Refusal {
	e.Next = append(e.Next, Step{Word: word, Post: post, Args: args})
	return e
}

// Because keeps the cause for the log.
func (e *Refusal) Because(err error) *Refusal {
	e.Err = err
	return e
}

// NotFound is the refusal of an address that leads to nothing.
func NotFound() *Refusal { return Refuse(http.StatusNotFound, "error.notfound") }

// Forbidden is the refusal of something the user's role may not do.
func Forbidden() *Refusal { return Refuse(http.StatusForbidden, "error.forbidden") }

// Conflict is the refusal of a change that meets another's change, or a state that has moved on.
func Conflict(word string, args ...any) *Refusal { return Refuse(http.StatusConflict, word, args...) }

// Invalid is the refusal of input that is wrong.
func Invalid(word string, args ...any) *Refusal {
	return Refuse(http.StatusUnprocessableEntity, word, args...)
}

// Refuse is a refusal with any status.
func Refuse(status int, word string, args ...any) *Refusal {
	return &Refusal{Status: status, Word: word, Args: args}
}

// notText is PostgreSQL's code for a text that holds a zero byte or is not UTF-8: nothing that somebody has typed.
const notText = "22021"

// Explain turns any error into a refusal: one that a handler returned as such, one that a mapper knows, the refusals
// of the ground packages, and for the rest the house's own fault (500), whose cause is for the log alone.
func Explain(err error, mappers ...Mapper) *Refusal {
	var e *Refusal
	if errors.As(err, &e) {
		return e
	}
	for _, m := range mappers {
		if e := m(err); e != nil {
			return e.Because(err)
		}
	}
	var tooLarge *http.MaxBytesError
	var stored interface{ SQLState() string }
	switch {
	case errors.As(err, &stored) && stored.SQLState() == notText:
		return Invalid("error.nottext").Because(err)
	case errors.Is(err, access.ErrSignedOut):
		return Refuse(http.StatusUnauthorized, "error.signedout").With("error.next.login", "/login").Because(err)
	case errors.Is(err, access.ErrForbidden):
		return Forbidden().Because(err)
	case errors.Is(err, catalog.ErrUnknown):
		return NotFound().Because(err)
	case errors.Is(err, catalog.ErrStale):
		return Conflict("error.stale").Because(err)
	case errors.As(err, &tooLarge):
		return Refuse(http.StatusRequestEntityTooLarge, "error.toolarge", "Megabytes", tooLarge.Limit>>20).Because(err)
	}
	return Refuse(http.StatusInternalServerError, "error.internal").Because(err)
}
