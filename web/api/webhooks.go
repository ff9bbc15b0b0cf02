package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// PaymentInstruction is what the house posts to the payment provider's bridge about a member's money.
type PaymentInstruction struct {
	Key       string `json:"key" example:"CP-2611-018/42/pledge/charge" doc:"Also in the header Idempotency-Key"`
	Kind      string `json:"kind" enum:"authorize,charge,capture,void,refund,penalty" doc:"authorize promises money and capture takes it; void lets it go; penalty pays a deposit back once more"`
	Purpose   string `json:"purpose" example:"pledge" doc:"pledge, balance, success, cancel, difference, failure, merchant_cancel, group, late_payment, claim, default or penalty"`
	Campaign  string `json:"campaign" example:"CP-2611-018"`
	Member    string `json:"member"`
	AmountFen int64  `json:"amount_fen"`
	Currency  string `json:"currency" example:"CNY"`
}

// PayoutInstruction is what the house posts to the payment provider's bridge about a payment to a supplier.
type PayoutInstruction struct {
	Key       string `json:"key" example:"ST-2611-007/pay" doc:"Also in the header Idempotency-Key"`
	Kind      string `json:"kind" enum:"payout"`
	Purpose   string `json:"purpose" enum:"advance,statement" doc:"A drawing of an advance, or what is left of an agreed statement"`
	Supplier  string `json:"supplier" example:"S-0107"`
	Document  string `json:"document" example:"ST-2611-007"`
	Currency  string `json:"currency" example:"CNY"`
	Amount    int64  `json:"amount_minor" doc:"In the minor unit of the currency"`
	AmountFen int64  `json:"amount_fen" doc:"The same in fen"`
}

// PaymentAnswer is what the bridge answers to an instruction.
type PaymentAnswer struct {
	Outcome   string `json:"outcome" enum:"done,refused"`
	Reference string `json:"reference,omitempty" doc:"The provider's own number"`
	Reason    string `json:"reason,omitempty" doc:"Why it was refused"`
}

// MemberNotice is what the house posts to a channel about a member's promise.
type MemberNotice struct {
	Key      string `json:"key" example:"MM-5011" doc:"Also in the header Idempotency-Key; another one when a person sends the message anew"`
	Type     string `json:"type" enum:"pledge.promise"`
	Kind     string `json:"kind" enum:"promised,later,earlier,short" doc:"A promise was made, moved later or earlier, or no lot holds the pledge for now"`
	Campaign string `json:"campaign" example:"CP-2611-018"`
	Pledge   int64  `json:"pledge"`
	Member   string `json:"member"`
	Was      string `json:"was,omitempty" example:"2026-12-18"`
	Promise  string `json:"promise,omitempty" example:"2026-12-25"`
	Text     string `json:"text" doc:"What to tell the member, in Chinese"`
	TextEN   string `json:"text_en"`
	At       string `json:"at" format:"date-time"`
}

// webhooks describes what the house posts to others: their addresses are set in the house, not asked for here.
func webhooks(h huma.API) {
	doc := h.OpenAPI()
	answers := map[string]*huma.Response{
		"200": {Description: "Final: done or refused", Content: jsonOf(doc, typeOf[PaymentAnswer]())},
		"202": {Description: "Taken; the outcome follows as a message to POST /payments/messages"},
		"4XX": {Description: "Refused for good (but for 408 and 429). A reason may be given as in a 200"},
		"5XX": {Description: "Not taken: it is posted again"}}
	post := func(id, summary, about string, body reflect.Type, responses map[string]*huma.Response) *huma.PathItem {
		return &huma.PathItem{Post: &huma.Operation{OperationID: id, Method: http.MethodPost, Summary: summary, Description: about + " " + signatureAbout + " " + retriesAbout,
			Tags: []string{"Webhooks"}, Parameters: []*huma.Param{signatureParam(), keyParam()}, RequestBody: &huma.RequestBody{Required: true, Content: jsonOf(doc, body)}, Responses: responses,
			Security: []map[string][]string{}}}
	}
	doc.Webhooks = map[string]*huma.PathItem{
		"payment-instruction": post("payment-instruction", "Payment instruction about a member",
			"Posted to the payment bridge (--payment-url) for each capture, refund, forfeit or penalty of a campaign, each by itself. No money moves before the bridge says done.", typeOf[PaymentInstruction](), answers),
		"payout-instruction": post("payout-instruction", "Payment instruction about a supplier",
			"Posted to the payment bridge for each drawing of an advance and each agreed statement on its due day.", typeOf[PayoutInstruction](), answers),
		"member-message": post("member-message", "Message to a member",
			"Posted to the channel of the shop or community that pledged for the member, once a buyer has released the message. Signed by the channel's own secret. Given up after 14 attempts, over some two days.",
			typeOf[MemberNotice](), map[string]*huma.Response{
				"2XX": {Description: "Taken"},
				"4XX": {Description: "Declined (but for 408, 425 and 429): it is posted again only on a person's word"},
				"5XX": {Description: "Not taken: it is posted again"}}),
	}
}

// jsonOf describes a body of JSON of a type.
func jsonOf(doc *huma.OpenAPI, t reflect.Type) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: doc.Components.Schemas.Schema(t, true, "")}}
}

// refusal describes a problem document.
func refusal(doc *huma.OpenAPI, about string) *huma.Response {
	return &huma.Response{Description: about, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: doc.Components.Schemas.Schema(typeOf[Problem](), true, "")}}}
}
