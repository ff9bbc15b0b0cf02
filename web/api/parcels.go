package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/routing"
	"milkrun/routing/routingops"
)

// ParcelItem is one parcel for the riders of a front warehouse.
type ParcelItem struct {
	Number     string    `json:"number" example:"P-20261123-0007" doc:"The parcel's own number; the same again changes nothing"`
	Site       string    `json:"site" example:"SH-XH" doc:"Front warehouse where the parcel waits"`
	Order      string    `json:"order,omitempty" example:"tmall 2451187"`
	Lat        float64   `json:"lat" example:"31.1991"`
	Lon        float64   `json:"lon" example:"121.4421"`
	Address    string    `json:"address,omitempty" doc:"As riders should read it"`
	Consignee  string    `json:"consignee,omitempty" doc:"Masked"`
	Phone      string    `json:"phone,omitempty" doc:"Masked, or a relay number"`
	Station    string    `json:"station,omitempty" example:"ST-LC" doc:"Pickup station to bring it to instead of the door"`
	ReadyAt    time.Time `json:"ready_at"`
	DueAt      time.Time `json:"due_at" doc:"Promised"`
	Grams      int64     `json:"grams,omitempty" example:"2300"`
	Millilitre int64     `json:"millilitre,omitempty"`
	Cold       bool      `json:"cold,omitempty"`
	Note       string    `json:"note,omitempty" doc:"For the rider"`
	Pickup     bool      `json:"pickup,omitempty" doc:"Fetched at the door, from ready_at on, and brought to the warehouse; a round on its way takes it along where that is cheaper"`
}

type parcelBatch struct {
	Body struct {
		Items []ParcelItem `json:"items" minItems:"1" maxItems:"5000"`
	}
}

type parcelsAdded struct {
	Body struct {
		Added     int `json:"added"`
		Unchanged int `json:"unchanged"`
	}
}

type parcelPath struct {
	Number string `path:"number"`
}

type parcelState struct {
	Body struct {
		Number   string     `json:"number"`
		State    string     `json:"state" doc:"waiting, offered, loaded, delivered, stored, collected, failed, fetched, returned or cancelled"`
		ETA      *time.Time `json:"eta,omitempty"`
		Done     *time.Time `json:"done,omitempty"`
		Before   int        `json:"stops_before"`
		Tracking string     `json:"tracking" doc:"Path of the shopper's page; whoever has it sees the parcel"`
	}
}

func (a API) parcels(h huma.API) {
	operation(h, huma.Operation{OperationID: "push-parcels", Method: http.MethodPost, Path: "/parcels", Summary: "Give parcels to riders", Tags: []string{"Parcels"},
		Description: "Up to 5,000 parcels, all or none. They join the pool of their front warehouse, which is planned every half minute."},
		access.PushData, func(ctx context.Context, in *parcelBatch) (*parcelsAdded, error) {
			sites, err := a.siteIDs(ctx)
			if err != nil {
				return nil, err
			}
			list := make([]routing.Parcel, len(in.Body.Items))
			for i, x := range in.Body.Items {
				list[i] = routing.Parcel{Number: x.Number, Site: sites[x.Site], Order: x.Order, Door: routing.Place{Lat: x.Lat, Lon: x.Lon}, Address: x.Address,
					Consignee: x.Consignee, Phone: x.Phone, Station: sites[x.Station], Ready: x.ReadyAt, Due: x.DueAt, Grams: x.Grams, Millilitre: x.Millilitre, Cold: x.Cold, Note: x.Note, Pickup: x.Pickup}
				if x.Station != "" && sites[x.Station] == 0 {
					list[i].Station = -1 // refused below, with its row
				}
			}
			added, err := a.Rounds.AddParcels(ctx, list)
			if err != nil {
				return nil, explainParcels(err)
			}
			out := &parcelsAdded{}
			out.Body.Added, out.Body.Unchanged = len(added), len(list)-len(added)
			return out, nil
		})
	operation(h, huma.Operation{OperationID: "get-parcel", Method: http.MethodGet, Path: "/parcels/{number}", Summary: "Where a parcel is", Tags: []string{"Parcels"}},
		access.ReadData, func(ctx context.Context, in *parcelPath) (*parcelState, error) {
			tracking, t, err := a.Rounds.Where(ctx, in.Number)
			if err != nil {
				return nil, explainParcels(err)
			}
			out := &parcelState{}
			out.Body.Number, out.Body.State, out.Body.Before, out.Body.Tracking = t.Parcel.Number, string(t.Parcel.State), t.Before, "/t/"+tracking
			if !t.ETA.IsZero() {
				out.Body.ETA = &t.ETA
			}
			if !t.Done.IsZero() {
				out.Body.Done = &t.Done
			}
			return out, nil
		})
}

func (a API) siteIDs(ctx context.Context) (map[string]catalog.SiteID, error) {
	sites, err := a.Catalog.Sites(ctx)
	out := make(map[string]catalog.SiteID, len(sites))
	for _, s := range sites {
		out[s.Code] = s.ID
	}
	return out, err
}

// parcelFaults says what is wrong with a parcel.
var parcelFaults = map[string]string{
	"missing": "must be given, 40 characters at most", "unknown": "is not a site that this key may use", "too_far": "is farther from the warehouse than riders go",
	"before_ready": "must be given and not be before ready_at", "negative": "must not be below 0",
}

var parcelFields = map[string]string{"number": "number", "site": "site", "place": "lat", "station": "station", "due": "due_at", "grams": "grams"}

func explainParcels(err error) error {
	var bad *routingops.ParcelsError
	switch {
	case errors.As(err, &bad):
		p := problem(http.StatusUnprocessableEntity, "Some parcels are wrong and none was taken. Mend them and send the batch again.")
		for i, f := range bad.Problems {
			if i == 100 {
				p.More = len(bad.Problems) - i
				break
			}
			p.Errors = append(p.Errors, Wrong{Pointer: fmt.Sprintf("/items/%d/%s", f.Row-1, parcelFields[f.Field]), Code: f.Code, Message: parcelFaults[f.Code], Value: short(f.Number)})
		}
		return p
	case errors.Is(err, routingops.ErrUnknown):
		return problem(http.StatusNotFound, "There is no such parcel.")
	}
	return err
}
