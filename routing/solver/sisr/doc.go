// Package sisr is the fast search for the classical shapes of vehicle routing:
// capacitated, with time windows, with pickup–delivery pairs, with several
// depots and a longest duration, and with several trips a shift and release
// times. One kind of vehicle, one window a customer, distance as cost.
//
// The method is slack induction by string removals (Christiaens and Vanden
// Berghe, Transportation Science 54(2), 2020): strings of adjacent customers
// are removed, put back greedily with blinks, and the result is accepted by
// annealing. Vehicles are saved by absence counts (same paper, section 5).
//
// Everything is a flat array of 32-bit integers; nothing is allocated while
// the search runs.
package sisr
