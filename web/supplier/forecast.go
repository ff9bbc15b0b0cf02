package supplier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// forecastPage is the rolling forecast with the supplier's commitments.
type forecastPage struct {
	frame
	Rows  []c2mops.ForecastRow
	Row   *c2mops.ForecastRow // the goods shown
	typed url.Values
	bad   map[string]string
}

// largest gives the goods with the most pieces over the weeks ahead, nil for none.
func largest(rows []c2mops.ForecastRow) *c2mops.ForecastRow {
	var best *c2mops.ForecastRow
	var most quantity.Pieces = -1
	for i := range rows {
		var sum quantity.Pieces
		for _, w := range rows[i].Weeks {
			sum += w.Pieces
		}
		if sum > most {
			best, most = &rows[i], sum
		}
	}
	return best
}

func (p Portal) forecastPage(r *http.Request) (forecastPage, error) {
	ctx := r.Context()
	f, err := p.frame(ctx, "forecast")
	if err != nil {
		return forecastPage{}, err
	}
	v := forecastPage{frame: f}
	if v.Rows, err = p.Ops.PortalForecast(ctx, 0); err != nil {
		return v, err
	}
	v.Row = largest(v.Rows)
	for i := range v.Rows {
		if v.Rows[i].SKU.Code == r.FormValue("sku") {
			v.Row = &v.Rows[i]
		}
	}
	return v, nil
}

func (p Portal) forecast(w http.ResponseWriter, r *http.Request) error {
	v, err := p.forecastPage(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, forecastScreen(v))
}

// commit takes the commitments of the form to the weeks of one SKU.
func (p Portal) commit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.forecastPage(r)
	if err != nil {
		return err
	}
	if v.Row == nil || v.Row.SKU.Code != r.FormValue("sku") {
		return route.NotFound()
	}
	v.typed, v.bad = r.PostForm, map[string]string{}
	var weeks []c2mops.Week
	for _, week := range v.Row.Weeks {
		c := c2mops.Week{SKUID: v.Row.SKU.ID, Monday: week.Monday, Committed: v.read("committed", week.Monday, ctx), Capacity: v.read("capacity", week.Monday, ctx)}
		if c.Committed != nil || c.Capacity != nil {
			weeks = append(weeks, c)
		}
	}
	if len(v.bad) > 0 {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, forecastScreen(v))
	}
	n, err := p.Ops.CommitForecast(ctx, weeks)
	if errors.Is(err, c2m.ErrPieces) {
		return route.Invalid("order.err.pieces").With("order.next.look", "/portal/forecast").Because(err)
	}
	if err != nil {
		return refused(err, "/portal/forecast")
	}
	note := ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "portal.committed", ui.Count, n)}
	if n == 0 {
		note = ui.Flash{Tone: ui.Act, Text: ui.T(ctx, "portal.committed_same")}
	}
	route.Tell(ctx, note)
	return route.See(w, r, "/portal/forecast?sku="+url.QueryEscape(v.Row.SKU.Code))
}

// weekField names a field of a week.
func weekField(name string, monday calendar.Day) string {
	return name + "-" + strconv.Itoa(int(monday))
}

func (v forecastPage) read(name string, monday calendar.Day, ctx context.Context) *quantity.Pieces {
	at := weekField(name, monday)
	s := strings.TrimSpace(v.typed.Get(at))
	if s == "" {
		return nil
	}
	n, ok := route.Pieces(s)
	if !ok {
		v.bad[at] = ui.T(ctx, "portal.bad_pieces", "Value", s)
		return nil
	}
	return &n
}

// value is what a week's field shows: what was typed, else what is stored.
func (v forecastPage) value(name string, w c2mops.Week) string {
	if s, typed := v.typed[weekField(name, w.Monday)]; typed {
		return s[0]
	}
	n := w.Committed
	if name == "capacity" {
		n = w.Capacity
	}
	if n == nil {
		return ""
	}
	return ui.Pieces(*n)
}

// weekName writes an ISO week: W48.
func weekName(d calendar.Day) string {
	_, w := d.ISOWeek()
	return fmt.Sprintf("W%02d", w)
}

// mostWeeks is how many weeks a chart shows.
const mostWeeks = 12

// rolling draws the forecast of goods with the supplier's capacity.
func rolling(ctx context.Context, row *c2mops.ForecastRow) ui.RollingChart {
	c := ui.RollingChart{Label: ui.T(ctx, "portal.rolling_of", "Goods", ui.Name(ctx, row.SKU.Name))}
	for i, w := range row.Weeks {
		if i < mostWeeks {
			c.Weeks = append(c.Weeks, ui.RollingWeek{Name: weekName(w.Monday), Pieces: w.Pieces, Firm: w.Firm})
		}
	}
	c.Capacity = capacity(row) // said in the legend: on the line it would stand between the bars' numbers
	return c
}

// rollingLegends are the kinds of weeks, and the capacity where it is known.
func rollingLegends(ctx context.Context, row *c2mops.ForecastRow) []ui.Legend {
	out := []ui.Legend{{Text: ui.T(ctx, "portal.firm"), Color: "var(--mk-forecast)", Shape: "bar"}, {Text: ui.T(ctx, "portal.tentative"), Color: "var(--mk-forecast-soft)", Shape: "bar"}}
	if n := capacity(row); n > 0 {
		out = append(out, ui.Legend{Text: ui.T(ctx, "portal.capacity", "Pieces", n), Color: "var(--mk-ink)"})
	}
	return out
}

// capacity is what the supplier said last of a week's capacity, else seven days of what the terms say; 0 when neither is known.
func capacity(row *c2mops.ForecastRow) quantity.Pieces {
	for _, w := range row.Weeks {
		if w.Capacity != nil {
			return *w.Capacity
		}
	}
	return row.DayCapacity * 7
}

// beyond tells whether a week asks for more than the supplier can make.
func beyond(row *c2mops.ForecastRow, w c2mops.Week) bool {
	most := capacity(row)
	if w.Capacity != nil {
		most = *w.Capacity
	}
	return most > 0 && w.Pieces > most
}

func both(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }

// forecastColumns are those that the reader of commitments knows; the last two are the supplier's.
var forecastColumns = []sheet.Column{
	{ID: "sku", Title: both("SKU", "SKU"), Kind: sheet.Code, Width: 16}, {ID: "name", Title: both("品名", "Name"), Width: 28},
	{ID: "week", Title: both("周", "Week"), Kind: sheet.Code, Width: 10}, {ID: "monday", Title: both("周一", "Monday"), Kind: sheet.Day, Width: 12},
	{ID: "pieces", Title: both("预测数量", "Forecast qty"), Kind: sheet.Pieces, Width: 12}, {ID: "firm", Title: both("确定 / 暂定", "Firm / tentative"), Width: 12},
	{ID: "committed", Title: both("承诺数量", "Committed qty"), Kind: sheet.Pieces, Width: 12}, {ID: "capacity", Title: both("周产能", "Weekly capacity"), Kind: sheet.Pieces, Width: 12},
}

// forecastSheet gives the rolling forecast as a workbook whose last two columns the supplier fills in and uploads again.
func (p Portal) forecastSheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rows, err := p.Ops.PortalForecast(ctx, 0)
	if err != nil {
		return err
	}
	lang := language(r)
	book := sheet.NewWorkbook("")
	out, err := book.Add(sheet.Table{Name: both("滚动预测", "Forecast").In(lang), Columns: forecastColumns, Language: lang, Zone: ui.From(ctx).Zone})
	if err == nil {
		err = writeForecast(out, rows, lang)
	}
	if err != nil {
		return errors.Join(err, book.Discard())
	}
	var buf bytes.Buffer
	if _, err := book.WriteTo(&buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="forecast-`+ui.Today(ctx).String()+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(buf.Bytes()) // the reader has gone when this fails
	return nil
}

func writeForecast(out sheet.Writer, rows []c2mops.ForecastRow, lang string) error {
	for _, row := range rows {
		for _, w := range row.Weeks {
			firm := both("暂定", "tentative")
			if w.Firm {
				firm = both("确定", "firm")
			}
			year, _ := w.Monday.ISOWeek()
			week := strconv.Itoa(year) + "-" + weekName(w.Monday)
			if err := out.Row(row.SKU.Code, row.SKU.Name.In(lang), week, w.Monday, w.Pieces, firm.In(lang), w.Committed, w.Capacity); err != nil {
				return err
			}
		}
	}
	return nil
}

// deliveriesPage lists the supplier's delivery notes.
type deliveriesPage struct {
	frame
	Notes []c2m.ASN
	Goods map[catalog.SKUID]catalog.Name
}

// mostNotes is how many delivery notes the page shows.
const mostNotes = 50

func (p Portal) deliveries(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := p.frame(ctx, "deliveries")
	if err != nil {
		return err
	}
	v := deliveriesPage{frame: f}
	if v.Notes, err = p.Ops.ASNs(ctx, 0, mostNotes); err != nil {
		return err
	}
	if v.Goods, err = p.Ops.NoteGoods(ctx, v.Notes); err != nil {
		return err
	}
	return route.Render(w, r, deliveriesScreen(v))
}

// goods names the goods of a delivery note's line.
func (v deliveriesPage) goods(ctx context.Context) func(c2m.ASNLine) string {
	return func(l c2m.ASNLine) string { return ui.Name(ctx, v.Goods[l.SKU]) }
}
