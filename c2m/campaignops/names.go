package campaignops

import "milkrun/c2m/campaigndb"

// What pages show, by the names under which they may say it.
type (
	PaymentID = campaigndb.PaymentID
	Payment   = campaigndb.Payment
)
