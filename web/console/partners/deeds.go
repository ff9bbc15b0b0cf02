package partners

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m/finance"
	"milkrun/c2m/supplier"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/supplier/books"
	"milkrun/web/ui"
)

// addOffer takes what a supplier asks for a SKU.
func (s Pages) addOffer(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	goods, err := s.Goods.SKUsByCode(ctx, form.Text("sku"))
	if err != nil {
		return err
	}
	sku, ok := goods[form.Text("sku")]
	if !ok {
		return route.NotFound()
	}
	firms, err := s.Catalog.Suppliers(ctx, catalog.SupplierQuery{Text: form.Text("supplier")})
	if err != nil {
		return err
	}
	o := supplier.Offer{SKU: sku.ID, Currency: supplier.Currency(form.Text("currency")), Incoterm: supplier.Incoterm(form.Text("incoterm")), From: max(1, form.Pieces("from")), Tooling: form.Yuan("tooling"),
		Freight: form.Yuan("freight"), DutyBP: points(form, "duty"), VATBP: points(form, "vat"), LeadDays: form.Small("lead_days"), MOQ: max(1, form.Pieces("moq"))}
	for _, f := range firms {
		if f.Code == form.Text("supplier") {
			o.Supplier = f.ID
		}
	}
	o.Price = int64(form.Yuan("price"))
	if o.Currency.Decimals() == 0 {
		o.Price = int64(math.Round(form.Decimal("price")))
	}
	if d := form.Day("valid_to"); d != nil {
		o.ValidTo = *d
	}
	if !form.OK() {
		for _, word := range form.Errors {
			return route.Invalid("books.err.rules", "Field", word)
		}
	}
	if o.Supplier == 0 {
		return books.Refusal(supplier.ErrOffer, "")
	}
	if err := s.Books.Suppliers.SaveOffer(ctx, o); err != nil {
		return books.Refusal(err, r.Header.Get("Referer"))
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "books.offer_saved")})
	return route.See(w, r, "/offers?sku="+url.QueryEscape(sku.Code)+"&pieces="+url.QueryEscape(r.PostFormValue("pieces")))
}

// points reads a percentage as hundredths of a percent.
func points(form *desk.Posted, field string) int { return int(math.Round(form.Decimal(field) * 100)) }

func (s Pages) saveRate(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	rate := supplier.Rate(math.Round(form.Decimal("rate") * 1e6))
	if err := s.Books.Suppliers.SaveRate(ctx, supplier.Currency(form.Text("currency")), rate); err != nil {
		return books.Refusal(err, r.Header.Get("Referer"))
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "books.rate_saved")})
	return route.See(w, r, route.Back(r, "/offers"))
}

// rulesPage shows the rules as a form.
type rulesPage struct {
	Score  supplier.Rules
	Credit finance.Rules
	Edit   bool
}

func (s Pages) rules(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := rulesPage{Edit: access.Can(route.User(ctx), access.EditSuppliers)}
	var err error
	if v.Score, err = s.Books.Suppliers.Rules(ctx); err != nil {
		return err
	}
	if v.Credit, err = s.Books.Finance.Rules(ctx); err != nil {
		return err
	}
	return route.Render(w, r, rulesScreen(v))
}

// saveRules takes both sets; nothing is stored when one of them contradicts itself.
func (s Pages) saveRules(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	score, err := s.Books.Suppliers.Rules(ctx)
	if err != nil {
		return err
	}
	credit, err := s.Books.Finance.Rules(ctx)
	if err != nil {
		return err
	}
	weights := map[supplier.Measure]int{}
	for _, m := range supplier.Measures() {
		weights[m] = form.Small("w_" + string(m))
	}
	score.Weights, score.LateDays = weights, form.Small("late_days")
	score.WorstPPM, score.WorstPrice, score.GoodHours, score.WorstHours = form.Decimal("worst_ppm"), form.Decimal("worst_price"), form.Decimal("good_hours"), form.Decimal("worst_hours")
	score.PreferredFrom, score.PreferredLines, score.TrialBelow, score.TrialLines = form.Decimal("preferred_from"), form.Small("preferred_lines"), form.Decimal("trial_below"), form.Small("trial_lines")
	score.MoveMost, score.ShareLeast, score.TrialMost = form.Share("move_most"), form.Share("share_least"), form.Share("trial_most")
	score.Reminders = nil
	for part := range strings.FieldsFuncSeq(form.Text("reminders"), func(c rune) bool { return c < '0' || c > '9' }) {
		if n, err := strconv.Atoi(part); err == nil {
			score.Reminders = append(score.Reminders, n)
		}
	}
	credit.TurnoverPart, credit.ScoreFrom, credit.ScoreFull = form.Small("turnover"), form.Decimal("score_from"), form.Decimal("score_full")
	credit.LateOff, credit.RedOff, credit.Most, credit.FeeBP, credit.Days = form.Small("late_off"), form.Small("red_off"), form.Yuan("most"), points(form, "fee"), form.Small("days")
	lent := map[finance.Base]int{}
	for _, b := range finance.Bases() {
		lent[b] = form.Small("lent_" + string(b))
	}
	credit.Lent = lent
	if !form.OK() {
		for _, word := range form.Errors {
			return route.Invalid("books.err.rules", "Field", word)
		}
	}
	if err := score.Check(); err != nil {
		return books.Refusal(err, r.Header.Get("Referer"))
	}
	if err := credit.Check(); err != nil {
		return books.Refusal(err, r.Header.Get("Referer"))
	}
	if err := s.Books.Suppliers.SaveRules(ctx, score); err != nil {
		return err
	}
	if err := s.Books.Finance.SaveRules(ctx, credit); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "books.rules_saved")})
	return route.See(w, r, "/supplier-rules")
}

func reminders(days []int) string {
	var parts []string
	for _, d := range days {
		parts = append(parts, strconv.Itoa(d))
	}
	return strings.Join(parts, "、")
}

// centi writes hundredths of a percent for a form.
func centi(n int) string { return money.Fen(n).Yuan() }
