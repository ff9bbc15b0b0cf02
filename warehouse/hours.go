package warehouse

// HourOut is one hour of a site's day: pieces that left, and pieces that have yet to leave before the carrier of that hour does.
type HourOut struct {
	Hour     int
	Out, Due int64
}
