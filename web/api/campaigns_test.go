package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
)

func TestRefusalsOfCampaignsHaveAStatusAndAReason(t *testing.T) {
	for err, want := range map[error]int{
		campaign.ErrUnknown: 404, campaign.ErrNumber: 404, campaign.ErrTier: 422, campaign.ErrUnits: 422, campaign.ErrMember: 422, campaign.ErrGroup: 422,
		&campaign.LimitError{Want: 3, Limit: 2}: 422, &campaign.DeadlineError{Deadline: time.Unix(0, 0)}: 409, campaign.ErrTwice: 409, campaign.ErrKey: 409,
		&campaign.StateError{State: campaign.Paused}: 409, campaign.ErrNotStarted: 409, campaign.ErrBalance: 409, campaignops.ErrAmount: 409,
		campaignops.ErrMessage: 422, campaignops.ErrBusy: 503,
	} {
		var p *Problem
		if !errors.As(explainCampaign(err), &p) || p.Status != want || p.Detail == "" {
			t.Errorf("%v: %+v, want %d", err, p, want)
		}
	}
}

func TestUnsignedMessagesAreRefused(t *testing.T) {
	ops := campaignops.New(campaignops.Deps{Clock: time.Now, Secret: []byte("secret")})
	r := chi.NewRouter()
	API{Campaigns: ops}.paymentMessages(r, humachi.New(chi.NewRouter(), huma.DefaultConfig("", "")))
	post := func(body, signature string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodPost, "/payments/messages", strings.NewReader(body))
		req.Header.Set(campaignops.SignatureHeader, signature)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		return w
	}
	body := `{"id":"1","key":"x","outcome":"perhaps"}`
	sign := func(secret, s string) string { return campaignops.Sign([]byte(secret), []byte(s), time.Now()) }
	for name, c := range map[string]struct {
		body, signature string
		want            int
	}{
		"unsigned":      {body, "", 401},
		"other secret":  {body, sign("guess", body), 401},
		"other body":    {body, sign("secret", "{}"), 401},
		"not JSON":      {"hello", sign("secret", "hello"), 422},
		"wrong outcome": {body, sign("secret", body), 422},
	} {
		if w := post(c.body, c.signature); w.Code != c.want || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
