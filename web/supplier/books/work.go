package books

import (
	"context"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// work is the page of what both sides plan by: the capacity calendar, stock at the supplier, and lines in work.
type work struct {
	Frame
	Calendar supplierops.Calendar
	Stock    []supplierops.VMI
	Lines    []supplierops.WorkLine
}

func (d Desk) work(f Frame, w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := work{Frame: f}
	var err error
	if v.Calendar, err = d.Suppliers.Calendar(ctx, f.Supplier); err != nil {
		return err
	}
	if v.Stock, err = d.Suppliers.Stock(ctx, f.Supplier); err != nil {
		return err
	}
	if v.Lines, err = d.Suppliers.Work(ctx, f.Supplier); err != nil {
		return err
	}
	return f.page(w, r, "work", workBody(v))
}

// cell names a field of the calendar's form.
func cell(kind string, sku catalog.SKUID, monday calendar.Day) string {
	return kind + "-" + strconv.Itoa(int(sku)) + "-" + strconv.Itoa(int(monday))
}

// writeCapacity takes the cells whose value was changed, each with the version that its page showed.
func (d Desk) writeCapacity(f Frame, w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	cal, err := d.Suppliers.Calendar(ctx, f.Supplier)
	if err != nil {
		return err
	}
	var entries []supplier.Entry
	for _, row := range cal.Rows {
		for _, monday := range cal.Mondays {
			n, err := pieces(r, cell("c", row.SKU, monday))
			if err != nil {
				return err
			}
			was, _ := pieces(r, cell("w", row.SKU, monday))
			if n == nil || was != nil && *was == *n {
				continue
			}
			base, _ := strconv.Atoi(r.PostFormValue(cell("v", row.SKU, monday)))
			entries = append(entries, supplier.Entry{SKU: row.SKU, Monday: monday, Pieces: *n, Base: base})
		}
	}
	taken, err := d.Suppliers.WriteCapacity(ctx, f.Supplier, entries)
	if err != nil {
		return err
	}
	return f.taken(w, r, taken)
}

func (f Frame) taken(w http.ResponseWriter, r *http.Request, t supplierops.Taken) error {
	note := ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "books.capacity_taken", ui.Count, t.Written)}
	switch {
	case t.Conflicts > 0:
		note = ui.Flash{Tone: ui.Watch, Text: ui.T(r.Context(), "books.capacity_conflicts", ui.Count, t.Conflicts, "Written", t.Written)}
	case t.Written == 0:
		note = ui.Flash{Tone: ui.Plain, Text: ui.T(r.Context(), "books.capacity_same")}
	}
	route.Tell(r.Context(), note)
	return route.See(w, r, f.Base+workPath)
}

func (d Desk) settleConflict(f Frame, w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := d.Suppliers.SettleConflict(r.Context(), id, r.PostFormValue("take") == "1"); err != nil {
		return err
	}
	return f.done(w, r, workPath, "books.conflict_settled")
}

func (d Desk) capacitySheet(f Frame, w http.ResponseWriter, r *http.Request) error {
	cal, err := d.Suppliers.Calendar(r.Context(), f.Supplier)
	if err != nil {
		return err
	}
	file, err := d.Orders.CapacitySheet(r.Context(), cal, lang(r.Context()))
	if err != nil {
		return err
	}
	return sheets.Download(w, file)
}

func (d Desk) uploadCapacity(f Frame, w http.ResponseWriter, r *http.Request) error {
	name, content, err := sheets.Read(r, "file")
	if err != nil {
		return err
	}
	up, err := d.Orders.UploadCapacity(r.Context(), c2mops.Uploading{Name: name, Content: content})
	if err != nil {
		return err
	}
	if up.Outcome == c2mops.Refused {
		return route.See(w, r, "/portal/uploads/"+strconv.FormatInt(up.ID, 10))
	}
	return f.taken(w, r, up.Taken)
}

// reportStock takes the rows of the stock's form that were filled in.
func (d Desk) reportStock(f Frame, w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	cal, err := d.Suppliers.Calendar(ctx, f.Supplier)
	if err != nil {
		return err
	}
	var all []supplierops.VMI
	for _, row := range cal.Rows {
		read := func(kind string) (quantity.Pieces, bool, error) {
			n, err := pieces(r, kind+"-"+strconv.Itoa(int(row.SKU)))
			if err != nil || n == nil {
				return 0, false, err
			}
			return *n, true, nil
		}
		v := supplierops.VMI{SKU: row.SKU, Day: ui.Today(ctx)}
		said := false
		for kind, to := range map[string]*quantity.Pieces{"hand": &v.OnHand, "kept": &v.Reserved, "made": &v.InProduction, "min": &v.MinPieces, "max": &v.MaxPieces} {
			n, ok, err := read(kind)
			if err != nil {
				return err
			}
			*to = n
			said = said || ok && kind == "hand"
		}
		if said {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return route.Invalid("books.err.nothing")
	}
	if err := d.Suppliers.ReportStock(ctx, f.Supplier, all); err != nil {
		return explainC2M(err, "books.err.stock")
	}
	return f.done(w, r, workPath, "books.stock_reported", ui.Count, len(all))
}

// reportProgress takes one line's stages.
func (d Desk) reportProgress(f Frame, w http.ResponseWriter, r *http.Request) error {
	order, err := strconv.ParseInt(r.PostFormValue("order"), 10, 64)
	if err != nil {
		return route.NotFound()
	}
	line, _ := strconv.Atoi(r.PostFormValue("line"))
	finish, err := day(r, "finish")
	if err != nil {
		return err
	}
	var all []supplierops.Progress
	for _, stage := range supplierops.Stages() {
		n, err := pieces(r, "done-"+stage)
		if err != nil {
			return err
		}
		if n != nil {
			all = append(all, supplierops.Progress{Order: c2m.OrderID(order), Line: line, Stage: stage, Done: *n, Finish: finish, Reason: text(r, "reason")})
		}
	}
	if len(all) == 0 {
		return route.Invalid("books.err.nothing")
	}
	if err := d.Suppliers.ReportProgress(r.Context(), f.Supplier, all); err != nil {
		return explainC2M(err, "books.err.progress")
	}
	return f.done(w, r, workPath, "books.progress_reported")
}

// explainC2M says that quantities cannot be.
func explainC2M(err error, word string) error {
	if err == c2m.ErrPieces || err == c2m.ErrDay {
		return route.Invalid(word).Because(err)
	}
	return err
}

// stockOf gives the report of a SKU; false when there is none.
func (v work) stockOf(sku catalog.SKUID) (supplierops.VMI, bool) {
	for _, s := range v.Stock {
		if s.SKU == sku {
			return s, true
		}
	}
	return supplierops.VMI{}, false
}

// code names a SKU of the calendar.
func (v work) code(ctx context.Context, sku catalog.SKUID) string {
	for _, r := range v.Calendar.Rows {
		if r.SKU == sku {
			return ui.Name(ctx, catalog.Name{ZH: r.NameZH, EN: r.NameEN})
		}
	}
	return strconv.Itoa(int(sku))
}

// stockTone warns of stock below the least that was agreed.
func stockTone(s supplierops.VMI) (ui.Tone, string, string) {
	free := s.OnHand - s.Reserved
	switch {
	case free < s.MinPieces:
		return ui.Risk, "alert-octagon", "books.below_min"
	case s.MaxPieces > 0 && free > s.MaxPieces:
		return ui.Cold, "stack-3", "books.above_max"
	}
	return ui.OK, "circle-check", "books.within"
}

// stageDone writes what is done of a stage, empty for nothing.
func stageDone(l supplierops.WorkLine, stage string) string {
	if p, ok := l.Stages[stage]; ok {
		return ui.Pieces(p.Done)
	}
	return ""
}

// lastStage gives the last thing that was reported of a line.
func lastStage(l supplierops.WorkLine) (supplierops.Progress, bool) {
	all := supplierops.Stages()
	for i := len(all) - 1; i >= 0; i-- {
		if p, ok := l.Stages[all[i]]; ok && p.Done > 0 {
			return p, true
		}
	}
	return supplierops.Progress{}, false
}

// weekWord writes an ISO week: W48.
func weekWord(d calendar.Day) string {
	_, w := d.ISOWeek()
	return "W" + strconv.Itoa(w/10) + strconv.Itoa(w%10)
}

// shownWeeks is how many weeks the page's form holds; the sheet holds all.
const shownWeeks = 8
