package payport_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/campaignops/payport"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func TestWebhookSignsAndReadsTheAnswer(t *testing.T) {
	secret := []byte("s3cret")
	status, said := 200, `{"outcome":"done","reference":"P-1"}`
	bridge := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if err := campaignops.Proves(secret, text, r.Header.Get(campaignops.SignatureHeader), noon.Add(time.Minute)); err != nil {
			t.Error(err)
		}
		var in map[string]any
		if err := json.Unmarshal(text, &in); err != nil || in["amount_fen"] != 29900.0 || in["key"] != r.Header.Get("Idempotency-Key") || in["kind"] != "charge" {
			t.Errorf("%s, %v", text, err)
		}
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, said)
	}))
	defer bridge.Close()
	port := payport.Webhook{URL: bridge.URL, Secret: secret, Clock: func() time.Time { return noon }}
	ask := campaignops.PaymentRequest{Key: "CP-2611-001/1/pledge/charge", Kind: campaign.Charge, Purpose: campaign.ForPledge, Campaign: "CP-2611-001", Member: "an", Fen: 29900}
	for _, c := range []struct {
		status int
		said   string
		want   campaignops.Answered
		fails  bool
	}{
		{200, `{"outcome":"done","reference":"P-1"}`, campaignops.Done, false},
		{200, `{"outcome":"refused","reason":"card expired"}`, campaignops.Refused, false},
		{202, ``, campaignops.Later, false},
		{422, `{}`, campaignops.Refused, false},
		{429, ``, "", true}, {503, ``, "", true}, {200, `hello`, "", true}, {200, `{"outcome":"maybe"}`, "", true}, {302, ``, "", true},
	} {
		status, said = c.status, c.said
		got, err := port.Ask(t.Context(), ask)
		if (err != nil) != c.fails || !c.fails && got.Outcome != c.want {
			t.Errorf("%d %s: %+v, %v", c.status, c.said, got, err)
		}
	}
	bridge.Close()
	if _, err := port.Ask(t.Context(), ask); err == nil {
		t.Error("a bridge that is not there answered")
	}
}

func TestSignatures(t *testing.T) {
	secret, body := []byte("s"), []byte(`{"id":"1"}`)
	good := campaignops.Sign(secret, body, noon)
	for name, c := range map[string]struct {
		secret, body []byte
		sig          string
		at           time.Time
		ok           bool
	}{
		"good":          {secret, body, good, noon.Add(4 * time.Minute), true},
		"old":           {secret, body, good, noon.Add(6 * time.Minute), false},
		"ahead":         {secret, body, good, noon.Add(-6 * time.Minute), false},
		"other body":    {secret, []byte(`{"id":"2"}`), good, noon, false},
		"other secret":  {[]byte("x"), body, good, noon, false},
		"no secret":     {nil, body, campaignops.Sign(nil, body, noon), noon, false},
		"no signature":  {secret, body, "", noon, false},
		"moved instant": {secret, body, "t=1," + good[len("t=1795406400,"):], noon, false},
	} {
		if err := campaignops.Proves(c.secret, c.body, c.sig, c.at); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
