package warehouseops

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// HandTransfer is a transfer that a lead orders without a suggestion.
type HandTransfer struct {
	From, To catalog.SiteID
	Due      time.Time
	Lines    []HandLine
}

// HandLine is pieces of a SKU on a transfer.
type HandLine struct {
	SKU    catalog.SKUID
	Pieces quantity.Pieces
}

// PlaceTransfer makes a transfer order by hand, and gives its number. It takes what there is and waits for the rest, as one of a
// suggestion does. warehouse.ErrNoPieces for no lines or pieces below 1.
func (o *Ops) PlaceTransfer(ctx context.Context, t HandTransfer) (string, error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return "", err
	}
	if err := within(u, t.From); err != nil {
		return "", err
	}
	if len(t.Lines) == 0 || len(t.Lines) > warehouse.MaxOrderLines || t.From == t.To {
		return "", warehouse.ErrNoPieces
	}
	var number string
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.LockTransfers(ctx, tx); err != nil {
			return err
		}
		now := o.Clock()
		month := now.In(o.Zone).Format("0601")
		last, err := warehousedb.LastTransferNo(ctx, tx, month)
		if err != nil {
			return err
		}
		number = fmt.Sprintf("TR-%s-%04d", month, last+1)
		in := warehousedb.NewOutbound{Kind: warehouse.Transfer, Channel: transferChannel, Number: number, Prints: warehouse.Prints{}, PlacedAt: now,
			Promise: warehouse.NoPromise, PromiseAt: &t.Due, ToSite: &t.To}
		for _, l := range t.Lines {
			if l.Pieces < 1 || l.Pieces > warehouse.MaxArrival {
				return warehouse.ErrNoPieces
			}
			in.Lines = append(in.Lines, warehousedb.NewLine{SKU: l.SKU, Pieces: l.Pieces})
		}
		orders, err := warehousedb.InsertOutbounds(ctx, tx, now, []warehousedb.NewOutbound{in})
		if err != nil {
			return err
		}
		report, err := json.Marshal(warehouse.SourcingReport{By: "hand", Parcels: []warehouse.ParcelReport{}})
		if err != nil {
			return err
		}
		var out warehousedb.Sourced
		out.Order(orders[0], report, nil)
		for i, l := range t.Lines {
			out.Line(orders[0], i+1, t.From, l.Pieces)
		}
		out.Shipment(orders[0], t.From, warehouse.Rank(now, -1), "调拨", time.Time{}, false, true)
		if err := out.Write(ctx, tx, 0, now); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, now, audit.Change{Verb: "transfer.place", Thing: audit.Thing{Kind: "outbound", ID: number}, After: t})
		if err != nil {
			return err
		}
		return o.wakeSites(ctx, tx, out.Sites())
	})
	return number, err
}
