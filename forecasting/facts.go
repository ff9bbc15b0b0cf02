package forecasting

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Published is the fact that a forecast run is complete and is the one in force. Subscribers read the forecasts of
// the run; the fact carries no figures.
type Published struct {
	Run     int64 // id of the run
	Origin  calendar.Day
	Horizon int // days
	Series  int // forecasts in the run
}

// HeatSpiked is the fact that a topic's heat has risen above the usual and that its effect on demand is proven.
type HeatSpiked struct {
	Topic  catalog.TopicID
	Source string
	Day    calendar.Day // day of the heat that gave it away
	Spike  Spike
	Effect TopicEffect
	Pieces float64      // expected additional demand over all series
	From   calendar.Day // first and last day with an addition
	To     calendar.Day
	SKUs   []catalog.SKUID // those with an expected addition, largest first
}

// Refreshed is the fact that the forecasts of these SKUs in the run in force have been replaced.
type Refreshed struct {
	Run  int64           `json:"run"`
	SKUs []catalog.SKUID `json:"skus"`
}

// ComplaintSpiked is the fact that people complain about something far more than usual: a quality alert. It never
// touches a forecast.
type ComplaintSpiked struct {
	SpikeID int64           `json:"spike_id"` // of the alert
	Topic   catalog.TopicID `json:"topic"`
	Source  string          `json:"source"`
	Day     calendar.Day    `json:"day"`
	Spike   Spike           `json:"spike"`
	SKUs    []catalog.SKUID `json:"skus"` // those that the topic concerns
}
