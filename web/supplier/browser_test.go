package supplier_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/e2e"
)

func (h *house) enter(p *e2e.Page, id access.ID) {
	h.t.Helper()
	p.Goto(h.http.URL + "/enter/" + strconv.FormatInt(int64(id), 10))
}

// fetch downloads what a link leads to, with the tab's cookies.
func (h *house) fetch(p *e2e.Page, path string) []byte {
	h.t.Helper()
	res, err := p.Client(h.http.URL).Get(h.http.URL + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
	}
	return b
}

func (h *house) file(name string, content []byte) string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// The supplier's round trip in a real browser: the workbook out, a bad one back with its rows named, the good one back; and the buyer, who
// has the order open all the while, accepts with one key.
func TestTheRoundTripInABrowser(t *testing.T) {
	h := open(t)
	o := h.story()
	h.pass(42 * time.Hour)
	buyer := e2e.Open(t, 1440, 900)
	h.enter(buyer, h.zhoumin)
	buyer.Goto(h.http.URL + "/orders/" + o.Number)
	buyer.WaitText("h1", o.Number)

	p := e2e.Open(t, 1280, 800)
	h.enter(p, h.beili)
	p.Goto(h.http.URL + "/portal")
	p.WaitText("#asked", o.Number)
	p.Axe()
	link := e2e.Eval[string](p, `document.querySelector(".po-hero .mk-drop a[href$='/sheet']").getAttribute("href")`)
	sheet := h.fetch(p, link)
	bad := storyCells()
	bad["O11"], bad["N13"] = "2026-02-30", "约 800"
	p.Upload(".po-hero input[type=file]", h.file("答复.xlsx", filled(t, sheet, "采购单", bad)))
	p.WaitText(".po-result", "2 行有错")
	p.WaitText(".po-problems", "没有 2026-02-30 这一天")
	p.Axe()
	p.Press("n") // to the bad row, as on every list
	p.Until(`document.activeElement.matches("[data-mk-bad]")`)
	annotated := e2e.Eval[string](p, `document.querySelector(".po-annotated a").getAttribute("href")`)
	if cells := cellsOf(t, h.fetch(p, annotated), "采购单"); !strings.Contains(cells, "检查月和日") {
		t.Error("the annotated workbook does not say what to do")
	}
	p.Upload("input[type=file]", h.file("答复_2.xlsx", filled(t, sheet, "采购单", storyCells())))
	p.WaitText(".po-result", "订单答复已收下，共 4 行")
	p.WaitText(".po-outcomes", "3 行和订单不同，等采购决定")
	p.Axe()

	// The buyer's page heard of it; the answer is accepted with one key.
	buyer.WaitText("#order", "贝栗 王姐刚改了这张单，现在是“已答复”")
	buyer.Click(".or-news-note a")
	buyer.WaitText(".or-pairs", "600 件晚 7 天")
	buyer.Axe()
	buyer.Press("a")
	buyer.WaitText("#flash", "已全部接受，订单已确认")
	buyer.WaitText(".or-pairs", "我们要的，定下来的")
	buyer.Axe()
	p.Goto(h.http.URL + "/portal/orders/" + o.Number)
	p.WaitText("main", "双方已确认")
	p.Resize(390, 844)
	p.Until(`document.documentElement.scrollWidth <= 390`)
	p.Axe()
	p.Goto(h.http.URL + "/portal")
	p.Until(`document.documentElement.scrollWidth <= 390`)
	p.Axe()
	p.Goto(h.http.URL + "/portal/forecast")
	p.Until(`document.documentElement.scrollWidth <= 390`)
	p.Axe()
}

// A draft by keyboard and mouse: goods from the drawer, numbers typed over in the table, one wrong, the warnings, the sending.
func TestADraftInABrowser(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1440, 900)
	p.Allow("422")
	h.enter(p, h.zhoumin)
	p.Goto(h.http.URL + "/orders/new")
	p.Choose("#f-supplier", "S-0107")
	p.Choose("#f-site", "JX")
	p.Axe()
	p.Click("form .mk-btn.is-main")
	p.Wait("#d-q") // the drawer for goods opens by itself
	p.Type("#d-q", "蓝")
	p.Until(`document.querySelectorAll("#goods-found li").length === 1`)
	p.Axe()
	p.Click("#goods-found a")
	p.Wait("#d-pieces")
	p.Axe()
	p.Type("#d-pieces", "4000")
	p.Click("[data-mk-drawer] footer button")
	p.WaitText("#lines", "不是整包 60：可改 3,960 或 4,020")
	p.Axe()
	p.Type("#f-price-1", "12.50")
	p.Click(".or-foot .mk-btn")
	p.WaitText("#lines", "请写原因，日后好查")
	if got := e2e.Eval[string](p, `document.querySelector("#f-price-1").value`); got != "12.50" {
		t.Errorf("the price typed is gone: %q", got)
	}
	p.Axe()
	p.Type("#f-reason", "量大")
	p.Click("button[name=then]") // saves, and opens the sending
	p.WaitText("[data-mk-drawer]", "发出 4,000 件 · ¥50,000")
	p.WaitText("[data-mk-drawer]", "条件里的单价是 12.80")
	p.Axe()
	p.Eval(`document.activeElement.blur()`)
	p.Press("a")
	p.WaitText("#flash", "第 1 版已发给温岭贝栗婴童用品厂")
	p.Axe()
	p.Click("a[href='?open=lines%2F1']")
	p.Wait("#line-form")
	p.Axe()
	p.Press("\x1b")
	p.Gone("[data-mk-drawer]")
	p.Goto(h.http.URL + "/orders")
	p.WaitText("#order-list", "FO-2611-0001")
	p.Axe()
	p.Type("input[name=q]", "奶粉")
	p.WaitText("#order-list", "这里没有订单")
	p.Until(`location.search.includes("q=")`)
	p.Goto(h.http.URL + "/orders")
	p.Press("j")
	p.Press("\r")
	p.WaitText("h1", "FO-2611-0001")
}
