package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"milkrun/c2m/campaignops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/internal/access"
	"milkrun/internal/money"
)

// PaymentMessage is what the payment provider says later about an instruction.
type PaymentMessage struct {
	ID        string `json:"id" example:"evt_1" doc:"The message's own id: the same id again counts once"`
	Key       string `json:"key" example:"CP-2611-018/42/pledge/charge" doc:"The key of the instruction"`
	Outcome   string `json:"outcome" enum:"done,refused"`
	AmountFen int64  `json:"amount_fen,omitempty" doc:"Of an instruction about a member: the amount asked. Another one is refused and books nothing"`
	Amount    int64  `json:"amount_minor,omitempty" doc:"Of a payout to a supplier: the amount asked, in the minor unit of its currency"`
	Reference string `json:"reference,omitempty" doc:"The provider's own number"`
	Reason    string `json:"reason,omitempty" doc:"Why it was refused"`
}

// PaymentHeard is what became of a message of the payment provider.
type PaymentHeard struct {
	State    string `json:"state,omitempty" doc:"Of the instruction: sent, done or refused"`
	Repeated bool   `json:"repeated,omitempty" doc:"The message, or one that said the same, was taken before"`
	Returned bool   `json:"returned,omitempty" doc:"The money came too late and goes back"`
}

// maxMessage bounds a message of the provider, in bytes.
const maxMessage = 64 << 10

// paymentMessages is where the payment provider tells what became of an instruction. It needs no account: the signature is proof. A message
// sent twice counts once; money that came too late is told to go back.
func (a API) paymentMessages(r chi.Router, h huma.API) {
	r.Post("/payments/messages", func(w http.ResponseWriter, req *http.Request) {
		answer, err := a.hear(req)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			p := explain(explainCampaign(err))
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(p.Status)
			_ = p.write(w) // the provider has gone when this fails
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	describePaymentMessages(h.OpenAPI())
}

func (a API) hear(req *http.Request) (PaymentHeard, error) {
	body, err := io.ReadAll(io.LimitReader(req.Body, maxMessage+1))
	if err != nil {
		return PaymentHeard{}, problem(http.StatusBadRequest, "The message broke off. Send it again.")
	}
	if len(body) > maxMessage {
		return PaymentHeard{}, problem(http.StatusRequestEntityTooLarge, "A message has at most 64 KiB.")
	}
	if err := a.Campaigns.Proves(body, req.Header.Get(campaignops.SignatureHeader)); err != nil {
		return PaymentHeard{}, problem(http.StatusUnauthorized, "The message's signature is missing, wrong or older than five minutes. Sign the body as it is sent, with the time of sending.")
	}
	var m PaymentMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return PaymentHeard{}, problem(http.StatusUnprocessableEntity, "The message is not JSON: "+short(err.Error()))
	}
	if strings.HasPrefix(m.Key, "AD-") || strings.HasPrefix(m.Key, "ST-") {
		return a.hearPayout(req, m)
	}
	got, err := a.Campaigns.Hear(req.Context(), campaignops.Message{ID: m.ID, Key: m.Key, Outcome: campaignops.Answered(m.Outcome), Fen: money.Fen(m.AmountFen),
		Reference: m.Reference, Reason: m.Reason})
	return PaymentHeard{State: string(got.State), Repeated: got.Again, Returned: got.Returned}, err
}

// hearPayout takes a message about a payment to a supplier.
func (a API) hearPayout(req *http.Request, m PaymentMessage) (PaymentHeard, error) {
	err := a.Finance.Hear(req.Context(), financeops.Message{ID: m.ID, Key: m.Key, Outcome: financeops.Outcome(m.Outcome), Amount: m.Amount, Reference: m.Reference, Reason: m.Reason})
	switch {
	case errors.Is(err, financeops.ErrMessage):
		err = campaignops.ErrMessage
	case errors.Is(err, financeops.ErrPaid):
		err = campaignops.ErrAmount
	case errors.Is(err, finance.ErrUnknown):
		err = problem(http.StatusNotFound, "There is no such payment.")
	}
	return PaymentHeard{State: m.Outcome}, err
}

// signatureAbout says how messages are signed, in both directions.
const signatureAbout = "Signed in the header " + campaignops.SignatureHeader + ": `t=<unix seconds>,v1=<hex of HMAC-SHA-256(secret, \"<t>.\" + body)>`, over the body as it is sent. " +
	"A signature older or further ahead than five minutes is refused."

// retriesAbout says what the house does with answers to what it posts.
const retriesAbout = "Answer within 10 seconds. 408, 425, 429, 5xx, a redirection or silence: it is posted again with the same Idempotency-Key after 1, 2, 4 … minutes, at most 12 hours apart. " +
	"The same key is the same thing: take it once, and answer it again as the first time."

func describePaymentMessages(doc *huma.OpenAPI) {
	doc.AddOperation(&huma.Operation{OperationID: "payment-message", Method: http.MethodPost, Path: "/payments/messages", Summary: "A message of the payment provider", Tags: []string{"Payments"},
		Description: "What became of an instruction that was answered with 202, or any later word on it. No API key: the signature is proof. " + signatureAbout +
			" The same id counts once, and so does another message that says the same. Money that came for a pledge that is gone, or after its window, is booked and told to go back.",
		Parameters:  []*huma.Param{signatureParam()},
		RequestBody: &huma.RequestBody{Required: true, Content: jsonOf(doc, typeOf[PaymentMessage]())},
		Responses: map[string]*huma.Response{
			"200": {Description: "Taken, now or before", Content: jsonOf(doc, typeOf[PaymentHeard]())},
			"401": refusal(doc, "The signature is missing, wrong or too old; nothing was taken"),
			"404": refusal(doc, "No such instruction"),
			"409": refusal(doc, "The amount is not the one that was asked; nothing was booked"),
			"422": refusal(doc, "Not a message: id, key, and the outcome done or refused are needed")},
		Security: []map[string][]string{}, Extensions: map[string]any{permissionsMark: []access.Permission{access.Public}}})
}

func signatureParam() *huma.Param {
	return &huma.Param{Name: campaignops.SignatureHeader, In: "header", Required: true, Description: signatureAbout, Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{"t=1795406400,v1=5257a8…"}}}
}

func keyParam() *huma.Param {
	return &huma.Param{Name: "Idempotency-Key", In: "header", Required: true, Description: "The same key is the same thing, however often it comes", Schema: &huma.Schema{Type: huma.TypeString}}
}
