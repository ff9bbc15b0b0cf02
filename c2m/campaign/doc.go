// Package campaign is the ground of what members of a community ask to have made: the campaign, its tiers, the pledges, the waitlist
// and the money. It is pure: a verb locks the campaign, calls a rule (a method of Campaign), and saves what came of it.
//
// # Four modes, one life
//
//	draft ─▶ scheduled ─▶ open ⇄ paused
//	                       │ deadline                 all-or-nothing, group buy: pieces ≥ goal, else failed
//	                       ▼                          keep-it-all: any piece, else failed
//	          failed ◀── close ──▶ succeeded          deposit + balance (定金 + 尾款): pieces ≥ goal ▶ balance, else failed
//	                       │           ▲
//	                       └▶ balance ─┘ balance deadline: unpaid balances default
//	                                   │
//	                       producing ◀─┘ ▶ delivered        cancelled: from every state before delivered
//
// All-or-nothing and group buy (拼团) give everything back when the goal is missed. Keep-it-all goes ahead with what there is. A group buy
// may ask for groups of a size: a pledge opens a group or joins one, and a group that is not full at the deadline is given its money back.
//
// # Pledges
//
//	          ┌▶ accepted ─▶ confirmed ─▶ delivered
//	pledge ───┤     ▲   ├─▶ cancelled (by the member, in time)    ├─▶ defaulted (balance not paid)
//	          └▶ waiting └─▶ lapsed (charge not paid in time)      └─▶ released (campaign failed or cancelled)
//
// A pledge is accepted whole or waits; the quota is reserved with it. What is freed goes to the waitlist in its order, each that fits.
// A pledge or cancellation exactly at the deadline is in time. The break reached at the deadline is everybody's price, and never above
// the price pledged.
//
// # Money
//
// Rules give Instructions to the payment provider, each with an idempotency key; the answer of the provider is brought in by Confirm.
// Every movement is an Entry from one account to another:
//
//	member ─charge▶ escrow ─refund due▶ payable ─refund done▶ member
//	                escrow ─earned▶ sales · escrow ─defaulted▶ forfeits · house ─penalty▶ payable
//
// so that of every pledge paid − refunded = escrow + sales + forfeits, whatever happens in whatever order.
package campaign
