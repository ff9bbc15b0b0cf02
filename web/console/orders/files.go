package orders

import (
	"context"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// endVerb ends an order.
type endVerb func(ctx context.Context, id c2m.OrderID, revision int64, why string) (*c2m.FactoryOrder, error)

// sheetLanguage gives the language that a sheet is wanted in, the reader's own where none is named.
func sheetLanguage(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == "zh" || l == "en" {
		return l
	}
	return string(ui.Lang(r.Context()))
}

// sheet gives the workbook of a version.
func (s Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(r.URL.Query().Get("version"))
	if err != nil || version < 0 {
		version = 0
	}
	f, err := s.Ops.OrderSheet(r.Context(), id, version, sheetLanguage(r))
	if err != nil {
		return refused(err, here)
	}
	return sheets.Download(w, f)
}

// noteForm gives the empty form for delivery notes of the order.
func (s Pages) noteForm(w http.ResponseWriter, r *http.Request) error {
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	f, err := s.Ops.ASNForm(r.Context(), id, sheetLanguage(r))
	if err != nil {
		return refused(err, here)
	}
	return sheets.Download(w, f)
}

// file gives a sheet as it came in, or its annotated copy.
func (s Pages) file(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	f, err := s.Ops.File(r.Context(), id)
	if err != nil {
		return refused(err, "/orders")
	}
	return sheets.Download(w, f)
}

// upload takes a sheet that the supplier sent by another way.
func (s Pages) upload(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	name, content, err := sheets.Read(r, "file")
	if err != nil {
		return err
	}
	u, err := sheets.Take(ctx, s.Ops, r.FormValue("kind"), c2mops.Uploading{Name: name, Content: content, Order: id})
	if err != nil {
		return refused(err, here)
	}
	return route.See(w, r, here+"?upload="+strconv.FormatInt(u.ID, 10)+"#uploads")
}

func (s Pages) say(w http.ResponseWriter, r *http.Request) error {
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	if _, err := s.Ops.Say(r.Context(), id, r.FormValue("text")); err != nil {
		return refused(err, here)
	}
	return route.See(w, r, here+"#messages")
}

// orderDiff is the drawer that shows what changed from one version to another.
type orderDiff struct {
	Number   string
	Here     string
	Versions []c2m.Version
	From, To int // To is 0 for the working copy
	Diff     c2m.Diff
	SKUs     map[catalog.SKUID]catalog.SKU
	Changed  bool // there is a working copy that differs
}

func (s Pages) diff(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	d, err := s.Ops.Detail(ctx, id)
	if err != nil {
		return refused(err, here)
	}
	if to, leave := drawer(r, here, "diff"); leave {
		return route.See(w, r, to)
	}
	v := orderDiff{Number: d.Order.Number, Here: orderHref(d.Order.Number), Versions: d.Versions, Changed: d.Order.State.Editable() && d.Order.Changed()}
	if len(d.Versions) == 0 {
		return refused(c2m.ErrUnknown, here)
	}
	latest := d.Order.Version()
	v.From, v.To = max(1, latest-1), latest
	if v.Changed {
		v.From, v.To = latest, 0
	}
	v.From, v.To = versionOf(r, "from", v.From, 1, latest), versionOf(r, "to", v.To, 0, latest)
	if v.Diff, v.SKUs, err = s.Ops.Diff(ctx, id, v.From, v.To); err != nil {
		return refused(err, here)
	}
	return route.Render(w, r, orderDiffDrawer(v))
}

// versionOf reads the number of a version between two bounds.
func versionOf(r *http.Request, name string, otherwise, low, high int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < low || n > high {
		return otherwise
	}
	return n
}
