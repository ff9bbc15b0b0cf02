package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
)

// BirthItem is how many babies were born, or are expected, in a month in a region.
type BirthItem struct {
	Region string  `json:"region" example:"华东" doc:"Name of a region of births, up to 40 characters; sites are put into regions on the page of births"`
	Month  string  `json:"month" example:"2026-10" doc:"Month of birth, YYYY-MM, from 1990-01 to a year ahead"`
	Babies float64 `json:"babies" example:"9200" doc:"Born in that month, not negative"`
}

type birthBatch struct {
	Body struct {
		Items []BirthItem `json:"items" minItems:"1"`
	}
}

const birthsAbout = "Up to 50,000 items at a time, all or none. The key of an item is region and month: the same item again changes nothing, " +
	"a different figure replaces the old one. SKUs that are for an age follow the babies of their site's region from the next run on."

// births takes the births of regions, by POST and, because the same batch twice changes nothing, by PUT.
func (a API) births(h huma.API) {
	for _, way := range []struct{ id, method string }{{"push-births", http.MethodPost}, {"put-births", http.MethodPut}} {
		operation(h, huma.Operation{OperationID: way.id, Method: way.method, Path: "/births", Summary: "Push births by region and month", Tags: []string{"Births"}, Description: birthsAbout},
			access.PushData, a.pushBirths)
	}
}

func (a API) pushBirths(ctx context.Context, in *birthBatch) (*counted, error) {
	if len(in.Body.Items) > forecastops.MaxBatch {
		return nil, forecastops.ErrTooMany
	}
	faults := &forecasting.BatchError{}
	list := make([]forecasting.Cohort, len(in.Body.Items))
	for i, x := range in.Body.Items {
		month, err := time.Parse("2006-01", x.Month)
		if err != nil {
			faults.Add(i, "month", "form", x.Month)
		}
		list[i] = forecasting.Cohort{Region: x.Region, Month: 12*month.Year() + int(month.Month()) - 1, Babies: x.Babies}
	}
	if err := faults.OrNil(); err != nil {
		return nil, err
	}
	m, err := a.Forecasts.RecordCohorts(ctx, list)
	return &counted{Counts(m)}, err
}
