package scanner

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// refillTask is pieces to be brought from the reserve to a pick face.
type refillTask struct {
	Kind   string          `json:"kind"`
	ID     int64           `json:"id"`
	From   string          `json:"from"`
	To     string          `json:"to"`
	Spot   warehouse.Spot  `json:"spot"`
	There  warehouse.Spot  `json:"there"`
	Goods  ware            `json:"goods"`
	Lot    string          `json:"lot"`
	Expiry *calendar.Day   `json:"expiry"`
	Owner  string          `json:"owner"`
	Pieces quantity.Pieces `json:"pieces"`
	State  string          `json:"state"`
}

func refillTaskOf(r warehouse.Refill) refillTask {
	return refillTask{Kind: "refill", ID: r.ID, From: r.From, To: r.To, Spot: spotOf(r.From), There: spotOf(r.To), Goods: wareOf(r.Ware), Lot: r.Lot.Code, Expiry: r.Lot.Expiry, Owner: r.Owner, Pieces: r.Pieces, State: "open"}
}

type refillBody struct {
	Refill int64           `json:"refill"`
	Pieces quantity.Pieces `json:"pieces"`
	Force  bool            `json:"force"`
}

func refilling(ops *warehouseops.Ops) Part {
	return Part{
		Kind: "refill",
		Commands: map[string]Command{
			"refill.take": Verb(func(ctx context.Context, _ warehouse.Command, in refillBody) (refillTask, error) {
				r, err := ops.TakeRefill(ctx, in.Refill)
				return refillTaskOf(r), err
			}),
			"refill.do": Verb(func(ctx context.Context, c warehouse.Command, in refillBody) (any, error) {
				_, err := ops.DoRefill(ctx, c, in.Refill, in.Pieces, in.Force)
				return nil, err
			}),
			"refill.skip": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Refill int64          `json:"refill"`
				Site   catalog.SiteID `json:"site"`
				Bin    string         `json:"bin"`
			}) (any, error) {
				if err := ops.SkipRefill(ctx, in.Refill); err != nil && !errors.Is(err, warehouse.ErrNoRefill) { // told again, or over anyway
					return nil, err
				}
				_, err := ops.AskCount(ctx, in.Site, in.Bin, "")
				return nil, err
			}),
		},
		Jobs: func(ctx context.Context, site catalog.SiteID) ([]Job, error) {
			all, err := ops.Refills(ctx, site, 50)
			if err != nil {
				return nil, err
			}
			me := whoIs(ctx)
			var jobs []Job
			for _, r := range all {
				if r.TakenBy != 0 && r.TakenBy != me || len(jobs) == 4 {
					continue
				}
				jobs = append(jobs, Job{Kind: "refill", Key: fmt.Sprint(r.ID), Icon: "package-export", Title: Says("scanner.refill.job", "Bin", r.To), First: r.From, Way: Says("scanner.refill.way", "Name", r.Ware.Name, "Bin", r.To),
					Urgent: r.Urgent, Mine: r.TakenBy == me && me != 0, Start: "refill.take", Body: map[string]any{"refill": r.ID},
					Figures: []Figure{{strconv.FormatInt(int64(r.Pieces), 10), Says("scanner.figure.pieces", "Count", int64(r.Pieces))}}})
			}
			return jobs, nil
		},
		Refusals: []func(error) *Refused{floorRefusal},
	}
}
