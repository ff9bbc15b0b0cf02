package web_test

import (
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/e2e"
)

func TestKeyboard(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1440, 900)
	p.Goto(h.http.URL + "/enter/" + idOf(access.Buyer))
	p.Goto(h.http.URL + "/list")

	p.Press("j")
	p.Press("j")
	p.Until(`document.querySelector('[data-mk-row="1"]').getAttribute("aria-selected") === "true"`)
	p.Press("\r")
	p.Wait(".mk-drawer")
	p.Press("a") // approves row 1; its row shows it, and row 2 opens by itself
	p.WaitText("#row-1", "已批准")
	p.Until(`document.querySelector(".mk-drawer").innerText.includes("MR-204819")`)
	p.Until(`document.querySelector('[data-mk-row="2"]').getAttribute("aria-selected") === "true"`)

	p.Allow("409")
	p.Press("x") // is refused: the note stands in the drawer with its next step
	p.Wait(".mk-drawer [data-mk-errors] .mk-note[role=alert] a")
	p.Axe()

	p.Press(" ")
	p.WaitText(".mk-bulk", "已选 1 条")
	p.WaitText(".mk-bulk", "720 件")
	p.Press("\x1b")
	p.Gone(".mk-drawer")

	p.Press("/")
	p.Until(`document.activeElement.id === "search"`)
	p.Press("2048j") // letters belong to the box now
	p.WaitText("#search-results", "MR-204817 2048j")
	p.Axe()
	p.Press("\x1b")
	p.Until(`document.querySelector("#search-results").innerText === ""`)
	p.Press("\x1b")

	p.Press("?")
	p.Wait("dialog[open]")
	p.WaitText("dialog[open]", "下一行、上一行")
	p.Axe()
	p.Screenshot("kit-keys")
	p.Press("\x1b")
	p.Until(`!document.querySelector("dialog[open]")`)

	p.Press("g")
	p.Press("d")
	p.Until(`location.pathname === "/demand"`)
}

func TestKeyboardCanBeSwitchedOff(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1440, 900)
	p.Goto(h.http.URL + "/enter/" + idOf(access.Buyer))
	p.Goto(h.http.URL + "/list")
	p.Click(".mk-user")
	p.Screenshot("kit-usermenu")
	p.Axe()
	p.Click("button[name=keys][value=off]")
	p.Until(`document.body.dataset.keys === "off"`)
	p.Press("j")
	p.Press("?")
	if e2e.Eval[bool](p, `!!document.querySelector('[aria-selected=true], dialog[open]')`) {
		t.Error("keys still act")
	}
	p.Click(".mk-user")
	p.Click("button[name=theme][value=dark]")
	p.Until(`document.documentElement.dataset.bsTheme === "dark"`)
	p.Goto(h.http.URL + "/list")
	p.Until(`document.documentElement.dataset.bsTheme === "dark"`)
	p.Click("button[name=language]")
	p.Until(`document.documentElement.lang === "en" && location.pathname === "/list"`)
}

func TestChartAsTable(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1280, 800)
	p.Goto(h.http.URL + "/enter/" + idOf(access.Buyer))
	p.Goto(h.http.URL + "/demand")
	p.Wait(".mk-chart canvas")
	p.Screenshot("kit-demand-1280")
	p.Click("[data-mk-table]")
	p.WaitText(".mk-chart-table", "2026-11-16")
	p.WaitText(".mk-chart-table", "3,141")
	p.Axe()
	p.Screenshot("kit-demand-table")
	p.Click("[data-mk-table]")
	p.Wait(".mk-chart canvas")
	if text := e2e.Eval[bool](p, `document.documentElement.scrollWidth <= innerWidth`); !text {
		t.Error("the page scrolls sideways at 1280")
	}
}

func TestServerOutOfReach(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1440, 900)
	p.Goto(h.http.URL + "/enter/" + idOf(access.Buyer))
	p.Goto(h.http.URL + "/list")
	p.Click("[data-mk-row='2'] [data-mk-open]")
	p.Wait(".mk-drawer")
	p.Allow("ERR_")
	p.Allow("htmx:")
	h.http.CloseClientConnections()
	h.http.Listener.Close()
	p.Press("x")
	p.WaitText(".mk-drawer [data-mk-errors]", "连不上服务器")
	p.WaitText(".mk-drawer [data-mk-errors] button", "再试")
}
