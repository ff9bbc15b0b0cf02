// Package quality holds the rules by which a supplier's lots are inspected on receipt: how many pieces to examine and how many
// defects to allow (attribute sampling, single plans), when inspection is tightened or stopped, which card a supplier
// holds, and whether the certificates were valid on the day of receipt.
//
// Source of the plans and of switching: ISO 2859-1:1999, tables 1, 2-A and 2-B and clause 9.3 (the same as GB/T 2828.1 and
// ANSI/ASQ Z1.4). Reduced inspection is not used: with goods for infants a good record never lowers the sample.
package quality
