package partners

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"milkrun/c2m/campaignops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/web/route"
)

// maxMessage is the size of the provider's largest message in bytes.
const maxMessage = 64 << 10

// hear takes a message of the payment provider about a payment to a supplier: signed, each counted once.
func (s Pages) hear(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxMessage+1))
	if err != nil || len(body) > maxMessage {
		return route.Refuse(http.StatusRequestEntityTooLarge, "error.form")
	}
	if err := s.Books.Finance.Proves(body, r.Header.Get(campaignops.SignatureHeader)); err != nil {
		return route.Refuse(http.StatusUnauthorized, "books.err.signature").Because(err)
	}
	var m struct {
		ID, Key, Outcome, Reference, Reason string
		Amount                              int64 `json:"amount_minor"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return route.Invalid("books.err.message").Because(err)
	}
	err = s.Books.Finance.Hear(r.Context(), financeops.Message{ID: m.ID, Key: m.Key, Outcome: financeops.Outcome(m.Outcome), Amount: m.Amount, Reference: m.Reference, Reason: m.Reason})
	switch {
	case errors.Is(err, financeops.ErrMessage):
		return route.Invalid("books.err.message").Because(err)
	case errors.Is(err, financeops.ErrPaid):
		return route.Conflict("books.err.paid_other").Because(err)
	case errors.Is(err, finance.ErrUnknown):
		return route.Refuse(http.StatusNotFound, "books.err.unknown").Because(err)
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
