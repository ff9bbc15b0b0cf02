package demo

import "milkrun/internal/money"

// The story of the demonstration: the topic 出牙 leaps four days before today, its heat reaches sales days later, and the
// teether below runs out in East China unless somebody orders about 4,200 of them.
const (
	StorySKU      = "MR-204817" // 贝栗 硅胶牙胶 小雪糕款
	StoryTopic    = "teething"
	StorySite     = "JX"
	StorySupplier = "S-0113"

	storyRate   = 292.0 // pieces a day at all sites before the leap; East China has 214 of them
	storyGrowth = .62
	storyPrice  = money.Fen(2990)
	storyMOQ    = 1200
	storyPack   = 60
	storyLead   = 9.0
	storySpread = 1.4
	storyCost   = money.Fen(1280)
	// storyInbound is what an earlier order still brings to the site, and in how many days.
	storyInbound     = 600
	storyInboundDays = 4
)

// storyLeap is the heat of the topic against the usual on the last four days before today.
var storyLeap = []float64{3.1, 6.2, 9.3, 9.7}

// storyStock is what stands at the sites today.
var storyStock = map[string]int64{
	"JX": 1360, "SH-XH": 96, "HZ-BJ": 158, "NJ-JY": 140, "SZ-NS": 260, "FS": 2600, "CD": 1230,
}

// storyShares keeps the figures of the story free of chance.
var storyShares = map[string]func() []share{
	StorySKU: func() []share {
		return []share{
			{placeOf("JX"), .40}, {placeOf("FS"), .30}, {placeOf("CD"), .17}, {placeOf("SH-XH"), .157},
			{placeOf("HZ-BJ"), .096}, {placeOf("NJ-JY"), .079}, {placeOf("SZ-NS"), .10},
		}
	},
}

// tell gives the items of the story their figures.
func (w *World) tell(it *item) {
	switch it.Code {
	case StorySKU:
		it.rate, it.growth, it.Price = storyRate, storyGrowth, storyPrice
		it.from, it.to = 0, 0 // its growth is told, not left to the number of babies
	case "MR-204833":
		it.rate, it.Price = 150, 1990
	case "MR-100236":
		it.rate, it.Price = 130, 29800
	}
}
