package demo

import (
	"strings"

	"milkrun/internal/catalog"
)

// role says what a topic's heat has to do with sales.
type role int

const (
	idle    role = iota // nothing: its spikes lead nowhere
	leads               // it moves demand some days later
	follows             // it rises because people have bought
)

// source is where heat is measured, with the usual level of its index and how much of the excitement it shows.
type source struct {
	code  string
	level float64
	gain  float64
}

var sources = map[string]source{
	"xiaohongshu": {"xiaohongshu", 1, 1},
	"douyin":      {"douyin", 2.6, .9},
	"baidu":       {"baidu", 6, .6},
	"weibo":       {"weibo", 1.7, .8},
	"zhihu":       {"zhihu", .4, .7},
}

// SourceName gives the words for a source of heat.
func SourceName(code string) catalog.Name {
	switch code {
	case "xiaohongshu":
		return catalog.Name{ZH: "小红书", EN: "Xiaohongshu"}
	case "douyin":
		return catalog.Name{ZH: "抖音", EN: "Douyin"}
	case "baidu":
		return catalog.Name{ZH: "百度指数", EN: "Baidu Index"}
	case "weibo":
		return catalog.Name{ZH: "微博", EN: "Weibo"}
	case "zhihu":
		return catalog.Name{ZH: "知乎", EN: "Zhihu"}
	default:
		return catalog.Name{ZH: code, EN: code}
	}
}

// topic is a theme with the truth about it. matches holds "part of a name or category code"=weight.
type topic struct {
	code, zh, en string
	kind         catalog.TopicKind
	role         role
	lag          int
	width        float64
	elasticity   float64
	level        float64 // usual index at xiaohongshu
	sources      string
	season       season
	spikes       int
	matches      []match
}

type match struct {
	part string
	w    float64
}

const demand, complaint = catalog.DemandTopic, catalog.ComplaintTopic

var topics = []topic{
	{StoryTopic, "出牙", "Teething", demand, leads, 4, 1, .42, 128, "xiaohongshu douyin baidu", allYear, 7,
		[]match{{"硅胶牙胶", 1}, {"果蔬咬咬袋", .8}, {"曼哈顿球牙胶", .7}, {"冰敷牙胶", .6}, {"牙胶收纳盒", .5}, {"指套牙刷", .3}}},
	{"autumn-skin", "秋冬保湿", "Autumn skin care", demand, leads, 5, 1.2, .45, 255, "xiaohongshu douyin", wintry, 6,
		[]match{{"婴儿面霜", 1}, {"身体乳", .8}, {"润肤", .5}}},
	{"cold-snap", "冷空气 睡袋", "Cold snap", demand, leads, 2, .7, .42, 135, "weibo xiaohongshu baidu", winter, 7,
		[]match{{"恒温睡袋", 1}, {"分腿睡袋", .9}, {"德绒保暖", .7}, {"夹棉马甲", .6}, {"护耳帽", .5}}},
	{"solids", "辅食添加", "First solids", demand, leads, 6, 1.5, .25, 351, "xiaohongshu baidu", allYear, 6,
		[]match{{"高铁米粉", 1}, {"原味米粉", .8}, {"food-puree", .6}, {"吸盘碗", .5}, {"软头勺", .6}, {"硅胶围兜", .4}}},
	{"weaning", "宝宝断奶", "Weaning", demand, idle, 0, 0, 0, 190, "zhihu baidu weibo", allYear, 5,
		[]match{{"2 段", .6}, {"学饮杯", .6}, {"奶瓶 240ml", .4}}},
	{"sunscreen", "宝宝防晒", "Sun protection", demand, leads, 3, .9, .4, 160, "xiaohongshu douyin", summer, 6,
		[]match{{"儿童防晒霜", 1}, {"防晒冰丝帽", .8}}},
	{"mosquito", "驱蚊大作战", "Mosquitoes", demand, leads, 2, .7, .38, 210, "xiaohongshu weibo baidu", summer, 6,
		[]match{{"care-mosquito", 1}}},
	{"crawling", "宝宝学爬", "Crawling", demand, leads, 8, 2, .28, 118, "xiaohongshu douyin", allYear, 5,
		[]match{{"爬行垫", 1}, {"爬服", .8}, {"布书", .3}}},
	{"walking", "学步期", "First steps", demand, idle, 0, 0, 0, 96, "xiaohongshu zhihu", allYear, 5,
		[]match{{"学步鞋", 1}, {"精梳棉袜", .4}}},
	{"potty", "如厕训练", "Potty training", demand, leads, 10, 2, .22, 88, "xiaohongshu zhihu", summery, 5,
		[]match{{"XXL", .8}, {"XL 42", .5}, {"屁屁湿厕巾", .7}}},
	{"iron", "宝宝补铁", "Iron for babies", demand, leads, 7, 1.5, .3, 142, "xiaohongshu zhihu baidu", allYear, 6,
		[]match{{"高铁米粉", .8}, {"猪肝", 1}, {"牛肉番茄", .8}}},
	{"goat-milk", "羊奶粉测评", "Goat milk reviews", demand, leads, 12, 3, .24, 175, "xiaohongshu zhihu", allYear, 5,
		[]match{{"milk-goat", 1}}},
	{"organic", "有机认证", "Organic", demand, idle, 0, 0, 0, 122, "zhihu baidu", allYear, 5,
		[]match{{"有机", .8}}},
	{"bottle-refusal", "厌奶期", "Bottle refusal", demand, leads, 3, 1, .3, 166, "xiaohongshu baidu", allYear, 6,
		[]match{{"防胀气奶嘴", 1}, {"硅胶奶瓶", .9}, {"PPSU 奶瓶", .5}}},
	{"pumping", "背奶妈妈", "Pumping at work", demand, leads, 9, 2, .26, 74, "xiaohongshu", allYear, 5,
		[]match{{"电动吸奶器", 1}, {"储奶袋", .9}}},
	{"family-trip", "带娃出游", "Trips with a baby", demand, follows, 0, 0, 0, 320, "douyin weibo", summery, 4,
		[]match{{"轻便伞车", .8}, {"腰凳背带", .8}, {"20 抽便携", .5}}},
	{"car-safety", "安全座椅新规", "Car seat rules", demand, leads, 14, 3, .35, 64, "weibo zhihu baidu", allYear, 4,
		[]match{{"travel-seat", 1}}},
	{"sleep-through", "睡整觉", "Sleeping through", demand, idle, 0, 0, 0, 285, "xiaohongshu douyin", allYear, 6,
		[]match{{"夜用纸尿裤", .7}, {"防惊跳襁褓", .7}, {"安抚奶嘴", .6}}},
	{"eczema", "宝宝湿疹", "Eczema", demand, leads, 4, 1, .27, 230, "xiaohongshu baidu zhihu", wintry, 6,
		[]match{{"身体乳", .6}, {"护臀膏", .8}, {"棉柔巾", .3}}},
	{"self-feeding", "自主进食 BLW", "Baby-led weaning", demand, leads, 6, 1.5, .28, 105, "xiaohongshu", allYear, 5,
		[]match{{"吸盘碗", 1}, {"硅胶围兜", .8}, {"软头勺", .8}, {"磨牙棒", .4}}},
	{"brushing", "乳牙刷牙", "Brushing milk teeth", demand, idle, 0, 0, 0, 98, "xiaohongshu zhihu", allYear, 5,
		[]match{{"儿童牙刷", .9}, {"儿童牙膏", .9}, {"指套牙刷", .7}}},
	{"layers", "洋葱式穿衣", "Dressing in layers", demand, leads, 5, 1.2, .26, 84, "xiaohongshu", betweenST, 5,
		[]match{{"夹棉马甲", 1}, {"防风冲锋衣", .8}, {"空调开衫", .7}}},
	{"hospital-bag", "待产包清单", "Hospital bag", demand, leads, 11, 2.5, .2, 240, "xiaohongshu douyin", allYear, 5,
		[]match{{"NB 66", .9}, {"和尚服", .9}, {"隔尿垫", .5}, {"孕产妇", .4}}},
	{"stock-up", "囤货攻略", "Stocking up", demand, follows, 0, 0, 0, 410, "xiaohongshu douyin weibo", allYear, 3,
		[]match{{"超薄纸尿裤", .6}, {"手口湿巾", .6}, {"婴儿洗衣液", .5}}},
	{"kindergarten", "入园准备", "Ready for nursery", demand, idle, 0, 0, 0, 132, "xiaohongshu weibo", season{240, .8}, 4,
		[]match{{"480ml", .8}, {"3–5 岁", .6}, {"3–6 岁", .5}}},

	{"red-bottom", "红屁屁", "Nappy rash complaints", complaint, idle, 0, 0, 0, 46, "xiaohongshu weibo", summery, 4,
		[]match{{"nappy-tape", .6}, {"nappy-pants", .6}}},
	{"leaking", "侧漏吐槽", "Leak complaints", complaint, idle, 0, 0, 0, 38, "xiaohongshu weibo", allYear, 4,
		[]match{{"夜用纸尿裤", 1}, {"拉拉裤", .5}}},
	{"odd-smell", "奶瓶有异味", "Bottle smell complaints", complaint, idle, 0, 0, 0, 21, "xiaohongshu", allYear, 3,
		[]match{{"feeding-bottle", 1}, {"feeding-teat", .5}}},
}

func topicList() []catalog.Topic {
	out := make([]catalog.Topic, 0, len(topics))
	for _, t := range topics {
		out = append(out, catalog.Topic{Code: t.code, Name: catalog.Name{ZH: t.zh, EN: t.en}, Kind: t.kind})
	}
	return out
}

// attach finds the topics of each item. The weight is that of the first match.
func (w *World) attach(all []item) {
	for i := range all {
		it := &all[i]
		rng := w.random("topics " + it.Code)
		for n, t := range topics {
			for _, m := range t.matches {
				if !strings.Contains(it.Name.ZH, m.part) && it.CategoryCode != m.part {
					continue
				}
				value := m.w
				if it.Code != StorySKU {
					value = float64(int(m.w*rng.between(.7, 1)*100)) / 100
				}
				it.topics = append(it.topics, weight{n, value})
				break
			}
		}
	}
}
