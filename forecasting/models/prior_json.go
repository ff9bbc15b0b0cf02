package models

import "encoding/json"

// priorJSON is the stored form of a Prior.
type priorJSON struct {
	Season     []float64  `json:"season"`
	Event      []float64  `json:"event"`
	Promo      float64    `json:"promo"`
	Size       float64    `json:"size"`
	Extra      []float64  `json:"extra,omitempty"`
	Series     int        `json:"series"`
	YearLength float64    `json:"year_length,omitempty"`
	Year       []float64  `json:"year,omitempty"`
	Strength   [3]float64 `json:"strength"` // of season, event, promotion
}

// MarshalJSON gives all of the prior, so that one process can pool it and others use it. Events go by their place in
// the calendar's codes: read it with an engine of the same calendar.
func (p *Prior) MarshalJSON() ([]byte, error) {
	j := priorJSON{
		Season: p.Season, Event: p.Event, Promo: p.Promo, Size: p.Size, Extra: p.Extra, Series: p.Series,
		Strength: [3]float64{p.seasonStrength, p.eventStrength, p.promoStrength},
	}
	if p.year != nil {
		j.YearLength, j.Year = p.year.length, p.year.wave
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. Figures that make no sense are mended by Engine.WithPrior.
func (p *Prior) UnmarshalJSON(text []byte) error {
	var j priorJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*p = Prior{
		Season: j.Season, Event: j.Event, Promo: j.Promo, Size: j.Size, Extra: j.Extra, Series: j.Series,
		seasonStrength: j.Strength[0], eventStrength: j.Strength[1], promoStrength: j.Strength[2],
	}
	if len(j.Year) == 2*waves && j.YearLength > 1 {
		p.year = newYearCurve(j.YearLength, j.Year)
	}
	return nil
}
