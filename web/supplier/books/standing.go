package books

import (
	"context"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/quality"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// standing is the scorecard's page: figures with their points, the trend, papers, cards and shares.
type standing struct {
	Frame
	Card     supplierops.Scorecard
	Papers   []c2m.Certificate
	Reminded map[int64][]supplierops.Given
	Cards    []c2m.Card
	Splits   []supplierops.Split
}

func (d Desk) standing(f Frame, w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := standing{Frame: f}
	var err error
	if v.Card, err = d.Suppliers.Scorecard(ctx, f.Supplier); err != nil {
		return err
	}
	if v.Papers, err = d.Orders.Certificates(ctx, f.Supplier); err != nil {
		return err
	}
	ids := make([]int64, len(v.Papers))
	for i, p := range v.Papers {
		ids[i] = p.ID
	}
	if v.Reminded, err = d.Suppliers.Reminders(ctx, ids); err != nil {
		return err
	}
	if v.Cards, err = d.Orders.Cards(ctx, f.Supplier, false); err != nil {
		return err
	}
	if f.House {
		if v.Splits, err = d.Suppliers.Splits(ctx, f.Supplier); err != nil {
			return err
		}
	}
	return f.page(w, r, "standing", standingBody(v))
}

func (d Desk) addPaper(f Frame, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(sheets.MaxBody); err != nil {
		return route.Invalid("error.form").Because(err)
	}
	from, err := day(r, "from")
	if err != nil {
		return err
	}
	to, err := day(r, "to")
	if err != nil {
		return err
	}
	c := c2m.Certificate{Supplier: f.Supplier, Kind: quality.CertificateKind(text(r, "kind")), Number: text(r, "number"), Issuer: text(r, "issuer"), Scope: text(r, "scope")}
	if from != nil {
		c.From = *from
	}
	if to != nil {
		c.To = *to
	}
	var scan *c2mops.Scan
	if file, head, err := r.FormFile("file"); err == nil && head.Size > 0 {
		_ = file.Close()
		name, content, err := sheets.Read(r, "file")
		if err != nil {
			return err
		}
		scan = &c2mops.Scan{Name: name, Content: content}
	}
	if _, err := d.Orders.AddCertificate(r.Context(), c, scan); err != nil {
		return err
	}
	word := "books.paper_added"
	if f.House {
		word = "books.paper_counts"
	}
	return f.done(w, r, "/standing", word, "Number", c.Number)
}

func (d Desk) paper(_ Frame, w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	file, err := d.Orders.CertificateFile(r.Context(), id)
	if err != nil {
		return err
	}
	return sheets.Download(w, file)
}

func (d Desk) verifyPaper(f Frame, w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	c, err := d.Orders.VerifyCertificate(r.Context(), id)
	if err != nil {
		return err
	}
	return f.done(w, r, "/standing", "books.paper_counts", "Number", c.Number)
}

func (d Desk) appeal(f Frame, w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if _, err := d.Orders.Appeal(r.Context(), id, text(r, "text")); err != nil {
		return err
	}
	return f.done(w, r, "/standing", "books.appealed")
}

func (d Desk) decideAppeal(f Frame, w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	c, err := d.Orders.DecideAppeal(r.Context(), id, r.PostFormValue("withdraw") == "1", text(r, "reason"))
	if err != nil {
		return err
	}
	if c.Decision == "" {
		return f.done(w, r, "/standing", "books.appeal_proposed")
	}
	return f.done(w, r, "/standing", "books.appeal_decided")
}

func (d Desk) setTier(f Frame, w http.ResponseWriter, r *http.Request) error {
	if err := d.Suppliers.SetTier(r.Context(), f.Supplier, supplier.Tier(text(r, "tier")), text(r, "reason")); err != nil {
		return err
	}
	return f.done(w, r, "/standing", "books.tier_set")
}

func (d Desk) moveShares(f Frame, w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(route.Param(r, "sku"), 10, 32)
	if err != nil {
		return route.NotFound()
	}
	if _, err := d.Suppliers.MoveShares(r.Context(), catalog.SKUID(id)); err != nil {
		return err
	}
	return f.done(w, r, "/standing", "books.shares_moved")
}

// paperState says where a certificate stands on the reader's day.
func paperState(ctx context.Context, c c2m.Certificate) (tone ui.Tone, icon, word string) {
	today := ui.Today(ctx)
	left := c.To.Sub(today)
	switch {
	case c.Revoked != nil:
		return ui.Risk, "ban", ui.T(ctx, "books.paper_revoked")
	case left < 0:
		return ui.Risk, "circle-x", ui.T(ctx, "books.paper_lapsed", "Days", -left)
	case c.Verified == nil:
		return ui.Act, "hourglass", ui.T(ctx, "books.paper_waits")
	case left <= 7:
		return ui.Risk, "clock-exclamation", ui.T(ctx, "books.paper_left", "Days", left)
	case left <= 60:
		return ui.Watch, "clock", ui.T(ctx, "books.paper_left", "Days", left)
	}
	return ui.OK, "check", ui.T(ctx, "books.paper_valid")
}

// paperKinds are the choices of the form.
func paperKinds(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, k := range c2m.CertificateKinds() {
		out = append(out, ui.Choice{Value: string(k), Text: ui.T(ctx, "books.kind_"+string(k))})
	}
	return out
}

func tierChoices(ctx context.Context, now supplierops.Scorecard) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "books.tier_by_score", "Tier", ui.T(ctx, "books.tier_"+string(now.Earned)))}}
	for _, t := range supplier.Tiers() {
		out = append(out, ui.Choice{Value: string(t), Text: ui.T(ctx, "books.tier_"+string(t))})
	}
	return out
}

func tierTone(t supplier.Tier) ui.Tone {
	switch t {
	case supplier.Preferred:
		return ui.OK
	case supplier.Trial:
		return ui.Watch
	}
	return ui.Plain
}

// scoreTone warns of a low score.
func scoreTone(score float64, known bool) ui.Tone {
	switch {
	case !known:
		return ui.Plain
	case score < 60:
		return ui.Risk
	case score < 80:
		return ui.Watch
	}
	return ui.Plain
}

// figures are the numbers on top of the scorecard.
func figures(ctx context.Context, c supplierops.Scorecard) []ui.Figure {
	f := c.Figures
	known := f.Lines > 0
	share := func(label string, v float64, ok bool, note string) ui.Figure {
		x := ui.Figure{Label: ui.T(ctx, "books.m_"+label), Value: ui.Nothing, Small: true, Note: note}
		if ok {
			x.Value = ui.Percent(v, 1)
			if v < 0.8 {
				x.Tone = ui.Watch
			}
			if v < 0.6 {
				x.Tone = ui.Risk
			}
		}
		return x
	}
	score := ui.Figure{Label: ui.T(ctx, "books.score"), Value: ui.Nothing, Note: ui.T(ctx, "books.score_window", "From", c.From, "To", c.To)}
	if known {
		score.Value, score.Tone = ui.Decimal(c.Score, 1), scoreTone(c.Score, true)
	}
	pass, ok := f.PassRate()
	out := []ui.Figure{score, share("otif", f.OTIF, known, ui.T(ctx, "books.of_lines", ui.Count, f.Lines)), share("ontime", f.OnTime, known, ""), share("fill", f.Fill, known, ""),
		{Label: ui.T(ctx, "books.m_ppm"), Value: ui.Nothing, Small: true}, share("pass", pass, ok, ui.T(ctx, "books.of_lots", ui.Count, f.Lots)),
		{Label: ui.T(ctx, "books.m_price"), Value: ui.Nothing, Small: true, Note: ui.T(ctx, "books.price_note")}, {Label: ui.T(ctx, "books.m_answer"), Value: ui.Nothing, Small: true, Note: ui.T(ctx, "books.of_answers", ui.Count, f.Answers)}}
	if known {
		out[4].Value = ui.Int(int64(f.PPM + 0.5))
	}
	if f.Priced > 0 {
		out[6].Value = ui.Decimal(f.PriceIndex, 2)
	}
	if f.Answers > 0 {
		out[7].Value, out[7].Remark = ui.Decimal(f.AnswerHours, 1), ui.T(ctx, "books.hours")
	}
	return out
}

// points explains the score: each measure's weight × share.
func points(ctx context.Context, c supplierops.Scorecard) []ui.WhyRow {
	var out []ui.WhyRow
	for i, p := range c.Points {
		op := "+"
		if i == 0 {
			op = ""
		}
		row := ui.WhyRow{Op: op, Label: ui.T(ctx, "books.m_"+string(p.Measure)), Value: ui.Nothing, Note: ui.T(ctx, "books.unknown_measure")}
		if p.Known {
			row.Value, row.Note = ui.Decimal(p.Points, 1), ui.T(ctx, "books.weight_share", "Weight", ui.Decimal(p.Weight, 0), "Share", ui.Percent(p.Share, 0))
		}
		out = append(out, row)
	}
	return append(out, ui.WhyRow{Op: "=", Label: ui.T(ctx, "books.score"), Note: ui.T(ctx, "books.tier_from", "Preferred", ui.Decimal(c.Rules.PreferredFrom, 0), "Trial", ui.Decimal(c.Rules.TrialBelow, 0)),
		Value: ui.Decimal(c.Score, 1), Sum: true})
}

// mayJudge tells whether the user may speak on appeals.
func mayJudge(ctx context.Context) bool {
	u, _ := access.FromContext(ctx)
	return access.Can(u, access.EditSuppliers) || access.Can(u, access.LeadFloor)
}

// setTierValue is the choice that stands: "" while the score decides.
func setTierValue(c supplierops.Scorecard) string {
	if c.Set == nil {
		return ""
	}
	return string(c.Set.Tier)
}
