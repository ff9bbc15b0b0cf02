package forecasting

import (
	"time"

	"milkrun/internal/calendar"
)

// The lunar festivals, as month and day of the Gregorian year, 100·month + day, from FirstFestivalYear on.
//
// Source: the new moons of Meeus, Astronomical Algorithms (2nd ed., ch. 49), in Beijing time (GB/T 33661-2017),
// with the month numbers of the Unicode CLDR Chinese calendar. They agree with the Gregorian–lunar conversion tables of
// the Hong Kong Observatory (www.hko.gov.hk/en/gts/time/conversion.htm), also in 2027 and 2030, where the new moon
// falls within ten minutes of midnight and older calendars are a day off.
var (
	springFestivals = [...]int{
		125, 212, 201, 122, 210, 129, 217, 206, 126, 213, 203, 123, 211, 131, 219, 208,
	}
	dragonBoats = [...]int{
		625, 614, 603, 622, 610, 531, 619, 609, 528, 616, 605, 624, 612, 601, 620, 610,
	}
	qixis = [...]int{
		825, 814, 804, 822, 810, 829, 819, 808, 826, 816, 805, 824, 812, 801, 820, 810,
	}
	midAutumns = [...]int{
		1001, 921, 910, 929, 917, 1006, 925, 915, 1003, 922, 912, 1001, 919, 908, 927, 916,
	}
)

// SpringFestival gives the first day of the lunar year that begins in the Gregorian year (春节).
// Like the others it is tabulated for FirstFestivalYear..LastFestivalYear; a year outside is moved to the nearest
// end, so the answer is then a rough date in that year.
func SpringFestival(year int) calendar.Day { return lunar(&springFestivals, year) }

// DragonBoat gives the fifth day of the fifth month (端午).
func DragonBoat(year int) calendar.Day { return lunar(&dragonBoats, year) }

// Qixi gives the seventh day of the seventh month (七夕).
func Qixi(year int) calendar.Day { return lunar(&qixis, year) }

// MidAutumn gives the fifteenth day of the eighth month (中秋).
func MidAutumn(year int) calendar.Day { return lunar(&midAutumns, year) }

func lunar(table *[LastFestivalYear - FirstFestivalYear + 1]int, year int) calendar.Day {
	md := table[min(max(year, FirstFestivalYear), LastFestivalYear)-FirstFestivalYear]
	return calendar.Date(year, time.Month(md/100), md%100)
}

// Qingming gives the day of the solar term (清明), by the usual rule of thumb for the 21st century:
// ⌊0.2422·Y + 4.81⌋ − ⌊Y/4⌋ of April, Y the last two digits of the year.
func Qingming(year int) calendar.Day {
	y := year - 2000
	return calendar.Date(year, time.April, int(float64(y)*0.2422+4.81)-y/4)
}
