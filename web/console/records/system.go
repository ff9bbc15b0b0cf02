package records

import (
	"context"
	"net/http"
	"time"

	"milkrun/internal/access"
	"milkrun/warehouse"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// System is the state of the house itself: version, database, queue.
type System struct {
	// Facts tells how the house stands; what it cannot find out it leaves at zero.
	Facts func(ctx context.Context) (SystemFacts, error)
	// Books proves the warehouse's books; nil leaves them out.
	Books Books
	// Links lead to the house's other pages; those without an address are left out.
	Jobs, Docs, Metrics string
}

// SystemFacts is how the house stands.
type SystemFacts struct {
	Version  string // of the program: a tag or a revision
	Go       string // version of the compiler
	Started  time.Time
	Database string // version of PostgreSQL
	Bytes    int64  // of the database on disk
	Largest  []TableSize
	Queues   []QueueCount
	// Sessions counts the browsers signed in.
	Sessions int
}

// TableSize is a table with its indexes and partitions. Rows is the database's own estimate.
type TableSize struct {
	Name  string
	Rows  int64
	Bytes int64
}

// QueueCount counts the jobs of one queue. Failed are those given up within the last week.
type QueueCount struct {
	Name                               string
	Waiting, Running, Retrying, Failed int
	Oldest                             *time.Time // when the job that waits longest was to begin
}

// Screens gives the routes of the overview.
func (s System) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{route.GET("/system", access.ViewSystem, s.show), {Method: http.MethodPost, Pattern: "/system/books", Permission: access.ViewSystem, Handler: s.prove, Heavy: true}},
		Menu:   []ui.MenuItem{{Key: "system", Sub: "overview", Path: "/system", Permission: access.ViewSystem}},
	}
}

// systemPage is what the overview shows.
type systemPage struct {
	SystemFacts
	Links  []systemLink
	Proves bool // there are books to prove
	Proofs []warehouse.AuditRun
}

// systemLink is a way to another page of the house.
type systemLink struct{ Icon, Word, Href string }

func (s System) show(w http.ResponseWriter, r *http.Request) error {
	var p systemPage
	if s.Facts != nil {
		var err error
		if p.SystemFacts, err = s.Facts(r.Context()); err != nil {
			return err
		}
	}
	if s.Books != nil {
		var err error
		p.Proves = true
		if p.Proofs, err = s.Books.AuditRuns(r.Context(), booksShown); err != nil {
			return err
		}
	}
	for _, l := range []systemLink{{"list", "system.jobs", s.Jobs}, {"file-text", "system.docs", s.Docs}, {"chart-bar", "system.metrics", s.Metrics}, {"shield-check", "system.health", "/readyz"}} {
		if l.Href != "" {
			p.Links = append(p.Links, l)
		}
	}
	return route.Render(w, r, systemScreen(p))
}

// jobs sums a count over all queues.
func (p systemPage) jobs(of func(QueueCount) int) (n int) {
	for _, q := range p.Queues {
		n += of(q)
	}
	return n
}

// bytesText writes a size: 1.4 GB. Units are powers of 1,000, as disks are sold.
func bytesText(n int64) string {
	v, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	if unit == "B" || v >= 100 {
		return ui.Decimal(v, 0) + " " + unit
	}
	return ui.Decimal(v, 1) + " " + unit
}
