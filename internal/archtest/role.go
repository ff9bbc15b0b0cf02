package archtest

import (
	"slices"
	"strings"
)

// module is the path that our own packages begin with.
const module = "milkrun"

// role is what a package is for; the plan says who may import whom by role.
type role int

const (
	library  role = iota // not ours
	base                 // nouns that all domains share: catalog, quantity, money, calendar
	ground               // a domain's nouns, rules and mathematics
	rows                 // a domain's SQL: *db
	sheets               // a domain's workbooks: *xlsx
	verbs                // a domain's use cases and jobs: *ops
	web                  // pages
	plumbing             // internal/…, migrations
	command              // cmd/…
	trial                // what only tests use
	stray                // in no place of the plan
)

func (r role) String() string {
	return [...]string{"a library", "a shared noun", "a ground package", "a *db package", "an *xlsx package",
		"an *ops package", "web", "plumbing", "cmd", "a test's helper", "outside the plan"}[r]
}

// domains are the top-level domains and those of the plumbing that are split
// the same way.
var (
	topDomains      = []string{"forecasting", "replenishment", "c2m", "warehouse", "routing"}
	internalDomains = []string{"catalog", "access", "importer"}
)

var (
	baseNouns = []string{"catalog", "quantity", "money", "calendar"}
	trials    = []string{"archtest", "dbtest", "e2e", "gotest"}
	plumbings = []string{"audit", "demo", "events", "importer", "pgdb", "pgserver", "sheet"}
)

// place is a package's role and the domain it belongs to, if any.
type place struct {
	role   role
	domain string
}

// placeOf reads a package's place from its import path.
func placeOf(path string) place {
	if path != module && !strings.HasPrefix(path, module+"/") {
		return place{role: library}
	}
	parts := strings.Split(path, "/")[1:]
	if len(parts) == 0 {
		return place{role: stray}
	}
	switch {
	case parts[0] == "cmd":
		return place{role: command}
	case parts[0] == "migrations":
		return place{role: plumbing}
	case parts[0] == "web" && strings.HasSuffix(path, "test"):
		return place{role: trial}
	case parts[0] == "web":
		return place{role: web}
	case slices.Contains(topDomains, parts[0]):
		return place{layer(parts[1:], ground), parts[0]}
	case parts[0] == "internal" && len(parts) > 1:
		return placeInside(parts[1:])
	}
	return place{role: stray}
}

// placeInside is placeOf for what is below internal.
func placeInside(parts []string) place {
	name := parts[0]
	switch {
	case slices.Contains(trials, name):
		return place{role: trial}
	case slices.Contains(internalDomains, name):
		outer := ground
		switch {
		case slices.Contains(baseNouns, name):
			outer = base
		case slices.Contains(plumbings, name):
			outer = plumbing
		}
		return place{layer(parts[1:], outer), name}
	case slices.Contains(baseNouns, name):
		return place{role: base}
	case slices.Contains(plumbings, name):
		return place{role: plumbing, domain: name}
	}
	return place{role: stray}
}

// layer tells a domain's *db, *xlsx and *ops from the rest of it, which has
// the role that outer says.
func layer(below []string, outer role) role {
	if len(below) == 0 {
		return outer
	}
	switch name := below[0]; {
	case strings.HasSuffix(name, "db"):
		return rows
	case strings.HasSuffix(name, "xlsx"):
		return sheets
	case strings.HasSuffix(name, "ops"):
		return verbs
	}
	return outer
}
