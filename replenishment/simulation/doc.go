// Package simulation plays a planning policy against a world day by day and counts what it cost: lost sales, stock,
// write-offs, moves, orders.
//
// A World holds true demand, heat, promotions and lead times of a small retailer: an overseas site OVS, two regional
// sites and four fronts. Run gives the metrics of a Policy. A policy sees each SKU through a Desk, which knows only
// the past, the promotion calendar, the season index and today's heat; future demand, future heat and the lead times
// of days to come are out of its reach.
//
// Each day, in this order: receive what is due; write off what is too short-dated; serve demand at the fronts, first
// expired first sold, the rest is lost; let the policy act; take the day's figures.
package simulation
