package campaignops

import "milkrun/c2m/campaigndb"

// What pages show, by the names under which they may say it.
type (
	PaymentID = campaigndb.PaymentID
	Payment   = campaigndb.Payment
	Rule      = campaigndb.Rule
	Serving   = campaigndb.Serving
	Drafted   = campaigndb.Drafted
	BillLine  = campaigndb.BillLine
	Purchase  = campaigndb.Purchase
	Told      = campaigndb.MemberMessage
	Surplus   = campaigndb.Surplus
	// MessageFilter says which messages to members are shown.
	MessageFilter = campaigndb.MessageFilter
)
