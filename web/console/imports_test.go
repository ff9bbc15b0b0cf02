package console_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/e2e"
	"milkrun/internal/importer"
)

// count is a sheet of counted stock with every kind of row: good, mended, wrong, a total.
const count = "仓,SKU,批次,生产日期,有效期至,数量,箱规,盘点人\n" +
	"JX,MR-204817,BL261121,2026-11-01,2029-10-31,\"2,400\",60,王芳\n" +
	"JX,MR-204001,HC26-1102,2026.11.02,2029-11-01,１２００,24,王芳\n" +
	"JX,MR-204817,BL261120,2026-11-20,2026-05-20,1800,60,王芳\n" +
	"火星,MR-204817,YR26-1107,2026-11-07,2029-11-06,1200,24,王芳\n" +
	"JX,MR-204871,XD261101,2026-11-01,,约 300,10,王芳\n" +
	"合计,,,,,7416,,\n"

// settled waits until the upload is checked or imported.
func (o *office) settled(id int64) importer.Upload {
	o.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		u, err := o.Imports.Get(o.system(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		if u.State.Settled() {
			return u
		}
	}
	o.t.Fatalf("upload %d is never done", id)
	return importer.Upload{}
}

func idOf(t testing.TB, href string) int64 {
	t.Helper()
	id, err := strconv.ParseInt(strings.TrimPrefix(href, "/imports/"), 10, 64)
	if err != nil {
		t.Fatalf("%s leads to no import", href)
	}
	return id
}

func TestImportFromFileToLedger(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	holds(t, d.get("/imports", 200), "先检查，再预览，你点了才进系统", "销售", "热度", "库存", "供货条款", "还没有导入过")
	holds(t, d.get("/imports?kind=opening", 200), "导入库存", "必有的列", "下载模板", "把 .xlsx 或 .csv 拖到这里")

	at := d.upload("opening", `C:\盘点\嘉兴 11-23.csv`, []byte(count), 303)
	holds(t, d.get(at, 200), "嘉兴 11-23.csv", "排队检查，可以先离开", "取消")
	o.work()
	up := o.settled(idOf(t, at))
	if up.State != importer.Checked || up.Good != 2 || up.Mended != 1 || up.Bad != 3 || up.Skipped != 1 {
		t.Fatalf("%+v", up)
	}
	page := d.get(at, 200)
	holds(t, page, "共 6 行", "可导入 2 含已修正 1 行", "有错 3 不会导入", "跳过 1", "表头自动对上 7 列", "1 列没用到", "H · 盘点人", "下一个错", "只导入 2 行", "下载带结果的原表", "改好再传",
		"读作 2026-11-02", "读作 1,200", "效期早于生产日", "没有这个仓", "“约 300”不是数字", "合计行，跳过", "有错的原因（", "2,400")
	if n := strings.Count(page, "data-mk-bad"); n != 3 {
		t.Errorf("%d rows are marked as wrong", n)
	}
	bad := d.get(at+"?view=bad", 200)
	lacks(t, bad, "合计行，跳过", "读作 1,200")
	holds(t, d.get(at+"?view=mended", 200), "读作 1,200")
	if part := d.part(at, 200); strings.Contains(part, "<html") || !strings.Contains(part, `id="import"`) {
		t.Error("a part of the page is not a part")
	}
	// The file comes back with what became of each row.
	back := d.get(at+"/result", 200)
	if !strings.Contains(back, "结果") || !strings.Contains(back, "火星") || !strings.Contains(back, "没有这个仓") {
		t.Errorf("the result:\n%s", back)
	}
	if original := d.get(at+"/original", 200); original != count {
		t.Errorf("the original:\n%s", original)
	}
	// A decision on another number than is seen is refused.
	holds(t, d.post(at+"/commit", 409, "rows", "5"), "你看到的是 5 行可导入，现在是 2 行")
	d.post(at+"/commit", 422, "rows", "many")
	d.post(at+"/commit", 303, "rows", "2")
	done := o.settled(up.ID)
	if done.State != importer.Done {
		t.Fatalf("%+v", done)
	}
	holds(t, d.get(at, 200), "周敏 导入了 2 行", "看库存", "再导入一份", "导入完成")
	holds(t, d.post(at+"/commit", 409, "rows", "2"), "状态已经变了")
	holds(t, d.get("/imports", 200), "已导入", "周敏", "嘉兴 11-23.csv")
	// The same content again says so.
	again := d.upload("opening", "again.csv", []byte(count), 303)
	o.settled(idOf(t, again))
	holds(t, d.get(again, 200), "同样内容的文件 周敏")
	d.post(again+"/cancel", 303)
	holds(t, d.get(again, 200), "已取消，什么都没有导入", "重新检查")
	d.post(again+"/recheck", 303)
	holds(t, d.english().get(again, 200), "Import: Stock")
}

func TestFilesThatCannotBeTaken(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	page := d.upload("opening", "导出.xls", []byte("<html><body><table><tr><td>仓</td></tr></table></body></html>"), 422)
	holds(t, page, "“导出.xls”没有收：这其实是网页", "另存为 .xlsx", "下载模板")
	holds(t, d.upload("opening", "a.xlsx", []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0}, 422), "没有收")
	holds(t, d.upload("opening", "empty.csv", nil, 422), "文件是空的")
	holds(t, d.upload("nonsense", "a.csv", []byte("a,b\n1,2\n"), 422), "没有这种表")
	holds(t, d.post("/imports", 422, "kind", "sales"), "表单")
	d.get("/imports/999", 404)
	d.get("/imports/x", 404)
	o.desk("warehouse").get("/imports", 403)
	o.desk("beili").upload("opening", "a.csv", []byte(count), 403)

	// A header that is not understood is refused after the check, with what is missing.
	o.work()
	at := d.upload("opening", "b.csv", []byte("颜色,尺寸\n红,大\n"), 303)
	o.settled(idOf(t, at))
	holds(t, d.get(at, 200), "没有找到表头", "下载模板", "改好再传")
}

func TestTemplatesAreReadBack(t *testing.T) {
	o := openOffice(t)
	d := o.desk("admin")
	for _, kind := range []string{"sku", "supplier", "term", "sales", "heat", "opening", "bins", "site", "lane", "topic", "weight", "category"} {
		f, err := excelize.OpenReader(strings.NewReader(d.get("/imports/template/"+kind, 200)))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		rows, err := f.GetRows(f.GetSheetName(0))
		if err != nil || len(rows) == 0 || len(rows[0]) < 3 {
			t.Errorf("%s: %q, %v", kind, rows, err)
		}
		f.Close()
	}
	d.get("/imports/template/none", 422)
}

// A sheet of ten thousand rows is shown a page at a time.
func TestLargeSheetIsShownByPages(t *testing.T) {
	o := openOffice(t)
	d := o.desk("admin")
	var b bytes.Buffer
	b.WriteString("仓,SKU,批次,数量\n")
	for i := range 10_000 {
		b.WriteString("JX,MR-204817,L" + strconv.Itoa(i) + ",5\n")
	}
	b.WriteString("JX,NONE,L,5\n")
	at := d.upload("opening", "large.csv", b.Bytes(), 303)
	o.work()
	if up := o.settled(idOf(t, at)); up.Good != 10_000 || up.Bad != 1 {
		t.Fatalf("%+v", up)
	}
	page := d.get(at, 200)
	holds(t, page, "10,000", "表很长，这里只列前 2,000 行")
	if n := strings.Count(page, "data-mk-row="); n != 100 {
		t.Errorf("%d rows on a page", n)
	}
	holds(t, d.get(at+"?view=bad", 200), "10002", "NONE", "无此 SKU")
}

func TestImportInTheBrowser(t *testing.T) {
	o := openOffice(t)
	o.work()
	file := filepath.Join(t.TempDir(), "嘉兴盘点.csv")
	if err := os.WriteFile(file, []byte(count), 0o600); err != nil {
		t.Fatal(err)
	}
	p := e2e.Open(t, 1440, 900)
	p.Goto(o.http.URL + "/login")
	p.Type("#f-login", "zhoumin")
	p.Type("#f-password", password)
	p.Press("\r")
	p.Wait(".mk-side")
	p.Goto(o.http.URL + "/imports?kind=opening")
	p.Axe()
	// Choosing the file sends it, and the page becomes the preview by itself.
	p.Upload("input[type=file]", file)
	p.Wait(".mk-sheet")
	p.Axe()
	for _, row := range []string{"4", "5", "6", "4"} { // and begins again
		p.Press("n")
		p.Until(`document.activeElement.dataset.mkRow === "` + row + `"`)
	}
	p.Screenshot("import-preview")
	p.Click(".mk-head .mk-btn.is-main")
	p.WaitText("#import", "周敏 导入了 2 行")
	p.Axe()
}

// Every page of the administration passes axe-core, in the browser, in both languages.
func TestAdministrationInTheBrowser(t *testing.T) {
	o := openOffice(t)
	p := e2e.Open(t, 1280, 800)
	p.Goto(o.http.URL + "/login")
	p.Type("#f-login", "admin")
	p.Type("#f-password", password)
	p.Press("\r")
	p.Wait(".mk-side")
	for _, language := range []string{"zh", "en"} {
		o.speak("admin", language)
		for path, wait := range map[string]string{
			"/suppliers": ".mk-table", "/suppliers?open=new": ".mk-drawer", "/suppliers/S-0113?open=MR-204817": ".mk-drawer", "/products": ".mk-table", "/products/MR-204817": "#product-form",
			"/topics/teething": ".mk-weight", "/network?open=/network/site/JX": ".mk-drawer", "/network?open=/network/lane/JX/XH": ".mk-drawer", "/system/users": ".mk-table", o.userPath("beili"): "form",
			"/system/keys": "form", "/system/audit": ".mk-table", "/system/policy": "form", "/system": ".mk-figs", "/profile": "form",
		} {
			p.Goto(o.http.URL + path)
			p.Wait(wait)
			p.Axe()
		}
	}
	// Enter follows a row, e opens the form, and what is wrong stays in it.
	p.Goto(o.http.URL + "/suppliers")
	p.Press("j\r")
	p.Until(`location.pathname.startsWith("/suppliers/S-") && document.readyState === "complete"`)
	p.Press("e")
	p.Wait(".mk-drawer")
	p.Allow("422")
	p.Type("#f-email", "nobody")
	p.Eval(`document.querySelector("#supplier-form").noValidate = true`)
	p.Click(".mk-drawer footer .mk-btn.is-main")
	p.Wait("#f-email-error")
	p.Until(`document.querySelector("#f-email").value === "nobody"`)
}
