package demo

// variant is one size, stage or flavour of an offer. share weighs its part of the demand, price is its factor on the
// offer's price, and from..to are the months of age it is for (0, 0 = the offer's own).
type variant struct {
	zh, en       string
	share, price float64
	from, to     float64
}

var one = []variant{{"", "", 1, 1, 0, 0}}

var stages = []variant{
	{"1 段", "Stage 1", .8, 1.04, 0, 6}, {"2 段", "Stage 2", 1, 1, 6, 12},
	{"3 段", "Stage 3", 1.6, .97, 12, 36}, {"4 段", "Stage 4", .5, .9, 36, 72},
}
var earlyStages = stages[:2]

var tapeSizes = []variant{
	{"NB 66 片", "NB 66s", .6, 1, 0, 1.2}, {"S 60 片", "S 60s", .9, 1, 1, 4}, {"M 58 片", "M 58s", 1.2, 1, 3, 9},
	{"L 54 片", "L 54s", 1.4, 1.02, 7, 18}, {"XL 48 片", "XL 48s", .9, 1.03, 15, 30},
}
var pantSizes = []variant{
	{"M 52 片", "M 52s", .7, 1, 5, 10}, {"L 46 片", "L 46s", 1.3, 1, 8, 18},
	{"XL 42 片", "XL 42s", 1.5, 1.02, 15, 30}, {"XXL 36 片", "XXL 36s", .9, 1.04, 24, 48},
}

// gowns are the sizes of clothes by height in centimetres.
var gowns = []variant{
	{"59 码", "59", .6, .94, 0, 3}, {"66 码", "66", .9, .97, 3, 6}, {"73 码", "73", 1.2, 1, 6, 12},
	{"80 码", "80", 1.2, 1, 10, 18}, {"90 码", "90", 1, 1.05, 18, 30}, {"100 码", "100", .7, 1.1, 30, 44},
}
var walkers = gowns[3:]
var bags = []variant{
	{"70 码", "70", .8, .95, 0, 6}, {"80 码", "80", 1.1, 1, 6, 15}, {"90 码", "90", 1.2, 1.05, 15, 30}, {"110 码", "110", .7, 1.12, 30, 54},
}
var socks = []variant{
	{"0–1 岁 5 双", "0–1 y 5 pairs", 1, 1, 0, 12}, {"1–3 岁 5 双", "1–3 y 5 pairs", 1.2, 1.05, 12, 36}, {"3–5 岁 5 双", "3–5 y 5 pairs", .6, 1.1, 36, 60},
}

var bottles = []variant{
	{"160ml", "160 ml", .8, .9, 0, 4}, {"240ml", "240 ml", 1.3, 1, 3, 14}, {"300ml", "300 ml", .8, 1.12, 8, 24},
}
var flows = []variant{
	{"S 号 2 只", "S 2 pcs", .9, 1, 0, 3}, {"M 号 2 只", "M 2 pcs", 1.1, 1, 3, 6},
	{"L 号 2 只", "L 2 pcs", 1.2, 1, 6, 14}, {"十字孔 2 只", "Y-cut 2 pcs", .5, 1.05, 8, 18},
}
var soothers = []variant{
	{"0–6 月", "0–6 m", 1, 1, 0, 6}, {"6–18 月", "6–18 m", .9, 1, 6, 18}, {"18 月以上", "18 m+", .4, 1, 18, 36},
}
var brushes = []variant{
	{"0–1 岁", "0–1 y", .8, 1, 5, 12}, {"1–3 岁", "1–3 y", 1.3, 1, 12, 36}, {"3–6 岁", "3–6 y", .8, 1, 36, 72},
}

var pastes = []variant{
	{"苹果味", "Apple", 1, 1, 12, 48}, {"草莓味", "Strawberry", 1.2, 1, 12, 60}, {"无味", "Plain", .5, 1, 6, 30},
}
var cereals = []variant{
	{"高铁", "Iron-rich", 1.6, 1, 5, 10}, {"原味", "Plain", 1.2, .95, 5, 9}, {"胡萝卜", "Carrot", .9, 1, 6, 12},
	{"南瓜", "Pumpkin", .8, 1, 6, 12}, {"五谷", "Five grains", .7, 1.05, 8, 18}, {"鳕鱼", "Cod", .5, 1.2, 8, 18},
}
var purees = []variant{
	{"苹果", "Apple", 1.3, 1, 6, 15}, {"西梅", "Prune", 1.2, 1.05, 6, 18}, {"香蕉", "Banana", 1, 1, 6, 15}, {"蓝莓", "Blueberry", .9, 1.1, 7, 24},
	{"南瓜", "Pumpkin", .8, .95, 6, 14}, {"胡萝卜", "Carrot", .7, .95, 6, 14}, {"芒果", "Mango", .5, 1.05, 10, 24}, {"牛肉番茄", "Beef and tomato", .6, 1.3, 8, 18},
}
var noodles = []variant{
	{"原味", "Plain", 1, 1, 8, 30}, {"菠菜", "Spinach", .9, 1, 8, 30}, {"番茄", "Tomato", .9, 1, 8, 30}, {"猪肝", "Liver", .8, 1.1, 8, 24},
}
var melts = []variant{
	{"草莓", "Strawberry", 1.3, 1, 8, 30}, {"香蕉", "Banana", 1, 1, 8, 30}, {"蓝莓", "Blueberry", 1, 1.05, 8, 30}, {"原味", "Plain", .8, .95, 8, 24},
}
var biscuits = []variant{
	{"牛奶", "Milk", 1.2, 1, 10, 36}, {"南瓜", "Pumpkin", .8, 1, 10, 36}, {"紫薯", "Purple potato", .7, 1, 10, 36}, {"海苔", "Seaweed", .6, 1.05, 12, 48},
}

var creams = []variant{{"50g", "50 g", 1.3, 1, 0, 0}, {"100g", "100 g", .7, 1.7, 0, 0}}
var washes = []variant{{"280ml", "280 ml", 1.2, 1, 0, 0}, {"500ml", "500 ml", .9, 1.5, 0, 0}}
var laundry = []variant{{"1L", "1 L", 1, 1, 0, 0}, {"2L", "2 L", 1.1, 1.8, 0, 0}, {"500ml 补充装", "500 ml refill", .8, .5, 0, 0}}
var wipes = []variant{
	{"80 抽 5 包", "80s × 5", 1.3, 1, 0, 0}, {"80 抽 12 包", "80s × 12", 1, 2.2, 0, 0}, {"20 抽便携 8 包", "20s × 8", .6, .75, 0, 0},
}
var pads = []variant{{"45×60 20 片", "45×60 20s", 1, 1, 0, 12}, {"60×90 10 片", "60×90 10s", .7, 1.1, 0, 18}}
var colours = []variant{
	{"云朵白", "Cloud white", 1.2, 1, 0, 0}, {"豆沙粉", "Rose", 1, 1, 0, 0}, {"鼠尾草绿", "Sage", .8, 1, 0, 0},
}
var twoColours = colours[:2]
var counts = []variant{{"60 片", "60s", 1, 1, 0, 0}, {"120 片", "120s", .8, 1.8, 0, 0}}
var volumes = []variant{{"210ml", "210 ml", .8, .92, 6, 18}, {"330ml", "330 ml", 1.1, 1, 12, 60}, {"480ml", "480 ml", .7, 1.15, 24, 72}}
var tog = []variant{{"0.5 托", "0.5 tog", .6, .9, 0, 3}, {"1.0 托", "1.0 tog", 1, 1, 0, 4}, {"2.5 托", "2.5 tog", .8, 1.15, 0, 4}}

// pops are the shapes of the teethers of the story.
var pops = []variant{
	{"小雪糕款", "Ice Pop", 6, 1, 4, 14}, {"小香蕉款", "Banana", .5, .9, 4, 12}, {"小鹿款", "Fawn", .5, 1, 4, 14}, {"小蘑菇款", "Mushroom", .5, .95, 3, 10},
}
var teethers = []variant{{"蘑菇", "Mushroom", 1, 1, 3, 10}, {"手环", "Bracelet", .8, 1, 4, 12}, {"曼哈顿球", "Loop ball", 1, 1.4, 3, 12}, {"冰敷", "Cooling", .7, 1.1, 5, 16}}

// inColours gives each variant in two colours, of which half the people want each.
func inColours(of []variant) []variant {
	var out []variant
	for _, v := range of {
		for _, c := range twoColours {
			out = append(out, variant{v.zh + " " + c.zh, v.en + " " + c.en, v.share * c.share, v.price, v.from, v.to})
		}
	}
	return out
}
