package forecastops

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// MaxBatch bounds the items of one RecordSales or RecordHeat.
const MaxBatch = 50_000

// ErrTooMany is the answer to a batch of more than MaxBatch items.
var ErrTooMany = errors.New("forecasting: too many items in one batch, at most 50,000")

// RecordSales stores a batch of sales, named by code, in one transaction: all of them or none. The same batch again
// changes nothing. A *forecasting.BatchError lists every fault by item and field (sku, site, day, pieces, price, promo);
// the same key twice with different figures is one. access.ErrForbidden for a site beyond the user's bounds.
func (o *Ops) RecordSales(ctx context.Context, items []forecasting.SaleDraft) (forecasting.Merged, error) {
	u, err := requireAny(ctx, access.PushData, access.Import, access.RunForecast)
	if err != nil {
		return forecasting.Merged{}, err
	}
	if len(items) > MaxBatch {
		return forecasting.Merged{}, fmt.Errorf("record sales: %w: %d", ErrTooMany, len(items))
	}
	var merged forecasting.Merged
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := o.resolveSales(ctx, tx, u, items); err != nil {
			return err
		}
		var err error
		merged, err = forecastdb.MergeSales(ctx, tx, func(yield func(forecasting.Sale, error) bool) {
			for i := range items {
				if !yield(items[i].Sale, nil) {
					return
				}
			}
		})
		if err != nil || merged.Inserted+merged.Changed == 0 {
			return err
		}
		sales := make([]forecasting.Sale, len(items))
		for i := range items {
			sales[i] = items[i].Sale
		}
		if err := o.noteProgress(ctx, tx, sales); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "sales.record", Thing: audit.Thing{Kind: "sales"}, After: merged})
	})
	if err != nil {
		return forecasting.Merged{}, fmt.Errorf("record sales: %w", err)
	}
	return merged, nil
}

// MergeSales stores sales that name SKUs and sites by id and have been checked before, within the transaction of an
// import, and counts what became of them. Rows come as an iterator: their number does not matter.
func (o *Ops) MergeSales(ctx context.Context, tx pgx.Tx, rows iter.Seq2[forecasting.Sale, error]) (forecasting.Merged, error) {
	return forecastdb.MergeSales(ctx, tx, rows)
}

// resolveSales fills the ids of the drafts in, and answers a *forecasting.BatchError for what is wrong.
func (o *Ops) resolveSales(ctx context.Context, tx pgx.Tx, u access.User, items []forecasting.SaleDraft) error {
	codes := map[string]struct{}{}
	for i := range items {
		codes[items[i].SKUCode] = struct{}{}
	}
	skus, err := forecastdb.SKUCodes(ctx, tx, keys(codes))
	if err != nil {
		return err
	}
	places, err := forecastdb.Places(ctx, tx)
	if err != nil {
		return err
	}
	sites := make(map[string]forecastdb.Place, len(places))
	for _, p := range places {
		sites[p.Code] = p
	}
	var faults forecasting.BatchError
	seen := make(map[saleKey]int, len(items))
	for i := range items {
		d := &items[i]
		p, ok := sites[d.SiteCode]
		if ok && !u.MayTouchSite(p.ID) {
			return fmt.Errorf("%w: item %d: site %s", access.ErrForbidden, i, d.SiteCode)
		}
		d.SKU, d.Site = skus[d.SKUCode], p.ID
		checkCode(&faults, i, "sku", d.SKUCode, d.SKU != 0)
		checkCode(&faults, i, "site", d.SiteCode, ok)
		checkSale(&faults, i, d.Sale, o.todayIn(p.Zone))
		d.SoldOut = d.SoldOut || d.OutMinutes > 0 // what was empty for hours has hidden demand, whatever it was at closing
		k := saleKey{d.Key, d.Day}
		if first, ok := seen[k]; ok && items[first].Sale != d.Sale {
			faults.Add(i, "day", catalog.Repeated, fmt.Sprintf("%s, item %d", d.Day, first))
		}
		seen[k] = i
	}
	return faults.OrNil()
}

type saleKey struct {
	forecasting.Key
	day calendar.Day
}

func checkCode(f *forecasting.BatchError, i int, field, code string, known bool) {
	switch {
	case code == "":
		f.Add(i, field, catalog.Missing, "")
	case !known:
		f.Add(i, field, catalog.NotKnown, code)
	}
}

// checkSale notes what is wrong with the figures of a sale on a day up to today.
func checkSale(f *forecasting.BatchError, i int, s forecasting.Sale, today calendar.Day) {
	checkDay(f, i, s.Day, today)
	if s.Pieces > forecasting.MaxDayPieces || s.Pieces < -forecasting.MaxDayPieces {
		f.Add(i, "pieces", catalog.OutOfRange, strconv.FormatInt(int64(s.Pieces), 10))
	}
	switch {
	case s.Price < 0:
		f.Add(i, "price", catalog.Negative, s.Price.Yuan())
	case s.Price > catalog.MaxPriceFen:
		f.Add(i, "price", catalog.OutOfRange, s.Price.Yuan())
	}
	if s.OutMinutes < 0 || s.OutMinutes > forecasting.DayMinutes {
		f.Add(i, "sold_out_minutes", catalog.OutOfRange, strconv.Itoa(s.OutMinutes))
	}
	if s.PromoBP < 0 || s.PromoBP > 10_000 {
		f.Add(i, "promo", catalog.OutOfRange, strconv.Itoa(s.PromoBP))
	}
}

func checkDay(f *forecasting.BatchError, i int, day, today calendar.Day) {
	if day < forecasting.FirstRecordDay || day > today {
		f.Add(i, "day", catalog.OutOfRange, day.String())
	}
}

// RecordHeat stores a batch of heat values, topics named by code, in one transaction: all of them or none. The same
// batch again changes nothing. What changed is looked at for spikes at once, in a job. A *forecasting.BatchError lists
// every fault by item and field (topic, source, day, value).
func (o *Ops) RecordHeat(ctx context.Context, items []forecasting.HeatDraft) (forecasting.Merged, error) {
	if _, err := requireAny(ctx, access.PushData, access.Import, access.RunForecast); err != nil {
		return forecasting.Merged{}, err
	}
	if len(items) > MaxBatch {
		return forecasting.Merged{}, fmt.Errorf("record heat: %w: %d", ErrTooMany, len(items))
	}
	var merged forecasting.Merged
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := o.resolveHeat(ctx, tx, items); err != nil {
			return err
		}
		var err error
		merged, err = o.MergeHeat(ctx, tx, func(yield func(forecasting.HeatPoint, error) bool) {
			for i := range items {
				if !yield(items[i].HeatPoint, nil) {
					return
				}
			}
		})
		if err != nil || merged.Inserted+merged.Changed == 0 {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "heat.record", Thing: audit.Thing{Kind: "heat"}, After: merged})
	})
	if err != nil {
		return forecasting.Merged{}, fmt.Errorf("record heat: %w", err)
	}
	return merged, nil
}

// MergeHeat stores heat values that name topics by id and have been checked before, within the transaction of an
// import, and has what changed looked at for spikes.
func (o *Ops) MergeHeat(ctx context.Context, tx pgx.Tx, points iter.Seq2[forecasting.HeatPoint, error]) (forecasting.Merged, error) {
	m, err := forecastdb.MergeHeat(ctx, tx, points)
	if err != nil || m.Inserted+m.Changed == 0 {
		return m, err
	}
	return m, o.Bus.Enqueue(ctx, tx, events.Job(HeatArgs{}))
}

func (o *Ops) resolveHeat(ctx context.Context, tx pgx.Tx, items []forecasting.HeatDraft) error {
	codes := map[string]struct{}{}
	for i := range items {
		codes[items[i].TopicCode] = struct{}{}
	}
	topics, err := forecastdb.TopicCodes(ctx, tx, keys(codes))
	if err != nil {
		return err
	}
	type key struct {
		topic  catalog.TopicID
		source string
		day    calendar.Day
	}
	var faults forecasting.BatchError
	seen := make(map[key]int, len(items))
	today := o.today()
	for i := range items {
		d := &items[i]
		d.Topic = topics[d.TopicCode]
		checkCode(&faults, i, "topic", d.TopicCode, d.Topic != 0)
		checkDay(&faults, i, d.Day, today)
		switch n := utf8.RuneCountInString(d.Source); {
		case n == 0:
			faults.Add(i, "source", catalog.Missing, "")
		case !utf8.ValidString(d.Source) || strings.ContainsRune(d.Source, 0):
			faults.Add(i, "source", catalog.BadForm, d.Source)
		case n > forecasting.MaxSource:
			faults.Add(i, "source", catalog.TooLong, d.Source)
		}
		switch {
		case d.Value < 0:
			faults.Add(i, "value", catalog.Negative, strconv.FormatFloat(d.Value, 'g', -1, 64))
		case math.IsNaN(d.Value) || d.Value > forecasting.MaxHeat:
			faults.Add(i, "value", catalog.OutOfRange, strconv.FormatFloat(d.Value, 'g', -1, 64))
		}
		k := key{d.Topic, d.Source, d.Day}
		if first, ok := seen[k]; ok && items[first].Value != d.Value {
			faults.Add(i, "day", catalog.Repeated, fmt.Sprintf("%s, item %d", d.Day, first))
		}
		seen[k] = i
	}
	return faults.OrNil()
}

func keys[K comparable](m map[K]struct{}) []K {
	list := make([]K, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}
