package warehouseops

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Suggestions gives the replenishment side's suggestions as they stand; unknown ids are left out.
type Suggestions interface {
	Suggestions(ctx context.Context, q pgdb.Querier, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error)
}

// transferArgs asks to bring transfer orders in line with suggestions that were approved or taken back.
type transferArgs struct {
	IDs []replenishment.SuggestionID `json:"ids"`
}

// Kind names the job.
func (transferArgs) Kind() string { return "warehouse.transfers" }

func (o *Ops) registerTransfers(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[transferArgs]) error {
		return o.takeTransfers(access.WithUser(ctx, access.TheSystem()), j.Args.IDs)
	}))
}

func subscribeTransfers(b *events.Bus) {
	events.Subscribe(b, func(f replenishment.Approved) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(transferArgs{IDs: f.SuggestionIDs})}
	})
	events.Subscribe(b, func(f replenishment.TakenBack) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(transferArgs{IDs: f.SuggestionIDs})}
	})
}

// takeTransfers reads the suggestions anew: an approved transfer becomes an outbound order of its source, once however often it is
// told; the order of one that is no longer approved is cancelled as far as it has not left.
func (o *Ops) takeTransfers(ctx context.Context, ids []replenishment.SuggestionID) error {
	if o.Suggestions == nil {
		return nil
	}
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.LockTransfers(ctx, tx); err != nil {
			return err
		}
		all, err := o.Suggestions.Suggestions(ctx, tx, ids)
		if err != nil {
			return err
		}
		numbers := make([]int64, len(all))
		for i, s := range all {
			numbers[i] = int64(s.ID)
		}
		placed, err := warehousedb.PlacedTransfers(ctx, tx, numbers)
		if err != nil {
			return err
		}
		for _, s := range all {
			was, there := placed[int64(s.ID)]
			switch wanted := s.State == replenishment.StateApproved || s.State == replenishment.StateOrdered; {
			case s.Kind != replenishment.Transfer:
			case wanted && !there && s.State == replenishment.StateApproved:
				err = o.placeTransfer(ctx, tx, s)
			case !wanted && there && !was.State.Gone() && was.State != warehouse.OutboundCancelled:
				_, err = o.cancel(ctx, tx, access.TheSystem(), was.ID, "建议已撤回")
			}
			if err != nil {
				return fmt.Errorf("suggestion %d: %w", s.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("warehouseops: transfers: %w", err)
	}
	return nil
}

// transferChannel is the channel of orders between sites.
const transferChannel = "transfer"

// placeTransfer makes the outbound order at the source. It takes what there is at once and is picked when it has all: a lead who
// wants less to go earlier changes the order.
func (o *Ops) placeTransfer(ctx context.Context, tx pgx.Tx, s replenishment.Suggestion) error {
	now := o.Clock()
	month := now.In(o.Zone).Format("0601")
	last, err := warehousedb.LastTransferNo(ctx, tx, month)
	if err != nil {
		return err
	}
	number, id := fmt.Sprintf("TR-%s-%04d", month, last+1), int64(s.ID)
	due := s.ArriveBy.In(o.Zone).Add(21 * time.Hour)
	orders, err := warehousedb.InsertOutbounds(ctx, tx, now, []warehousedb.NewOutbound{{Kind: warehouse.Transfer, Channel: transferChannel, Number: number,
		Prints: warehouse.Prints{}, PlacedAt: now, Promise: warehouse.NoPromise, PromiseAt: &due, ToSite: &s.Site, Suggestion: &id,
		Lines: []warehousedb.NewLine{{SKU: s.SKU, Pieces: s.Quantity()}}}})
	if err != nil {
		return err
	}
	report, err := json.Marshal(warehouse.SourcingReport{By: "suggestion", Parcels: []warehouse.ParcelReport{}})
	if err != nil {
		return err
	}
	var out warehousedb.Sourced
	out.Order(orders[0], report, nil)
	out.Line(orders[0], 1, s.From, s.Quantity())
	// Customers come before other sites.
	out.Shipment(orders[0], s.From, warehouse.Rank(now, -1), "调拨", time.Time{}, false, true)
	if err := out.Write(ctx, tx, 0, now); err != nil {
		return err
	}
	if err := o.wakeSites(ctx, tx, out.Sites()); err != nil {
		return err
	}
	return o.publish(ctx, tx, warehouse.TransferPlaced{Number: number, From: s.From, To: s.Site, Suggestions: []int64{id}})
}
