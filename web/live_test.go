package web_test

import (
	"os"
	"path/filepath"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/e2e"
)

func TestPartsFollowTheHouse(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1280, 800)
	p.Goto(h.http.URL + "/enter/" + idOf(access.Planner))
	p.Goto(h.http.URL + "/running")
	p.WaitText("#run", "1 / 4")
	h.live.told <- "" // returns when the page listens
	p.WaitText("#run", "3 / 4")
	p.Axe()
}

func TestAChosenFileGoesAtOnce(t *testing.T) {
	sheet := filepath.Join(t.TempDir(), "答复_0412.xlsx")
	if err := os.WriteFile(sheet, []byte("PK"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := open(t)
	p := e2e.Open(t, 1280, 800)
	p.Allow("403") // a supplier's first page is not the console
	p.Goto(h.http.URL + "/enter/" + idOf(access.Supplier))
	p.Goto(h.http.URL + "/portal")
	p.Upload("input[type=file]", sheet)
	p.WaitText("#flash", "收到 答复_0412.xlsx")
	p.Axe()
}
