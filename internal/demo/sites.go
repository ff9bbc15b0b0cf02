package demo

import (
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// place is a site with its share of the demand of the goods it carries.
type place struct {
	catalog.Site
	share float64
	from  string // code of the site that feeds it first
}

func at(code, zh, en, cityZH, cityEN string, tier catalog.Tier, lat, lon float64, zone string, share float64, from string) place {
	return place{
		Site: catalog.Site{
			Code: code, Name: catalog.Name{ZH: zh, EN: en}, City: catalog.Name{ZH: cityZH, EN: cityEN},
			Tier: tier, Lat: lat, Lon: lon, TimeZone: zone, Active: true,
		},
		share: share, from: from,
	}
}

const china = "Asia/Shanghai"

// The shares of the regional and of the bonded sites are those of online demand; fronts and stations sell on top, to
// people nearby.
var places = []place{
	at("AKL", "奥克兰海外仓", "Auckland overseas", "奥克兰", "Auckland", catalog.Overseas, -36.9280, 174.7870, "Pacific/Auckland", 0, ""),
	at("RTM", "鹿特丹海外仓", "Rotterdam overseas", "鹿特丹", "Rotterdam", catalog.Overseas, 51.8850, 4.2867, "Europe/Amsterdam", 0, ""),
	at("NGB", "宁波保税仓", "Ningbo bonded", "宁波", "Ningbo", catalog.Bonded, 29.9360, 121.8440, china, .62, "RTM"),
	at("NSA", "广州南沙保税仓", "Nansha bonded", "广州", "Guangzhou", catalog.Bonded, 22.7066, 113.6270, china, .38, "AKL"),
	at("JX", "嘉兴区域仓", "Jiaxing regional", "嘉兴", "Jiaxing", catalog.Regional, 30.7522, 120.7585, china, .40, ""),
	at("FS", "佛山区域仓", "Foshan regional", "佛山", "Foshan", catalog.Regional, 23.0215, 113.1214, china, .30, ""),
	at("CD", "成都区域仓", "Chengdu regional", "成都", "Chengdu", catalog.Regional, 30.8230, 104.1590, china, .17, ""),
	at("SH-XH", "上海徐汇前置仓", "Xuhui front", "上海", "Shanghai", catalog.Front, 31.1886, 121.4365, china, .060, "JX"),
	at("SH-PD", "上海浦东前置仓", "Pudong front", "上海", "Shanghai", catalog.Front, 31.2214, 121.5447, china, .055, "JX"),
	at("HZ-BJ", "杭州滨江前置仓", "Binjiang front", "杭州", "Hangzhou", catalog.Front, 30.2084, 120.2120, china, .038, "JX"),
	at("NJ-JY", "南京建邺前置仓", "Jianye front", "南京", "Nanjing", catalog.Front, 32.0036, 118.7320, china, .032, "JX"),
	at("SZ-NS", "深圳南山前置仓", "Nanshan front", "深圳", "Shenzhen", catalog.Front, 22.5333, 113.9304, china, .045, "FS"),
	at("ST-LC", "上海龙漕驿站", "Longcao station", "上海", "Shanghai", catalog.Station, 31.1693, 121.4452, china, .006, "SH-XH"),
	at("ST-SK", "深圳蛇口驿站", "Shekou station", "深圳", "Shenzhen", catalog.Station, 22.4847, 113.9190, china, .006, "SZ-NS"),
}

func placeOf(code string) int {
	for i, p := range places {
		if p.Code == code {
			return i
		}
	}
	return -1
}

// Sites lists the sites of the demo business.
func Sites() []catalog.Site { return siteList() }

func siteList() []catalog.Site {
	sites := make([]catalog.Site, 0, len(places))
	for _, p := range places {
		sites = append(sites, p.Site)
	}
	return sites
}

// laneList: ships to the bonded sites, lorries between the regional ones and down to fronts and stations, and vans
// between the fronts of a city for emergencies.
func laneList() []catalog.LaneDraft {
	lane := func(from, to string, mean, sd float64, priority int, costFen int64) catalog.LaneDraft {
		return catalog.LaneDraft{FromCode: from, ToCode: to, Lane: catalog.Lane{LeadMean: mean, LeadSD: sd, Priority: priority, CostFen: money.Fen(costFen)}}
	}
	return []catalog.LaneDraft{
		lane("RTM", "NGB", 34, 4, 1, 210), lane("RTM", "NSA", 36, 4, 2, 220),
		lane("AKL", "NSA", 21, 3, 1, 180), lane("AKL", "NGB", 20, 3, 2, 180),
		lane("NGB", "NSA", 4, 1, 3, 90), lane("NSA", "NGB", 4, 1, 3, 90),
		lane("JX", "FS", 3, .6, 2, 85), lane("FS", "JX", 3, .6, 2, 85),
		lane("JX", "CD", 4, .8, 2, 110), lane("CD", "JX", 4, .8, 3, 110),
		lane("FS", "CD", 3.5, .7, 3, 100), lane("CD", "FS", 3.5, .7, 3, 100),
		lane("JX", "SH-XH", 1, .2, 1, 35), lane("JX", "SH-PD", 1, .2, 1, 36), lane("JX", "HZ-BJ", 1, .2, 1, 34),
		lane("JX", "NJ-JY", 1.5, .3, 1, 45), lane("FS", "SZ-NS", 1, .2, 1, 38),
		lane("SH-XH", "SH-PD", .5, .2, 2, 60), lane("SH-PD", "SH-XH", .5, .2, 2, 60),
		lane("SH-XH", "ST-LC", .5, .1, 1, 40), lane("SZ-NS", "ST-SK", .5, .1, 1, 40),
	}
}
