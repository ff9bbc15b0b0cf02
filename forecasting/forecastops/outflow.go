package forecastops

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Outflow gives what customers' shipments have taken out of the sites, by SKU and the site's day.
type Outflow interface {
	Sold(ctx context.Context, q pgdb.Querier, shipments []int64) ([]warehouse.Sold, error)
}

// outflowArgs asks to count shipments as sales, and returns as sales taken back.
type outflowArgs struct {
	Shipments []int64          `json:"shipments,omitempty"`
	CameBack  []warehouse.Sold `json:"came_back,omitempty"`
}

// Kind names the job.
func (outflowArgs) Kind() string { return "forecast.outflow" }

func (o *Ops) registerOutflow(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[outflowArgs]) error {
		return o.countOutflow(ctx, j.Args)
	}))
}

// subscribeOutflow hears what was handed over: sales that nobody has to report.
func (o *Ops) subscribeOutflow(b *events.Bus) {
	if o.Outflow == nil {
		return
	}
	events.Subscribe(b, func(f warehouse.CameBack) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(outflowArgs{CameBack: f.Pieces})}
	})
	events.Subscribe(b, func(f warehouse.Shipped) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(outflowArgs{Shipments: f.Shipments})}
	})
}

// countOutflow adds what the shipments have taken out, less what came back, to the sales of the sites' days, each once however
// often it is told. A day's figure that another system pushes replaces what had been added until then.
func (o *Ops) countOutflow(ctx context.Context, a outflowArgs) error {
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		sold := a.CameBack
		if len(a.Shipments) > 0 {
			out, err := o.Outflow.Sold(ctx, tx, a.Shipments)
			if err != nil {
				return err
			}
			sold = append(sold, out...)
		}
		if len(sold) == 0 {
			return nil
		}
		return o.addSold(ctx, tx, sold)
	})
	if err != nil {
		return fmt.Errorf("forecastops: count the outflow: %w", err)
	}
	return nil
}

func (o *Ops) addSold(ctx context.Context, tx pgx.Tx, sold []warehouse.Sold) error {
	var sources []string
	for _, s := range sold {
		sources = append(sources, s.Source)
	}
	fresh, err := forecastdb.NewOutflow(ctx, tx, sources, o.Clock())
	if err != nil {
		return err
	}
	sums := map[saleKey]*soldSum{}
	var keys []forecasting.Sale
	for _, s := range sold {
		if !fresh[s.Source] {
			continue
		}
		k := saleKey{forecasting.Key{SKU: s.SKU, Site: s.Site}, s.Day}
		if sums[k] == nil {
			sums[k] = &soldSum{}
			keys = append(keys, forecasting.Sale{Key: k.Key, Day: s.Day})
		}
		sums[k].add(s.Pieces, s.Amount)
	}
	if len(keys) == 0 {
		return nil
	}
	stored, err := forecastdb.SalesAt(ctx, tx, keys)
	if err != nil {
		return err
	}
	was := make(map[saleKey]forecasting.Sale, len(stored))
	for _, s := range stored {
		was[saleKey{s.Key, s.Day}] = s
	}
	_, err = forecastdb.MergeSales(ctx, tx, func(yield func(forecasting.Sale, error) bool) {
		for _, k := range keys {
			key := saleKey{k.Key, k.Day}
			old, seen := was[key]
			if !seen {
				old = k
			}
			if !yield(sums[key].onto(old), nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return o.noteProgress(ctx, tx, keys)
}

// soldSum is what is added to a day's sale.
type soldSum struct {
	pieces quantity.Pieces
	amount money.Fen
}

func (s *soldSum) add(n quantity.Pieces, paid money.Fen) {
	s.pieces, s.amount = s.pieces+n, s.amount+paid
}

// onto adds the sum to a stored sale; the price becomes the mean of what all pieces have paid.
func (s *soldSum) onto(old forecasting.Sale) forecasting.Sale {
	paid, priced := s.amount, s.pieces
	if old.Price > 0 {
		paid, priced = paid+old.Price*money.Fen(old.Pieces), priced+old.Pieces
	}
	old.Pieces += s.pieces
	if s.amount != 0 && priced > 0 && paid > 0 {
		old.Price = (paid + money.Fen(priced)/2) / money.Fen(priced)
	}
	return old
}
