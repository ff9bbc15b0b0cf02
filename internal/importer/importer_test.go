package importer_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/access"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

const salesSheet = `销售日报,,,,,,
SKU,仓库,日期,销量,单价,促销,断货
MR-204817,JX-01,2026-11-20,12,12.80,,否
MR-204817,嘉兴仓,2026.11.21,１２,12.80,8折,是
MR-720041,JX-01,2026-11-20,5,,,
mr-720014,SH-XH,2026-11-20,5件,￥59,20%,
MR-204817,JX-01,2026-11-20,13,,,
MR-204817,BJ-99,2026-11-20,5,,,
MR-204817,JX-01,2026-12-01,5,,,
MR-204817,JX-01,2026-11-19,约5,12.805,是,

合计,,,52,,,
`

func TestSalesFromUploadToLedger(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "sales", salesSheet)
	if u.Total != 10 || u.Good != 3 || u.Mended != 2 || u.Bad != 5 || u.Skipped != 2 || u.Actor != "周敏" || u.Title.EN != "Sales" {
		t.Errorf("counts %+v", u)
	}
	if l := u.Layout; l == nil || l.HeaderRow != 2 || len(l.Columns) != 7 || l.Columns[1].ID != "site" || l.Columns[1].Header != "仓库" || l.Columns[6].Letter != "G" || l.Format != "csv" {
		t.Errorf("layout %+v", u.Layout)
	}
	expect(t, h.preview(ctx, u.ID),
		"3 good",
		"4 mended ~仓库 读作 JX-01 ~日期 读作 2026-11-21 ~销量 读作 12 ~促销 读作 20%",
		"5 bad !SKU 无此 SKU，近似 MR-720014",
		"6 mended ~销量 去掉“件” ~单价 读作 59.00 ~SKU 读作 MR-720014",
		"7 bad ! 与第 3 行重复（同一 SKU、仓和日期）",
		"8 bad !仓库 没有这个仓",
		"9 bad !日期 2026-12-01 还没到",
		"10 bad !销量 “约5”不是数字 !单价 12.805 的小数多于 2 位 !促销 只写了有促销，没有写幅度",
		"11 skipped", "12 skipped")
	if len(u.Reasons) != 7 || u.Reasons[0].Rows != 1 {
		t.Errorf("reasons %+v", u.Reasons)
	}
	if h.number(`select count(*)::int from forecast.sale`) != 0 {
		t.Error("something went in before the decision")
	}
	result := h.result(ctx, u.ID, "zh")
	for _, want := range []string{"断货,结果 / Result\n", "否,可导入\n", "有错：SKU 无此 SKU，近似 MR-720014；核对编码\n", "有错：与第 3 行重复（同一 SKU、仓和日期）", "合计行，跳过\n"} {
		if !strings.Contains(result, want) {
			t.Errorf("the result lacks %q:\n%s", want, result)
		}
	}

	u = h.imported(ctx, u)
	if u.State != importer.Done || u.Outcome != (importer.Outcome{Inserted: 3}) || u.DecidedBy != "周敏" || u.FinishedAt == nil {
		t.Fatalf("import: %+v %s", u, u.Refusal.Text("zh"))
	}
	if n := h.number(`select count(*)::int from forecast.sale where (sku_id, site_id, day, pieces, price_fen, promo_bp, sold_out) in
		((1, 1, '2026-11-20', 12, 1280, 0, false), (1, 1, '2026-11-21', 12, 1280, 2000, true), (2, 2, '2026-11-20', 5, 5900, 2000, false))`); n != 3 {
		t.Errorf("%d of 3 rows are as they should be", n)
	}
	if n := h.number(`select count(*)::int from audit.entry where thing = 'import' and verb in ('import.upload', 'import.commit', 'import.done') and actor = '周敏'`); n != 3 {
		t.Errorf("%d traces", n)
	}

	// The same file again changes nothing, and says that it was there.
	again := h.checked(ctx, "sales", salesSheet)
	if again.Twin == nil || again.Twin.ID != u.ID {
		t.Errorf("twin %+v", again.Twin)
	}
	if again = h.imported(ctx, again); again.Outcome != (importer.Outcome{Unchanged: 3}) {
		t.Errorf("again: %+v", again.Outcome)
	}
	list, err := h.ops.List(ctx, "", 0, 10)
	if err != nil || len(list) != 2 || list[0].ID != again.ID {
		t.Errorf("list %v, %v", list, err)
	}
}

func TestHeatAndItsSources(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "heat", "话题,平台,日期,热度指数\n出牙,小红书,2026-11-20,1280.5\nteething,xiaohongshu,2026-11-20,9\nTeething,抖音,20261121,3000\n湿疹,抖音,2026-11-21,1\n出牙,抖音,2026-11-22,-1\n")
	expect(t, h.preview(ctx, u.ID),
		"2 mended ~话题 读作 teething ~平台 读作 xiaohongshu",
		"3 bad ! 与第 2 行重复（同一话题、来源和日期）",
		"4 mended ~话题 读作 teething ~平台 读作 douyin ~日期 读作 2026-11-21",
		"5 bad !话题 没有这个话题 ~平台 读作 douyin",
		"6 bad !热度指数 -1 是负数 ~话题 读作 teething ~平台 读作 douyin")
	if u = h.imported(ctx, u); u.State != importer.Done || u.Outcome.Inserted != 2 {
		t.Errorf("%+v", u)
	}
	if h.number(`select count(*)::int from river_job where kind = 'forecast.heat'`) != 1 {
		t.Error("nobody looks at the new heat")
	}
}

func TestOpeningStock(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	const sheet = "仓,SKU,条码,数量,批号,生产日期,有效期至,库位,状态,箱规\n" +
		"JX-01,MR-100236,,240,MH260815,2026-08-15,2028-02-06,A-01-1,,\n" +
		"JX-01,,96385074,5箱,MH260901,2026-09-01,–,A-01-2,正常,24\n" +
		"JX-01,MR-100236,,10,X,,,,,\n" +
		"JX-01,MR-100236,4006381333931,10,X,2026-08-15,,,,\n" +
		"JX-01,MR-204817,,10,L,2026-08-15,2026-05-20,,,\n" +
		"JX-01,MR-204817,,10,,,,,冻结,\n" +
		"JX-01,MR-204817,,10,,,,,坏,\n" +
		"JX-01,,697530088001,10,,,,,,\n" +
		"JX-01,,4006381333948,10,,,,,,\n"
	u := h.checked(ctx, "opening", sheet)
	expect(t, h.preview(ctx, u.ID),
		"2 good",
		"3 mended ~数量 5×24 = 120 件 ~生产日期 按保质期 540 天推算为 2028-02-23",
		"4 bad !有效期至 这个商品有保质期，要填效期或生产日期",
		"5 bad !条码 这是另一个 SKU 的条码",
		"6 bad !有效期至 效期早于生产日",
		"7 good",
		"8 bad !状态 不认识状态“坏”",
		"9 bad !条码 12 位，应为 13 位",
		"10 bad !条码 没有商品用这个条码")
	if u = h.imported(ctx, u); u.State != importer.Done || u.Outcome != (importer.Outcome{Changed: 3}) {
		t.Fatalf("%+v: %s", u, u.Refusal.Full("zh"))
	}
	if n := h.number(`select count(*)::int from warehouse.position p join warehouse.lot l on l.id = p.lot_id
		where (bin, l.code, on_hand, status) in (('A-01-1', 'MH260815', 240, 'available'), ('A-01-2', 'MH260901', 120, 'available'), ('', '', 10, 'held'))`); n != 3 {
		t.Errorf("%d of 3 positions", n)
	}
	again := h.imported(ctx, h.checked(ctx, "opening", sheet))
	if again.Outcome != (importer.Outcome{Unchanged: 3}) {
		t.Errorf("again: %+v", again.Outcome)
	}

	// A count below what is reserved undoes the whole import and says which row it was.
	h.exec(`update warehouse.position set reserved = 100 where bin = 'A-01-2'`)
	low := h.imported(ctx, h.checked(ctx, "opening", "仓,SKU,数量,批号,生产日期,库位\nJX-01,MR-720014,7,,,\nJX-01,MR-100236,50,MH260901,2026-09-01,A-01-2\n"))
	if low.State != importer.Checked || low.Refusal.Text("zh") != "第 3 行盘到 50 件，但已有 100 件预留给订单，所以什么都没有导入" {
		t.Errorf("%s: %s", low.State, low.Refusal.Text("zh"))
	}
	if h.number(`select count(*)::int from warehouse.position where sku_id = 2`) != 0 {
		t.Error("half an import stayed")
	}
}

func TestWorkbooksGoTheSameWay(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	var form bytes.Buffer
	if err := h.ops.Template(ctx, "sales", "zh", &form); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&form)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, row := range [][]any{{"MR-204817", nil, "JX-01", 46346, 12, 12.8}, {"MR-999999", nil, "JX-01", 46346, 12}} {
		if err := f.SetSheetRow("销售", "A"+string(rune('2'+i)), &row); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	u, err := h.ops.Take(ctx, importer.Incoming{Kind: "sales", Name: `C:\表\十一月.xlsx`, Body: b})
	if err != nil {
		t.Fatal(err)
	}
	u = h.settled(ctx, u.ID)
	if u.Good != 1 || u.Bad != 1 || u.Layout.Worksheet != "销售" || u.Name != "十一月.xlsx" || u.ResultName("zh") != "十一月-结果.xlsx" || len(u.Layout.Worksheets) != 2 {
		t.Fatalf("%+v %s", u, u.Refusal.Full("zh"))
	}
	var back bytes.Buffer
	if err := h.ops.Result(ctx, u.ID, "en", &back); err != nil {
		t.Fatal(err)
	}
	g, err := excelize.OpenReader(&back)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	rows, err := g.GetRows("销售")
	if err != nil || len(rows) < 3 || !strings.HasPrefix(rows[2][len(rows[2])-1], "Wrong: ") || rows[1][len(rows[1])-1] != "Ready" {
		t.Errorf("result %q, %v", rows[:3], err)
	}
	var original bytes.Buffer
	if err := h.ops.Original(ctx, u.ID, &original); err != nil || int64(original.Len()) != u.Size {
		t.Errorf("the original has %d bytes of %d, %v", original.Len(), u.Size, err)
	}
	if u = h.imported(ctx, u); u.Outcome.Inserted != 1 {
		t.Errorf("%+v", u)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	for text, want := range map[string]*notice.Reason{"": notice.FileEmpty, "<html><table>": notice.FileWebPage, "PK\x03\x04": notice.FileDamaged} {
		_, err := h.ops.Take(ctx, importer.Incoming{Kind: "sales", Name: "x", Body: strings.NewReader(text)})
		if !notice.Is(err, want) {
			t.Errorf("%q: %v, want %s", text, err, want.Code)
		}
	}
	u := h.settled(ctx, h.take(ctx, "sales", "x.csv", "SKU,仓,销量\nA,B,1\n").ID)
	if u.State != importer.Refused || u.Refusal.Code() != notice.MissingColumns.Code || u.Refusal.Text("en") != "the header in row 1 of sheet “CSV” lacks: Day" {
		t.Errorf("%s: %s", u.State, u.Refusal.Text("en"))
	}
	if err := h.ops.Result(ctx, u.ID, "zh", &bytes.Buffer{}); code(err) != notice.MissingColumns.Code {
		t.Errorf("result of a refused file: %v", err)
	}
	if _, err := h.ops.Commit(ctx, u.ID, 0); !isState(err, importer.Refused) {
		t.Errorf("commit of a refused file: %v", err)
	}
	// A file that breaks off in the middle is refused whole.
	u = h.settled(ctx, h.take(ctx, "sales", "x.csv", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\nMR-204817,\"JX-01,2026-11-21,1\n").ID)
	if u.State != importer.Refused || u.Refusal.Code() != notice.FileOpenQuote.Code || u.Good != 0 {
		t.Errorf("%s: %s", u.State, u.Refusal.Text("zh"))
	}
	if rows, err := h.ops.Rows(ctx, u.ID, "", 0, 10); err != nil || len(rows) != 0 {
		t.Errorf("rows of a refused file: %v, %v", rows, err)
	}
}

func isState(err error, s importer.State) bool {
	var e *importer.StateError
	return errors.As(err, &e) && e.State == s
}

func TestRightsAndBounds(t *testing.T) {
	h := newHouse(t).work()
	buyer, lead := h.as("zhoumin"), h.as("xuhui")
	u := h.checked(buyer, "sales", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\n")
	if _, err := h.ops.Get(lead, u.ID); !errors.Is(err, importer.ErrNone) {
		t.Errorf("a user of one site sees the upload of another: %v", err)
	}
	if list, err := h.ops.List(lead, "", 0, 10); err != nil || len(list) != 0 {
		t.Errorf("and in the list: %v, %v", list, err)
	}
	own := h.checked(lead, "sales", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\nMR-204817,上海徐汇,2026-11-20,1\n")
	expect(t, h.preview(lead, own.ID), "2 bad !仓 不能改 嘉兴仓 的数据", "3 mended ~仓 读作 SH-XH")
	if own = h.imported(lead, own); own.State != importer.Done || own.Outcome.Inserted != 1 {
		t.Errorf("%+v", own)
	}
	courier := access.WithUser(context.Background(), access.User{ID: 9, Role: access.Courier})
	if _, err := h.ops.Take(courier, importer.Incoming{Kind: "sales", Body: strings.NewReader("x")}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("courier: %v", err)
	}
	if _, err := h.ops.Kinds(context.Background()); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := h.ops.Take(buyer, importer.Incoming{Kind: "poems", Body: strings.NewReader("x")}); !errors.Is(err, importer.ErrKind) {
		t.Errorf("poems: %v", err)
	}
	if _, err := h.ops.Get(buyer, 999); !errors.Is(err, importer.ErrNone) {
		t.Errorf("none: %v", err)
	}
	if kinds, err := h.ops.Kinds(buyer); err != nil || len(kinds) != 7 {
		t.Errorf("kinds %v, %v", kinds, err)
	}
}

// When the catalog has changed since the check, nothing goes in and the new state is shown.
func TestTheDecisionIsOnWhatWasSeen(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "sales", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\nMR-720014,JX-01,2026-11-20,1\n")
	var stale *importer.StaleError
	if _, err := h.ops.Commit(ctx, u.ID, 1); !errors.As(err, &stale) || stale.Have != 2 {
		t.Errorf("another number than was seen: %v", err)
	}
	h.exec(`update catalog.sku set code = 'MR-RENAMED' where code = 'MR-720014'`)
	u = h.imported(ctx, u)
	if u.State != importer.Checked || u.Good != 1 || u.Bad != 1 || u.Refusal.Text("zh") != "检查之后资料有变：现在可导入 1 行，当时是 2 行，所以什么都没有导入" {
		t.Fatalf("%s %d %d: %s", u.State, u.Good, u.Bad, u.Refusal.Text("zh"))
	}
	if h.number(`select count(*)::int from forecast.sale`) != 0 {
		t.Error("half of it went in")
	}
	if u = h.imported(ctx, u); u.State != importer.Done || u.Outcome.Inserted != 1 || !u.Refusal.IsZero() {
		t.Errorf("second decision: %+v", u)
	}
	if _, err := h.ops.Commit(ctx, u.ID, 1); !isState(err, importer.Done) {
		t.Errorf("twice: %v", err)
	}
}

func TestRecheckAndCancel(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	f := excelize.NewFile()
	defer f.Close()
	_ = f.SetSheetRow("Sheet1", "A1", &[]any{"SKU", "仓", "日期", "销量"})
	_ = f.SetSheetRow("Sheet1", "A2", &[]any{"MR-204817", "JX-01", "2026-11-20", 1})
	_ = f.SetSheetRow("Sheet1", "A3", &[]any{"MR-204817", "JX-01", "2026-11-21", 1})
	_ = f.SetRowVisible("Sheet1", 3, false)
	_, _ = f.NewSheet("旧")
	_ = f.SetSheetRow("旧", "A1", &[]any{"SKU", "仓", "日期", "销量"})
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	u, err := h.ops.Take(ctx, importer.Incoming{Kind: "sales", Name: "x.xlsx", Body: b})
	if err != nil {
		t.Fatal(err)
	}
	u = h.settled(ctx, u.ID)
	if u.Good != 1 || u.Skipped != 1 || len(u.Layout.Also) != 1 {
		t.Fatalf("%+v", u)
	}
	again := func(c importer.Choice) importer.Upload {
		t.Helper()
		if _, err := h.ops.Recheck(ctx, u.ID, c); err != nil {
			t.Fatal(err)
		}
		return h.settled(ctx, u.ID)
	}
	if r := again(importer.Choice{IncludeHidden: true}); r.Good != 2 || r.Skipped != 0 || !r.IncludeHidden {
		t.Errorf("hidden rows: %+v", r)
	}
	if r := again(importer.Choice{Worksheet: "旧"}); r.Good != 0 || r.State != importer.Checked || r.Layout.Worksheet != "旧" {
		t.Errorf("another worksheet: %+v", r)
	}
	if _, err := h.ops.Commit(ctx, u.ID, 0); !isState(err, importer.Checked) {
		t.Errorf("an import of nothing: %v", err)
	}
	if r := again(importer.Choice{Worksheet: "无"}); r.State != importer.Refused || r.Refusal.Code() != notice.NoSuchSheet.Code {
		t.Errorf("no such worksheet: %s", r.Refusal.Text("zh"))
	}
	if r := again(importer.Choice{}); r.Good != 1 {
		t.Errorf("back: %+v", r)
	}
	if r, err := h.ops.Cancel(ctx, u.ID); err != nil || r.State != importer.Cancelled {
		t.Errorf("cancel: %v, %v", r.State, err)
	}
	if _, err := h.ops.Commit(ctx, u.ID, 1); !isState(err, importer.Cancelled) {
		t.Errorf("commit after cancel: %v", err)
	}
}

// Two people press the button at once: it happens once.
func TestTwoDecisionsAtOnce(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "sales", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\n")
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.ops.Commit(ctx, u.ID, 1) })
	}
	wg.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		} else if !isState(err, importer.Committing) && !isState(err, importer.Done) {
			t.Error(err)
		}
	}
	if u = h.settled(ctx, u.ID); taken != 1 || u.Outcome.Inserted != 1 {
		t.Errorf("%d decisions, %+v", taken, u.Outcome)
	}
}

func TestAFaultOfTheHouseIsSeenAndCanBeTriedAgain(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "sales", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\n")
	h.exec(`alter table forecast.sale rename to away`)
	if u = h.imported(ctx, u); u.State != importer.Failed || u.Fault == "" {
		t.Fatalf("%s %q", u.State, u.Fault)
	}
	h.exec(`alter table forecast.away rename to sale`)
	if _, err := h.ops.Recheck(ctx, u.ID, importer.Choice{}); err != nil {
		t.Fatal(err)
	}
	if u = h.imported(ctx, h.settled(ctx, u.ID)); u.State != importer.Done {
		t.Errorf("%s %q", u.State, u.Fault)
	}
}

func TestOldFilesAreTakenOut(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "sales", "SKU,仓,日期,销量\nMR-204817,JX-01,2026-11-20,1\n")
	h.clock = h.clock.Add(91 * 24 * time.Hour)
	if _, err := h.client(false).Insert(ctx, importer.PurgeArgs{}, nil); err != nil {
		t.Fatal(err)
	}
	h.exec(`update river_job set queue = 'heavy' where kind = 'import.purge'`)
	for h.number(`select count(*)::int from importer.chunk`) > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	u, err := h.ops.Get(ctx, u.ID)
	if err != nil || !u.Purged || u.Good != 1 {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := h.ops.Commit(ctx, u.ID, 1); !errors.Is(err, importer.ErrPurged) {
		t.Errorf("commit: %v", err)
	}
	if err := h.ops.Original(ctx, u.ID, &bytes.Buffer{}); !errors.Is(err, importer.ErrPurged) {
		t.Errorf("original: %v", err)
	}
	if _, err := h.ops.Recheck(ctx, u.ID, importer.Choice{}); !errors.Is(err, importer.ErrPurged) {
		t.Errorf("recheck: %v", err)
	}
}

// The preview of a long sheet is bounded, its counts are not.
func TestLongSheets(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	var b strings.Builder
	b.WriteString("SKU,仓,日期,销量\n")
	first := day(2018, 1, 1)
	for i := range 3000 {
		b.WriteString("MR-204817,JX-01," + first.AddDays(i).String() + ",1\n")
	}
	b.WriteString("MR-204817,JX-01,2026-11-20,x\n")
	u := h.checked(ctx, "sales", b.String())
	if u.Good != 3000 || u.Bad != 1 || u.Total != 3001 {
		t.Errorf("%+v", u)
	}
	if n := h.number(`select count(*)::int from importer.row`); n != 2001 {
		t.Errorf("%d rows are kept", n)
	}
	bad, err := h.ops.Rows(ctx, u.ID, sheet.Bad, 0, 10)
	if err != nil || len(bad) != 1 || bad[0].No != 3002 || bad[0].Problem("pieces") == nil || bad[0].Problem("day") != nil {
		t.Errorf("bad rows %+v, %v", bad, err)
	}
	page, err := h.ops.Rows(ctx, u.ID, "", 1500, 400)
	if err != nil || len(page) != 400 || page[0].No != 1501 {
		t.Errorf("page from %d, %v", page[0].No, err)
	}
	if u = h.imported(ctx, u); u.Outcome.Inserted != 3000 {
		t.Errorf("%+v", u.Outcome)
	}
}
