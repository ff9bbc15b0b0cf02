// Package payport holds the payment providers of the house's payments to suppliers: one that talks to a provider's bridge by signed HTTP
// messages, and a sandbox for demonstrations and tests.
package payport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
	"time"

	"milkrun/c2m/campaignops"
	"milkrun/c2m/financeops"
)

// Sandbox is a provider that moves no money and answers at once. A supplier's code says how it behaves: "DECLINE-…" is refused, "SLOW-…" is
// answered by a later message, "UNREACHABLE-…" does not get through.
type Sandbox struct{}

// Ask answers by the supplier's code.
func (Sandbox) Ask(_ context.Context, r financeops.PaymentRequest) (financeops.PaymentAnswer, error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.Key))
	answer := financeops.PaymentAnswer{Outcome: financeops.Done, Reference: fmt.Sprintf("sb_%016x", h.Sum64())}
	switch behaviour, _, _ := strings.Cut(r.Supplier, "-"); behaviour {
	case "UNREACHABLE":
		return financeops.PaymentAnswer{}, fmt.Errorf("sandbox: %s cannot be reached", r.Supplier)
	case "SLOW":
		answer.Outcome = financeops.Later
	case "DECLINE":
		answer.Outcome, answer.Reason = financeops.Refused, "declined by the sandbox"
	}
	return answer, nil
}

// Webhook tells instructions to a provider's bridge: a POST of JSON, signed as campaignops.Sign does in the header Milkrun-Signature, with the
// key in the header Idempotency-Key. The bridge answers
//
//	200 {"outcome":"done"|"refused","reference":"…","reason":"…"}
//	202 anything: it will tell later, by a message to the house
//	4xx refused, 5xx or silence: told again later
type Webhook struct {
	URL    string
	Secret []byte
	Client *http.Client // nil for one that waits 10 seconds
	Clock  func() time.Time
}

// body is an instruction on the wire.
type body struct {
	Key       string `json:"key"`
	Kind      string `json:"kind"` // "payout"
	Purpose   string `json:"purpose"`
	Supplier  string `json:"supplier"`
	Document  string `json:"document"`
	Currency  string `json:"currency"`
	Amount    int64  `json:"amount_minor"`
	AmountFen int64  `json:"amount_fen"`
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// Ask sends one instruction.
func (w Webhook) Ask(ctx context.Context, r financeops.PaymentRequest) (financeops.PaymentAnswer, error) {
	none := financeops.PaymentAnswer{}
	content, err := json.Marshal(body{Key: r.Key, Kind: "payout", Purpose: string(r.Kind), Supplier: r.Supplier, Document: r.Document, Currency: string(r.Currency), Amount: r.Amount, AmountFen: int64(r.Fen)})
	if err != nil {
		return none, fmt.Errorf("payport: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(content))
	if err != nil {
		return none, errors.New("payport: the bridge's address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", r.Key)
	req.Header.Set(campaignops.SignatureHeader, campaignops.Sign(w.Secret, content, w.Clock()))
	client := w.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	res, err := client.Do(req)
	if err != nil {
		return none, fmt.Errorf("payport: the bridge was not reached: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return none, fmt.Errorf("payport: the bridge's answer broke off: %w", err)
	}
	return read(res.StatusCode, text)
}

func read(status int, text []byte) (financeops.PaymentAnswer, error) {
	var said struct{ Outcome, Reference, Reason string }
	broken := json.Unmarshal(text, &said)
	answer := financeops.PaymentAnswer{Outcome: financeops.Outcome(said.Outcome), Reference: said.Reference, Reason: said.Reason}
	switch {
	case status == http.StatusAccepted:
		answer.Outcome = financeops.Later
		return answer, nil
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status < 200 || status >= 500 || status >= 300 && status < 400:
		return answer, fmt.Errorf("payport: the bridge answered %d", status)
	case status >= 400:
		if answer.Outcome = financeops.Refused; answer.Reason == "" {
			answer.Reason = fmt.Sprintf("the bridge answered %d", status)
		}
		return answer, nil
	case broken != nil || answer.Outcome != financeops.Done && answer.Outcome != financeops.Refused:
		return answer, errors.New("payport: the bridge's answer names no outcome")
	}
	return answer, nil
}
