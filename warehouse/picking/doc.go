// Package picking computes the work between the racks: the way through the bins of a picking tour, which orders share a cart,
// what a parcel should weigh and what is missing when it does not, which goods are walked to most, which bins to count, and
// where to put goods away. It computes and does nothing else: the same input gives the same answer.
//
// Lengths are in centimetres along the aisles, weights in grams, volumes in millilitres.
package picking
