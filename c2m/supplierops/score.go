package supplierops

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

// TrendMonths is how many months the scorecard looks back.
const TrendMonths = 12

// Scorecard is a supplier's figures with everything that follows from them.
type Scorecard struct {
	Supplier catalog.SupplierID
	From, To calendar.Day // the window of the figures: c2m.ScoreDays days up to yesterday
	Figures  supplier.Figures
	Points   []supplier.Point
	Score    float64
	Earned   supplier.Tier       // by the score
	Tier     supplier.Tier       // that holds
	Set      *supplierdb.SetTier // when a person has set it
	Months   []supplier.Month
	Rules    supplier.Rules
}

// Scorecard gives a supplier's scorecard; a supplier's user sees its own.
func (o *Ops) Scorecard(ctx context.Context, id catalog.SupplierID) (Scorecard, error) {
	_, id, err := either(ctx, access.ViewSuppliers, id)
	if err != nil {
		return Scorecard{}, err
	}
	return o.ScorecardIn(ctx, o.Pool, id)
}

// ScorecardIn is Scorecard on a connection of the caller, who has asked whether the user may see it.
func (o *Ops) ScorecardIn(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (Scorecard, error) {
	r, err := rules(ctx, q)
	if err != nil {
		return Scorecard{}, err
	}
	today := o.Today()
	records, err := supplierdb.Records(ctx, q, []catalog.SupplierID{id}, today.AddDays(-31*(TrendMonths+1)), o.Zone)
	if err != nil {
		return Scorecard{}, err
	}
	tiers, err := supplierdb.Tiers(ctx, q, id)
	if err != nil {
		return Scorecard{}, err
	}
	s := card(id, records[id], r, today)
	s.Months = records[id].Trend(TrendMonths, today, r.Rule)
	if t, ok := tiers[id]; ok {
		s.Set, s.Tier = &t, t.Tier
	}
	return s, nil
}

func card(id catalog.SupplierID, records supplier.Records, r supplier.Rules, today calendar.Day) Scorecard {
	s := Scorecard{Supplier: id, From: today.AddDays(-c2m.ScoreDays), To: today.AddDays(-1), Rules: r}
	s.Figures = records.Figures(s.From, s.To, today, r.Rule)
	s.Points, s.Score, s.Earned = s.Figures.Points(r), s.Figures.Score(r), supplier.TierOf(s.Figures, r)
	s.Tier = s.Earned
	return s
}

// Scorecards gives the scorecards of all suppliers that anything is known of, without their months.
func (o *Ops) Scorecards(ctx context.Context) (map[catalog.SupplierID]Scorecard, error) {
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	return o.scorecards(ctx, o.Pool, nil)
}

func (o *Ops) scorecards(ctx context.Context, q pgdb.Querier, of []catalog.SupplierID) (map[catalog.SupplierID]Scorecard, error) {
	r, err := rules(ctx, q)
	if err != nil {
		return nil, err
	}
	today := o.Today()
	records, err := supplierdb.Records(ctx, q, of, today.AddDays(-c2m.ScoreDays-1), o.Zone)
	if err != nil {
		return nil, err
	}
	tiers, err := supplierdb.Tiers(ctx, q, of...)
	if err != nil {
		return nil, err
	}
	out := map[catalog.SupplierID]Scorecard{}
	for id, x := range records {
		out[id] = card(id, x, r, today)
	}
	for id, t := range tiers {
		s, ok := out[id]
		if !ok {
			s = card(id, supplier.Records{}, r, today)
		}
		s.Set, s.Tier = &t, t.Tier
		out[id] = s
	}
	return out, nil
}

// SetTier sets a supplier's tier, with a reason; the empty tier leaves it to the score again. ErrReason, ErrUnknown for another word.
func (o *Ops) SetTier(ctx context.Context, id catalog.SupplierID, tier supplier.Tier, reason string) error {
	switch reason = strings.TrimSpace(reason); {
	case tier != "" && tier != supplier.Preferred && tier != supplier.Standard && tier != supplier.Trial:
		return ErrUnknown
	case reason == "" || len([]rune(reason)) > c2m.MaxText:
		return ErrReason
	}
	return o.change(ctx, "supplier.tier", thing(id), func(ctx context.Context, tx pgx.Tx, u access.User, now time.Time) (any, error) {
		t := supplierdb.SetTier{Supplier: id, Tier: tier, Reason: reason, ByName: name(u), At: now}
		return map[string]any{"tier": tier, "reason": reason}, supplierdb.SaveTier(ctx, tx, t)
	})
}

// Split is how a SKU's orders are shared out, now and after the next step.
type Split struct {
	SKU   catalog.SKUID
	Code  string
	Name  catalog.Name
	Parts []Part
	Moved bool // the next step changes something
}

// Part is one supplier's share of a SKU, in ten-thousandths, with the steps to the next one.
type Part struct {
	Code    string
	Name    catalog.Name
	ShareBP int
	NextBP  int
	Price   money.Fen
	At      *time.Time
	By      string
	Move    supplier.Move
}

// maxSplits is how many SKUs a supplier's page shares out.
const maxSplits = 60

// Splits gives how the SKUs of a supplier that others make too are shared out, and what the scores would make of it.
func (o *Ops) Splits(ctx context.Context, id catalog.SupplierID) ([]Split, error) {
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	all, err := supplierdb.SharedSKUs(ctx, o.Pool, id, maxSplits)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return o.splits(ctx, o.Pool, all)
}

func (o *Ops) splits(ctx context.Context, q pgdb.Querier, all []catalog.SKUID) ([]Split, error) {
	rows, err := supplierdb.Shares(ctx, q, all...)
	if err != nil {
		return nil, err
	}
	var makers []catalog.SupplierID
	of := map[catalog.SKUID][]supplierdb.Share{}
	for _, r := range rows {
		of[r.SKU] = append(of[r.SKU], r)
		makers = append(makers, r.Supplier)
	}
	cards, err := o.scorecards(ctx, q, makers)
	if err != nil {
		return nil, err
	}
	goods, err := c2mdb.SKUs(ctx, q, all)
	if err != nil {
		return nil, err
	}
	r, err := rules(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []Split
	for _, sku := range all {
		lacks, err := o.barred(ctx, q, sku, of[sku])
		if err != nil {
			return nil, err
		}
		out = append(out, split(sku, goods[sku], of[sku], cards, lacks, r))
	}
	return out, nil
}

// barred tells which suppliers may not be given orders of a SKU now: banned, switched off, or a certificate lapsed.
func (o *Ops) barred(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, rows []supplierdb.Share) (map[catalog.SupplierID]bool, error) {
	out := map[catalog.SupplierID]bool{}
	for _, s := range rows {
		lack, err := (c2mdb.Quality{}).Lacking(ctx, q, s.Supplier, []catalog.SKUID{sku}, o.Today())
		if err != nil {
			return nil, err
		}
		out[s.Supplier] = s.Banned != "" || !s.Active || len(lack[sku]) > 0
	}
	return out, nil
}

// split lays out a SKU's shares. Where none are set, the suppliers that are no backups begin with equal parts.
func split(sku catalog.SKUID, goods catalog.SKU, rows []supplierdb.Share, cards map[catalog.SupplierID]Scorecard, barred map[catalog.SupplierID]bool, r supplier.Rules) Split {
	out := Split{SKU: sku, Code: goods.Code, Name: goods.Name}
	set, first := 0, 0
	for _, s := range rows {
		set += s.ShareBP
		if !s.Backup {
			first++
		}
	}
	holders := make([]supplier.Holder, len(rows))
	for i, s := range rows {
		h := supplier.Holder{Supplier: s.Supplier, Share: float64(s.ShareBP) / 10_000, Tier: supplier.Trial, Barred: barred[s.Supplier]}
		if set == 0 && (!s.Backup || first == 0) {
			h.Share = 1 / float64(max(1, first))
		}
		if c, ok := cards[s.Supplier]; ok {
			h.Score, h.Tier = c.Score, c.Tier
		}
		holders[i] = h
	}
	moves := supplier.MoveShares(holders, r)
	next := make([]float64, len(moves))
	for i, m := range moves {
		next[i] = m.Next
	}
	points := supplier.BasisPoints(next)
	for i, s := range rows {
		p := Part{Code: s.Code, Name: catalog.Name{ZH: s.NameZH, EN: s.NameEN}, ShareBP: int(holders[i].Share*10_000 + 0.5), NextBP: points[i], Price: s.Price, At: s.At, By: s.ByName, Move: moves[i]}
		out.Moved = out.Moved || p.ShareBP != p.NextBP
		out.Parts = append(out.Parts, p)
	}
	return out
}

// MoveShares takes the next step of a SKU's shares. It gives the split as it stood.
func (o *Ops) MoveShares(ctx context.Context, sku catalog.SKUID) (Split, error) {
	var was Split
	err := o.change(ctx, "share.move", audit.Thing{Kind: "sku", ID: itoa(int64(sku))}, func(ctx context.Context, tx pgx.Tx, u access.User, now time.Time) (any, error) {
		all, err := o.splits(ctx, tx, []catalog.SKUID{sku})
		if err != nil {
			return nil, err
		}
		if was = all[0]; len(was.Parts) == 0 {
			return nil, ErrUnknown
		}
		moves, points := make([]supplier.Move, len(was.Parts)), make([]int, len(was.Parts))
		after := map[string]int{}
		for i, p := range was.Parts {
			moves[i], points[i], after[p.Code] = p.Move, p.NextBP, p.NextBP
		}
		return after, supplierdb.SaveShares(ctx, tx, sku, moves, points, name(u), now)
	})
	return was, err
}
