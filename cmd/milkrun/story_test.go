package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"milkrun/internal/demo"
	"milkrun/internal/e2e"
)

// teller plays the story in a browser and takes a numbered picture of each step.
type teller struct {
	*e2e.Page
	t        *testing.T
	h        *served
	language string
	pictures int
}

func (s *teller) picture(name string) {
	s.t.Helper()
	s.pictures++
	s.Screenshot(fmt.Sprintf("story-%s-%02d-%s", s.language, s.pictures, name))
}

// pieces reads a quantity as it stands on a page: "4,200 个".
func pieces(t testing.TB, text string) int {
	t.Helper()
	var digits strings.Builder
	for _, r := range text {
		if r >= '0' && r <= '9' {
			digits.WriteRune(r)
		} else if r != ',' && digits.Len() > 0 {
			break
		}
	}
	n, err := strconv.Atoi(digits.String())
	if err != nil {
		t.Fatalf("no number in %q", text)
	}
	return n
}

func TestStoryZH(t *testing.T) {
	h := serve(t, demoCopy(t), func(c *Config, _ *ServeCmd) { c.UndoSeconds = 5 })
	s := &teller{Page: e2e.Open(t, 1440, 900), t: t, h: h, language: "zh"}
	s.Allow("422")
	s.Goto(h.base + "/")
	s.picture("login")
	s.Axe()
	s.Press("zhoumin\t" + demo.Password + "\r")
	s.Until(`location.pathname === "/today"`)
	s.picture("today")
	s.Axe()
	s.Goto(h.base + "/suggestions?q=MR-204817&kind=buy")
	s.Press("j\r")
	s.Wait(".mk-drawer .mk-why")
	s.picture("drawer")
	t.Log(s.Text(".mk-drawer"))
	s.Press("e")
	s.Press("4000")
	s.WaitText("#review", "4,000")
	s.picture("review")
	t.Log(s.Text("#review"))
	s.Press("\r")
	s.Wait(".mk-drawer [aria-invalid=true]")
	s.Until(`document.activeElement.name === "reason"`)
	s.picture("reason-missing")
	s.Type("#change [name=reason]", "供应商只做得出这些")
	s.Press("\r")
	s.WaitText(".mk-drawer footer", "批准 4,000")
	s.picture("changed")
	s.Press("a")
	s.WaitText(".mk-drawer", "已批准 4,000")
	s.picture("approved")
	s.Axe()
	s.Press("u")
	s.WaitText(".mk-drawer footer", "批准 4,000")
	s.picture("undone")
	s.Press("a")
	s.WaitText(".mk-drawer", "已批准 4,000")
	s.WaitText("#suggestion-list", "FO-")
	s.picture("ordered")
}
