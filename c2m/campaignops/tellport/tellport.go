// Package tellport tells members' messages to the channels of shops and communities by signed webhooks.
package tellport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/calendar"
)

// Webhook posts a message to its channel's address: JSON, signed by the channel's secret as campaignops.Sign does in the header
// Milkrun-Signature, with the key in the header Idempotency-Key. The same key is the same message: it comes again when an answer was lost. The
// channel answers
//
//	2xx it has the message
//	408, 425, 429, 5xx, a redirection or silence: told again later
//	any other 4xx: it does not take the message, which is told again only on a person's word
type Webhook struct {
	Client *http.Client // nil for one that waits 10 seconds
	Clock  func() time.Time
}

// body is a message on the wire.
type body struct {
	Key      string    `json:"key"`
	Type     string    `json:"type"` // "pledge.promise"
	Kind     string    `json:"kind"`
	Campaign string    `json:"campaign"`
	Pledge   int64     `json:"pledge"`
	Member   string    `json:"member"`
	Was      string    `json:"was,omitempty"`
	Promise  string    `json:"promise,omitempty"`
	Text     string    `json:"text"`
	TextEN   string    `json:"text_en"`
	At       time.Time `json:"at"`
}

// maxAnswer bounds what is read of an answer, maxSaid what is kept of it.
const (
	maxAnswer = 8 << 10
	maxSaid   = 120
)

// Tell posts one message.
func (w Webhook) Tell(ctx context.Context, url, secret string, l campaign.Letter) error {
	content, err := json.Marshal(body{Key: l.Key, Type: "pledge.promise", Kind: string(l.Kind), Campaign: l.Campaign, Pledge: l.Seq, Member: l.Member, Was: day(l.Was), Promise: day(l.Is),
		Text: l.Text.In("zh"), TextEN: l.Text.In("en"), At: l.At.UTC()})
	if err != nil {
		return fmt.Errorf("tellport: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(content))
	if err != nil {
		return errors.New("tellport: the channel's address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", l.Key)
	req.Header.Set(campaignops.SignatureHeader, campaignops.Sign([]byte(secret), content, w.Clock()))
	res, err := w.client().Do(req)
	if err != nil {
		return fmt.Errorf("tellport: the channel was not reached: %w", err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // only for people to read
	return read(res.StatusCode, said)
}

func (w Webhook) client() *http.Client {
	client := http.Client{Timeout: 10 * time.Second}
	if w.Client != nil {
		client = *w.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the signature is for this address
	return &client
}

func read(status int, said []byte) error {
	word := strings.TrimSpace(strings.ToValidUTF8(string(said), "?"))
	if r := []rune(word); len(r) > maxSaid {
		word = string(r[:maxSaid]) + "…"
	}
	if word != "" {
		word = ": " + word
	}
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status < 400, status >= 500:
		return fmt.Errorf("tellport: the channel answered %d%s", status, word)
	}
	return fmt.Errorf("%w: it answered %d%s", campaignops.ErrDeclined, status, word)
}

func day(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}
