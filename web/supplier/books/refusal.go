package books

import (
	"errors"
	"net/http"
	"net/url"

	"milkrun/c2m"
	"milkrun/c2m/finance"
	"milkrun/c2m/statement"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Refusal says a refusal with the way back to the page that it came from; another error stays what it is.
func Refusal(err error, referer string) error {
	e := Explain(err)
	if e == nil {
		return err
	}
	if back, bad := url.Parse(referer); bad == nil && back.Path != "" && len(e.Next) == 0 {
		return e.With("books.next.back", back.Path)
	}
	return e
}

// words are the refusals that need no numbers.
var words = []struct {
	err  error
	word string
}{
	{statement.ErrStale, "stale"}, {statement.ErrClosed, "closed"}, {statement.ErrEmpty, "empty"}, {statement.ErrReason, "reason"}, {statement.ErrClaim, "claim"}, {statement.ErrOpen, "open"},
	{statement.ErrPeriod, "period"}, {statement.ErrInvoice, "invoice"}, {statement.ErrState, "state"}, {statement.ErrLine, "line"},
	{supplier.ErrRate, "rate"}, {supplier.ErrWeek, "week"}, {supplier.ErrCapacity, "capacity"}, {supplier.ErrConflict, "conflict"},
	{finance.ErrStale, "stale"}, {finance.ErrSamePerson, "same_person"}, {finance.ErrReason, "reason"}, {finance.ErrKey, "key"}, {finance.ErrAmount, "amount"}, {finance.ErrState, "state"},
	{supplierops.ErrReason, "reason"}, {c2m.ErrSamePerson, "same_person"}, {c2m.ErrAppeal, "appeal"}, {c2m.ErrCertificateTaken, "paper_taken"},
}

// Explain says the refusals of suppliers' books in words; nil for another error.
func Explain(err error) *route.Refusal {
	var paper *c2m.CertificateFault
	var lack *c2m.LackError
	var limit *finance.LimitError
	var base *finance.BaseError
	var offer *supplier.OfferFault
	var rules *supplier.RulesFault
	var credit *finance.RulesFault
	var terms *statement.TermsFault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &paper):
		return route.Invalid("books.err.paper_" + paper.Field).Because(err)
	case errors.As(err, &lack):
		return route.Conflict("books.err.lack", "Goods", len(lack.Lacks), "Day", lack.Day).Because(err)
	case errors.As(err, &limit):
		return route.Conflict("books.err.limit", "Want", ui.Yuan(limit.Want), "Left", ui.Yuan(limit.Left)).Because(err)
	case errors.As(err, &base):
		return route.Conflict("books.err.base", "Want", ui.Yuan(base.Want), "Left", ui.Yuan(base.Left)).Because(err)
	case errors.As(err, &offer):
		return route.Invalid("books.err.offer_" + offer.Field).Because(err)
	case errors.As(err, &rules):
		return route.Invalid("books.err.rules", "Field", rules.Field).Because(err)
	case errors.As(err, &credit):
		return route.Invalid("books.err.rules", "Field", credit.Field).Because(err)
	case errors.As(err, &terms):
		return route.Invalid("books.err.rules", "Field", terms.Field).Because(err)
	case errors.Is(err, statement.ErrUnknown), errors.Is(err, finance.ErrUnknown), errors.Is(err, supplierops.ErrUnknown):
		return route.Refuse(http.StatusNotFound, "books.err.unknown").Because(err)
	}
	for _, w := range words {
		if errors.Is(err, w.err) {
			return route.Conflict("books.err." + w.word).Because(err)
		}
	}
	return nil
}
