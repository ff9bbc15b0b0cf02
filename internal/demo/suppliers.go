package demo

import (
	"strings"

	"milkrun/internal/catalog"
)

// origin tells how a supplier's goods come in.
type origin int

const (
	domestic origin = iota
	hub             // delivers to an overseas site, from which a ship takes the goods to the bonded sites
	direct          // ships straight to a bonded site
)

// firm is a supplier with what its terms are made from: the mean days from an order to the dock and their spread, the
// usual weekly capacity in pieces, and the pallet that orders are rounded to in cartons (1 = single cartons).
type firm struct {
	code, zh, en, cityZH, cityEN string
	person                       string
	origin                       origin
	shipsTo                      string // code of a site; empty = any regional one
	lead, spread                 float64
	weekly                       int
	pallet                       int
}

var firms = []firm{
	{"S-0101", "牧禾乳业", "Muhe Dairy", "呼和浩特", "Hohhot", "白海涛", domestic, "", 21, 3, 14_000, 40},
	{"S-0102", "麦苔乳品", "Maitai Dairy", "石家庄", "Shijiazhuang", "郭立新", domestic, "", 18, 2.5, 8_000, 20},
	{"S-0103", "稚谷生物营养", "Zhigu Nutrition", "哈尔滨", "Harbin", "孙晓冬", domestic, "", 20, 3, 5_000, 20},
	{"S-0104", "朵朵羊国际贸易", "Duoyang Trading", "奥克兰", "Auckland", "Hana Lowe", direct, "NGB", 42, 5, 6_000, 20},
	{"S-0105", "云柔卫生用品", "Yunrou Hygiene", "晋江", "Jinjiang", "蔡明远", domestic, "", 12, 2, 40_000, 12},
	{"S-0106", "絮野护理用品", "Xuye Care", "黄冈", "Huanggang", "陈立", domestic, "", 11, 2, 24_000, 10},
	{"S-0107", "暖朵卫品", "Nuanduo Hygiene", "南安", "Nan'an", "洪志强", domestic, "", 13, 2, 18_000, 10},
	{"S-0108", "软糖象婴童护理", "Gummy Elephant Baby Care", "佛山", "Foshan", "梁宝仪", domestic, "", 10, 1.5, 12_000, 6},
	{"S-0109", "禾初食品", "Hechu Foods", "杭州", "Hangzhou", "沈之远", domestic, "", 9, 1.5, 20_000, 8},
	{"S-0110", "豆亩营养食品", "Doumu Foods", "合肥", "Hefei", "方媛", domestic, "", 10, 2, 12_000, 6},
	{"S-0111", "澄果食品科技", "Chengguo Food Tech", "烟台", "Yantai", "于洋", domestic, "", 12, 2, 12_000, 6},
	{"S-0112", "果栈农业", "Guozhan Farms", "眉山", "Meishan", "唐小川", domestic, "", 11, 3, 6_000, 4},
	{"S-0113", "温岭贝栗婴童用品厂", "Wenling Beili Baby Products", "温岭", "Wenling", "林阿珍", domestic, "", 9, 1.4, 3_600, 1},
	{"S-0114", "小岛家居用品", "Xiaodao Home", "宁波", "Ningbo", "俞静", domestic, "", 14, 2.5, 6_000, 2},
	{"S-0115", "瓷贝母婴科技", "Cibei Baby Tech", "东莞", "Dongguan", "邓伟豪", domestic, "", 13, 2, 7_000, 2},
	{"S-0116", "苔糯日用品", "Tainuo Products", "台州", "Taizhou", "王海燕", domestic, "", 11, 2, 6_000, 2},
	{"S-0117", "糯团团工坊", "Nuotuan Works", "汕头", "Shantou", "郑少雄", domestic, "", 15, 4, 4_000, 1},
	{"S-0118", "沐芽个人护理", "Muya Personal Care", "广州", "Guangzhou", "何倩", domestic, "", 12, 2, 10_000, 4},
	{"S-0119", "柚屿日化", "Youyu Daily Care", "中山", "Zhongshan", "刘家明", domestic, "", 13, 2, 8_000, 4},
	{"S-0120", "芽时口腔护理", "Yashi Oral Care", "扬州", "Yangzhou", "顾晓", domestic, "", 10, 1.5, 6_000, 2},
	{"S-0121", "鹿桥生物", "Luqiao Biotech", "苏州", "Suzhou", "陆清", domestic, "", 16, 3, 5_000, 2},
	{"S-0122", "眠屿家纺", "Mianyu Textiles", "南通", "Nantong", "季红", domestic, "", 18, 3, 3_000, 1},
	{"S-0123", "绒耳服饰", "Ronger Apparel", "湖州", "Huzhou", "费春燕", domestic, "", 20, 4, 6_000, 1},
	{"S-0124", "织小满童装", "Zhixiaoman Kidswear", "湖州", "Huzhou", "闵建", domestic, "", 21, 4, 6_000, 1},
	{"S-0125", "棉河针织", "Mianhe Knitwear", "青岛", "Qingdao", "迟军", domestic, "", 22, 4, 5_000, 1},
	{"S-0126", "步苗鞋袜", "Bumiao Socks and Shoes", "诸暨", "Zhuji", "寿丽", domestic, "", 16, 3, 5_000, 1},
	{"S-0127", "途小羊儿童用品", "Tuxiaoyang Travel", "昆山", "Kunshan", "戴文", domestic, "", 25, 4, 900, 1},
	{"S-0128", "星芥玩具", "Xingjie Toys", "汕头", "Shantou", "蔡泽鑫", domestic, "", 17, 3, 4_000, 1},
	{"S-0129", "木拾一木玩", "Mushiyi Wooden Toys", "云和", "Yunhe", "叶青", domestic, "", 19, 4, 2_500, 1},
	{"S-0130", "泡泡禾日用", "Paopaohe Goods", "义乌", "Yiwu", "楼巧玲", domestic, "", 12, 3, 5_000, 1},
	{"S-0201", "塔恩维乳业", "Tarnwyck Dairy", "奥克兰", "Auckland", "Grace Teller", hub, "AKL", 16, 3, 6_000, 20},
	{"S-0202", "维德米尔营养", "Veldemeer Nutrition", "鹿特丹", "Rotterdam", "Joris Vael", hub, "RTM", 14, 2.5, 5_000, 20},
	{"S-0203", "科瓦林食品", "Kovarin Foods", "鹿特丹", "Rotterdam", "Elke Soren", hub, "RTM", 15, 3, 6_000, 20},
	{"S-0204", "奥丝特兰婴儿食品", "Osterlann Baby Foods", "汉堡", "Hamburg", "Maren Holtz", direct, "NGB", 44, 6, 3_000, 10},
	{"S-0205", "丸羽里株式会社", "Maruhari", "大阪", "Osaka", "森田 結衣", direct, "NSA", 24, 4, 5_000, 6},
	{"S-0206", "菲尔莫北欧婴童", "Fjelmo Nordic Baby", "鹿特丹", "Rotterdam", "Nils Aker", hub, "RTM", 18, 3, 2_000, 4},
	{"S-0301", "义乌童联商贸", "Yiwu Tonglian Trading", "义乌", "Yiwu", "朱国强", domestic, "", 4, 1, 9_000, 1},
	{"S-0302", "广州婴汇供应链", "Guangzhou Yinghui Supply", "广州", "Guangzhou", "麦婉婷", domestic, "FS", 4, 1.2, 9_000, 1},
	{"S-0303", "成都蜀婴商贸", "Chengdu Shuying Trading", "成都", "Chengdu", "蒲勇", domestic, "CD", 5, 1.5, 5_000, 1},
	{"S-0304", "宁波保税优购", "Ningbo Bonded Select", "宁波", "Ningbo", "贺敏", direct, "NGB", 12, 3, 3_000, 1},
}

func firmOf(code string) firm {
	for _, f := range firms {
		if f.code == code {
			return f
		}
	}
	return firm{}
}

func suppliers(rng *random) []catalog.Supplier {
	out := make([]catalog.Supplier, 0, len(firms))
	for _, f := range firms {
		s := catalog.Supplier{
			Code: f.code, Name: catalog.Name{ZH: f.zh, EN: f.en}, City: catalog.Name{ZH: f.cityZH, EN: f.cityEN}, Active: true,
			Contact: catalog.Contact{
				Person: f.person,
				// Numbers of the range 170-0000 are not given out.
				Phone: "1700000" + digits(rng.IntN(10_000), 4),
				Email: "orders@" + strings.ToLower(strings.NewReplacer(" ", "-", "'", "").Replace(f.en)) + ".example",
			},
		}
		out = append(out, s)
	}
	return out
}
