package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Problem is an error as the API answers it (RFC 9457).
type Problem struct {
	Title  string  `json:"title" example:"Unprocessable Entity"`
	Status int     `json:"status" example:"422"`
	Detail string  `json:"detail" doc:"What is wrong and what to do"`
	Errors []Wrong `json:"errors,omitempty" doc:"Each wrong field; nothing of the request was stored"`
	// More counts the wrong fields that are not listed.
	More int `json:"more,omitempty"`
}

// Wrong is one wrong field.
type Wrong struct {
	Pointer string `json:"pointer" example:"/items/3/sku" doc:"JSON pointer to the field in the request"`
	Code    string `json:"code" example:"unknown" doc:"What is wrong, for programs"`
	Message string `json:"message" example:"not in the catalog" doc:"What is wrong, for people"`
	Value   string `json:"value,omitempty" doc:"What was sent"`
}

// Error gives the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer a problem document.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func (p *Problem) write(w io.Writer) error { return json.NewEncoder(w).Encode(p) }

func problem(status int, detail string, wrong ...Wrong) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail, Errors: wrong}
}

func init() {
	// What the library refuses by itself (a wrong type, a missing field) takes the same form as what the domains refuse.
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := problem(status, message)
		for _, err := range errs {
			var d *huma.ErrorDetail
			if !errors.As(err, &d) {
				p.Errors = append(p.Errors, Wrong{Code: "form", Message: err.Error()})
				continue
			}
			w := Wrong{Pointer: pointer(d.Location), Code: "form", Message: d.Message}
			if d.Value != nil {
				w.Value = short(fmt.Sprint(d.Value))
			}
			p.Errors = append(p.Errors, w)
		}
		return p
	}
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// pointer turns the library's "body.items[3].sku" into "/items/3/sku"; query and path fields keep their names.
func pointer(location string) string {
	s, isBody := strings.CutPrefix(location, "body")
	if !isBody {
		return location
	}
	return strings.ReplaceAll(index.ReplaceAllString(s, ".$1"), ".", "/")
}

func short(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}

// words says a fault of a field.
var words = map[catalog.Problem]string{
	catalog.Missing: "must be given", catalog.TooLong: "is too long", catalog.BadForm: "is not of the right form",
	catalog.BadCheck: "has a wrong check digit or length", catalog.Negative: "must not be below 0", catalog.NotAbove0: "must be above 0",
	catalog.OutOfRange: "is out of range", catalog.NotOneOf: "is not one of the allowed words", catalog.NotKnown: "is not in the catalog",
	catalog.Repeated: "stands twice", catalog.OutOfOrder: "contradicts another field",
}

// explain turns an error of a domain into a problem.
func explain(err error) *Problem {
	var ready *Problem
	var batch *forecasting.BatchError
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &batch):
		p := problem(http.StatusUnprocessableEntity, "Some items are wrong and nothing was recorded. Mend them and send the batch again.")
		for _, f := range batch.Faults {
			p.Errors = append(p.Errors, Wrong{Pointer: f.Pointer("items"), Code: string(f.Problem), Message: words[f.Problem], Value: short(f.Value)})
		}
		p.More = batch.More
		return p
	case errors.Is(err, forecastops.ErrTooMany):
		return problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("Too many items: send at most %d at a time.", forecastops.MaxBatch))
	case errors.Is(err, access.ErrSignedOut):
		return problem(http.StatusUnauthorized, "Send an API key: Authorization: Bearer mk_…")
	case errors.Is(err, access.ErrForbidden):
		return problem(http.StatusForbidden, "This account may not do that. Ask the administrator for the right role, site or supplier.")
	case errors.Is(err, catalog.ErrUnknown), errors.Is(err, forecasting.ErrNoRun):
		return problem(http.StatusNotFound, "There is no such thing.")
	case errors.Is(err, forecasting.ErrPlace):
		return problem(http.StatusBadRequest, "The place in the list is not one that was given out: begin at the first page.")
	}
	if p := explainOutbound(err); p != nil {
		return p
	}
	return explainOrder(err)
}
