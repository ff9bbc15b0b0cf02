// Package allocation decides which pieces serve which order: within a site lot by lot, first expired first out (FEFO), and
// between sites by a rule set that people can read and change. It computes and does nothing else: the same input gives the same
// answer, in whatever order it comes.
package allocation
