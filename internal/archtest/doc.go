// Package archtest holds the house's plan as rules that a test enforces: who
// may import whom, what no package may be called, and what stands at the top
// of the tree.
//
// The rules look at what packages import outside of their tests. Imports are
// checked one by one against the rule of the importing package's role, and
// then along every chain, so that a library cannot bring in what its user must
// not reach.
package archtest
