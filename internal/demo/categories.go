package demo

import "milkrun/internal/catalog"

// season names a yearly rhythm of demand.
type season struct {
	peak  int     // day of the year of the top
	swing float64 // half the difference of the logarithms of top and bottom
}

var (
	allYear   = season{}
	wintry    = season{10, .35} // sells better in winter
	winter    = season{5, 1.1}  // hardly sells in summer
	summery   = season{196, .3}
	summer    = season{196, 1.25}
	betweenST = season{288, .55} // autumn: layers, new collections
)

// category holds what its SKUs share. block is the first three digits of their codes.
type category struct {
	code, zh, en, parent string
	block                int
	season               season
	festive              float64 // how strongly shopping days move it: 1 = like nappies
	core                 bool
}

var categories = []category{
	{code: "milk", zh: "奶粉", en: "Milk powder"},
	{code: "milk-cow", zh: "牛奶粉", en: "Cow milk", parent: "milk", block: 100, festive: .9, core: true},
	{code: "milk-goat", zh: "羊奶粉", en: "Goat milk", parent: "milk", block: 100, festive: .9, core: true},
	{code: "milk-special", zh: "特殊配方", en: "Special formula", parent: "milk", block: 100, festive: .3},
	{code: "milk-mum", zh: "孕产奶粉", en: "Maternity milk", parent: "milk", block: 100, festive: .7},

	{code: "nappy", zh: "纸尿裤", en: "Nappies"},
	{code: "nappy-tape", zh: "纸尿裤", en: "Tape nappies", parent: "nappy", block: 310, festive: 1, core: true},
	{code: "nappy-pants", zh: "拉拉裤", en: "Nappy pants", parent: "nappy", block: 310, festive: 1, core: true},
	{code: "nappy-wipes", zh: "湿巾", en: "Wipes", parent: "nappy", block: 330, festive: 1},
	{code: "nappy-pads", zh: "隔尿垫", en: "Changing pads", parent: "nappy", block: 330, festive: .8},

	{code: "food", zh: "辅食", en: "Baby food"},
	{code: "food-cereal", zh: "米粉", en: "Cereal", parent: "food", block: 530, festive: .6},
	{code: "food-puree", zh: "果蔬泥", en: "Purees", parent: "food", block: 530, festive: .5},
	{code: "food-noodle", zh: "面条粥品", en: "Noodles and porridge", parent: "food", block: 531, festive: .5},
	{code: "food-snack", zh: "零食溶豆", en: "Snacks", parent: "food", block: 532, festive: .6},
	{code: "food-extra", zh: "营养调味", en: "Oils and supplements", parent: "food", block: 533, festive: .6},

	{code: "feeding", zh: "喂养", en: "Feeding"},
	{code: "feeding-teether", zh: "牙胶", en: "Teethers", parent: "feeding", block: 204, festive: .5},
	{code: "feeding-bottle", zh: "奶瓶", en: "Bottles", parent: "feeding", block: 420, festive: .7},
	{code: "feeding-teat", zh: "奶嘴", en: "Teats and soothers", parent: "feeding", block: 421, festive: .5},
	{code: "feeding-cup", zh: "水杯", en: "Cups", parent: "feeding", block: 422, season: summery, festive: .7},
	{code: "feeding-tableware", zh: "餐具", en: "Tableware", parent: "feeding", block: 423, festive: .7},
	{code: "feeding-pump", zh: "吸奶储奶", en: "Pumping and storage", parent: "feeding", block: 424, festive: .8},

	{code: "care", zh: "洗护", en: "Care"},
	{code: "care-wash", zh: "洗发沐浴", en: "Wash", parent: "care", block: 610, season: summery, festive: .8},
	{code: "care-cream", zh: "润肤护臀", en: "Creams", parent: "care", block: 610, season: wintry, festive: .8},
	{code: "care-sun", zh: "防晒", en: "Sun care", parent: "care", block: 611, season: summer, festive: .6},
	{code: "care-laundry", zh: "洗衣清洁", en: "Laundry", parent: "care", block: 612, festive: .9},
	{code: "care-mosquito", zh: "驱蚊", en: "Mosquito repellent", parent: "care", block: 613, season: summer, festive: .5},
	{code: "care-oral", zh: "口腔护理", en: "Oral care", parent: "care", block: 614, festive: .6},

	{code: "bedding", zh: "寝居", en: "Bedding"},
	{code: "bedding-bag", zh: "睡袋", en: "Sleeping bags", parent: "bedding", block: 720, season: winter, festive: .8},
	{code: "bedding-quilt", zh: "被褥", en: "Quilts and sheets", parent: "bedding", block: 721, season: wintry, festive: .7},
	{code: "bedding-swaddle", zh: "包巾襁褓", en: "Swaddles", parent: "bedding", block: 722, festive: .5},

	{code: "clothing", zh: "服装", en: "Clothing"},
	{code: "clothing-body", zh: "连体衣", en: "Bodysuits", parent: "clothing", block: 810, festive: .7},
	{code: "clothing-warm", zh: "保暖内衣", en: "Thermals", parent: "clothing", block: 811, season: winter, festive: .9},
	{code: "clothing-summer", zh: "夏装", en: "Summer wear", parent: "clothing", block: 812, season: summer, festive: .7},
	{code: "clothing-outer", zh: "外出服", en: "Outerwear", parent: "clothing", block: 813, season: betweenST, festive: .9},
	{code: "clothing-small", zh: "袜帽围嘴", en: "Socks, hats, bibs", parent: "clothing", block: 814, season: wintry, festive: .6},

	{code: "travel", zh: "出行", en: "Travel"},
	{code: "travel-seat", zh: "安全座椅", en: "Car seats", parent: "travel", block: 910, festive: 1.1},
	{code: "travel-stroller", zh: "推车", en: "Strollers", parent: "travel", block: 911, festive: 1.1},
	{code: "travel-carrier", zh: "背带腰凳", en: "Carriers", parent: "travel", block: 912, festive: .8},

	{code: "play", zh: "玩具", en: "Toys"},
	{code: "play-early", zh: "早教玩具", en: "Early learning", parent: "play", block: 250, festive: .8},
	{code: "play-bath", zh: "洗澡玩具", en: "Bath toys", parent: "play", block: 251, season: summery, festive: .6},
}

// categoryOf gives the category of the code; the offers name only codes that exist, and a test says so.
func categoryOf(code string) category {
	for _, c := range categories {
		if c.code == code {
			return c
		}
	}
	return category{}
}

func categoryDrafts() []catalog.CategoryDraft {
	drafts := make([]catalog.CategoryDraft, 0, len(categories))
	for _, c := range categories {
		drafts = append(drafts, catalog.CategoryDraft{Code: c.code, Name: catalog.Name{ZH: c.zh, EN: c.en}, Parent: c.parent})
	}
	return drafts
}
