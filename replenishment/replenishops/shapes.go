package replenishops

import "milkrun/replenishment/replenishdb"

// The shapes in which planning is read, so that screens need not know where they are stored.
type (
	Run         = replenishdb.Run
	Filter      = replenishdb.Filter
	Line        = replenishdb.Line
	Tally       = replenishdb.Tally
	StockFilter = replenishdb.StockFilter
	StockLine   = replenishdb.StockLine
	RankCount   = replenishdb.RankCount
	CoverCell   = replenishdb.CoverCell
	Totals      = replenishdb.Totals
)

// ErrUnknown is the answer to the id of a suggestion that does not exist.
var ErrUnknown = replenishdb.ErrUnknown
