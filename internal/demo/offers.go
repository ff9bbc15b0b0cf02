package demo

import "milkrun/internal/catalog"

// offer is a kind of product that several brands make in the same variants. The names are formats that take the variant
// (without a verb when there is one variant only).
type offer struct {
	category, zh, en string
	brands           string // parted by spaces
	variants         []variant
	unit             unit
	yuan             float64 // retail price of the factor 1
	rate             float64 // pieces a day of all its SKUs together, at all sites, as of today without season
	grams, ml        int
	carton           int
	shelf            int // days; 0 does not expire
	temperature      catalog.Temperature
	from, to         float64 // months of age where the variants say nothing
}

type unit int

const (
	piece unit = iota
	tin
	pack
	bottle
	box
	set
)

var units = map[unit]catalog.Name{
	piece: {ZH: "件", EN: "pcs"}, tin: {ZH: "罐", EN: "tins"}, pack: {ZH: "包", EN: "packs"},
	bottle: {ZH: "瓶", EN: "bottles"}, box: {ZH: "盒", EN: "boxes"}, set: {ZH: "套", EN: "sets"},
}

const (
	ambient = catalog.Ambient
	cool    = catalog.Cool
	chilled = catalog.Chilled
	frozen  = catalog.Frozen
)

var offers = []offer{
	// 奶粉
	{"milk-cow", "有机奶粉 %s 800g", "Organic Formula %s 800 g", "牧禾 稚谷", stages, tin, 298, 210, 1050, 2600, 6, 730, cool, 0, 0},
	{"milk-cow", "纯牧奶粉 %s 800g", "Pasture Formula %s 800 g", "牧禾 麦苔 稚谷 鹿桥", stages, tin, 238, 260, 1050, 2600, 6, 730, ambient, 0, 0},
	{"milk-cow", "小听奶粉 %s 400g", "Formula %s 400 g", "牧禾 麦苔 稚谷", stages, tin, 139, 90, 560, 1400, 12, 730, ambient, 0, 0},
	{"milk-cow", "草饲奶粉 %s 900g", "Grass-fed Formula %s 900 g", "塔恩维 科瓦林 维德米尔", stages, tin, 318, 190, 1180, 2900, 6, 900, ambient, 0, 0},
	{"milk-cow", "A2 型奶粉 %s 800g", "A2-type Formula %s 800 g", "科瓦林 塔恩维", stages, tin, 358, 120, 1060, 2600, 6, 900, ambient, 0, 0},
	{"milk-goat", "山羊奶粉 %s 700g", "Goat Formula %s 700 g", "朵朵羊 塔恩维 维德米尔", stages, tin, 368, 110, 940, 2400, 6, 900, ambient, 0, 0},
	{"milk-goat", "鲜萃羊奶粉 %s 800g", "Fresh Goat Formula %s 800 g", "麦苔", stages, tin, 268, 40, 1050, 2600, 6, 730, ambient, 0, 0},
	{"milk-special", "适度水解奶粉 %s 400g", "Hydrolysed Formula %s 400 g", "维德米尔 奥丝特兰", earlyStages, tin, 258, 18, 560, 1400, 12, 730, ambient, 0, 0},
	{"milk-special", "无乳糖奶粉 %s 400g", "Lactose-free Formula %s 400 g", "奥丝特兰 维德米尔", earlyStages, tin, 228, 8, 560, 1400, 12, 730, ambient, 0, 0},
	{"milk-mum", "孕产妇奶粉 %s", "Maternity Milk %s", "牧禾 鹿桥 科瓦林", []variant{{"400g", "400 g", 1, .6, 0, 0}, {"800g", "800 g", .8, 1, 0, 0}}, tin, 168, 32, 900, 2400, 6, 730, ambient, 0, 1},

	// 纸尿裤
	{"nappy-tape", "超薄纸尿裤 %s", "Ultra-thin Nappies %s", "云柔 絮野 暖朵 软糖象", tapeSizes, pack, 89, 820, 1900, 9800, 6, 1095, ambient, 0, 0},
	{"nappy-tape", "夜用纸尿裤 %s", "Night Nappies %s", "云柔 软糖象 絮野", tapeSizes, pack, 99, 260, 2000, 10200, 6, 1095, ambient, 0, 0},
	{"nappy-tape", "云感纸尿裤 %s", "Cloud Nappies %s", "丸羽里 菲尔莫", tapeSizes, pack, 119, 170, 1900, 9800, 6, 1095, ambient, 0, 0},
	{"nappy-pants", "拉拉裤 %s", "Nappy Pants %s", "云柔 絮野 暖朵 软糖象", pantSizes, pack, 99, 900, 1900, 9600, 6, 1095, ambient, 0, 0},
	{"nappy-pants", "夏日透气拉拉裤 %s", "Summer Nappy Pants %s", "云柔 絮野 软糖象 暖朵", pantSizes, pack, 93, 210, 1750, 9300, 6, 1095, ambient, 0, 0},
	{"nappy-pants", "游泳拉拉裤 %s", "Swim Pants %s", "软糖象 丸羽里", []variant{{"M 3 片", "M 3s", .8, 1, 6, 12}, {"L 3 片", "L 3s", 1, 1, 9, 20}, {"XL 3 片", "XL 3s", .8, 1, 18, 40}}, pack, 29, 26, 160, 900, 30, 1095, ambient, 0, 0},
	{"nappy-wipes", "手口湿巾 %s", "Hand and Mouth Wipes %s", "云柔 絮野 沐芽 软糖象 暖朵 泡泡禾", wipes, pack, 39, 620, 2300, 3200, 4, 1095, ambient, 0, 36},
	{"nappy-wipes", "屁屁湿厕巾 %s", "Moist Toilet Wipes %s", "暖朵 絮野 云柔", wipes, pack, 36, 190, 2300, 3200, 4, 1095, ambient, 6, 48},
	{"nappy-wipes", "棉柔巾 %s", "Cotton Tissues %s", "云柔 絮野 暖朵 棉河 泡泡禾", counts, pack, 19, 380, 350, 2200, 24, 1095, ambient, 0, 48},
	{"nappy-pads", "隔尿垫 %s", "Changing Pads %s", "云柔 暖朵 泡泡禾", pads, pack, 35, 130, 700, 3600, 12, 1095, ambient, 0, 0},

	// 辅食
	{"food-cereal", "%s米粉 225g", "%s Rice Cereal 225 g", "禾初 豆亩 澄果 鹿桥 果栈", cereals, box, 39, 460, 290, 900, 24, 540, ambient, 0, 0},
	{"food-cereal", "进口%s米糊 200g", "Imported %s Cereal 200 g", "科瓦林 奥丝特兰", cereals[:4], box, 59, 70, 260, 850, 24, 540, ambient, 0, 0},
	{"food-puree", "%s泥 90g", "%s Puree 90 g", "禾初 豆亩 澄果 果栈", purees, pack, 9.9, 900, 100, 110, 48, 365, ambient, 0, 0},
	{"food-puree", "有机%s泥 110g", "Organic %s Puree 110 g", "科瓦林 丸羽里 奥丝特兰", purees[:5], pack, 18, 120, 125, 130, 36, 450, ambient, 0, 0},
	{"food-puree", "鲜冷%s泥 100g", "Fresh Chilled %s Puree 100 g", "果栈", purees[:4], pack, 13, 60, 110, 120, 24, 45, chilled, 0, 0},
	{"food-puree", "%s吸吸袋 100g", "%s Squeeze Pouch 100 g", "禾初 豆亩 果栈 澄果", purees[:6], pack, 11.9, 260, 115, 120, 40, 365, ambient, 0, 0},
	{"food-noodle", "%s婴儿面 200g", "%s Baby Noodles 200 g", "禾初 豆亩 果栈 澄果", noodles, box, 25, 210, 240, 800, 24, 365, ambient, 0, 0},
	{"food-noodle", "%s蝴蝶面 150g", "%s Bow-tie Pasta 150 g", "禾初 澄果 果栈", noodles, box, 22, 110, 190, 800, 24, 365, ambient, 0, 0},
	{"food-noodle", "%s速食粥 60g×4", "%s Instant Porridge 60 g × 4", "豆亩 澄果", noodles, box, 36, 90, 300, 1300, 16, 300, ambient, 0, 0},
	{"food-snack", "%s酸奶溶豆 20g", "%s Yoghurt Melts 20 g", "牧禾 禾初 豆亩 果栈", melts, pack, 26, 320, 40, 350, 40, 270, cool, 0, 0},
	{"food-snack", "%s泡芙 49g", "%s Puffs 49 g", "禾初 豆亩 果栈 澄果", melts[:3], tin, 25, 190, 90, 900, 24, 365, ambient, 0, 0},
	{"food-snack", "%s磨牙棒 64g", "%s Teething Rusks 64 g", "禾初 豆亩 澄果 果栈", biscuits, box, 22, 240, 90, 500, 30, 365, ambient, 0, 0},
	{"food-snack", "%s小馒头 80g", "%s Mini Buns 80 g", "豆亩 果栈", biscuits, pack, 16, 110, 90, 450, 30, 300, ambient, 0, 0},
	{"food-snack", "%s米饼 50g", "%s Rice Cakes 50 g", "澄果 禾初 丸羽里", biscuits[:3], pack, 17, 170, 60, 500, 30, 300, ambient, 0, 0},
	{"food-extra", "%s油 110ml", "%s Oil 110 ml", "豆亩 禾初", []variant{{"核桃", "Walnut", 1.2, 1, 6, 36}, {"亚麻籽", "Flaxseed", .7, .9, 6, 36}, {"牛油果", "Avocado", .7, 1.3, 6, 36}}, bottle, 49, 70, 260, 180, 24, 540, ambient, 0, 0},
	{"food-extra", "%s 30 粒", "%s 30 capsules", "鹿桥 科瓦林 菲尔莫", []variant{{"DHA 藻油", "DHA algae oil", 1.3, 1.2, 0, 36}, {"维生素 AD", "Vitamin A&D", 1, .6, 0, 36}, {"维生素 D3", "Vitamin D3", 1.2, .6, 0, 36}, {"益生菌", "Probiotics", .8, 1.1, 0, 48}}, box, 118, 170, 60, 150, 60, 720, cool, 0, 0},
	{"food-extra", "儿童%s 150g", "Kids' %s 150 g", "禾初 果栈", []variant{{"肉松", "Meat floss", 1, 1, 10, 48}, {"酱油", "Soy sauce", .6, .8, 12, 72}, {"虾皮粉", "Shrimp powder", .7, .9, 10, 48}}, bottle, 32, 60, 230, 320, 24, 270, ambient, 0, 0},

	// 喂养
	{"feeding-teether", "硅胶牙胶 %s", "Silicone Teether %s", "贝栗", pops, piece, 29.9, 420, 60, 260, 60, 0, ambient, 0, 0},
	{"feeding-teether", "果蔬咬咬袋", "Fruit Feeder", "贝栗", one, piece, 19.9, 150, 70, 300, 60, 0, ambient, 4, 14},
	{"feeding-teether", "牙胶收纳盒", "Teether Case", "贝栗", one, piece, 9.9, 38, 45, 320, 60, 0, ambient, 3, 14},
	{"feeding-teether", "%s牙胶", "%s Teether", "瓷贝 小岛 糯团团 苔糯", teethers, piece, 32, 120, 70, 260, 60, 0, ambient, 0, 0},
	{"feeding-bottle", "PPSU 奶瓶 %s", "PPSU Bottle %s", "小岛 瓷贝 贝栗 苔糯", bottles, piece, 79, 130, 160, 900, 36, 0, ambient, 0, 0},
	{"feeding-bottle", "玻璃奶瓶 %s", "Glass Bottle %s", "小岛 瓷贝 苔糯", bottles[:2], piece, 69, 50, 260, 900, 24, 0, ambient, 0, 0},
	{"feeding-bottle", "硅胶奶瓶 %s", "Silicone Bottle %s", "苔糯 丸羽里", bottles, piece, 89, 45, 170, 900, 36, 0, ambient, 0, 0},
	{"feeding-teat", "防胀气奶嘴 %s", "Anti-colic Teats %s", "小岛 瓷贝 丸羽里", flows, pack, 29, 150, 40, 180, 60, 0, ambient, 0, 0},
	{"feeding-teat", "安抚奶嘴 %s", "Soother %s", "贝栗 苔糯 菲尔莫", soothers, piece, 36, 90, 35, 150, 60, 0, ambient, 0, 0},
	{"feeding-cup", "学饮杯 %s", "Training Cup %s", "小岛 贝栗 瓷贝 苔糯 泡泡禾", []variant{{"180ml", "180 ml", 1, 1, 6, 14}, {"260ml", "260 ml", .9, 1.1, 10, 24}}, piece, 59, 110, 150, 900, 36, 0, ambient, 0, 0},
	{"feeding-cup", "吸管保温杯 %s", "Insulated Straw Cup %s", "小岛 丸羽里 泡泡禾 糯团团", volumes, piece, 89, 80, 320, 1300, 24, 0, ambient, 0, 0},
	{"feeding-tableware", "硅胶围兜 %s", "Silicone Bib %s", "贝栗 小岛 糯团团 苔糯", colours, piece, 29, 90, 120, 600, 40, 0, ambient, 6, 30},
	{"feeding-tableware", "吸盘碗 %s", "Suction Bowl %s", "小岛 瓷贝 泡泡禾 糯团团", colours, piece, 39, 80, 190, 800, 36, 0, ambient, 6, 30},
	{"feeding-tableware", "分格餐盘 %s", "Divided Plate %s", "小岛 瓷贝 糯团团", colours, piece, 45, 50, 260, 1200, 30, 0, ambient, 10, 48},
	{"feeding-tableware", "软头勺套装 %s", "Soft Spoon Set %s", "贝栗 苔糯 瓷贝 糯团团", twoColours, set, 25, 70, 60, 260, 60, 0, ambient, 5, 24},
	{"feeding-tableware", "辅食碗模具 %s", "Food Mould %s", "糯团团 泡泡禾 苔糯", twoColours, piece, 27, 40, 130, 600, 40, 0, ambient, 6, 18},
	{"feeding-pump", "电动吸奶器 %s", "Electric Breast Pump %s", "瓷贝 小岛", []variant{{"单边", "single", .8, .7, 0, 0}, {"双边", "double", 1, 1, 0, 0}}, set, 499, 16, 1400, 6500, 6, 0, ambient, 0, 4},
	{"feeding-pump", "储奶袋 %s", "Milk Bags %s", "小岛 瓷贝 暖朵 絮野", counts, box, 39, 110, 210, 700, 40, 1095, ambient, 0, 8},

	// 洗护
	{"care-wash", "洗发沐浴二合一 %s", "Hair and Body Wash %s", "沐芽 柚屿 朵朵羊 鹿桥", washes, bottle, 49, 150, 360, 520, 24, 1095, ambient, 0, 60},
	{"care-wash", "泡沫洗手液 %s", "Foam Hand Wash %s", "沐芽 柚屿 泡泡禾", []variant{{"250ml", "250 ml", 1, 1, 0, 0}, {"500ml 补充装", "500 ml refill", .8, 1.2, 0, 0}}, bottle, 29, 90, 330, 480, 24, 1095, ambient, 8, 72},
	{"care-wash", "婴儿洗发水 %s", "Baby Shampoo %s", "沐芽 柚屿 丸羽里", washes, bottle, 45, 80, 360, 520, 24, 1095, ambient, 0, 72},
	{"care-cream", "婴儿面霜 %s", "Baby Face Cream %s", "朵朵羊 沐芽 柚屿 菲尔莫 鹿桥", creams, bottle, 59, 190, 90, 220, 48, 1095, ambient, 0, 60},
	{"care-cream", "身体乳 %s", "Body Lotion %s", "沐芽 朵朵羊 丸羽里 柚屿", washes, bottle, 69, 110, 360, 520, 24, 1095, ambient, 0, 60},
	{"care-cream", "护臀膏 %s", "Nappy Cream %s", "沐芽 柚屿 鹿桥 菲尔莫", creams, bottle, 45, 130, 90, 200, 48, 1095, ambient, 0, 24},
	{"care-cream", "抚触油 %s", "Massage Oil %s", "沐芽 鹿桥 菲尔莫", []variant{{"100ml", "100 ml", 1, 1, 0, 0}, {"200ml", "200 ml", .7, 1.7, 0, 0}}, bottle, 55, 50, 180, 260, 36, 1095, ambient, 0, 12},
	{"care-sun", "儿童防晒霜 %s", "Kids' Sunscreen %s", "沐芽 柚屿 丸羽里", creams, bottle, 79, 90, 90, 220, 48, 1095, ambient, 6, 84},
	{"care-sun", "防晒冰丝帽 %s", "Cooling Sun Hat %s", "绒耳 步苗", colours, piece, 49, 45, 80, 900, 40, 0, ambient, 6, 60},
	{"care-laundry", "婴儿洗衣液 %s", "Baby Laundry Liquid %s", "沐芽 柚屿 泡泡禾 絮野", laundry, bottle, 35, 210, 1100, 1300, 12, 1095, ambient, 0, 60},
	{"care-laundry", "奶瓶果蔬清洗剂 %s", "Bottle and Fruit Cleaner %s", "小岛 柚屿", laundry[:2], bottle, 29, 80, 1050, 1200, 12, 1095, ambient, 0, 30},
	{"care-mosquito", "驱蚊喷雾 %s", "Mosquito Spray %s", "沐芽 柚屿 鹿桥", []variant{{"60ml", "60 ml", 1, 1, 0, 0}, {"100ml", "100 ml", 1, 1.4, 0, 0}}, bottle, 39, 110, 120, 220, 48, 1095, ambient, 2, 84},
	{"care-mosquito", "电热蚊香液 %s", "Plug-in Repellent %s", "柚屿 泡泡禾", []variant{{"1 器 3 液", "1 + 3", 1, 1, 0, 0}, {"3 液", "3 refills", 1, .7, 0, 0}}, box, 45, 80, 260, 700, 24, 1095, ambient, 0, 84},
	{"care-oral", "儿童牙刷 %s", "Kids' Toothbrush %s", "芽时 小岛 菲尔莫 瓷贝", brushes, piece, 19, 130, 30, 150, 72, 0, ambient, 0, 0},
	{"care-oral", "儿童牙膏 %s 45g", "Kids' Toothpaste %s 45 g", "芽时 沐芽 柚屿", pastes, piece, 29, 100, 60, 120, 48, 1095, ambient, 0, 0},
	{"care-oral", "指套牙刷 %s", "Finger Toothbrush %s", "贝栗 芽时", twoColours, piece, 12.9, 40, 25, 100, 80, 0, ambient, 4, 12},

	// 寝居
	{"bedding-bag", "恒温睡袋 %s", "Thermal Sleeping Bag %s", "小岛 眠屿 绒耳", bags, piece, 269, 66, 900, 5200, 10, 0, ambient, 0, 0},
	{"bedding-bag", "分腿睡袋 %s", "Two-leg Sleeping Bag %s", "小岛 织小满 棉河 眠屿", inColours(bags), piece, 199, 50, 850, 5000, 10, 0, ambient, 0, 0},
	{"bedding-bag", "纱布夏睡袋 %s", "Muslin Sleeping Bag %s", "眠屿 棉河 绒耳", bags[:3], piece, 129, 18, 400, 2400, 20, 0, ambient, 0, 0},
	{"bedding-quilt", "儿童大豆纤维被 %s", "Kids' Soy-fibre Quilt %s", "眠屿 棉河", []variant{{"春秋 1.2m", "spring 1.2 m", 1, 1, 12, 72}, {"冬厚 1.2m", "winter 1.2 m", 1, 1.4, 12, 72}, {"春秋 1.5m", "spring 1.5 m", .7, 1.2, 24, 84}}, piece, 239, 16, 1800, 16000, 4, 0, ambient, 0, 0},
	{"bedding-quilt", "婴儿床笠 %s", "Cot Sheet %s", "眠屿 棉河 绒耳", colours, piece, 89, 22, 380, 1800, 20, 0, ambient, 0, 48},
	{"bedding-quilt", "荞麦定型枕 %s", "Buckwheat Pillow %s", "眠屿 绒耳", twoColours, piece, 69, 24, 420, 1600, 20, 0, ambient, 0, 24},
	{"bedding-swaddle", "防惊跳襁褓 %s", "Swaddle %s", "眠屿 小岛 棉河", tog, piece, 119, 36, 260, 1500, 24, 0, ambient, 0, 0},
	{"bedding-swaddle", "六层纱布浴巾 %s", "Six-layer Bath Towel %s", "棉河 绒耳 眠屿", colours, piece, 59, 44, 340, 1900, 24, 0, ambient, 0, 48},

	// 服装
	{"clothing-body", "无骨连体衣 %s", "Seamless Bodysuit %s", "绒耳 织小满 棉河 暖朵", inColours(gowns[:5]), piece, 79, 230, 170, 900, 30, 0, ambient, 0, 0},
	{"clothing-body", "和尚服两件 %s", "Wrap Vest Set %s", "棉河 织小满", gowns[:3], set, 69, 60, 200, 1000, 30, 0, ambient, 0, 0},
	{"clothing-body", "爬服 %s", "Romper %s", "绒耳 织小满 步苗", inColours(gowns[1:5]), piece, 99, 120, 220, 1200, 24, 0, ambient, 0, 0},
	{"clothing-body", "长袖哈衣 %s", "Long-sleeve Onesie %s", "绒耳 棉河 暖朵", inColours(gowns[:4]), piece, 59, 110, 150, 800, 30, 0, ambient, 0, 0},
	{"clothing-warm", "德绒保暖套装 %s", "Fleece Thermal Set %s", "绒耳 织小满 棉河", inColours(gowns[2:]), set, 109, 200, 320, 1800, 20, 0, ambient, 0, 0},
	{"clothing-warm", "夹棉马甲 %s", "Padded Vest %s", "织小满 绒耳", inColours(gowns[2:]), piece, 89, 70, 240, 2400, 20, 0, ambient, 0, 0},
	{"clothing-warm", "高腰护肚裤 %s", "High-waist Trousers %s", "棉河 步苗", inColours(gowns[1:]), piece, 49, 130, 150, 900, 30, 0, ambient, 0, 0},
	{"clothing-summer", "竹纤维短袖套装 %s", "Bamboo Short-sleeve Set %s", "绒耳 棉河 织小满", inColours(gowns[2:]), set, 69, 160, 160, 900, 30, 0, ambient, 0, 0},
	{"clothing-summer", "空调开衫 %s", "Thin Cardigan %s", "织小满 步苗", inColours(walkers), piece, 59, 60, 140, 800, 30, 0, ambient, 0, 0},
	{"clothing-outer", "轻薄羽绒服 %s", "Light Down Jacket %s", "绒耳 织小满", inColours(walkers), piece, 239, 60, 420, 4800, 12, 0, ambient, 0, 0},
	{"clothing-outer", "防风冲锋衣 %s", "Wind Jacket %s", "织小满 棉河", inColours(walkers), piece, 199, 40, 460, 4200, 12, 0, ambient, 0, 0},
	{"clothing-outer", "连体棉服 %s", "Padded Snowsuit %s", "绒耳 织小满 棉河", inColours(gowns[1:4]), piece, 169, 40, 520, 5200, 12, 0, ambient, 0, 0},
	{"clothing-small", "精梳棉袜 %s", "Combed Cotton Socks %s", "步苗 绒耳 棉河", socks, pack, 39, 190, 110, 600, 40, 0, ambient, 0, 0},
	{"clothing-small", "护耳帽 %s", "Ear-flap Hat %s", "绒耳 步苗", twoColours, piece, 45, 50, 90, 900, 30, 0, ambient, 3, 48},
	{"clothing-small", "护肚围 %s", "Tummy Band %s", "棉河 绒耳 步苗", twoColours, piece, 25, 45, 50, 300, 48, 0, ambient, 0, 30},
	{"clothing-small", "防抓手套脚套 %s", "Mittens and Booties %s", "棉河 暖朵", twoColours, set, 22, 40, 40, 240, 60, 0, ambient, 0, 5},
	{"clothing-small", "口水巾 5 条 %s", "Drool Bibs × 5 %s", "棉河 暖朵", colours, pack, 35, 90, 130, 600, 40, 0, ambient, 2, 20},
	{"clothing-small", "学步鞋 %s", "First Shoes %s", "步苗 织小满", []variant{{"12.5cm", "12.5 cm", 1, 1, 10, 16}, {"13.5cm", "13.5 cm", 1.2, 1, 13, 22}, {"14.5cm", "14.5 cm", .9, 1, 18, 30}}, piece, 129, 40, 260, 2200, 16, 0, ambient, 0, 0},

	// 出行
	{"travel-seat", "360° 安全座椅 %s", "360° Car Seat %s", "途小羊 菲尔莫", twoColours, piece, 1899, 7, 12500, 120000, 1, 0, ambient, 0, 48},
	{"travel-seat", "提篮安全座椅 %s", "Infant Carrier Seat %s", "途小羊", twoColours, piece, 899, 3.5, 5200, 80000, 1, 0, ambient, 0, 12},
	{"travel-seat", "增高座椅 %s", "Booster Seat %s", "途小羊", twoColours, piece, 699, 4, 6800, 90000, 1, 0, ambient, 36, 96},
	{"travel-stroller", "轻便伞车 %s", "Umbrella Stroller %s", "途小羊 菲尔莫", colours, piece, 799, 8, 6900, 70000, 1, 0, ambient, 6, 36},
	{"travel-stroller", "双向高景观推车 %s", "High-view Stroller %s", "途小羊", twoColours, piece, 1599, 3, 10800, 110000, 1, 0, ambient, 0, 24},
	{"travel-carrier", "腰凳背带 %s", "Hip-seat Carrier %s", "途小羊 小岛", colours, piece, 299, 16, 980, 8600, 6, 0, ambient, 3, 30},

	// 玩具
	{"play-early", "布书 %s", "Cloth Book %s", "星芥 糯团团 木拾一", []variant{{"动物", "Animals", 1, 1, 3, 18}, {"蔬果", "Fruit", 1, 1, 3, 18}, {"交通", "Vehicles", .8, 1, 6, 24}}, piece, 39, 60, 180, 1200, 36, 0, ambient, 0, 0},
	{"play-early", "摇铃 %s", "Rattle %s", "星芥 木拾一 贝栗", []variant{{"小蜜蜂", "Bee", 1, 1, 0, 10}, {"花生", "Peanut", .8, .9, 0, 10}, {"沙锤", "Maraca", .9, .9, 4, 18}}, piece, 29, 70, 90, 500, 48, 0, ambient, 0, 0},
	{"play-early", "健身架 %s", "Baby Gym %s", "星芥 贝栗", []variant{{"脚踏琴", "Kick Piano", 1, 1.2, 0, 9}, {"木架", "Wooden", .8, 1, 0, 9}}, piece, 159, 16, 1900, 14000, 6, 0, ambient, 0, 0},
	{"play-early", "木质%s", "Wooden %s", "木拾一 星芥", []variant{{"积木 50 块", "Blocks 50", 1, 1.2, 12, 60}, {"串珠绕珠", "Bead Maze", .8, 1, 10, 36}, {"形状盒", "Shape Sorter", .9, .9, 10, 36}, {"拖拉小鸭", "Pull-along Duck", .7, .8, 10, 30}}, piece, 89, 60, 900, 4200, 12, 0, ambient, 0, 0},
	{"play-early", "爬行垫 %s", "Play Mat %s", "泡泡禾 小岛 星芥", []variant{{"1.8×2m", "1.8×2 m", 1, 1.2, 4, 24}, {"1.5×1.8m", "1.5×1.8 m", 1, 1, 4, 24}}, piece, 259, 18, 3200, 30000, 2, 0, ambient, 0, 0},
	{"play-bath", "戏水%s", "Bath %s", "星芥 泡泡禾 糯团团", []variant{{"小鸭 6 只", "Ducks × 6", 1, 1, 6, 36}, {"花洒", "Shower", .9, 1.5, 10, 48}, {"捞鱼套装", "Fishing Set", .8, 1.2, 12, 60}}, set, 29, 60, 220, 1800, 30, 0, ambient, 0, 0},
}
