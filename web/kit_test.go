package web_test

import (
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/e2e"
)

// TestKitInTheBrowser draws every component in both languages and themes, takes the pictures into .milkrun/shots and
// asks axe-core.
func TestKitInTheBrowser(t *testing.T) {
	h := open(t)
	for _, look := range []struct{ name, language, theme string }{
		{"zh-light", "zh", "light"}, {"zh-dark", "zh", "dark"}, {"en-light", "en", "light"}, {"en-dark", "en", "dark"},
	} {
		t.Run(look.name, func(t *testing.T) {
			u := h.accounts.users[1]
			u.Language, u.Theme = look.language, look.theme
			if err := h.accounts.Prefer(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			p := e2e.Open(t, 1440, 900)
			p.Goto(h.http.URL + "/enter/" + idOf(access.Buyer))
			for _, page := range []string{"/kit", "/small", "/demand", "/demand?s=60d", "/list"} {
				p.Goto(h.http.URL + page)
				if strings.HasPrefix(page, "/demand") {
					p.Wait(".mk-chart canvas")
				}
				p.Screenshot("kit" + safe(page) + "-" + look.name)
				p.Axe()
			}
			p.Click("[data-mk-row='2'] [data-mk-open]")
			p.Wait(".mk-drawer")
			p.Click("[data-mk-row='4'] input")
			p.Screenshot("kit-drawer-" + look.name)
			p.Axe()
			p.Resize(1280, 800)
			p.Screenshot("kit-drawer-1280-" + look.name)
			p.Axe()
			p.Goto(h.http.URL + "/nowhere")
			p.Allow("404")
			p.Screenshot("kit-notfound-" + look.name)
			p.Axe()
		})
	}
}

func TestPortalAndLoginInTheBrowser(t *testing.T) {
	h := open(t)
	p := e2e.Open(t, 1280, 800)
	p.Goto(h.http.URL + "/login")
	p.Screenshot("kit-login")
	p.Axe()
	p.Goto(h.http.URL + "/enter/" + idOf(access.Supplier))
	p.Allow("403")
	for _, width := range []int{1280, 390} {
		p.Resize(width, 800)
		p.Goto(h.http.URL + "/portal")
		p.Screenshot("kit-portal-" + map[int]string{1280: "wide", 390: "phone"}[width])
		p.Axe()
	}
}

func safe(path string) string {
	out := []rune(path)
	for i, r := range out {
		if r == '/' || r == '?' || r == '=' {
			out[i] = '-'
		}
	}
	return string(out)
}
