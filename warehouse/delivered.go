package warehouse

// Deliveries is how sales reached their consignees in a span.
type Deliveries struct {
	// Delivered counts orders all of whose parcels were handed over, Promised those of them with a promised time, OnTime those
	// that kept it.
	Delivered, Promised, OnTime int
	// LateMinutes is the mean lateness of those that did not.
	LateMinutes float64
	// MedianMinutes is from the order to the door.
	MedianMinutes float64
}
