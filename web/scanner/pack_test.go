package scanner_test

import (
	"net/http"
	"strings"
	"testing"
)

// picked gives a handheld whose order of two milks and a nappy pack has been picked into the tote T-001.
func (h *house) picked(t *testing.T) hand {
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	p := h.started(t)
	p.stop()
	p.stop()
	p.WaitText("main", "拣完了")
	p.synced()
	p.Gone(".mk-answer")
	p.Click(`[data-do="next"]`)
	p.WaitText("main", "现在没有任务")
	return p
}

func TestPackWeighPrintAndHandOver(t *testing.T) {
	h := openHouse(t)
	p := h.picked(t)
	p.scan("T-001") // scanned anywhere, the tote opens its task
	p.WaitText("main", "扫每一件")
	p.Screenshot("hand-pack")
	p.Axe()
	p.scan("6971002360031")
	p.WaitText(".mk-answer.is-wrong", "这单没有它")
	p.scan("6971002360017")
	p.right("1/2，对")
	p.scan("6971002360017")
	p.right("2/2，对")
	p.scan("6971002360017")
	p.WaitText(".mk-answer.is-wrong", "多了")
	p.scan("6971002360024")
	p.right("齐了")
	p.WaitText("main > .body", "用什么箱子")
	p.Screenshot("hand-weigh")
	p.Axe()
	// 2 × 950 + 2,100 g and a box of 240 g; one milk is missing by the scale.
	p.scan("3290")
	p.WaitText(".mk-answer.is-wrong", "可能少了 1 件 牧禾 有机奶粉")
	p.Screenshot("hand-weight")
	p.Axe()
	p.Click(`.mk-answer [data-do="weigh"]`)
	p.Gone(".mk-answer")
	p.scan("4.24 kg")
	p.WaitText("main > .body", "MP")
	p.synced()
	p.Screenshot("hand-parcel")
	p.Axe()
	number := h.text(`select number from warehouse.parcel where weight_grams = 4240 and expected_grams = 4240`)
	if s := h.text(`select state from warehouse.shipment`); s != "packed" {
		t.Errorf("the shipment is %s", s)
	}
	h.proved()

	// The label: in the browser, and for a printer.
	id := h.text(`select id::text from warehouse.parcel`)
	client := p.Client(h.address)
	zpl := get(t, client, h.address+"/scan/label/"+id+"/zpl")
	if !strings.HasPrefix(zpl, "^XA") && !strings.Contains(zpl, "^XA") || !strings.Contains(zpl, number) {
		t.Errorf("ZPL of %s: %.200s", number, zpl)
	}
	p.Goto(h.address + "/scan/label/" + id)
	p.Until(`document.querySelector(".mk-label").complete && document.querySelector(".mk-label").naturalWidth > 0`)
	p.Screenshot("hand-label")
	p.Axe()
	p.Goto(h.address + "/scan")
	p.WaitText("main > .body", number)

	// Opened again and packed anew.
	p.Gone(".mk-answer")
	p.Click(`[data-do="reopen"]`)
	p.WaitText(".mk-answer", "拆开了")
	p.Click(`.mk-answer [data-do="close"]`)
	p.WaitText("main > .body", "扫每一件")
	p.synced()
	h.proved()
	for _, c := range []string{"6971002360017", "6971002360017", "6971002360024", "4240"} {
		p.scan(c)
	}
	p.WaitText("main > .body", "MP")
	p.synced()
	h.proved()
	number = h.text(`select number from warehouse.parcel where state = 'packed'`)

	// Handed over to its carrier by scan.
	p.Gone(".mk-answer")
	p.Click(`[data-do="other"]`)
	p.WaitText("main > .body", "扫周转箱")
	p.Click(`[data-do="leave"]`)
	p.WaitText(".job", "交接 · SF")
	p.Click(".go")
	p.WaitText("main > .body", "MF-")
	p.Axe()
	p.scan("MP0000000018")
	p.WaitText(".mk-answer.is-wrong", "不是包裹号")
	p.scan(number)
	p.right("1/1，对")
	p.scan(number)
	p.WaitText(".mk-answer.is-wrong", "已经扫过了")
	p.Click(`[data-do="close"]`)
	p.synced()
	p.Screenshot("hand-handover")
	p.Axe()
	p.Click(`[data-do="sign"]`)
	p.Type(`input[name="signed"]`, "赵师傅")
	p.Click(`form [type="submit"]`)
	p.Gone(".mk-answer")
	p.WaitText("main > .body", "交接了 1 件")
	p.synced()
	h.proved()
	if s := h.text(`select o.state || ' ' || s.state || ' ' || m.state || ' ' || m.signed || ' ' || w.state from warehouse.outbound o join warehouse.shipment s on s.outbound_id = o.id
		join warehouse.wave w on w.id = s.wave_id cross join warehouse.manifest m`); s != "shipped handed_over closed 赵师傅 handed_over" {
		t.Errorf("at the end: %s", s)
	}
	if n := h.count(`select coalesce(sum(on_hand), 0) from warehouse.position where sku_id = $1 and status = 'available' and bin = 'A07-03-2'`, h.skus["MR-100001"]); n != 12 {
		t.Errorf("%d tins are left", n)
	}
}

// A tote that single-line orders share: the piece finds its order.
func TestBatchToteIsSortedAtTheBench(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100003", "A09-02-1", "", 1})
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 1})
	h.release()
	p := h.started(t)
	p.stop()
	p.stop()
	p.WaitText("main", "拣完了")
	p.synced()
	p.Gone(".mk-answer")
	p.Click(`[data-do="next"]`)
	p.WaitText("main", "现在没有任务")
	p.scan("T-001")
	p.WaitText("main > .body", "箱里有 2 个单件订单")
	p.scan("6971002360017")
	p.right("齐了")
	p.WaitText(".bar", "TM-0002")
	p.scan("1070")
	p.WaitText("main > .body", "MP")
	p.scan("T-001")
	p.WaitText("main > .body", "扫每一件")
	p.WaitText(".bar", "TM-0001")
	p.synced()
	h.proved()
}

// An order cancelled after picking: the bench does not pack it, its goods go back to a shelf.
func TestCancelledAtTheBench(t *testing.T) {
	h := openHouse(t)
	p := h.picked(t)
	h.exec(`update warehouse.outbound set state = 'cancelled', cancelled_at = now()`)
	p.scan("T-001")
	p.WaitText("main > .body", "订单 TM-0001 取消了")
	p.Screenshot("hand-cancelled")
	p.Axe()
	p.scan("A09-02-1")
	p.right("放回了")
	p.synced()
	h.proved()
	if n := h.count(`select coalesce(sum(reserved), 0) from warehouse.position`); n != 0 {
		t.Errorf("%d pieces still reserved", n)
	}
	if s := h.text(`select state from warehouse.shipment`); s != "cancelled" {
		t.Errorf("the shipment is %s", s)
	}
}

func get(t *testing.T, c *http.Client, address string) string {
	t.Helper()
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", address, res.StatusCode, b.String())
	}
	return b.String()
}
