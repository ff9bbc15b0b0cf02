package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// rule says what a role may import besides the standard library.
type rule struct {
	any      []role   // roles of any domain
	own      []role   // roles of its own domain
	plumbing []string // packages of internal, with what is below them
	libs     []string // path prefixes of libraries; "*" is all
	not      []string // path prefixes, of the standard library too, that it may not import after all
	pure     bool     // may not reach I/O by any chain
}

// impure is what mathematics and rules must not reach.
var impure = []string{
	"database/sql", "net/http", "os/exec",
	"github.com/jackc/", "github.com/riverqueue/", "github.com/pressly/", "github.com/xuri/",
}

// harmless is below something impure and only names types: calendar.Day is a
// driver.Valuer.
var harmless = []string{"database/sql/driver"}

// pureLibs compute and do nothing else. The id of a device's operation is a UUID.
var pureLibs = []string{"gonum.org/v1/gonum/", "golang.org/x/text/", "github.com/boombuler/barcode", "github.com/google/uuid"}

// sqlLibs speak to PostgreSQL.
var sqlLibs = []string{"github.com/jackc/", "github.com/google/uuid"}

var rules = map[role]rule{
	base:   {any: []role{base}, libs: pureLibs, pure: true},
	ground: {any: []role{base}, own: []role{ground}, libs: pureLibs, pure: true},
	rows: {any: []role{base, ground}, own: []role{rows}, plumbing: []string{"audit", "pgdb"},
		libs: sqlLibs, not: []string{"net/http"}},
	sheets: {any: []role{base, ground}, own: []role{sheets}, plumbing: []string{"sheet", "importer"},
		libs: []string{"github.com/xuri/excelize/", "golang.org/x/text/"}, not: []string{"net/http", "database/sql"}},
	verbs: {any: []role{base, ground}, own: []role{rows, sheets, verbs},
		plumbing: []string{"pgdb", "events", "audit", "sheet", "importer"},
		libs:     append([]string{"github.com/riverqueue/", "golang.org/x/", "gonum.org/v1/gonum/"}, sqlLibs...)},
	web: {any: []role{base, ground, verbs, web}, plumbing: []string{"audit", "sheet", "importer"}, libs: []string{"*"},
		not: []string{"database/sql", "github.com/jackc/", "github.com/riverqueue/", "github.com/pressly/", "github.com/alexedwards/scs/pgxstore"}},
	plumbing: {any: []role{base, ground, plumbing}, own: []role{rows}, libs: []string{"*"}},
	command:  {any: []role{base, ground, rows, sheets, verbs, web, plumbing, command}, libs: []string{"*"}},
	trial:    {any: []role{base, ground, rows, sheets, verbs, web, plumbing, trial}, libs: []string{"*"}},
}

// refusal says why from may not import to itself, or "".
func refusal(from, to string, standard bool) string {
	p, q := placeOf(from), placeOf(to)
	r := rules[p.role]
	switch {
	case p.role == stray:
		return fmt.Sprintf("%s is in no place of the plan", from)
	case hasPrefix(to, r.not) && !slices.Contains(harmless, to):
		return fmt.Sprintf("%s may not import %s", p.role, to)
	case standard && r.pure && hasPrefix(to, impure) && !slices.Contains(harmless, to):
		return fmt.Sprintf("%s may not import %s", p.role, to)
	case standard, allowed(r, p, q, to):
		return ""
	case q.role == library:
		return fmt.Sprintf("%s may not import the library %s", p.role, to)
	case q.domain != "" && q.domain != p.domain:
		return fmt.Sprintf("%s of %s may not import %s of %s", p.role, name(p), q.role, q.domain)
	}
	return fmt.Sprintf("%s may not import %s", p.role, q.role)
}

func name(p place) string {
	if p.domain == "" {
		return "no domain"
	}
	return p.domain
}

func allowed(r rule, p, q place, to string) bool {
	if q.role == library {
		return slices.Contains(r.libs, "*") || hasPrefix(to, r.libs)
	}
	if slices.Contains(r.any, q.role) {
		return true
	}
	if q.domain != "" && q.domain == p.domain && slices.Contains(r.own, q.role) {
		return true
	}
	for _, name := range r.plumbing {
		if path := module + "/internal/" + name; to == path || strings.HasPrefix(to, path+"/") && q.role == plumbing {
			return true
		}
	}
	return false
}

// hasPrefix says whether path is one of the prefixes or below it. A prefix
// that ends in a slash has no package of its own.
func hasPrefix(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if path == p || strings.HasPrefix(path, strings.TrimSuffix(p, "/")+"/") {
			return true
		}
	}
	return false
}
