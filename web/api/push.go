package api

import (
	"context"
	"math"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// SaleItem is what one SKU sold at one site on one day.
type SaleItem struct {
	SKU       string  `json:"sku" example:"MR-204817"`
	Site      string  `json:"site" example:"SH-XH"`
	Day       string  `json:"day" example:"2026-11-22" doc:"Business day of the site"`
	Pieces    int64   `json:"pieces" example:"31" doc:"Negative when more came back than went out"`
	PriceFen  int64   `json:"price_fen,omitempty" example:"2990" doc:"Average price paid a piece, in fen; 0 or absent when unknown"`
	Promotion float64 `json:"promotion,omitempty" example:"0.15" doc:"Cut off the usual price, 0 to 1"`
	SoldOut   bool    `json:"sold_out,omitempty" doc:"The shelf was empty at closing, so that more could have sold"`
	Minutes   int     `json:"sold_out_minutes,omitempty" example:"180" doc:"How long the shelf was empty that day, in minutes; 0 or absent when unknown"`
}

// HeatItem is the heat of one topic at one source on one day.
type HeatItem struct {
	Topic  string  `json:"topic" example:"teething"`
	Source string  `json:"source" example:"xiaohongshu"`
	Day    string  `json:"day" example:"2026-11-22"`
	Value  float64 `json:"value" example:"1240" doc:"Index of the source, not negative"`
}

// Counts tells what became of the items.
type Counts struct {
	Inserted  int `json:"inserted"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

type saleBatch struct {
	Body struct {
		Items []SaleItem `json:"items" minItems:"1"`
	}
}

type heatBatch struct {
	Body struct {
		Items []HeatItem `json:"items" minItems:"1"`
	}
}

type counted struct{ Body Counts }

func (a API) sales(h huma.API) {
	operation(h, huma.Operation{OperationID: "push-sales", Method: http.MethodPost, Path: "/sales", Summary: "Push sales", Tags: []string{"Sales"},
		Description: "Up to 50,000 items at a time, all or none. The key of an item is sku, site and day: the same item again changes nothing, a different figure replaces the old one."},
		access.PushData, func(ctx context.Context, in *saleBatch) (*counted, error) {
			if len(in.Body.Items) > forecastops.MaxBatch {
				return nil, forecastops.ErrTooMany
			}
			days := newDays()
			drafts := make([]forecasting.SaleDraft, len(in.Body.Items))
			for i, x := range in.Body.Items {
				drafts[i] = forecasting.SaleDraft{SKUCode: x.SKU, SiteCode: x.Site, Sale: forecasting.Sale{Day: days.read(i, x.Day),
					Pieces: quantity.Pieces(x.Pieces), Price: money.Fen(x.PriceFen), PromoBP: int(math.Round(x.Promotion * 10000)), SoldOut: x.SoldOut, OutMinutes: x.Minutes}}
			}
			if err := days.faults.OrNil(); err != nil {
				return nil, err
			}
			m, err := a.Forecasts.RecordSales(ctx, drafts)
			return &counted{Counts(m)}, err
		})
}

func (a API) heat(h huma.API) {
	operation(h, huma.Operation{OperationID: "push-heat", Method: http.MethodPost, Path: "/heat", Summary: "Push social heat", Tags: []string{"Heat"},
		Description: "Up to 50,000 items at a time, all or none. The key of an item is topic, source and day. A leap is noticed at once and re-forecasts the SKUs of its topic."},
		access.PushData, func(ctx context.Context, in *heatBatch) (*counted, error) {
			if len(in.Body.Items) > forecastops.MaxBatch {
				return nil, forecastops.ErrTooMany
			}
			days := newDays()
			drafts := make([]forecasting.HeatDraft, len(in.Body.Items))
			for i, x := range in.Body.Items {
				drafts[i] = forecasting.HeatDraft{TopicCode: x.Topic, HeatPoint: forecasting.HeatPoint{Source: x.Source, Day: days.read(i, x.Day), Value: x.Value}}
			}
			if err := days.faults.OrNil(); err != nil {
				return nil, err
			}
			m, err := a.Forecasts.RecordHeat(ctx, drafts)
			return &counted{Counts(m)}, err
		})
}

// dayReader reads the days of a batch and collects those that are none.
type dayReader struct{ faults *forecasting.BatchError }

func newDays() *dayReader { return &dayReader{&forecasting.BatchError{}} }

func (d *dayReader) read(i int, s string) calendar.Day {
	day, err := calendar.ParseDay(s)
	if err != nil {
		d.faults.Add(i, "day", "form", s)
	}
	return day
}
