// Package c2m is the ground of the factory-order domain: what is ordered from a supplier, what the supplier answers, what was
// agreed, what is on its way and what has come. It holds types and rules alone, knows neither SQL nor HTTP, and starts no
// transaction: a verb locks the order, calls a rule (a method of FactoryOrder), and saves.
//
// # The life of an order
//
//	draft ─▶ sent ─▶ answered ─▶ confirmed ─▶ producing ─▶ shipped ─▶ received ─▶ closed
//	           ▲________│  counter-offer        (cancelled from each state before the goods leave)
//
// A buyer works on the order's lines; Send freezes them as a new Version. The supplier's Answer is compared with what was
// asked (Deviations); what differs is accepted or refused. Each line that both sides agree on gets an Agreement: its schedule of
// promises. When every line has one, the order is confirmed. A refusal carries a counter-offer, and the next version asks again.
//
// Quantities are sales units (quantity.Pieces), money is fen with tax included, tax rates are basis points (1300 = 13 %), days
// are days at the ship-to site.
package c2m
