// Package forecasting is the ground of the demand domain: the series that are forecast, the social heat that
// moves them, the forecast with its reasons, the festivals known in advance and the measures of accuracy.
//
// It holds types, rules and mathematics alone. The models are in forecasting/models, the rolling-origin
// measurement in forecasting/backtest.
//
// Units: demand and sales are pieces a day (fractions are allowed, a forecast mean is rarely whole), prices are
// yuan, promotion depth is the share taken off the price (0.2 = 20 % off), heat is the index of its source.
// A NaN in a series means "not known", never "none".
package forecasting
