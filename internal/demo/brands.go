package demo

// brand is an invented trademark. popularity weighs its share of an offer; supplier is the code of the firm that makes it.
type brand struct {
	zh, en     string
	popularity float64
	supplier   string
}

var brands = []brand{
	{"牧禾", "Muhe", 1.8, "S-0101"},
	{"麦苔", "Maitai", .9, "S-0102"},
	{"稚谷", "Zhigu", .7, "S-0103"},
	{"朵朵羊", "Duoyang", 1.3, "S-0104"},
	{"塔恩维", "Tarnwyck", 1.1, "S-0201"},
	{"维德米尔", "Veldemeer", .9, "S-0202"},
	{"科瓦林", "Kovarin", 1.2, "S-0203"},
	{"奥丝特兰", "Osterlann", .6, "S-0204"},
	{"丸羽里", "Maruhari", .8, "S-0205"},
	{"菲尔莫", "Fjelmo", .6, "S-0206"},
	{"云柔", "Yunrou", 1.9, "S-0105"},
	{"絮野", "Xuye", 1, "S-0106"},
	{"暖朵", "Nuanduo", .8, "S-0107"},
	{"软糖象", "Gummy Elephant", .6, "S-0108"},
	{"禾初", "Hechu", 1.7, "S-0109"},
	{"豆亩", "Doumu", 1, "S-0110"},
	{"澄果", "Chengguo", .9, "S-0111"},
	{"果栈", "Guozhan", .6, "S-0112"},
	{"贝栗", "Beili", 1.6, "S-0113"},
	{"小岛", "Xiaodao", 1.5, "S-0114"},
	{"瓷贝", "Cibei", .9, "S-0115"},
	{"苔糯", "Tainuo", .8, "S-0116"},
	{"糯团团", "Nuotuan", .6, "S-0117"},
	{"沐芽", "Muya", 1.1, "S-0118"},
	{"柚屿", "Youyu", .9, "S-0119"},
	{"芽时", "Yashi", .7, "S-0120"},
	{"鹿桥", "Luqiao", .9, "S-0121"},
	{"眠屿", "Mianyu", 1, "S-0122"},
	{"绒耳", "Ronger", 1.1, "S-0123"},
	{"织小满", "Zhixiaoman", .9, "S-0124"},
	{"棉河", "Mianhe", .8, "S-0125"},
	{"步苗", "Bumiao", .7, "S-0126"},
	{"途小羊", "Tuxiaoyang", 1, "S-0127"},
	{"星芥", "Xingjie", .8, "S-0128"},
	{"木拾一", "Mushiyi", .8, "S-0129"},
	{"泡泡禾", "Paopaohe", .7, "S-0130"},
}

func brandOf(zh string) brand {
	for _, b := range brands {
		if b.zh == zh {
			return b
		}
	}
	return brand{}
}
