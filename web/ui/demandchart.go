package ui

import (
	"context"
	"encoding/json"
	"math"
	"strconv"

	"milkrun/internal/calendar"
)

// Series is one number a point of a chart; NaN is a gap and becomes null in JSON.
type Series []float64

// Gap is the value of a point that has none.
var Gap = math.NaN()

// MarshalJSON writes numbers with at most two decimals and gaps as null.
func (s Series) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(s)*6+2), '[')
	for i, v := range s {
		if i > 0 {
			b = append(b, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, math.Round(v*100)/100, 'f', -1, 64)
	}
	return append(b, ']'), nil
}

// DemandChart is the chart "sales, heat and forecast": sales as bars from zero, the forecast as a line with its
// P10–P90 band on a soft ground that begins today, heat as a strip of its own below on the same x, events as flags
// at the top, sold-out periods hatched up to the restored demand.
//
// All series are as long as Days, or empty; a gap is Gap. Values are pieces a period, heat in its index.
type DemandChart struct {
	ID     string // of the element; needed when a page has several
	Title  string // what it is about, also said to screen readers: 两年周销量、热度与未来八周预测
	Days   []calendar.Day
	Step   int // days a point covers: 1 or 7. A week's point is dated on its first day
	Today  calendar.Day
	Sales  Series // what was sold; gaps from today on
	Demand Series // restored demand where the period was sold out, gaps elsewhere
	Mean   Series // forecast, gaps before today
	P10    Series
	P90    Series
	Heat   Series // of the topic; gaps where not known
	Topic  string // whose heat it is
	Events []ChartEvent
	Notes  []ChartNote
	Height int // px of the whole drawing; 0 takes 396 with heat and 280 without
	// Export is the address of the same figures as a workbook; empty hides the button.
	Export string
	// Tools stand at the right of the heading: the choice of span.
	Tools []Link
	// Unit is said behind the numbers of the hint: 件.
	Unit string
}

// ChartEvent is a flag at the top: 618, 双11, a live stream.
type ChartEvent struct {
	Day  calendar.Day
	Name string
}

// ChartNote is a label written beside a point. On is "forecast", "heat" or "soldout".
type ChartNote struct {
	Day  calendar.Day
	On   string
	Text string
	Sub  string // a second line, only on heat
}

// payload is what js/chart.js reads. Days are numbers of days since 1970-01-01.
type payload struct {
	Days   []int32           `json:"days"`
	Step   int               `json:"step"`
	Today  int32             `json:"today"`
	Sales  Series            `json:"sales"`
	Demand Series            `json:"demand"`
	Mean   Series            `json:"mean"`
	P10    Series            `json:"p10"`
	P90    Series            `json:"p90"`
	Heat   Series            `json:"heat"`
	Events []payloadEvent    `json:"events"`
	Notes  []payloadNote     `json:"notes"`
	Unit   string            `json:"unit"`
	Words  map[string]string `json:"words"`
}

type payloadEvent struct {
	Day  int32  `json:"day"`
	Name string `json:"name"`
}

type payloadNote struct {
	Day  int32  `json:"day"`
	On   string `json:"on"`
	Text string `json:"text"`
	Sub  string `json:"sub,omitempty"`
}

func (c DemandChart) payload(ctx context.Context) payload {
	p := payload{
		Days: make([]int32, len(c.Days)), Step: max(1, c.Step), Today: int32(c.Today),
		Sales: c.Sales, Demand: c.Demand, Mean: c.Mean, P10: c.P10, P90: c.P90, Heat: c.Heat,
		Events: make([]payloadEvent, len(c.Events)), Notes: make([]payloadNote, len(c.Notes)), Unit: c.Unit,
		Words: map[string]string{
			"today": T(ctx, "chart.today", "Day", c.Today.Time().Format("01-02")),
			"sales": T(ctx, "chart.sales"), "forecast": T(ctx, "chart.forecast"), "band": T(ctx, "chart.band"),
			"heat": T(ctx, "chart.heat"), "restored": T(ctx, "chart.restored"), "period": T(ctx, "chart.period"),
			"low": T(ctx, "chart.low"), "high": T(ctx, "chart.high"), "events": T(ctx, "chart.events"),
		},
	}
	if c.Topic != "" {
		p.Words["heatof"] = T(ctx, "chart.heatof", "Topic", c.Topic)
	} else {
		p.Words["heatof"] = p.Words["heat"]
	}
	for i, d := range c.Days {
		p.Days[i] = int32(d)
	}
	for i, e := range c.Events {
		p.Events[i] = payloadEvent{int32(e.Day), e.Name}
	}
	for i, n := range c.Notes {
		p.Notes[i] = payloadNote{int32(n.Day), n.On, n.Text, n.Sub}
	}
	return p
}

// JSON gives the chart's data as js/chart.js reads it, for a live chart that asks again.
func (c DemandChart) JSON(ctx context.Context) ([]byte, error) { return json.Marshal(c.payload(ctx)) }

func (c DemandChart) id() string {
	if c.ID != "" {
		return c.ID
	}
	return "demand-chart"
}

func (c DemandChart) height() int {
	switch {
	case c.Height > 0:
		return c.Height
	case len(c.Heat) > 0:
		return 396
	}
	return 280
}

func (c DemandChart) legend(ctx context.Context) []Legend {
	sales := T(ctx, "chart.sales")
	switch c.Step {
	case 1:
		sales = T(ctx, "chart.dailysales")
	case 7:
		sales = T(ctx, "chart.weeklysales")
	}
	l := []Legend{{sales, Plain.mark(), "bar"}}
	if len(c.Mean) > 0 {
		l = append(l, Legend{T(ctx, "chart.forecast"), Forecast.mark(), ""})
	}
	if len(c.P10) > 0 {
		l = append(l, Legend{T(ctx, "chart.band"), "var(--mk-band)", "band"})
	}
	if len(c.Heat) > 0 {
		l = append(l, Legend{T(ctx, "chart.heat"), Heat.mark(), ""})
	}
	return l
}
