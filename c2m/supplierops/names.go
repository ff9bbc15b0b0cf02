package supplierops

import "milkrun/c2m/supplierdb"

// The rows that pages show, by the names under which they know them.
type (
	Given    = supplierdb.Given
	VMI      = supplierdb.VMI
	Progress = supplierdb.Progress
	SetTier  = supplierdb.SetTier
	DayRate  = supplierdb.DayRate
)

// Stages lists the stages of work in their order.
func Stages() []string { return supplierdb.Stages() }
