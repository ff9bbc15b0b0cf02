package demo

import (
	"time"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// festive gives the logarithm of what shopping days and holidays do to the online demand of a good of festive = 1, and
// whether it is a day of the great sales, on which most goods are on offer.
func festive(d calendar.Day) (effect float64, sale bool) {
	_, month, day := d.Time().Date()
	md := int(month)*100 + day
	switch {
	case md >= 531 && md <= 603:
		effect, sale = .3, true
	case md >= 604 && md <= 615:
		effect = .08
	case md >= 616 && md <= 617:
		effect, sale = .35, true
	case md == 618:
		effect, sale = .55, true
	case md >= 619 && md <= 625:
		effect = -.2
	case md >= 1024 && md <= 1030:
		effect = .08
	case md >= 1031 && md <= 1103:
		effect, sale = .28, true
	case md >= 1104 && md <= 1108:
		effect = .06
	case md == 1109:
		effect = .16
	case md == 1110:
		effect, sale = .45, true
	case md == 1111:
		effect, sale = .65, true
	case md >= 1112 && md <= 1118:
		effect = -.22
	case md == 1210 || md == 1211:
		effect, sale = .15, true
	case md == 1212:
		effect, sale = .38, true
	case md >= 1213 && md <= 1215:
		effect = -.1
	case md >= 305 && md <= 308:
		effect, sale = .14, md == 308
	case month == time.October && day <= 7:
		effect = -.07
	}
	// Before the Spring Festival people stock up, then couriers and customers rest.
	switch n := d.Sub(forecasting.SpringFestival(d.Year())); {
	case n >= -21 && n <= -10:
		effect += .16
	case n >= -9 && n <= -4:
		effect -= .1
	case n >= -3 && n <= 4:
		effect -= .75
	case n >= 5 && n <= 10:
		effect -= .28
	}
	return effect, sale
}

// Weekday factors, Sunday first: online people order on Sunday evening and Monday, near home at the weekend.
var (
	onlineWeek = [7]float64{1.1, 1.06, 1.0, .99, .98, .9, .97}
	localWeek  = [7]float64{1.22, .88, .88, .9, .93, 1.0, 1.19}
)
