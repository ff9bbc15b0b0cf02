package scanner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// Outbound gives the parts of outbound: pick, pack, hand over.
func Outbound(ops *warehouseops.Ops) []Part {
	return []Part{picking(ops), packing(ops), handingOver(ops)}
}

type taskBody struct {
	Task int64 `json:"task"`
}

func picking(ops *warehouseops.Ops) Part {
	return Part{
		Kind: "pick",
		Commands: map[string]Command{
			"pick.take": Verb(func(ctx context.Context, c warehouse.Command, in taskBody) (warehouse.PickTask, error) {
				return ops.TakePick(ctx, c, in.Task)
			}),
			"pick.drop": Verb(func(ctx context.Context, c warehouse.Command, in taskBody) (warehouse.PickTask, error) {
				return ops.DropPick(ctx, c, in.Task)
			}),
			"pick.tote": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Task  int64  `json:"task"`
				Place int    `json:"place"`
				Tote  string `json:"tote"`
			}) (warehouse.PickTask, error) {
				return ops.PlaceTote(ctx, c, in.Task, in.Place, in.Tote)
			}),
			"pick":       Verb(ops.Pick),
			"pick.short": Verb(ops.ShortPick),
			"pick.undo": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Task int64     `json:"task"`
				Op   uuid.UUID `json:"op"`
			}) (warehouse.PickTask, error) {
				return ops.UndoPick(ctx, c, in.Task, in.Op)
			}),
			"pick.putback": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Task  int64   `json:"task"`
				Stops []int64 `json:"stops"`
				Bin   string  `json:"bin"`
			}) (warehouse.PickTask, error) {
				return ops.PutBack(ctx, c, in.Task, in.Stops, in.Bin)
			}),
			"pick.clear": Verb(func(ctx context.Context, c warehouse.Command, in taskBody) (warehouse.PickTask, error) {
				return ops.ClearCancelled(ctx, c, in.Task)
			}),
		},
		Jobs: func(ctx context.Context, site catalog.SiteID) ([]Job, error) {
			all, err := ops.PickJobs(ctx, site, 12)
			if err != nil {
				return nil, err
			}
			var jobs []Job
			for _, j := range all {
				jobs = append(jobs, pickJob(j))
			}
			return jobs, nil
		},
		Task: func(ctx context.Context, _ catalog.SiteID, key string) (any, error) {
			id, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				return nil, catalog.ErrUnknown
			}
			return ops.PickTask(ctx, id)
		},
		Find: func(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
			t, err := ops.PickTaskOfTote(ctx, site, scan)
			if errors.Is(err, warehouse.ErrNoWork) {
				return nil, nil
			}
			return t, err
		},
	}
}

func pickJob(j warehouse.PickJob) Job {
	job := Job{Kind: "pick", Key: fmt.Sprint(j.ID), Icon: "shopping-cart", Title: Says("scanner.pick.job", "Number", j.Number), First: j.First,
		Way: Says("scanner.pick.first", "Metres", j.Metres), Urgent: j.Urgent, Mine: j.Mine, Start: "pick.take", Body: taskBody{j.ID},
		Figures: []Figure{{strconv.FormatInt(j.Stops-j.Done, 10), Says("scanner.figure.stops", "Count", j.Stops-j.Done)}, {strconv.FormatInt(j.Pieces, 10), Says("scanner.figure.pieces", "Count", j.Pieces)}}}
	if j.Due != nil {
		job.Due = j.Due.UTC().Format(time.RFC3339)
	}
	return job
}

// packing opens by a tote, an order's or a parcel's number; a tote that several shipments share is asked for as tote~item.
func packing(ops *warehouseops.Ops) Part {
	find := func(ctx context.Context, site catalog.SiteID, key string) (any, error) {
		tote, item, _ := strings.Cut(key, "~")
		return ops.ToPack(ctx, site, tote, item)
	}
	return Part{
		Kind: "pack",
		Commands: map[string]Command{
			"pack.close": Verb(ops.ClosePack),
			"pack.open": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Shipment int64 `json:"shipment"`
				Parcel   int64 `json:"parcel"`
			}) (warehouse.PackTask, error) {
				return ops.OpenParcel(ctx, c, in.Shipment, in.Parcel)
			}),
			"pack.putback": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Shipment int64  `json:"shipment"`
				Bin      string `json:"bin"`
			}) (warehouse.PackTask, error) {
				return ops.PutBackShipment(ctx, c, in.Shipment, in.Bin)
			}),
		},
		Task: find,
		Find: func(ctx context.Context, site catalog.SiteID, scan string) (any, error) {
			t, err := find(ctx, site, scan)
			if errors.Is(err, warehouse.ErrNotPicked) {
				return nil, nil
			}
			return t, err
		},
	}
}

func handingOver(ops *warehouseops.Ops) Part {
	type onManifest struct {
		Manifest int64  `json:"manifest"`
		Parcel   string `json:"parcel"`
		Signed   string `json:"signed"`
	}
	return Part{
		Kind: "handover",
		Commands: map[string]Command{
			"handover.open": Verb(func(ctx context.Context, c warehouse.Command, in struct {
				Site   catalog.SiteID `json:"site"`
				Parcel string         `json:"parcel"`
			}) (warehouse.Manifest, error) {
				return ops.OpenManifest(ctx, c, in.Site, in.Parcel)
			}),
			"handover.load": Verb(func(ctx context.Context, c warehouse.Command, in onManifest) (warehouse.Manifest, error) {
				return ops.LoadParcel(ctx, c, in.Manifest, in.Parcel)
			}),
			"handover.unload": Verb(func(ctx context.Context, c warehouse.Command, in onManifest) (warehouse.Manifest, error) {
				return ops.UnloadParcel(ctx, c, in.Manifest, in.Parcel)
			}),
			"handover.close": Verb(func(ctx context.Context, c warehouse.Command, in onManifest) (warehouse.Manifest, error) {
				return ops.CloseManifest(ctx, c, in.Manifest, in.Signed)
			}),
		},
		Jobs: func(ctx context.Context, site catalog.SiteID) ([]Job, error) {
			all, err := ops.CarrierLoads(ctx, site)
			if err != nil {
				return nil, err
			}
			var jobs []Job
			for _, l := range all {
				j := Job{Kind: "handover", Key: "carrier:" + l.Carrier, Icon: "truck", Title: Says("scanner.handover.job", "Carrier", l.Carrier), First: strconv.FormatInt(l.Parcels, 10),
					Way: Says("scanner.handover.way", "Count", l.Parcels)}
				if l.Due != nil {
					j.Due = l.Due.UTC().Format(time.RFC3339)
				}
				jobs = append(jobs, j)
			}
			return jobs, nil
		},
		Task: func(ctx context.Context, site catalog.SiteID, key string) (any, error) {
			if carrier, ok := strings.CutPrefix(key, "carrier:"); ok {
				return ops.ManifestOf(ctx, site, carrier)
			}
			id, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				return nil, catalog.ErrUnknown
			}
			return ops.Manifest(ctx, id)
		},
	}
}
