package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// axeSource is axe-core, from the assets or from node_modules.
var axeSource = sync.OnceValue(func() string {
	for _, name := range []string{"web/static/vendor/axe.min.js", "node_modules/axe-core/axe.min.js"} {
		if b, err := os.ReadFile(filepath.Join(root(), name)); err == nil {
			return string(b)
		}
	}
	return ""
})

// violation is a fault that axe-core has found.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// Axe asks axe-core for violations of WCAG 2.0, 2.1 and 2.2 at A and AA and of best practice on the page as it
// stands, and fails the test for each. Texts inside SVG and canvas it cannot judge.
func (p *Page) Axe() {
	p.t.Helper()
	src := axeSource()
	if src == "" {
		missing(p.t, "axe-core is not installed: run make assets")
	}
	Eval[bool](p, src+"\n;typeof axe === 'object'")
	found := Eval[[]violation](p, `axe.run(document, {
		runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]},
	}).then(r => r.violations.map(v => ({id: v.id, help: v.help,
		nodes: v.nodes.slice(0, 5).map(n => n.target.join(" ") + " " + n.html.slice(0, 160) + " " + (n.failureSummary || "").slice(0, 300))})))`)
	for _, v := range found {
		p.t.Errorf("e2e: axe: %s: %s\n  %s", v.ID, v.Help, strings.Join(v.Nodes, "\n  "))
	}
	if len(found) > 0 {
		p.Screenshot(fmt.Sprintf("axe-%s", strings.ReplaceAll(p.t.Name(), "/", "-")))
	}
}
