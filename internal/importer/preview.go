package importer

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/importer/importerdb"
	"milkrun/internal/sheet"
)

// Bounds of the preview: the first rows, and so many wrong and mended ones.
const (
	firstRows  = 2000
	badRows    = 20_000
	mendedRows = 5_000
	maxTallies = 20
)

// preview collects what a check finds.
type preview struct {
	ops      *Ops
	tx       pgx.Tx
	id       int64
	epoch    int
	rows     int // dealt, skipped runs counted as one
	counts   map[sheet.Status]int
	tallies  map[tallyKey]*Tally
	told     time.Time
	progress float64
}

type tallyKey struct{ column, code string }

func (p *preview) take(ctx context.Context, list []*Entry) error {
	if p.counts == nil {
		p.counts, p.tallies = map[sheet.Status]int{}, map[tallyKey]*Tally{}
	}
	var keep []importerdb.Row
	for _, e := range list {
		r := e.result()
		n := 1
		if e.Skip != nil {
			n = e.Skip.Rows()
		}
		p.rows++
		before := p.counts[r.Status]
		p.counts[r.Status] += n
		if r.Status == sheet.Bad {
			p.tally(r.Remarks)
		}
		if p.rows <= firstRows || (r.Status == sheet.Bad && before < badRows) || (r.Status == sheet.Mended && before < mendedRows) {
			keep = append(keep, stored(e, r))
		}
		p.progress = max(p.progress, e.done)
	}
	if len(keep) > 0 {
		if err := importerdb.AddRows(ctx, p.tx, p.id, keep); err != nil {
			return err
		}
	}
	return p.tell(ctx)
}

// storable takes out what PostgreSQL does not store in a text.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func stored(e *Entry, r sheet.Result) importerdb.Row {
	row := importerdb.Row{No: e.Number, LastNo: e.Number, Status: string(r.Status), Skip: string(r.Skip), Cells: e.cells}
	for i := range row.Cells {
		row.Cells[i] = storable(row.Cells[i])
	}
	if e.Skip != nil {
		row.LastNo = e.Skip.Last
	}
	// A wrong row shows what was mended in it too.
	remarks := r.Remarks
	if r.Status == sheet.Bad {
		remarks = append(slices.Clone(r.Remarks), onlyElsewhere(e.mended, r.Remarks)...)
	}
	problems := 0
	if r.Status == sheet.Bad {
		problems = len(r.Remarks)
	}
	if len(remarks) > 0 {
		row.Remarks = encode(marked(remarks, problems))
	}
	return row
}

// storedRemark is a remark with the side it is on: a wrong row may hold mended cells.
type storedRemark struct {
	sheet.Remark
	Mended bool `json:"mended,omitempty"`
}

func marked(list []sheet.Remark, problems int) []storedRemark {
	out := make([]storedRemark, len(list))
	for i, m := range list {
		m.Raw = storable(m.Raw)
		out[i] = storedRemark{m, i >= problems}
	}
	return out
}

// onlyElsewhere leaves out what was mended in cells that are wrong anyway.
func onlyElsewhere(mended, problems []sheet.Remark) []sheet.Remark {
	var out []sheet.Remark
	for _, m := range mended {
		if !slices.ContainsFunc(problems, func(p sheet.Remark) bool { return p.Column == m.Column }) {
			out = append(out, m)
		}
	}
	return out
}

func (p *preview) tally(problems []sheet.Remark) {
	for _, m := range problems {
		k := tallyKey{m.Column, m.Note.Code()}
		t := p.tallies[k]
		if t == nil {
			t = &Tally{Column: m.Column, Header: m.Header, Note: m.Note, Row: m.Row}
			p.tallies[k] = t
		}
		t.Rows++
	}
}

// tell shows the progress, once a second, outside of the transaction.
func (p *preview) tell(ctx context.Context) error {
	if now := time.Now(); now.Sub(p.told) > time.Second {
		p.told = now
		if err := importerdb.Progress(ctx, p.ops.Pool, p.id, p.epoch, p.progress); err != nil {
			return err
		}
		return p.ops.tell(ctx, p.ops.Pool, p.id)
	}
	return nil
}

// finish stores the sums and makes the upload ready for its decision.
func (p *preview) finish(ctx context.Context, l *Layout) error {
	row, err := importerdb.Lock(ctx, p.tx, p.id)
	if err != nil {
		return err
	}
	if row.Epoch != p.epoch || row.State != string(Checking) {
		return errOver
	}
	now := p.ops.Clock()
	row.State, row.Progress, row.CheckedAt = string(Checked), 1, &now
	row.Layout, row.Reasons = encode(l), p.reasons()
	row.Good = p.counts[sheet.Good] + p.counts[sheet.Mended]
	row.Mended, row.Bad, row.Skipped = p.counts[sheet.Mended], p.counts[sheet.Bad], p.counts[sheet.Skipped]
	row.Total = row.Good + row.Bad + row.Skipped
	if err := importerdb.Save(ctx, p.tx, row); err != nil {
		return err
	}
	return p.ops.tell(ctx, p.tx, p.id)
}

func (p *preview) reasons() json.RawMessage {
	list := make([]*Tally, 0, len(p.tallies))
	for _, t := range p.tallies {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *Tally) int {
		if a.Rows != b.Rows {
			return b.Rows - a.Rows
		}
		return a.Row - b.Row
	})
	if len(list) == 0 {
		return nil
	}
	return encode(list[:min(len(list), maxTallies)])
}
