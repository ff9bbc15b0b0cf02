// Package lotplan is the ground of turning what a campaign will deliver into factory lots: how a quantity is split over factories at the
// least cost, what an earlier date would cost, which pledge is served from which lot and when, how many lots are let go at a time, and
// what material they take. It is pure mathematics in whole pieces, fen, days and thousandths of a material's unit.
package lotplan
