package campaigns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/supplier"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// offerBreaks is how many cheaper prices the form of an offer has.
const offerBreaks = 3

// offersPage is what factories offer for a campaign, with the form of one offer.
type offersPage struct {
	*campaign.Campaign
	*desk.Posted
	Rows      []campaign.Quotation
	Suppliers map[catalog.SupplierID]catalog.Supplier
	Rates     map[supplier.Currency]supplier.Rate
	Need      quantity.Pieces
	Edit      bool
	Changing  string // the code of the factory whose offer is in the form, "" for a new one
}

func (s Pages) offersOf(r *http.Request) (*offersPage, error) {
	ctx := r.Context()
	c, _, err := s.find(r)
	if err != nil {
		return nil, err
	}
	p := &offersPage{Campaign: c, Need: max(c.Reserved, c.Goal, 1), Edit: desk.Can(ctx, access.EditOrders) && !c.State.Over()}
	if c.ToDeliver > 0 {
		p.Need = c.ToDeliver
	}
	if p.Rows, err = s.Ops.Offers(ctx, c); err != nil {
		return nil, err
	}
	ids := make([]catalog.SupplierID, 0, len(p.Rows))
	for _, q := range p.Rows {
		ids = append(ids, q.Supplier)
	}
	if p.Suppliers, err = s.Codes.Suppliers(ctx, ids...); err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.Rows, func(a, b campaign.Quotation) int { return cmp.Compare(p.cost(a), p.cost(b)) })
	p.Rates, err = s.Rates(ctx)
	return p, err
}

// cost is what the whole need would cost at one factory, whatever its capacity.
func (p *offersPage) cost(q campaign.Quotation) money.Fen {
	n := max(p.Need, q.MOQ)
	return (q.PriceAt(n)+q.Materials)*money.Fen(n) + q.Setup
}

// each is what a piece costs of the whole need at one factory, all included, rounded to the fen.
func (p *offersPage) each(q campaign.Quotation) money.Fen {
	n := money.Fen(max(p.Need, q.MOQ))
	return (p.cost(q) + n/2) / n
}

func (s Pages) offers(w http.ResponseWriter, r *http.Request) error {
	p, err := s.offersOf(r)
	if err != nil {
		return err
	}
	p.Posted = &desk.Posted{Ctx: r.Context(), Form: url.Values{"currency": {string(supplier.CNY)}}, Errors: map[string]string{}}
	if code := r.URL.Query().Get("factory"); code != "" {
		for _, q := range p.Rows {
			if p.Suppliers[q.Supplier].Code == code {
				p.Form, p.Changing = offerValues(q, code), code
			}
		}
	}
	return route.Render(w, r, offersScreen(p))
}

// offerValues gives an offer as the form's values.
func offerValues(q campaign.Quotation, code string) url.Values {
	v := url.Values{"factory": {code}, "moq": {desk.OrBlank(q.MOQ)}, "capacity": {desk.OrBlank(q.Capacity)}, "lead_days": {strconv.Itoa(q.LeadDays)}, "grade": {strconv.Itoa(q.Grade)},
		"note": {q.Note}, "currency": {string(supplier.CNY)}}
	said := q.Said
	if !said.Foreign() {
		said = campaign.Said{Currency: string(supplier.CNY), Price: int64(q.Price), Setup: int64(q.Setup)}
		for _, b := range q.Breaks {
			said.Breaks = append(said.Breaks, campaign.SaidBreak{From: b.From, Price: int64(b.Price)})
		}
	}
	c := supplier.Currency(said.Currency)
	v.Set("currency", said.Currency)
	v.Set("price", written(c, said.Price))
	if said.Setup > 0 {
		v.Set("setup", written(c, said.Setup))
	}
	if q.Materials > 0 {
		v.Set("materials", q.Materials.Yuan())
	}
	for i, b := range said.Breaks[:min(offerBreaks, len(said.Breaks))] {
		v.Set(fmt.Sprintf("b%d_from", i+1), ui.Int(int64(b.From)))
		v.Set(fmt.Sprintf("b%d_price", i+1), written(c, b.Price))
	}
	return v
}

// written writes minor units of a currency as people type them.
func written(c supplier.Currency, minor int64) string {
	if c.Decimals() == 0 {
		return strconv.FormatInt(minor, 10)
	}
	return money.Fen(minor).Yuan()
}

func (s Pages) saveOffer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.offersOf(r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	p.Changing = p.Text("changing")
	q := p.offer()
	code := strings.ToUpper(p.Text("factory"))
	if code == "" {
		p.Bad("factory", "campaigns.fault.missing")
	} else if firm, err := s.Codes.SupplierByCode(ctx, code); errors.Is(err, catalog.ErrUnknown) {
		p.Bad("factory", "campaigns.fault.factory")
	} else if err != nil {
		return err
	} else if q.Supplier = firm.ID; !firm.Active || firm.Banned != "" {
		p.Bad("factory", "campaigns.fault.barred")
	}
	var faults *campaign.QuotationError
	if errors.As(q.Check(), &faults) {
		for _, x := range faults.Faults {
			if field := offerField(x.Field); field != "supplier" {
				p.Bad(field, "campaigns.fault."+string(x.Word))
			}
		}
	}
	if !p.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, offersScreen(p))
	}
	if err := s.Ops.Quote(ctx, p.ID, q); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.offer", "Factory", code)})
	return route.See(w, r, campaignHref(p.Number)+"/offers")
}

// offerField gives the form's field of a field of an offer: "breaks.1.price" is "b2_price".
func offerField(field string) string {
	rest, ok := strings.CutPrefix(field, "breaks.")
	if !ok {
		return field
	}
	no, name, _ := strings.Cut(rest, ".")
	i, _ := strconv.Atoi(no)
	return fmt.Sprintf("b%d_%s", i+1, name)
}

// offer reads the form; what was said in another currency is reckoned at the rate of today.
func (p *offersPage) offer() campaign.Quotation {
	currency := supplier.Currency(p.Text("currency"))
	rate, known := p.Rates[currency]
	if currency == supplier.CNY {
		rate, known = 1_000_000, true
	}
	if !slices.Contains(supplier.Currencies(), currency) {
		p.Bad("currency", "campaigns.fault.choice")
	} else if !known {
		p.Bad("currency", "campaigns.fault.rate", "Currency", string(currency))
		rate = 1_000_000 // so that the other fields can be judged
	}
	q := campaign.Quotation{MOQ: p.Pieces("moq"), Capacity: p.Pieces("capacity"), LeadDays: p.Small("lead_days"), Grade: p.Small("grade"), Materials: p.Yuan("materials"), Note: p.Text("note")}
	q.Said = campaign.Said{Currency: string(currency), Rate: int64(rate), Price: p.minor("price", currency), Setup: p.minor("setup", currency)}
	q.Price, q.Setup = inFen(q.Said.Price, rate), inFen(q.Said.Setup, rate)
	for i := 1; i <= offerBreaks; i++ {
		from, price := fmt.Sprintf("b%d_from", i), fmt.Sprintf("b%d_price", i)
		switch hasFrom, hasPrice := p.Text(from) != "", p.Text(price) != ""; {
		case hasFrom && hasPrice:
			b := campaign.SaidBreak{From: p.Pieces(from), Price: p.minor(price, currency)}
			q.Said.Breaks = append(q.Said.Breaks, b)
			q.Breaks = append(q.Breaks, campaign.Break{From: b.From, Price: inFen(b.Price, rate)})
		case hasFrom:
			p.Bad(price, "campaigns.fault.missing")
		case hasPrice:
			p.Bad(from, "campaigns.fault.missing")
		}
	}
	return q
}

// minor reads an amount of a currency in its hundredths, or in whole yen.
func (p *offersPage) minor(field string, c supplier.Currency) int64 {
	if c.Decimals() == 0 {
		return int64(p.Pieces(field))
	}
	return int64(p.Yuan(field))
}

// inFen gives what so many hundredths of a currency are worth in fen, rounded half up.
func inFen(minor int64, rate supplier.Rate) money.Fen {
	n := new(big.Int).Mul(big.NewInt(minor), big.NewInt(int64(rate)))
	n.Add(n, big.NewInt(500_000)).Div(n, big.NewInt(1_000_000))
	if !n.IsInt64() {
		return campaign.MaxPrice + 1 // refused as too large
	}
	return money.Fen(n.Int64())
}

func (s Pages) endOffer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, here, err := s.find(r)
	if err != nil {
		return err
	}
	firm, err := s.Codes.SupplierByCode(ctx, route.Param(r, "factory"))
	if errors.Is(err, catalog.ErrUnknown) {
		return route.NotFound()
	}
	if err != nil {
		return err
	}
	if err := s.Ops.Unquote(ctx, c.ID, firm.ID); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.unquote", "Factory", firm.Code)})
	return route.See(w, r, here+"/offers")
}

// billPage is the bill of materials of a campaign's goods.
type billPage struct {
	*campaign.Campaign
	*desk.Posted
	Goods catalog.SKU
	Need  quantity.Pieces
	Buy   []purchase
	Rows  int
}

// purchase is what has to be bought of a material, as the page shows it.
type purchase struct {
	campaignops.BillLine
	Gross, Net, Buy int64
}

// billRows is how many empty lines the form of the bill has.
const billRows = 3

func (s Pages) billOf(ctx context.Context, r *http.Request) (*billPage, []campaignops.BillLine, error) {
	c, here, err := s.find(r)
	if err != nil {
		return nil, nil, err
	}
	if c.SKU == 0 {
		return nil, nil, route.Conflict("campaigns.refused.goods").With("campaigns.refused.to_page", here)
	}
	goods, err := s.Codes.SKUs(ctx, c.SKU)
	if err != nil {
		return nil, nil, err
	}
	p := &billPage{Campaign: c, Goods: goods[c.SKU], Need: max(c.Reserved, c.Goal)}
	if c.ToDeliver > 0 {
		p.Need = c.ToDeliver
	}
	lines, err := s.Ops.Bill(ctx, c.SKU)
	if err != nil {
		return nil, nil, err
	}
	for i, b := range campaignops.Purchases(p.Need, lines) {
		p.Buy = append(p.Buy, purchase{lines[i], b.Gross, b.Net, b.Buy})
	}
	return p, lines, nil
}

func (s Pages) bill(w http.ResponseWriter, r *http.Request) error {
	p, lines, err := s.billOf(r.Context(), r)
	if err != nil {
		return err
	}
	v := url.Values{}
	for i, l := range lines {
		at := func(name, text string) { v.Set(fmt.Sprintf("m%d_%s", i, name), text) }
		at("code", l.Code)
		at("name", l.NameZH)
		at("name_en", l.NameEN)
		at("unit", l.Unit)
		at("per", thousandth(l.PerUnitMilli))
		at("scrap", thousandth(l.ScrapPermille*100))
		at("on_hand", thousandth(l.OnHandMilli))
		at("pack", thousandth(l.PackMilli))
		at("moq", thousandth(l.MOQMilli))
	}
	p.Posted, p.Rows = &desk.Posted{Ctx: r.Context(), Form: v, Errors: map[string]string{}}, len(lines)+billRows
	return route.Render(w, r, billScreen(p))
}

// thousandth writes thousandths for a form.
func thousandth(n int64) string { return desk.TrimDecimal(float64(n) / 1000) }

func (s Pages) saveBill(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, _, err := s.billOf(ctx, r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	rows, _ := strconv.Atoi(p.Form.Get("rows"))
	p.Rows = min(max(rows, billRows), 60)
	lines := p.lines()
	if !p.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, billScreen(p))
	}
	if err := s.Ops.SaveBill(ctx, p.SKU, lines); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.bill", ui.Count, len(lines))})
	return route.See(w, r, campaignHref(p.Number)+"/bill")
}

// lines reads the lines of the bill that have a code.
func (p *billPage) lines() []campaignops.BillLine {
	var out []campaignops.BillLine
	seen := map[string]bool{}
	for i := range p.Rows {
		at := func(name string) string { return fmt.Sprintf("m%d_%s", i, name) }
		code := strings.ToUpper(p.Text(at("code")))
		if code == "" {
			if p.Text(at("name")) != "" || p.Text(at("per")) != "" {
				p.Bad(at("code"), "campaigns.fault.missing")
			}
			continue
		}
		if seen[code] {
			p.Bad(at("code"), "campaigns.fault.twice")
		}
		if len([]rune(code)) > 40 {
			p.Bad(at("code"), "campaigns.fault.long")
		}
		seen[code] = true
		l := campaignops.BillLine{Code: code, NameZH: p.Text(at("name")), NameEN: p.Text(at("name_en")), Unit: p.Text(at("unit")), PerUnitMilli: p.milli(at("per")),
			ScrapPermille: p.milli(at("scrap")) / 100, OnHandMilli: p.milli(at("on_hand")), PackMilli: p.milli(at("pack")), MOQMilli: p.milli(at("moq"))}
		if l.NameZH == "" {
			p.Bad(at("name"), "campaigns.fault.missing")
		}
		if l.Unit == "" {
			p.Bad(at("unit"), "campaigns.fault.missing")
		}
		if l.PerUnitMilli < 1 {
			p.Bad(at("per"), "campaigns.fault.small")
		}
		if l.ScrapPermille > 900 {
			p.Bad(at("scrap"), "campaigns.fault.large")
		}
		if l.PackMilli == 0 {
			l.PackMilli = 1000
		}
		out = append(out, l)
	}
	return out
}

// milli reads a number of up to three decimals, not below 0, in thousandths.
func (p *billPage) milli(field string) int64 {
	v := p.Decimal(field)
	switch {
	case v < 0:
		p.Bad(field, "campaigns.fault.small")
	case v > 1e9:
		p.Bad(field, "campaigns.fault.large")
	}
	return int64(v*1000 + 0.5)
}
