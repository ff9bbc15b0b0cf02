package scanner_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"milkrun/internal/e2e"
	"milkrun/web/static"
	"milkrun/web/ui"
)

// The set-up page echoes raw scans and finds what the device does to them.
func TestSetUpFindsWhatTheScannerDoes(t *testing.T) {
	h := openHouse(t)
	p := h.hand(t)
	p.signIn()
	p.Click(`[data-do="menu"]`)
	p.Axe()
	p.Screenshot("hand-menu")
	p.Click(`[data-do="setup"]`)
	p.Until(`document.querySelector(".mk-symbol").naturalWidth > 0`)
	gs := "\x1d"
	for _, c := range []struct{ scan, text string }{
		{"]C10109501101530003" + "10aB-12" + gs + "17271130" + "21Zy/9", "分隔符 GS 收到"},
		{"0109501101530003" + "10aB-12" + "17271130" + "21Zy/9", "分隔符 GS 丢了"},
		{"]C10109501101530003" + "10Ab-12" + gs + "17271130" + "21zY/9", "大小写反了"},
		{"]C10109501101530003" + "10aB-12" + gs + "17271130" + "21Yz/9", "德语"},
		{"hello", "收到 5 个字符"},
	} {
		p.Insert(c.scan + "\n")
		p.WaitText("main > .body", c.text)
	}
	p.Insert("]C10109501101530003" + "10aB-12" + gs + "17271130" + "21Zy/9\n")
	p.WaitText("main > .body", "<GS>")
	p.Screenshot("hand-setup")
	p.Axe()
}

// Switching the language keeps the task and the step, with the network and without.
func TestEnglishKeepsTheTask(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	p := h.started(t)
	p.scan("A07-03-2")
	p.WaitText(".mk-sink", "再扫商品")
	p.offline(true)
	p.Eval(`new Promise(done => { const r = indexedDB.open("milkrun-scan"); r.onsuccess = () => { const tx = r.result.transaction("state", "readwrite"); tx.objectStore("state").put("en", "language"); tx.oncomplete = done } })`)
	p.Reopen(h.address + "/scan")
	p.WaitText(".mk-sink", "Now scan the item")
	p.WaitText(".bar", "Pick 0/2")
	p.Screenshot("hand-pick-en")
	p.Axe()
	p.scan(element("01", "06971002360017", "17280228", "10", "MH260901"))
	p.WaitText(".mk-answer.is-wrong", "Wrong lot")
	p.Screenshot("hand-wrong-en")
	p.scan(milk)
	p.right2("2 tins, right")
	p.Screenshot("hand-right-en")
	p.Gone(".mk-answer")
	p.Click(".mk-sync")
	p.WaitText("main", "scans on this device")
	p.Screenshot("hand-queue-en")
	p.Axe()
	p.offline(false)
	p.WaitText(".mk-sync", "Synced")
	h.proved()
}

// right2 waits for a green answer in another language.
func (h hand) right2(text string) { h.WaitText(".mk-answer.is-right", text) }

// The camera's page decodes by its own WebAssembly, which its policy alone allows.
func TestTheCameraReads(t *testing.T) {
	h := openHouse(t)
	p := h.hand(t)
	p.signIn()
	p.Goto(h.address + "/scan/camera")
	p.WaitText("main", "相机")
	p.Screenshot("hand-camera")
	p.Axe()
	text := e2e.Eval[string](p.Page, `(async () => {
		const main = document.querySelector("main")
		await new Promise((ok, no) => { const s = document.createElement("script"); s.src = main.dataset.decoder; s.onload = ok; s.onerror = no; document.head.appendChild(s) })
		const m = window.BarcodeDetectionAPI
		m.prepareZXingModule({ overrides: { locateFile: path => path.endsWith(".wasm") ? main.dataset.wasm : path } })
		const i = new Image(1200, 200); i.src = "/scan/setup.svg"; await i.decode()
		const c = document.createElement("canvas"); c.width = 1200; c.height = 300
		const g = c.getContext("2d"); g.fillStyle = "#fff"; g.fillRect(0, 0, 1200, 300); g.drawImage(i, 20, 20, 1160, 260)
		const found = await new m.BarcodeDetector({ formats: ["code_128"] }).detect(c)
		return found.length ? found[0].rawValue : "nothing"
	})()`)
	if !strings.Contains(text, "09501101530003") {
		t.Errorf("the camera reads %q", text)
	}
	// What the camera has read is scanned on the page of the task.
	p.Eval(`new Promise(done => { const r = indexedDB.open("milkrun-scan"); r.onsuccess = () => { const tx = r.result.transaction("state", "readwrite"); tx.objectStore("state").put("A99-99-9", "camera"); tx.oncomplete = done } })`)
	p.Goto(h.address + "/scan")
	p.WaitText(".mk-answer.is-wrong", "找不到它的任务")
}

// Every word that the scripts say exists in both languages, and every icon that they draw.
func TestScriptsSayWhatThereIs(t *testing.T) {
	words := ui.Phrases("scanner.")
	icons, err := fs.ReadFile(static.FS, "vendor/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\bt\("([a-z0-9_.]+)"[,)]|word: "([a-z0-9_.]+)"`)
	drawn := regexp.MustCompile(`\bicon\("([a-z0-9-]+)"|icon: "([a-z0-9-]+)"`)
	err = fs.WalkDir(static.FS, "js/scan", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(static.FS, name)
		if err != nil {
			return err
		}
		for _, m := range word.FindAllStringSubmatch(string(text), -1) {
			id := "scanner." + m[1] + m[2]
			for _, l := range []ui.Language{ui.Chinese, ui.English} {
				if words[l][id].Other == "" {
					t.Errorf("%s: %s is not said in %s", name, id, l)
				}
			}
		}
		for _, m := range drawn.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(icons), fmt.Sprintf(`id="%s"`, m[1]+m[2])) {
				t.Errorf("%s: icon %s is not in the sprite", name, m[1]+m[2])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The scripts keep to what the browsers of old handhelds know: Chromium 87.
func TestScriptsAreOldEnough(t *testing.T) {
	tooNew := regexp.MustCompile(`crypto\.randomUUID|structuredClone|\.at\(-|Object\.hasOwn|\.findLast|\.toSorted|:has\(|AbortSignal\.timeout|static \{`)
	_ = fs.WalkDir(static.FS, "js/scan", func(name string, d fs.DirEntry, _ error) error {
		if d.IsDir() {
			return nil
		}
		text, err := fs.ReadFile(static.FS, name)
		if err != nil {
			return err
		}
		for i, l := range strings.Split(string(text), "\n") {
			if m := tooNew.FindString(l); m != "" && !strings.Contains(l, "younger") {
				t.Errorf("%s:%d: %s is younger than Chromium 87", name, i+1, m)
			}
		}
		return nil
	})
}
