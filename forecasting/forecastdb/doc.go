// Package forecastdb holds the SQL of the demand domain: sales and heat as they are recorded, forecast runs with their
// shards and results, what topics do to demand, spikes, and the read models of the screens.
//
// Every function takes a pgdb.Querier; those that say so must be given a transaction.
package forecastdb
