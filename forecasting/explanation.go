package forecasting

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Explanation holds every figure that went into a forecast, so that a screen can lay them open. The forecast of a
// day is Level (with its trend) × weekly × yearly × events × promotion × cohort × heat, then changed by the Steps. See Forecast.Pieces.
type Explanation struct {
	Level       float64         `json:"level"`         // pieces on a plain day at the origin
	TrendPerDay float64         `json:"trend_per_day"` // change of the level from day to day, mean over the horizon, pieces
	Weekly      []float64       `json:"weekly,omitempty"`
	Yearly      []float64       `json:"yearly,omitempty"` // multiplier by day of the horizon
	Promotion   *PromotionNote  `json:"promotion,omitempty"`
	Events      []EventNote     `json:"events,omitempty"` // those within the horizon
	Heat        []HeatNote      `json:"heat,omitempty"`
	Cohort      *CohortNote     `json:"cohort,omitempty"`
	Slopes      []float64       `json:"slopes,omitempty"` // log demand per unit of each column of Series.Extra
	Launch      *LaunchNote     `json:"launch,omitempty"`
	Steps       []StepNote      `json:"steps,omitempty"`
	Censored    CensoredNote    `json:"censored"`
	Candidates  []CandidateNote `json:"candidates,omitempty"` // best first
	FVA         FVANote         `json:"fva"`
	HistoryDays int             `json:"history_days"` // known days used
	CappedDays  int             `json:"capped_days"`  // days with a single huge order, cut before fitting the level
	Notes       []Note          `json:"notes,omitempty"`
}

// Note is a remark on the ground a forecast stands on; the screens hold its words.
type Note string

// The remarks.
const (
	NoteNoHistory    Note = "no_history"    // nothing known: forecast is 0 or the prior of the group
	NoteShortHistory Note = "short_history" // too short for a backtest
	NoteNoDemand     Note = "no_demand"     // never sold
	NoteDead         Note = "dead"          // stopped selling long ago
	NoteGaps         Note = "gaps"          // more than a tenth of the days are unknown
	NoteMostlyEmpty  Note = "mostly_empty"  // more than a third of the days were sold out: demand is largely inferred
	NoteHeatGated    Note = "heat_gated"    // a topic is attached but its heat did not prove to lead demand
	NoteHeatStale    Note = "heat_stale"    // heat is older than it should be
	NotePromoAssumed Note = "promo_assumed" // no promotion plan was given: past habits are carried on
)

// PromotionNote is what a price cut does to the demand.
type PromotionNote struct {
	Elasticity float64   `json:"elasticity"` // log demand per unit of depth: a 20 % cut multiplies by exp(0.2·Elasticity)
	StdErr     float64   `json:"std_err"`
	PastDays   int       `json:"past_days"`  // days of promotion it was learnt from
	Multiplier []float64 `json:"multiplier"` // by day of the horizon
}

// EventNote is what a festival or shopping day does to the demand.
type EventNote struct {
	Code       string       `json:"code"` // see Calendar
	From       calendar.Day `json:"from"` // within the horizon
	To         calendar.Day `json:"to"`
	Multiplier float64      `json:"multiplier"`
	PastDays   int          `json:"past_days"` // days of this event seen in the history
}

// HeatNote is what the heat of a topic does to the demand.
type HeatNote struct {
	Topic      catalog.TopicID `json:"topic"`
	Source     string          `json:"source"`
	Lag        int             `json:"lag"`        // days from heat to demand
	Elasticity float64         `json:"elasticity"` // for this SKU: topic elasticity × weight
	Multiplier []float64       `json:"multiplier"` // by day of the horizon
	KnownTo    calendar.Day    `json:"known_to"`   // last day of heat used
}

// CensoredNote is what un-censoring did.
type CensoredNote struct {
	Days   int     `json:"days"`   // sold-out days in the history
	Sold   float64 `json:"sold"`   // pieces sold on them
	Demand float64 `json:"demand"` // pieces that would have been sold
}

// CandidateNote is one model of the choice, measured by rolling origins on this series.
type CandidateNote struct {
	Model  string  `json:"model"`
	RMSSE  float64 `json:"rmsse"`
	MASE   float64 `json:"mase"`
	Bias   float64 `json:"bias"` // percent
	Weight float64 `json:"weight"`
}

// FVANote is the forecast value added: what the chosen model gains over the seasonal naive one, by RMSSE in the
// backtest.
type FVANote struct {
	Naive   float64 `json:"naive"`
	Model   float64 `json:"model"`
	Percent float64 `json:"percent"` // 100·(Naive − Model)/Naive; 0 when there was no backtest
}
