package archtest

import (
	"slices"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	for path, want := range map[string]place{
		"fmt":                                      {library, ""},
		"milkrunner/web":                           {library, ""},
		"milkrun":                                  {stray, ""},
		"milkrun/lib":                              {stray, ""},
		"milkrun/internal":                         {stray, ""},
		"milkrun/internal/cache":                   {stray, ""},
		"milkrun/cmd/milkrun":                      {command, ""},
		"milkrun/migrations":                       {plumbing, ""},
		"milkrun/web":                              {web, ""},
		"milkrun/web/console":                      {web, ""},
		"milkrun/web/ui/kittest":                   {trial, ""},
		"milkrun/warehouse":                        {ground, "warehouse"},
		"milkrun/warehouse/gs1":                    {ground, "warehouse"},
		"milkrun/warehouse/warehousedb":            {rows, "warehouse"},
		"milkrun/warehouse/warehouseops":           {verbs, "warehouse"},
		"milkrun/c2m/c2mxlsx":                      {sheets, "c2m"},
		"milkrun/replenishment/replenishdb":        {rows, "replenishment"},
		"milkrun/internal/catalog":                 {base, "catalog"},
		"milkrun/internal/catalog/catalogdb":       {rows, "catalog"},
		"milkrun/internal/catalog/catalogxlsx":     {sheets, "catalog"},
		"milkrun/internal/catalog/catalogops":      {verbs, "catalog"},
		"milkrun/internal/quantity":                {base, ""},
		"milkrun/internal/access":                  {ground, "access"},
		"milkrun/internal/access/accessops":        {verbs, "access"},
		"milkrun/internal/importer":                {plumbing, "importer"},
		"milkrun/internal/importer/importerdb":     {rows, "importer"},
		"milkrun/internal/sheet/xlsx":              {plumbing, "sheet"},
		"milkrun/internal/dbtest/cluster":          {trial, ""},
		"milkrun/internal/pgserver/filelock":       {plumbing, "pgserver"},
		"milkrun/forecasting/forecastdb/internals": {rows, "forecasting"},
	} {
		if got := placeOf(path); got != want {
			t.Errorf("%s is %v of %q, want %v of %q", path, got.role, got.domain, want.role, want.domain)
		}
	}
}

// An import is written "from to"; those in the first list are allowed.
func TestRules(t *testing.T) {
	for _, c := range []struct{ from, allowed, refused string }{
		{"internal/catalog",
			"fmt database/sql/driver internal/money internal/quantity golang.org/x/text/width",
			"database/sql net/http forecasting internal/access internal/pgdb github.com/jackc/pgx/v5 internal/catalog/catalogdb"},
		{"forecasting",
			"math internal/catalog internal/quantity internal/money internal/calendar forecasting/models gonum.org/v1/gonum/mat",
			"database/sql net/http os/exec warehouse internal/access internal/pgdb internal/events forecasting/forecastdb forecasting/forecastops " +
				"github.com/jackc/pgx/v5 github.com/riverqueue/river github.com/xuri/excelize/v2 github.com/google/go-cmp/cmp gonum.org/v2/x"},
		{"forecasting/models", "forecasting forecasting/backtest internal/calendar", "replenishment forecasting/forecastdb net/http"},
		{"warehouse/warehousedb",
			"warehouse warehouse/gs1 forecasting internal/access internal/pgdb github.com/jackc/pgx/v5 github.com/jackc/pgx/v5/pgxpool",
			"c2m/c2mdb warehouse/warehouseops c2m/c2mops internal/events internal/importer net/http github.com/riverqueue/river internal/catalog/catalogdb web"},
		{"c2m/c2mxlsx",
			"c2m internal/sheet internal/sheet/xlsx github.com/xuri/excelize/v2",
			"c2m/c2mdb c2m/c2mops internal/pgdb database/sql github.com/jackc/pgx/v5 internal/catalog/catalogxlsx"},
		{"c2m/c2mops",
			"c2m c2m/c2mdb c2m/c2mxlsx replenishment internal/events internal/audit internal/access internal/pgdb " +
				"github.com/riverqueue/river github.com/jackc/pgx/v5 golang.org/x/sync/errgroup",
			"replenishment/replenishdb replenishment/replenishops forecasting/forecastdb web web/ui internal/catalog/catalogdb " +
				"internal/dbtest internal/pgserver migrations github.com/go-chi/chi/v5"},
		{"internal/catalog/catalogops", "internal/catalog/catalogdb internal/catalog internal/events", "internal/access/accessops internal/access/accessdb"},
		{"web/console",
			"net/http web/ui c2m c2m/c2mops internal/access internal/catalog/catalogops github.com/go-chi/chi/v5 github.com/a-h/templ",
			"c2m/c2mdb c2m/c2mxlsx internal/pgdb internal/pgserver github.com/jackc/pgx/v5/pgxpool github.com/riverqueue/river " +
				"database/sql internal/catalog/catalogdb github.com/alexedwards/scs/pgxstore cmd/milkrun internal/e2e"},
		{"internal/events", "internal/pgdb github.com/riverqueue/river internal/access", "forecasting/forecastdb c2m/c2mops web internal/dbtest"},
		{"internal/importer", "internal/importer/importerdb internal/sheet forecasting", "internal/catalog/catalogdb forecasting/forecastops"},
		{"internal/pgdb", "github.com/exaring/otelpgx", "cmd/milkrun warehouse/warehousedb"},
		{"cmd/milkrun", "web c2m/c2mdb c2m/c2mops migrations internal/pgserver github.com/alecthomas/kong net/http", "internal/dbtest internal/e2e web/ui/kittest"},
		{"internal/e2e", "web internal/dbtest c2m/c2mops net/http", "cmd/milkrun"},
	} {
		check := func(list string, want bool) {
			for _, to := range strings.Fields(list) {
				standard := !strings.Contains(to, ".") && slices.Contains([]string{"fmt", "math", "net", "os", "database"}, strings.Split(to, "/")[0])
				if first, _, _ := strings.Cut(to, "/"); !standard && !strings.Contains(first, ".") {
					to = module + "/" + to
				}
				why := refusal(module+"/"+c.from, to, standard)
				if (why == "") != want {
					t.Errorf("%s imports %s: allowed %v, want %v (%s)", c.from, to, why == "", want, why)
				}
			}
		}
		check(c.allowed, true)
		check(c.refused, false)
	}
}

func TestFaultsOfAGraph(t *testing.T) {
	std := func(paths ...string) (list []pkg) {
		for _, p := range paths {
			list = append(list, pkg{ImportPath: p, Name: p, Standard: true})
		}
		return list
	}
	for name, c := range map[string]struct {
		pkgs []pkg
		want []string // parts of the faults, in order
	}{
		"clean": {append(std("fmt", "net/http"),
			pkg{ImportPath: "milkrun/web", Imports: []string{"net/http", "milkrun/c2m"}},
			pkg{ImportPath: "milkrun/c2m", Imports: []string{"fmt"}}), nil},
		"grounds see each other": {[]pkg{
			{ImportPath: "milkrun/c2m", Imports: []string{"milkrun/warehouse"}},
			{ImportPath: "milkrun/warehouse"},
		}, []string{"milkrun/c2m imports milkrun/warehouse: a ground package of c2m may not import a ground package of warehouse"}},
		"a library brings in I/O": {append(std("net/http"),
			pkg{ImportPath: "milkrun/routing", Imports: []string{"gonum.org/v1/gonum/graph"}},
			pkg{ImportPath: "gonum.org/v1/gonum/graph", Imports: []string{"gonum.org/v1/gonum/fetch"}},
			pkg{ImportPath: "gonum.org/v1/gonum/fetch", Imports: []string{"net/http"}}),
			[]string{"milkrun/routing → gonum.org/v1/gonum/graph → gonum.org/v1/gonum/fetch → net/http"}},
		"the breach is told once, where it is": {[]pkg{
			{ImportPath: "milkrun/routing", Imports: []string{"milkrun/routing/solver"}},
			{ImportPath: "milkrun/routing/solver", Imports: []string{"github.com/jackc/pgx/v5"}},
			{ImportPath: "github.com/jackc/pgx/v5"},
		}, []string{"milkrun/routing/solver imports github.com/jackc/pgx/v5"}},
		"the standard library's own net/http does not count": {[]pkg{
			{ImportPath: "milkrun/routing", Imports: []string{"expvar"}},
			{ImportPath: "expvar", Standard: true, Imports: []string{"net/http"}},
			{ImportPath: "net/http", Standard: true},
		}, nil},
		"names": {[]pkg{
			{ImportPath: "milkrun/forecasting/models", Name: "models"},
			{ImportPath: "milkrun/c2m/models", Name: "models"},
			{ImportPath: "milkrun/c2m/words", Name: "util"},
			{ImportPath: "milkrun/web/helpers", Name: "help"},
			{ImportPath: "github.com/x/util", Name: "util"},
		}, []string{"milkrun/c2m/models is called models", "milkrun/c2m/words is called util", "milkrun/web/helpers is called helpers"}},
		"stray": {[]pkg{{ImportPath: "milkrun/pkg/db", Name: "db"}}, []string{"milkrun/pkg/db is in no place of the plan"}},
		"error": {[]pkg{{ImportPath: "milkrun/c2m", Error: &struct{ Err string }{"import cycle"}}}, []string{"milkrun/c2m: import cycle"}},
	} {
		got := newGraph(c.pkgs).faults()
		if len(got) != len(c.want) {
			t.Errorf("%s: faults %q, want %q", name, got, c.want)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%s: fault %q, want %q in it", name, got[i], c.want[i])
			}
		}
	}
}

func TestStrays(t *testing.T) {
	got := strays([]string{"cmd", "go.mod", ".ci", "pkg", "notes.txt"})
	if len(got) != 2 || !strings.HasPrefix(got[0], "pkg ") || !strings.HasPrefix(got[1], "notes.txt ") {
		t.Errorf("strays = %q", got)
	}
}
