// Package replenishment says how much stock each site needs, why, and what to do about it: buy, move, clear or pre-sell.
//
// Plan looks at one SKU over all its sites and gives a water level for each and the suggestions that follow. Every
// suggested number carries an Explanation whose steps add up to it exactly. The package knows neither SQL nor HTTP;
// the inventory mathematics beneath it is in package policy.
//
// Days are counted from today: index 0 of every path is today. Leads are in days: what is ordered today with a lead
// of 9 days can be sold from today+9 on, so nine days of demand pass before it.
package replenishment
