package importer_test

import (
	"errors"
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/importer"
)

// good uploads a sheet of which every row must be good, and imports it.
func (h *house) good(login, kind, text string, want importer.Outcome) {
	h.t.Helper()
	ctx := h.as(login)
	u := h.checked(ctx, kind, text)
	if u.Bad > 0 {
		h.t.Fatalf("%s:\n%s", kind, strings.Join(h.preview(ctx, u.ID), "\n"))
	}
	if u = h.imported(ctx, u); u.State != importer.Done || u.Outcome != want {
		h.t.Fatalf("%s: %s %+v %s %s", kind, u.State, u.Outcome, u.Refusal.Full("zh"), u.Fault)
	}
}

// A new house is filled from sheets alone, in the order of the page; then each of them again changes nothing.
func TestANewHouseFromSheets(t *testing.T) {
	h := newHouse(t).work()
	sheets := []struct {
		kind, text string
		first      importer.Outcome
	}{
		{"category", "分类编码,名称,英文名,上级\nsleep-bag,睡袋,Sleeping bags,sleep\nsleep,寝居,Bedding,\n", importer.Outcome{Inserted: 2}},
		{"site", "仓编码,名称,城市,层级,纬度,经度\nCD-01,成都仓,成都,区域仓,30.57,104.07\nNB-BD,宁波保税仓,宁波,bonded,29.87,121.55\n", importer.Outcome{Inserted: 2}},
		{"lane", "起点仓,终点仓,时效,运费（元/公斤）\n宁波保税仓,CD-01,3.5,1.2\n", importer.Outcome{Inserted: 1}},
		{"supplier", "供应商编码,名称,联系电话,邮箱\nBEILI,温岭贝栗婴童用品厂,0576-86000000,a@beili.example\n", importer.Outcome{Inserted: 1}},
		{"sku", "货号,名称,分类,条码,单位,保质期,温层,箱规,毛重（kg）,零售价,替代品\nMR-300001,睡袋 夏款,睡袋,,个,,,20,0.35,￥129,MR-300002\nMR-300002,睡袋 秋款,sleep-bag,4012345678901,个,0,常温,20,0.45,159,\n", importer.Outcome{Inserted: 2}},
		{"term", "供应商,SKU,起订量,装箱数,交期,送货仓,阶梯价\nBEILI,MR-300001,1200,60,12,嘉兴仓,1200:12.80; 5000件以上 11.9元\nBEILI,MR-300002,20箱,60,12.5,,\n", importer.Outcome{Inserted: 2}},
		{"topic", "话题编码,名称,类别\nsummer,夏天睡袋,需求\nrash,红疹,投诉\n", importer.Outcome{Inserted: 2}},
		{"weight", "话题,SKU,权重\n夏天睡袋,MR-300001,0.8\nsummer,MR-300002,\n", importer.Outcome{Inserted: 2}},
	}
	for _, s := range sheets {
		h.good("admin", s.kind, s.text, s.first)
	}
	for sql, want := range map[string]int{
		`select count(*)::int from catalog.category c join catalog.category p on p.id = c.parent_id where (c.code, p.code) = ('sleep-bag', 'sleep')`: 1,
		`select count(*)::int from catalog.site where (code, tier, time_zone, active) = ('CD-01', 'regional', 'Asia/Shanghai', true)`:                1,
		`select count(*)::int from catalog.lane where lead_mean_days = 3.5 and cost_fen_kg = 120 and priority = 1`:                                   1,
		`select count(*)::int from catalog.sku s join catalog.sku n on n.id = s.successor_id join catalog.category c on c.id = s.category_id
			where (s.code, n.code, c.code, s.weight_grams, s.price_fen, s.carton_pieces, s.unit_zh) = ('MR-300001', 'MR-300002', 'sleep-bag', 350, 12900, 20, '个')`: 1,
		`select count(*)::int from catalog.term t join catalog.site w on w.id = t.ships_to where w.code = 'JX-01' and t.moq = 1200 and t.pack = 60
			and t.breaks = '[{"from": 1200, "price": 1280}, {"from": 5000, "price": 1190}]'`: 1,
		`select count(*)::int from catalog.term where moq = 1200 and lead_mean_days = 12.5 and breaks = '[]'`: 1,
		`select count(*)::int from catalog.topic_sku where weight in (0.8::real, 1)`:                          2,
	} {
		if n := h.number(sql); n != want {
			t.Errorf("%d instead of %d: %s", n, want, sql)
		}
	}
	for _, s := range sheets {
		h.good("admin", s.kind, s.text, importer.Outcome{Unchanged: s.first.Inserted})
	}
}

// What a sheet does not say stays.
func TestASheetOfPricesChangesPricesAlone(t *testing.T) {
	h := newHouse(t).work()
	h.good("planner", "sku", "SKU,零售价,名称\nMR-100236,298,\nMR-204817,29.9,牙胶 小雪糕\n", importer.Outcome{Changed: 2})
	if n := h.number(`select count(*)::int from catalog.sku where (code, name_zh, gtin, shelf_life_days, min_remaining_days, price_fen) in
		(('MR-100236', '奶粉', '96385074', 540, 180, 29800), ('MR-204817', '牙胶 小雪糕', '4006381333931', 0, 0, 2990))`); n != 2 {
		t.Errorf("%d of 2 SKUs are as they should be", n)
	}
}

func TestMasterDataProblems(t *testing.T) {
	h := newHouse(t).work()
	for _, c := range []struct {
		kind, text string
		want       []string
	}{
		{"sku", "SKU,名称,分类,条码,温层,箱规,保质期,最少剩余天数,退市日,上市日\n" +
			"NEW-1,,feed,,,,,,,\n" +
			"NEW-2,新品,玩具,,,,,,,\n" +
			"NEW-3,新品,feed,4006381333931,,,,,,\n" +
			"NEW-4,新品,feed,4012345678901,热,0,30,60,2026-01-01,2026-05-01\n" +
			"NEW-5,新品,feed,4012345678901,,,1.5,,,\n" +
			"NEW-6,新品,feed,4012345678901,,,,,,\n" +
			"NEW-7,新品,喂养,4012345678901,,,,,,\n" +
			"MR-204817,,,4006381333931,,,,,,\n" +
			"MR-204817,,,,,,,,,\n",
			[]string{
				"2 bad !名称 “中文名”没有填", "3 bad !分类 没有这个分类", "4 bad !条码 这是另一个 SKU 的条码",
				"5 bad !温层 “热”不是可选的值：常温、阴凉、冷藏、冷冻", "6 bad !保质期 1.5 不是整数",
				"7 good", "8 bad !条码 与第 7 行重复（同一条码） ~分类 读作 feed", "9 good", "10 bad ! 与第 9 行重复（MR-204817）",
			}},
		{"sku", "SKU,名称,分类,箱规,最少剩余天数,保质期,退市日,上市日\nNEW-4,新品,feed,0,60,30,2026-01-01,2026-05-01\n",
			[]string{"2 bad !最少剩余天数 “最少剩余天数”和别的项矛盾：60 !箱规 “箱规”要大于 0 !退市日 “退市日”和别的项矛盾：2026-01-01"}},
		{"site", "仓编码,名称,层级,纬度,经度,时区\nA-1,甲,前置仓,,121,\nA-2,乙,大仓,31,121,\nA-3,丙,,31,121,\nA-4,丁,front,31,121,火星\nA-5,戊,front,131,121,\n",
			[]string{"2 bad !纬度 “纬度”没有填", "3 bad !层级 “大仓”不是可选的值：海外仓、保税仓、区域仓、前置仓、驿站", "4 bad !层级 “层级”不是可选的值：",
				"5 bad !时区 “时区”不是可选的值：火星", "6 bad !纬度 “纬度”超出范围：131"}},
		{"supplier", "供应商编码,名称,邮箱\nS1,甲,不是邮箱\nS2,,\n", []string{"2 bad !邮箱 “邮箱”的写法不对：不是邮箱", "3 bad !名称 “中文名”没有填"}},
		{"term", "供应商,SKU,交期,阶梯价\nNONE,MR-204817,5,\nNONE,MR-9,0,便宜点\n",
			[]string{"2 bad !供应商 没有这个供应商", "3 bad !阶梯价 看不懂阶梯价“便宜点” !供应商 没有这个供应商 !SKU 无此 SKU"}},
		{"lane", "起点仓,终点仓,时效\nJX-01,JX-01,1\nJX-01,BJ,1\nJX-01,SH-XH,\n",
			[]string{"2 bad !终点仓 “终点仓”和别的项矛盾：JX-01", "3 bad !终点仓 没有这个仓", "4 bad !时效 “时效天数”要大于 0"}},
		{"weight", "话题,SKU,权重\n出牙,MR-204817,1.2\n火箭,MR-1,0.5\n", []string{"2 bad !权重 “权重”超出范围：1.2", "3 bad !话题 没有这个话题 !SKU 无此 SKU"}},
		{"category", "分类编码,名称\nnew,\n", []string{"2 bad !名称 “中文名”没有填"}},
	} {
		ctx := h.as("admin")
		u := h.checked(ctx, c.kind, c.text)
		expect(t, h.preview(ctx, u.ID), c.want...)
	}
}

// What only the database can see undoes the whole import, with the row in the message.
func TestMasterDataThatCannotBeStored(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("planner")
	u := h.imported(ctx, h.checked(ctx, "sku", "SKU,名称,分类,替代品\nNEW-1,新品,feed,\nNEW-2,新品,feed,NEW-99\n"))
	if u.State != importer.Checked || u.Refusal.Text("zh") != "第 3 行：“替代品 SKU”不存在：NEW-99，所以什么都没有导入" {
		t.Errorf("%s: %s %s", u.State, u.Refusal.Text("zh"), u.Fault)
	}
	if h.number(`select count(*)::int from catalog.sku where code like 'NEW%'`) != 0 {
		t.Error("half of it went in")
	}
	u = h.imported(ctx, h.checked(ctx, "category", "分类编码,名称,上级\na,甲,b\nb,乙,a\n"))
	if u.State != importer.Checked || !strings.Contains(u.Refusal.Text("en"), "Parent contradicts another field") {
		t.Errorf("a ring: %s %s %s", u.State, u.Refusal.Text("en"), u.Fault)
	}
	if _, err := h.ops.Take(h.as("zhoumin"), importer.Incoming{Kind: "sku", Body: strings.NewReader("SKU\nA\n")}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a buyer may not edit the catalog: %v", err)
	}
}
