package allocation

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Sellable tells whether pieces that expire on the day may go to a customer on the day of today: at least minRemainingDays are
// left, as the customer was promised, and at least nearExpiryDays, below which goods leave the shelf (0 where goods near their
// expiry are sold as such). The day of expiry itself is the last good one. Goods without expiry are always sellable. This is the
// one rule about expiry: allocation, pick and pack all ask it.
func Sellable(expiry *calendar.Day, today calendar.Day, minRemainingDays, nearExpiryDays int) bool {
	return expiry == nil || *expiry >= firstGood(today, minRemainingDays, nearExpiryDays)
}

// firstGood gives the earliest expiry that is still sellable.
func firstGood(today calendar.Day, minRemainingDays, nearExpiryDays int) calendar.Day {
	return today.AddDays(max(0, minRemainingDays, nearExpiryDays))
}

// Promise is what a customer was told about the day of arrival.
type Promise string

// The promises, from the quickest: within half an hour from a front warehouse, the next day, the day on which a pre-sale lot
// is due, or none.
const (
	Minutes30 Promise = "minutes30"
	NextDay   Promise = "next_day"
	LotDay    Promise = "lot_day"
	NoPromise Promise = "none"
)

// Promises lists the promises from the quickest.
func Promises() []Promise { return []Promise{Minutes30, NextDay, LotDay, NoPromise} }

// rank orders promises from the quickest. What is not a promise counts as none.
func (p Promise) rank() int {
	for i, q := range Promises() {
		if p == q {
			return i
		}
	}
	return len(Promises()) - 1
}

// Keeps tells whether an offer of p keeps the promise q: it is as quick or quicker.
func (p Promise) Keeps(q Promise) bool { return p.rank() <= q.rank() }

// SKU names goods as the catalog does.
type SKU = catalog.SKUID
