// Package sisr is the fast search for the classical shapes of vehicle routing:
// capacitated, with time windows, with pickup–delivery pairs, with several
// depots and a longest duration, and with several trips a shift and release
// times. One kind of vehicle, one window a customer, distance as cost.
//
// The method is slack induction by string removals (Christiaens and Vanden
// Berghe, Transportation Science 54(2), 2020): strings of adjacent customers
// are removed, put back greedily with blinks, and the result is accepted by
// annealing. With windows two routes now and then swap their tails before that.
// Vehicles are saved by absence counts (same paper, section 5).
// Insertions are tested in constant time: with windows by earliest departures
// and latest begins, with longest durations by joined segments (Vidal et al.,
// Computers & Operations Research 40(1), 2013), with trips by how a later
// departure moves a prefix.
//
// The cheapest place of a customer on a route is recalled as long as the route
// stays as it is: twice as many iterations with pairs, half again as many with
// windows, a fifth more with several depots and durations, and from none to half
// more for CVRP, by the length of the routes.
//
// Everything is a flat array of 32-bit integers; nothing is allocated while
// the search runs.
//
// # What was tried and dropped
//
// Mean gaps on a few published instances each, at equal processor seconds; one
// or two seeds, so differences below half a per cent say little.
//
//   - A route of its own as soon as no neighbouring route has room: with trips
//     7.2 % instead of 0.5 % where capacities are tight, for CVRP 0.83 % instead
//     of 0.47 %, for several depots with durations 2.7 % instead of 2.2 %.
//   - Comparing no new route where another has room, for CVRP: 0.51 %.
//   - Insertions only directly beside the 12 or 20 nearest neighbours: a third
//     more iterations, and 1.0 % instead of 0.7 % for CVRP, 3.5 % and 4.2 %
//     instead of 2.7 % for several depots.
//   - 7 or 14 customers a ruin instead of 10, for CVRP: 0.82 % and 1.1 % instead
//     of 0.60 %.
//   - Routes of good plans kept in a pool and recombined by set partitioning
//     (Lagrangian prices, then enumeration): with one annealing it finds nothing
//     new, with three it ends where the annealings do, 0.24 % on the six hardest
//     of Solomon's. The three annealings are what helped, from 0.55 %.
//   - Tails swapped between routes, for CVRP, pairs and several depots: no gain,
//     or worse. With windows they are worth it: 0.8 % instead of 2.7 % on six
//     rigid instances, most of them of two to four long routes.
//   - Segments turned and heads swapped with turned tails (2-opt and its kin),
//     for CVRP with long routes: 0.66 % and 0.76 % in 2 % and 10 % of the ruins
//     against 0.74 %, which is chance.
//   - 20 neighbours instead of 40 for the routes worth a trial: half again as
//     many iterations, the same gaps.
//   - Start temperatures of 0.3 and 1 arc instead of 3, for CVRP: 1.04 % and
//     0.81 % instead of 0.68 %; for several depots 7.8 % and 7.0 % instead of
//     4.0 %.
//     With more iterations, several depots again, three instances: 4, 10 and 20
//     arcs give 2.0 %, 2.2 % and 2.4 % after 12 s, but 5 arcs 2.8 % instead of
//     2.2 % after 30 s.
//   - Strings of up to 20 customers and 15 a ruin, for the five CVRP instances with
//     the longest routes: 1.27 % instead of 1.18 %.
//   - A new route compared even where a neighbouring route has room, for several
//     depots: 2.15 % instead of 2.28 % after 10 s on three, by chance on each.
//   - End temperatures of 0.03 arcs instead of 0.008 for CVRP: 1.3 % instead of
//     0.7 % on two instances; of 0.1 instead of 0.02 for several depots: 4.0 %
//     instead of 3.2 % after 15 s. In large plans the warmth left in every arc
//     adds up.
//   - Vehicles first, a vehicle or two lent at a price that follows the share
//     of plans within the fleet: plans settle outside of it, no better ones
//     within. Leaving out customers at such a price: the same.
//   - Vehicles first, half of the budget with one vehicle more that is then
//     taken out again: 2.1 to 5.3 % on four rigid instances, as without.
//   - Two annealings instead of one, vehicles first with 200 customers, on the
//     five worst of Homberger's: 2.6 % instead of 2.3 %.
//   - More than half of the budget for saving vehicles instead of three tenths,
//     on the four of Homberger's with 1,000 customers that end above the best
//     number: 91 instead of 92 once, the others as before.
//   - Taking out whole routes now and then: no difference.
//   - Pruning deliveries of a pair by the cheapest place further on: costs as
//     much as it saves.
//   - 20 customers a ruin instead of 10, vehicles first: better or worse by
//     chance.
package sisr
