package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// pkg is a package as `go list -json` tells of it.
type pkg struct {
	ImportPath string
	Name       string
	Imports    []string
	Standard   bool
	Error      *struct{ Err string }
}

// graph holds packages by import path.
type graph map[string]pkg

func newGraph(pkgs []pkg) graph {
	g := graph{}
	for _, p := range pkgs {
		g[p.ImportPath] = p
	}
	return g
}

// faults returns every breach of the plan, sorted.
func (g graph) faults() []string {
	var list []string
	for _, from := range slices.Sorted(maps.Keys(g)) {
		p := g[from]
		if placeOf(from).role == library {
			continue
		}
		if p.Error != nil {
			list = append(list, from+": "+p.Error.Err)
		}
		list = append(list, badName(p)...)
		if placeOf(from).role == stray {
			list = append(list, refusal(from, "", true))
			continue
		}
		for _, to := range p.Imports {
			if why := refusal(from, to, g[to].Standard); why != "" {
				list = append(list, fmt.Sprintf("%s imports %s: %s", from, to, why))
			}
		}
		if rules[placeOf(from).role].pure {
			list = append(list, g.impureChains(from)...)
		}
	}
	return list
}

// impureChains returns the shortest chains, of three or more packages, by
// which a pure package reaches I/O. Chains through our own packages are left
// to the package that breaks the rule. So are the standard library's own:
// only what is impure itself counts there, not what it is made of.
func (g graph) impureChains(from string) []string {
	before := map[string]string{}
	queue := []string{from}
	var list []string
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, to := range g[at].Imports {
			if _, seen := before[to]; seen || to == from {
				continue
			}
			before[to] = at
			switch {
			case hasPrefix(to, impure) && !slices.Contains(harmless, to):
				if at != from {
					list = append(list, "pure package reaches I/O: "+chain(before, from, to))
				}
			case !g[to].Standard && placeOf(to).role == library:
				queue = append(queue, to)
			}
		}
	}
	return list
}

func chain(before map[string]string, from, to string) string {
	steps := []string{to}
	for at := to; at != from; {
		at = before[at]
		steps = append(steps, at)
	}
	slices.Reverse(steps)
	return strings.Join(steps, " → ")
}

// emptyNames say nothing about what a package is for.
var emptyNames = []string{"common", "util", "utils", "helper", "helpers", "types", "misc", "shared", "lib", "models"}

// namedAnyway are packages whose name is the field's own word.
var namedAnyway = []string{module + "/forecasting/models"}

func badName(p pkg) []string {
	if slices.Contains(namedAnyway, p.ImportPath) {
		return nil
	}
	for _, name := range []string{p.Name, path.Base(p.ImportPath)} {
		if slices.Contains(emptyNames, name) {
			return []string{fmt.Sprintf("%s is called %s: name it for what it does", p.ImportPath, name)}
		}
	}
	return nil
}

// topLevel is what may stand at the top of the tree.
var topLevel = []string{
	"cmd", "forecasting", "replenishment", "c2m", "warehouse", "routing", "web", "migrations", "internal", "tools",
	"docs", "deploy", "go.mod", "go.sum", "package.json", "package-lock.json", "Makefile",
	"README.md", "README.zh.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
	"Dockerfile", ".dockerignore", "compose.yaml", "compose.yml",
	".ci", ".gitignore", ".gitattributes", ".editorconfig", ".golangci.yml", ".npmrc",
}

// strays returns the entries at the top of the tree that the plan lacks.
func strays(entries []string) []string {
	var list []string
	for _, e := range entries {
		if !slices.Contains(topLevel, e) {
			list = append(list, e+" stands at the top of the tree, which the plan does not have")
		}
	}
	return list
}
