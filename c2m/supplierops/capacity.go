package supplierops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// CalendarWeeks is how far the calendar's page looks ahead.
const CalendarWeeks = 13

// maxGoods is how many SKUs the page and the sheet hold, those most asked for.
const maxGoods = 40

// Calendar is a supplier's capacity by SKU and week.
type Calendar struct {
	Supplier  catalog.SupplierID
	Mondays   []calendar.Day
	Rows      []CalendarRow
	Conflicts []supplier.Clash
}

// CalendarRow is a SKU: its terms and its cells, one for each Monday; nil where nothing is written and seven days of the terms' capacity
// hold.
type CalendarRow struct {
	supplierdb.Terms
	Cells []*supplier.Capacity
}

// Week gives what a week holds: the cell's, or the terms' capacity of seven days.
func (r CalendarRow) Week(i int) quantity.Pieces {
	if r.Cells[i] != nil {
		return r.Cells[i].Pieces
	}
	return 7 * r.CapacityDay
}

// Calendar gives a supplier's calendar with its open conflicts.
func (o *Ops) Calendar(ctx context.Context, id catalog.SupplierID) (Calendar, error) {
	_, id, err := either(ctx, access.ViewSuppliers, id)
	if err != nil {
		return Calendar{}, err
	}
	c := Calendar{Supplier: id}
	monday := supplier.Monday(o.Today())
	at := map[calendar.Day]int{}
	for i := range CalendarWeeks {
		c.Mondays = append(c.Mondays, monday.AddDays(7*i))
		at[c.Mondays[i]] = i
	}
	terms, err := supplierdb.TermsOf(ctx, o.Pool, id, monday, maxGoods)
	if err != nil {
		return c, err
	}
	cells, err := supplierdb.Calendar(ctx, o.Pool, id, monday, c.Mondays[len(c.Mondays)-1])
	if err != nil {
		return c, err
	}
	row := map[catalog.SKUID]int{}
	for i, t := range terms {
		row[t.SKU] = i
		c.Rows = append(c.Rows, CalendarRow{Terms: t, Cells: make([]*supplier.Capacity, CalendarWeeks)})
	}
	for _, x := range cells {
		if i, ok := row[x.SKU]; ok {
			c.Rows[i].Cells[at[x.Monday]] = &x
		}
	}
	c.Conflicts, err = supplierdb.Conflicts(ctx, o.Pool, id)
	return c, err
}

// Taken is what became of entries to the calendar.
type Taken struct{ Written, Same, Conflicts int }

// WriteCapacity takes entries to a supplier's calendar. One that was made on an older version than stands is kept as a conflict, and what
// stands holds until somebody chooses. supplier.ErrWeek, supplier.ErrCapacity, ErrUnknown for goods that the supplier does not make: then
// nothing is taken.
func (o *Ops) WriteCapacity(ctx context.Context, id catalog.SupplierID, entries []supplier.Entry) (Taken, error) {
	u, id, err := either(ctx, access.EditSuppliers, id)
	if err != nil {
		return Taken{}, err
	}
	via := supplier.ViaBuyer
	if u.Role == access.Supplier {
		via = supplier.ViaPortal
	}
	var out Taken
	now := o.Clock()
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		out, err = WriteIn(ctx, tx, id, entries, via, name(u), now, o.Today())
		return err
	})
	return out, err
}

// WriteIn is WriteCapacity in a transaction of the caller, who has asked whether the user may.
func WriteIn(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, entries []supplier.Entry, via supplier.Via, by string, now time.Time, today calendar.Day) (Taken, error) {
	var out Taken
	if len(entries) == 0 {
		return out, nil
	}
	from, to := entries[0].Monday, entries[0].Monday
	seen := map[catalog.SKUID]bool{}
	var goods []catalog.SKUID
	for _, e := range entries {
		if err := e.Check(today); err != nil {
			return out, err
		}
		from, to = min(from, e.Monday), max(to, e.Monday)
		if !seen[e.SKU] {
			seen[e.SKU] = true
			goods = append(goods, e.SKU)
		}
	}
	if ok, err := supplierdb.Makes(ctx, tx, id, goods); err != nil || !ok {
		if err == nil {
			err = ErrUnknown
		}
		return out, err
	}
	if err := supplierdb.LockCalendar(ctx, tx, id); err != nil {
		return out, err
	}
	cells, err := supplierdb.Calendar(ctx, tx, id, from, to)
	if err != nil {
		return out, err
	}
	type key struct {
		sku    catalog.SKUID
		monday calendar.Day
	}
	stands := map[key]supplier.Capacity{}
	for _, c := range cells {
		stands[key{c.SKU, c.Monday}] = c
	}
	var b pgx.Batch
	for _, e := range entries {
		k := key{e.SKU, e.Monday}
		switch e.Take(stands[k]) {
		case supplier.Same:
			out.Same++
		case supplier.Conflict:
			out.Conflicts++
			supplierdb.AddConflict(&b, id, e, via, by, now)
		case supplier.Written:
			out.Written++
			c := supplier.Capacity{SKU: e.SKU, Monday: e.Monday, Pieces: e.Pieces, Version: stands[k].Version + 1, Via: via, By: by, At: now}
			stands[k] = c
			supplierdb.PutCapacity(&b, id, c)
		}
	}
	if err := supplierdb.Run(ctx, tx, &b); err != nil || out.Written+out.Conflicts == 0 {
		return out, err
	}
	return out, audit.Write(ctx, tx, now, audit.Change{Verb: "capacity.write", Thing: thing(id), After: map[string]any{"via": via, "written": out.Written, "conflicts": out.Conflicts, "entries": entries}})
}

// SettleConflict lets one of the two sides choose: take puts the entry in, otherwise what stands stays. supplier.ErrConflict.
func (o *Ops) SettleConflict(ctx context.Context, conflict int64, take bool) error {
	u, err := access.RequireAny(ctx, access.EditSuppliers, access.UsePortal)
	if err != nil {
		return err
	}
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		c, id, err := supplierdb.OpenConflict(ctx, tx, conflict)
		if err == nil && !u.MayTouchSupplier(id) {
			err = supplier.ErrConflict
		}
		if err != nil {
			return err
		}
		if err := supplierdb.LockCalendar(ctx, tx, id); err != nil {
			return err
		}
		if c, _, err = supplierdb.OpenConflict(ctx, tx, conflict); err != nil {
			return err
		}
		if take {
			var b pgx.Batch
			supplierdb.PutCapacity(&b, id, supplier.Capacity{SKU: c.SKU, Monday: c.Monday, Pieces: c.Wants, Version: c.Stands.Version + 1, Via: c.Via, By: name(u), At: now})
			if err := supplierdb.Run(ctx, tx, &b); err != nil {
				return err
			}
		}
		if err := supplierdb.SettleConflict(ctx, tx, conflict, take, name(u), now); err != nil {
			return err
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "capacity.settle", Thing: thing(id), After: map[string]any{"sku": c.SKU, "monday": c.Monday, "wants": c.Wants, "stood": c.Stands.Pieces, "taken": take}})
	})
}

// Stock gives a supplier's report of what it keeps for the house.
func (o *Ops) Stock(ctx context.Context, id catalog.SupplierID) ([]supplierdb.VMI, error) {
	_, id, err := either(ctx, access.ViewSuppliers, id)
	if err != nil {
		return nil, err
	}
	return supplierdb.Stock(ctx, o.Pool, id)
}

// ReportStock takes a report of what a supplier keeps for the house. c2m.ErrPieces for quantities that cannot be (more reserved than there
// is, a most below the least), c2m.ErrDay for a day to come, ErrUnknown for goods that it does not make: then nothing is taken.
func (o *Ops) ReportStock(ctx context.Context, id catalog.SupplierID, all []supplierdb.VMI) error {
	u, id, err := either(ctx, access.EditSuppliers, id)
	if err != nil {
		return err
	}
	now := o.Clock()
	var goods []catalog.SKUID
	for i := range all {
		v := &all[i]
		for _, n := range []quantity.Pieces{v.OnHand, v.Reserved, v.InProduction, v.MinPieces, v.MaxPieces} {
			if n < 0 || n > c2m.MaxPieces {
				return c2m.ErrPieces
			}
		}
		if v.Reserved > v.OnHand || v.MaxPieces < v.MinPieces {
			return c2m.ErrPieces
		}
		if v.Day > o.Today() {
			return c2m.ErrDay
		}
		v.ByName, v.At = name(u), now
		goods = append(goods, v.SKU)
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if ok, err := supplierdb.Makes(ctx, tx, id, goods); err != nil || !ok {
			if err == nil {
				err = ErrUnknown
			}
			return err
		}
		for _, v := range all {
			if err := supplierdb.SaveStock(ctx, tx, id, v); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "vmi.report", Thing: thing(id), After: all})
	})
}

// WorkLine is an agreed line on its way through the factory: pieces done by stage.
type WorkLine struct {
	supplierdb.WorkLine
	Stages map[string]supplierdb.Progress
}

// Work gives a supplier's lines in work, the first due first.
func (o *Ops) Work(ctx context.Context, id catalog.SupplierID) ([]WorkLine, error) {
	_, id, err := either(ctx, access.ViewSuppliers, id)
	if err != nil {
		return nil, err
	}
	return o.work(ctx, o.Pool, id)
}

func (o *Ops) work(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]WorkLine, error) {
	lines, err := supplierdb.Work(ctx, q, id)
	if err != nil {
		return nil, err
	}
	done, err := supplierdb.ProgressOf(ctx, q, id)
	if err != nil {
		return nil, err
	}
	out := make([]WorkLine, len(lines))
	for i, l := range lines {
		out[i] = WorkLine{WorkLine: l, Stages: map[string]supplierdb.Progress{}}
		for _, p := range done {
			if p.Order == l.Order && p.Line == l.Line {
				out[i].Stages[p.Stage] = p
			}
		}
	}
	return out, nil
}

// ReportProgress takes a supplier's report of how far its lines are. ErrUnknown for a line that is not in work with it or a stage that there
// is not, c2m.ErrPieces for more than the line has.
func (o *Ops) ReportProgress(ctx context.Context, id catalog.SupplierID, all []supplierdb.Progress) error {
	u, id, err := either(ctx, access.EditSuppliers, id)
	if err != nil {
		return err
	}
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		lines, err := supplierdb.Work(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, p := range all {
			if err := checkProgress(p, lines); err != nil {
				return err
			}
			p.ByName, p.At = name(u), now
			if err := supplierdb.SaveProgress(ctx, tx, p); err != nil {
				return err
			}
			if err := events.Tell(ctx, tx, "order/"+itoa(int64(p.Order)), "progress"); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "progress.report", Thing: thing(id), After: all})
	})
}

func checkProgress(p supplierdb.Progress, lines []supplierdb.WorkLine) error {
	known := false
	for _, s := range supplierdb.Stages() {
		known = known || s == p.Stage
	}
	for _, l := range lines {
		if l.Order != p.Order || l.Line != p.Line || !known {
			continue
		}
		if p.Done < 0 || p.Done > l.Pieces || len([]rune(p.Reason)) > c2m.MaxText {
			return c2m.ErrPieces
		}
		return nil
	}
	return ErrUnknown
}
