package forecasting

import (
	"slices"
	"sync"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Event is a stretch of days on which demand is known in advance to differ: a festival, a shopping day, or the
// run-up to one. The same Code comes back every year, and its effect is learnt over all its past days.
type Event struct {
	Code     string
	From, To calendar.Day // both included
}

// Calendar says which events fall on a day. It is immutable.
type Calendar struct {
	codes []string
	first calendar.Day
	days  [][]uint8 // indexes into codes, by day from first
}

// NewCalendar gives the calendar of some events. Events may overlap; at most 255 different codes are kept.
func NewCalendar(events []Event) *Calendar {
	c := &Calendar{}
	var last calendar.Day
	for i, e := range events {
		if i == 0 || e.From < c.first {
			c.first = e.From
		}
		if i == 0 || e.To > last {
			last = e.To
		}
	}
	if len(events) == 0 {
		return c
	}
	c.days = make([][]uint8, last.Sub(c.first)+1)
	for _, e := range events {
		id := slices.Index(c.codes, e.Code)
		if id < 0 {
			if len(c.codes) == 255 {
				continue
			}
			id = len(c.codes)
			c.codes = append(c.codes, e.Code)
		}
		for d := e.From; d <= e.To; d++ {
			i := d.Sub(c.first)
			if !slices.Contains(c.days[i], uint8(id)) {
				c.days[i] = append(c.days[i], uint8(id))
			}
		}
	}
	return c
}

// Codes lists the event codes; On gives indexes into it.
func (c *Calendar) Codes() []string {
	if c == nil {
		return nil
	}
	return c.codes
}

// On gives the events of a day as indexes into Codes, nil on a plain day. The slice is not to be changed.
func (c *Calendar) On(d calendar.Day) []uint8 {
	if c == nil {
		return nil
	}
	i := d.Sub(c.first)
	if i < 0 || i >= len(c.days) {
		return nil
	}
	return c.days[i]
}

// First and last year of the tabulated festivals.
const (
	FirstFestivalYear = 2020
	LastFestivalYear  = 2035
)

// China is the calendar of Chinese online retail from FirstFestivalYear to LastFestivalYear.
var China = sync.OnceValue(func() *Calendar {
	var events []Event
	for y := FirstFestivalYear; y <= LastFestivalYear; y++ {
		events = append(events, chinaYear(y)...)
	}
	return NewCalendar(events)
})

// chinaYear lists the events of a Gregorian year. The windows around the shopping days follow the campaign
// calendars of the large platforms: a warm-up, the peak, and the lull of those who have bought.
func chinaYear(y int) []Event {
	date := func(m time.Month, d int) calendar.Day { return calendar.Date(y, m, d) }
	cny, dragon := SpringFestival(y), DragonBoat(y)
	mid, qixi := MidAutumn(y), Qixi(y)
	return []Event{
		{"new_year", date(1, 1), date(1, 1)},
		{"cny_shopping", cny.AddDays(-25), cny.AddDays(-11)},
		{"cny_eve", cny.AddDays(-10), cny.AddDays(-1)},
		{"cny", cny, cny.AddDays(6)},
		{"cny_after", cny.AddDays(7), cny.AddDays(14)},
		{"women_day", date(3, 5), date(3, 8)},
		{"qingming", Qingming(y), Qingming(y).AddDays(2)},
		{"labour_day", date(5, 1), date(5, 5)},
		{"520", date(5, 18), date(5, 20)},
		{"children_day", date(5, 29), date(6, 1)},
		{"618_warm", date(6, 2), date(6, 15)},
		{"618", date(6, 16), date(6, 18)},
		{"618_after", date(6, 19), date(6, 25)},
		{"dragon_boat", dragon.AddDays(-1), dragon.AddDays(1)},
		{"qixi", qixi.AddDays(-2), qixi},
		{"mid_autumn", mid.AddDays(-7), mid},
		{"national_day", date(10, 1), date(10, 7)},
		{"double11_warm", date(10, 24), date(11, 9)},
		{"double11", date(11, 10), date(11, 11)},
		{"double11_after", date(11, 12), date(11, 18)},
		{"double12", date(12, 10), date(12, 12)},
	}
}

// EventName gives the words for an event code of China, the code itself for an unknown one.
func EventName(code string) catalog.Name {
	if n, ok := eventNames[code]; ok {
		return n
	}
	return catalog.Name{ZH: code, EN: code}
}

var eventNames = map[string]catalog.Name{
	"new_year":       {ZH: "元旦", EN: "New Year"},
	"cny_shopping":   {ZH: "年货节", EN: "New Year shopping"},
	"cny_eve":        {ZH: "春节前", EN: "before Spring Festival"},
	"cny":            {ZH: "春节", EN: "Spring Festival"},
	"cny_after":      {ZH: "春节后", EN: "after Spring Festival"},
	"women_day":      {ZH: "三八节", EN: "Women's Day sale"},
	"qingming":       {ZH: "清明", EN: "Qingming"},
	"labour_day":     {ZH: "五一", EN: "Labour Day"},
	"520":            {ZH: "520", EN: "520"},
	"children_day":   {ZH: "六一儿童节", EN: "Children's Day"},
	"618_warm":       {ZH: "618 预热", EN: "618 warm-up"},
	"618":            {ZH: "618", EN: "618"},
	"618_after":      {ZH: "618 之后", EN: "after 618"},
	"dragon_boat":    {ZH: "端午", EN: "Dragon Boat"},
	"qixi":           {ZH: "七夕", EN: "Qixi"},
	"mid_autumn":     {ZH: "中秋前", EN: "before Mid-Autumn"},
	"national_day":   {ZH: "国庆", EN: "National Day"},
	"double11_warm":  {ZH: "双11 预热", EN: "Double 11 warm-up"},
	"double11":       {ZH: "双11", EN: "Double 11"},
	"double11_after": {ZH: "双11 之后", EN: "after Double 11"},
	"double12":       {ZH: "双12", EN: "Double 12"},
}
