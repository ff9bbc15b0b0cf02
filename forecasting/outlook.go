package forecasting

import (
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Outlook is the forecast in force of one series, as other domains read it.
type Outlook struct {
	Forecast
	// Heat is what heat multiplies each day by; nil where no topic moves the series.
	Heat []float32
	// Topic is the topic that multiplies most, 0 without one; TopicRatio its heat now against the usual.
	Topic      catalog.TopicID
	TopicName  catalog.Name
	TopicRatio float64
	// Sold28 is what was sold in the 28 days before the origin; SoldOut28 counts the sold-out days among them.
	Sold28, SoldOut28 int
}

// WeeklyOutlook is the expected demand of a SKU by whole weeks from the origin of the run in force on.
type WeeklyOutlook struct {
	SKU   catalog.SKUID
	Weeks []Week
}

// Week is the demand of seven days from From on: expected, and with 80 % confidence between P10 and P90. Pieces.
type Week struct {
	From           calendar.Day
	Mean, P10, P90 float64
}

// TopicStanding is where a topic's heat stands and what it does.
type TopicStanding struct {
	catalog.Topic
	Source string       // the source that is watched: the one that leads demand best, else the hottest
	Day    calendar.Day // last day with heat
	Value  float64      // heat of Day
	Usual  float64
	Ratio  float64 // Value / Usual
	// SalesEffect is what the heat known so far multiplies demand by on the strongest coming day, EffectDay; 1 when
	// no effect is proven.
	SalesEffect float64
	EffectDay   *calendar.Day
	Proven      bool
	SKUs        int
	Spark       []float32 // heat of the last SparkDays days up to Day, missing days carried on
	Spike       int64     // the open spike, 0 for none
}

// SparkDays is the length of a topic's small chart.
const SparkDays = 20

// SpikeState is where a spike stands.
type SpikeState string

// The states of a spike. One that a corrected value undoes is withdrawn, one that fades ends.
const (
	SpikeOpen      SpikeState = "open"
	SpikeEnded     SpikeState = "ended"
	SpikeWithdrawn SpikeState = "withdrawn"
)

// SpikeRecord is a spike as it is kept. One of a complaint topic is a quality alert: it never touches a forecast.
type SpikeRecord struct {
	ID    int64
	Topic catalog.Topic
	State SpikeState
	Spike Spike
	// Effect is what the topic does to demand; nil when nothing was ever estimated. Proven tells whether it is used.
	Effect *TopicEffect
	Proven bool
	// Pieces is the expected additional demand over all series from Origin on, ByDay its days, From and To the first
	// and last day with an addition (nil without one). Run is the run that it was worked out for, 0 when it is still to be.
	Run      int64
	Pieces   float64
	Origin   *calendar.Day
	ByDay    []float32
	From, To *calendar.Day

	DetectedAt, UpdatedAt time.Time
	PublishedAt, EndedAt  *time.Time
	// SeenBy is who has taken note of it, with a remark; empty when nobody has.
	SeenBy, SeenNote string
	SeenAt           *time.Time
	SKUs             []SpikeSKU // largest addition first
}

// Days gives the number of days with an addition.
func (r SpikeRecord) Days() int {
	if r.From == nil || r.To == nil {
		return 0
	}
	return r.To.Sub(*r.From) + 1
}

// PeakDay gives the day with the largest addition, false without one.
func (r SpikeRecord) PeakDay() (calendar.Day, bool) {
	best := -1
	for i, v := range r.ByDay {
		if v > 0 && (best < 0 || v > r.ByDay[best]) {
			best = i
		}
	}
	if best < 0 || r.Origin == nil {
		return 0, false
	}
	return r.Origin.AddDays(best), true
}

// SpikeSKU is what a spike adds to the demand of a SKU over all its sites.
type SpikeSKU struct {
	SKU    catalog.SKUID
	Code   string
	Name   catalog.Name
	Pieces float64
	ByDay  []float32 // from SpikeRecord.Origin on
}
