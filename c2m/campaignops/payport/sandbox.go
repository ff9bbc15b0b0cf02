// Package payport holds the payment providers that come with the house: one that talks to a provider's bridge by signed HTTP messages, and
// a sandbox for demonstrations and tests.
package payport

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"milkrun/c2m/campaignops"
)

// Sandbox is a provider that moves no money and answers at once. A member's name says how it behaves: "decline-…" refuses what is taken
// from the member, "slow-…" leaves every answer to a later message, "unreachable-…" fails to get through, "noaccount-…" refuses payouts.
type Sandbox struct{}

// Ask answers by the member's name.
func (Sandbox) Ask(_ context.Context, r campaignops.PaymentRequest) (campaignops.PaymentAnswer, error) {
	behaviour, _, _ := strings.Cut(r.Member, "-")
	switch {
	case behaviour == "unreachable":
		return campaignops.PaymentAnswer{}, fmt.Errorf("sandbox: %s cannot be reached", r.Member)
	case behaviour == "slow":
		return campaignops.PaymentAnswer{Outcome: campaignops.Later, Reference: reference(r.Key)}, nil
	case behaviour == "decline" && (r.Kind.In() || r.Kind == "authorize"):
		return campaignops.PaymentAnswer{Outcome: campaignops.Refused, Reason: "declined by the sandbox", Reference: reference(r.Key)}, nil
	case behaviour == "noaccount" && r.Kind.Out():
		return campaignops.PaymentAnswer{Outcome: campaignops.Refused, Reason: "the sandbox knows no account to pay to", Reference: reference(r.Key)}, nil
	}
	return campaignops.PaymentAnswer{Outcome: campaignops.Done, Reference: reference(r.Key)}, nil
}

// reference is the sandbox's own number of a key: the same for the same key.
func reference(key string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return fmt.Sprintf("sb_%016x", h.Sum64())
}
