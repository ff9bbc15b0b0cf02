// Package demo makes up a Chinese mother-and-baby retailer: its catalog, two years of sales, the social heat that moved
// them, and the stock, orders and people of today. It is pure: the same day and seed give the same world, and nothing is
// stored. All names of brands, firms and people are invented.
//
// The sales are drawn from a known truth (World.Mean, World.Truth), so that a forecaster can be measured against it:
//
//	mean(sku, site, day) = rate · share of the site · trend · babies of the right age · season · festivals
//	                       · price and promotion · heat · weekday · life of the product
//	demand ~ negative binomial(mean), sales = what the stock of a simulated, badly planned site could serve
//
// The factor of heat is exp(Σ_topics weight · elasticity · Σ_k kernel(k) · ln(heat(day−k)/usual)), with a bell of a kernel
// around the topic's lag.
package demo
