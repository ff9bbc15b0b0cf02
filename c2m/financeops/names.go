package financeops

import "milkrun/c2m/financedb"

// The rows that pages show, by the names under which they know them.
type (
	Payment = financedb.Payment
	Booked  = financedb.Booked
)
