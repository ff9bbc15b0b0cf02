package payport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"milkrun/c2m/campaignops"
)

// Webhook tells instructions to a provider's bridge: a POST of JSON, signed as campaignops.Sign does in the header Milkrun-Signature, with
// the key in the header Idempotency-Key. The bridge answers
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
	Kind      string `json:"kind"`
	Purpose   string `json:"purpose"`
	Campaign  string `json:"campaign"`
	Member    string `json:"member"`
	AmountFen int64  `json:"amount_fen"`
	Currency  string `json:"currency"`
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// Ask sends one instruction.
func (w Webhook) Ask(ctx context.Context, r campaignops.PaymentRequest) (campaignops.PaymentAnswer, error) {
	none := campaignops.PaymentAnswer{}
	content, err := json.Marshal(body{Key: r.Key, Kind: string(r.Kind), Purpose: string(r.Purpose), Campaign: r.Campaign, Member: r.Member,
		AmountFen: int64(r.Fen), Currency: "CNY"})
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

func read(status int, text []byte) (campaignops.PaymentAnswer, error) {
	var said struct{ Outcome, Reference, Reason string }
	broken := json.Unmarshal(text, &said)
	answer := campaignops.PaymentAnswer{Outcome: campaignops.Answered(said.Outcome), Reference: said.Reference, Reason: said.Reason}
	switch {
	case status == http.StatusAccepted:
		answer.Outcome = campaignops.Later
		return answer, nil
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 || status < 200 || status >= 300 && status < 400:
		return answer, fmt.Errorf("payport: the bridge answered %d", status)
	case status >= 400:
		answer.Outcome = campaignops.Refused
		if answer.Reason == "" {
			answer.Reason = fmt.Sprintf("the bridge answered %d", status)
		}
		return answer, nil
	case broken != nil || answer.Outcome != campaignops.Done && answer.Outcome != campaignops.Refused:
		return answer, fmt.Errorf("payport: the bridge's answer names no outcome")
	}
	return answer, nil
}
