package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
)

// ForecastOut is the forecast of one SKU at one site.
type ForecastOut struct {
	SKU   string    `json:"sku"`
	Site  string    `json:"site"`
	From  string    `json:"from" doc:"First day forecast; the lists go on from it, a value a day"`
	Mean  []float64 `json:"mean" doc:"Expected demand, pieces"`
	P10   []float64 `json:"p10"`
	P50   []float64 `json:"p50"`
	P90   []float64 `json:"p90"`
	P95   []float64 `json:"p95"`
	Heat  []float64 `json:"heat,omitempty" doc:"What heat multiplies each day by"`
	Class string    `json:"class" doc:"Demand pattern: smooth, erratic, intermittent, lumpy, new or dead"`
	Model string    `json:"model"`
}

type forecastsIn struct {
	SKU  string `query:"sku" required:"true" doc:"Codes, with commas between them, at most 100" example:"MR-204817,MR-204833"`
	Site string `query:"site" doc:"Code of one site; all without"`
	Days int    `query:"days" minimum:"1" maximum:"91" default:"28"`
}

type forecastsOut struct {
	Body struct {
		Run       int64         `json:"run"`
		Forecasts []ForecastOut `json:"forecasts"`
	}
}

// mostSKUs bounds the SKUs of one question.
const mostSKUs = 100

func (a API) forecasts(h huma.API) {
	operation(h, huma.Operation{OperationID: "get-forecasts", Method: http.MethodGet, Path: "/forecasts", Summary: "Forecasts in force", Tags: []string{"Forecasts"}},
		access.ReadData, func(ctx context.Context, in *forecastsIn) (*forecastsOut, error) {
			ids, codes, err := a.skus(ctx, in.SKU)
			if err != nil {
				return nil, err
			}
			sites, err := a.siteCodes(ctx)
			if err != nil {
				return nil, err
			}
			run, list, err := a.Forecasts.Forecasts(ctx, ids)
			if err != nil {
				return nil, err
			}
			out := &forecastsOut{}
			out.Body.Run, out.Body.Forecasts = run.ID, []ForecastOut{}
			for _, f := range list {
				if in.Site == "" || sites[f.Site] == in.Site {
					out.Body.Forecasts = append(out.Body.Forecasts, forecastOut(f, codes[f.SKU], sites[f.Site], in.Days))
				}
			}
			return out, nil
		})
}

func forecastOut(f forecasting.Outlook, sku, site string, days int) ForecastOut {
	return ForecastOut{SKU: sku, Site: site, From: f.Origin.String(), Class: string(f.Class), Model: f.Model, Mean: first(f.Mean, days),
		P10: first(f.Q10, days), P50: first(f.Q50, days), P90: first(f.Q90, days), P95: first(f.Q95, days), Heat: first(f.Heat, days)}
}

// first gives the first days of a path, rounded to a thousandth of a piece.
func first(path []float32, days int) []float64 {
	if path == nil {
		return nil
	}
	out := make([]float64, min(days, len(path)))
	for i := range out {
		out[i] = math.Round(float64(path[i])*1000) / 1000
	}
	return out
}

// skus finds the SKUs of a list of codes; a code that is not in the catalog is refused by name.
func (a API) skus(ctx context.Context, list string) ([]catalog.SKUID, map[catalog.SKUID]string, error) {
	codes := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(codes) == 0 || len(codes) > mostSKUs {
		return nil, nil, problem(http.StatusUnprocessableEntity, fmt.Sprintf("Name 1 to %d SKUs.", mostSKUs), Wrong{Pointer: "sku", Code: "range", Message: "must name 1 to 100 codes"})
	}
	found, err := a.Catalog.SKUsByCode(ctx, codes...)
	if err != nil {
		return nil, nil, err
	}
	var ids []catalog.SKUID
	names := map[catalog.SKUID]string{}
	var wrong []Wrong
	for _, c := range codes {
		s, ok := found[c]
		if !ok {
			wrong = append(wrong, Wrong{Pointer: "sku", Code: string(catalog.NotKnown), Message: words[catalog.NotKnown], Value: short(c)})
			continue
		}
		ids, names[s.ID] = append(ids, s.ID), c
	}
	if wrong != nil {
		return nil, nil, problem(http.StatusUnprocessableEntity, "Some SKUs are not in the catalog.", wrong...)
	}
	return ids, names, nil
}

func (a API) siteCodes(ctx context.Context) (map[catalog.SiteID]string, error) {
	sites, err := a.Catalog.Sites(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[catalog.SiteID]string, len(sites))
	for _, s := range sites {
		out[s.ID] = s.Code
	}
	return out, nil
}

// SuggestionOut is something that the planner suggests.
type SuggestionOut struct {
	ID       int64  `json:"id"`
	Kind     string `json:"kind" doc:"buy, transfer, clear or presell"`
	SKU      string `json:"sku"`
	Site     string `json:"site" doc:"Where the pieces are to arrive; for clear and presell, where they stand"`
	From     string `json:"from,omitempty" doc:"Site that a transfer comes from"`
	Supplier string `json:"supplier,omitempty"`
	Reason   string `json:"reason" doc:"heat, event, gap, below_level, forward, excess or expiry"`
	Pieces   int64  `json:"pieces" doc:"The number that counts: the buyer's where there is one"`
	Proposed int64  `json:"proposed" doc:"The planner's number"`
	UnitFen  int64  `json:"unit_fen"`
	MoneyFen int64  `json:"money_fen"`
	OrderBy  string `json:"order_by"`
	ArriveBy string `json:"arrive_by"`
	Stockout string `json:"stockout,omitempty" doc:"First day without stock if nothing is done"`
	State    string `json:"state" doc:"open, changed, approved, rejected, expired or ordered"`
	Order    string `json:"order,omitempty" doc:"Number of the factory order that came of it"`
}

type suggestionsIn struct {
	State string `query:"state" enum:"open,approved,rejected,expired,ordered" default:"open"`
	Kind  string `query:"kind" enum:"buy,transfer,clear,presell"`
	SKU   string `query:"sku" doc:"Code of one SKU"`
	Page  int    `query:"page" minimum:"1" maximum:"1000" default:"1"`
}

type suggestionsOut struct {
	Body struct {
		Suggestions []SuggestionOut `json:"suggestions"`
		More        bool            `json:"more" doc:"There is a next page"`
	}
}

// pageLines is how many suggestions or orders one page holds.
const pageLines = 200

func (a API) suggestions(h huma.API) {
	operation(h, huma.Operation{OperationID: "get-suggestions", Method: http.MethodGet, Path: "/suggestions", Summary: "Suggestions", Tags: []string{"Suggestions"}},
		access.ReadData, func(ctx context.Context, in *suggestionsIn) (*suggestionsOut, error) {
			f := replenishops.Filter{View: in.State, Kind: replenishment.Kind(in.Kind), Limit: pageLines + 1, Offset: (in.Page - 1) * pageLines}
			if in.SKU != "" {
				ids, _, err := a.skus(ctx, in.SKU)
				if err != nil {
					return nil, err
				}
				f.SKU = ids[0]
			}
			l, err := a.Plan.List(ctx, f)
			if err != nil {
				return nil, err
			}
			out := &suggestionsOut{}
			out.Body.Suggestions, out.Body.More = []SuggestionOut{}, len(l.Lines) > pageLines
			lines := l.Lines[:min(len(l.Lines), pageLines)]
			sites, err := a.siteCodes(ctx)
			if err != nil {
				return nil, err
			}
			suppliers, err := a.supplierCodes(ctx, lines)
			if err != nil {
				return nil, err
			}
			for _, x := range lines {
				out.Body.Suggestions = append(out.Body.Suggestions, SuggestionOut{ID: int64(x.ID), Kind: string(x.Kind), SKU: x.SKUCode, Site: sites[x.Site],
					From: sites[x.From], Supplier: suppliers[x.Supplier], Reason: string(x.Reason), Pieces: int64(x.Quantity()), Proposed: int64(x.Pieces),
					UnitFen: int64(x.UnitPrice), MoneyFen: int64(x.Money), OrderBy: x.OrderBy.String(), ArriveBy: x.ArriveBy.String(),
					Stockout: dayOr(x.StockoutDay), State: string(x.State), Order: x.OrderRef})
			}
			return out, nil
		})
}

func (a API) supplierCodes(ctx context.Context, lines []replenishops.Line) (map[catalog.SupplierID]string, error) {
	out := map[catalog.SupplierID]string{}
	var ids []catalog.SupplierID
	for _, l := range lines {
		if _, seen := out[l.Supplier]; l.Supplier != 0 && !seen {
			out[l.Supplier] = ""
			ids = append(ids, l.Supplier)
		}
	}
	found, err := a.Catalog.Suppliers(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for id, s := range found {
		out[id] = s.Code
	}
	return out, nil
}

func dayOr(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}
