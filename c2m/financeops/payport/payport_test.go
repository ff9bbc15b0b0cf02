package payport_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"milkrun/c2m/campaignops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/c2m/financeops/payport"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func TestWebhookSignsAndReadsTheAnswer(t *testing.T) {
	secret := []byte("0123456789abcdef")
	status, said := 200, ""
	bridge := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if err := campaignops.Proves(secret, text, r.Header.Get(campaignops.SignatureHeader), noon.Add(time.Minute)); err != nil {
			t.Error(err)
		}
		var in map[string]any
		if err := json.Unmarshal(text, &in); err != nil || in["amount_minor"] != 1000.0 || in["currency"] != "USD" || in["kind"] != "payout" || in["key"] != r.Header.Get("Idempotency-Key") {
			t.Errorf("%s, %v", text, err)
		}
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, said)
	}))
	defer bridge.Close()
	port := payport.Webhook{URL: bridge.URL, Secret: secret, Clock: func() time.Time { return noon }}
	ask := financeops.PaymentRequest{Key: "ST-2611-001/pay", Kind: finance.PayStatement, Supplier: "S-0104", Document: "ST-2611-001", Currency: "USD", Amount: 1000, Fen: 7108}
	for _, c := range []struct {
		status int
		said   string
		want   financeops.Outcome
		fails  bool
	}{
		{200, `{"outcome":"done","reference":"P-1"}`, financeops.Done, false}, {200, `{"outcome":"refused","reason":"no account"}`, financeops.Refused, false}, {202, ``, financeops.Later, false},
		{422, `{}`, financeops.Refused, false}, {429, ``, "", true}, {503, ``, "", true}, {200, `hello`, "", true}, {302, ``, "", true},
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

func TestSandbox(t *testing.T) {
	for code, want := range map[string]financeops.Outcome{"S-0101": financeops.Done, "SLOW-1": financeops.Later, "DECLINE-1": financeops.Refused} {
		a, err := payport.Sandbox{}.Ask(t.Context(), financeops.PaymentRequest{Key: "k", Supplier: code})
		if again, _ := (payport.Sandbox{}).Ask(t.Context(), financeops.PaymentRequest{Key: "k", Supplier: code}); err != nil || a.Outcome != want || a.Reference != again.Reference {
			t.Errorf("%s: %+v, %v", code, a, err)
		}
	}
	if _, err := (payport.Sandbox{}).Ask(t.Context(), financeops.PaymentRequest{Supplier: "UNREACHABLE-1"}); err == nil {
		t.Error("the unreachable was reached")
	}
}
