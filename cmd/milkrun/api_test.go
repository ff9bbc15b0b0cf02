package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"milkrun/internal/demo"
	"milkrun/internal/e2e"
	"milkrun/web/api"
)

// caller is another system that speaks to the API with its key.
type caller struct {
	t testing.TB
	c *client
}

// ask sends a body and reads the answer into out; it gives the status.
func (k caller) ask(method, path, body string, out any) int {
	k.t.Helper()
	res, text := k.c.ask(method, api.Prefix+path, strings.NewReader(body), "Authorization", "Bearer "+sample.key, "Content-Type", "application/json", "Accept", "application/json")
	if err := json.Unmarshal([]byte(text), out); err != nil {
		k.t.Fatalf("%s %s: %s: %v: %.300s", method, path, res.Status, err, text)
	}
	return res.StatusCode
}

func TestAnotherSystemPushesAndReads(t *testing.T) {
	h := serve(t, demoCopy(t), func(_ *Config, c *ServeCmd) { c.NoJobs = true })
	k := caller{t, visitor(t, h.base)}
	yesterday := sample.today.AddDays(-1)

	t.Run("bad items are named and nothing is stored", func(t *testing.T) {
		var p api.Problem
		body := fmt.Sprintf(`{"items":[{"sku":%q,"site":"JX","day":%q,"pieces":7},{"sku":"NOPE","site":"JX","day":%[2]q,"pieces":1},
			{"sku":%[1]q,"site":"MOON","day":%[2]q,"pieces":1},{"sku":%[1]q,"site":"JX","day":%[3]q,"pieces":1}]}`, demo.StorySKU, yesterday, sample.today.AddDays(3))
		if status := k.ask("POST", "/sales", body, &p); status != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", status)
		}
		wrong := map[string]string{}
		for _, e := range p.Errors {
			wrong[e.Pointer] = e.Code
			if e.Message == "" {
				t.Errorf("%s is not explained", e.Pointer)
			}
		}
		if wrong["/items/1/sku"] != "unknown" || wrong["/items/2/site"] != "unknown" || wrong["/items/3/day"] == "" || len(wrong) != 3 {
			t.Errorf("errors %v", wrong)
		}
		if status := k.ask("POST", "/sales", fmt.Sprintf(`{"items":[{"sku":%q,"site":"JX","day":"22.11.2026","pieces":"many"}]}`, demo.StorySKU), &p); status != http.StatusUnprocessableEntity || p.Errors[0].Pointer != "/items/0/pieces" {
			t.Errorf("a word for a number: %d %+v", status, p.Errors)
		}
	})
	t.Run("the same batch twice changes nothing", func(t *testing.T) {
		body := fmt.Sprintf(`{"items":[{"sku":%q,"site":"JX","day":%q,"pieces":4321,"price_fen":2990,"promotion":0.1,"sold_out":true}]}`, demo.StorySKU, yesterday)
		var first, second api.Counts
		if status := k.ask("POST", "/sales", body, &first); status != http.StatusOK || first.Inserted+first.Changed != 1 {
			t.Fatalf("first: %d %+v", status, first)
		}
		if status := k.ask("POST", "/sales", body, &second); status != http.StatusOK || second.Unchanged != 1 || second.Inserted+second.Changed != 0 {
			t.Errorf("second: %d %+v", status, second)
		}
		var heat api.Counts
		body = fmt.Sprintf(`{"items":[{"topic":%q,"source":"xiaohongshu","day":%q,"value":2000.5}]}`, demo.StoryTopic, yesterday)
		if status := k.ask("POST", "/heat", body, &heat); status != http.StatusOK || heat.Inserted+heat.Changed+heat.Unchanged != 1 {
			t.Errorf("heat: %d %+v", status, heat)
		}
	})
	t.Run("births are pushed by region and month", func(t *testing.T) {
		var p api.Problem
		bad := `{"items":[{"region":"华东","month":"2026-05","babies":9000},{"region":"华东","month":"May 2026","babies":1},{"region":" ","month":"2026-05","babies":2}]}`
		if status := k.ask("POST", "/births", bad, &p); status != http.StatusUnprocessableEntity || len(p.Errors) != 1 || p.Errors[0].Pointer != "/items/1/month" {
			t.Fatalf("a month in words: %d %+v", status, p)
		}
		p = api.Problem{}
		bad = `{"items":[{"region":"华东","month":"2026-05","babies":9000},{"region":"华东","month":"2026-05","babies":1},{"region":" ","month":"1800-05","babies":-2}]}`
		if status := k.ask("PUT", "/births", bad, &p); status != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", status)
		}
		wrong := map[string]string{}
		for _, e := range p.Errors {
			wrong[e.Pointer] = e.Code
		}
		if wrong["/items/1/month"] != "repeated" || wrong["/items/2/region"] != "missing" || wrong["/items/2/month"] != "range" || wrong["/items/2/babies"] != "range" || len(wrong) != 4 {
			t.Errorf("errors %v", wrong)
		}
		var first, second, third api.Counts
		body := `{"items":[{"region":"华北","month":"2026-09","babies":5100},{"region":"华北","month":"2026-10","babies":5050.5}]}`
		if status := k.ask("POST", "/births", body, &first); status != http.StatusOK || first.Inserted != 2 {
			t.Fatalf("first: %d %+v", status, first)
		}
		if status := k.ask("PUT", "/births", body, &second); status != http.StatusOK || second.Unchanged != 2 || second.Inserted+second.Changed != 0 {
			t.Errorf("the same again: %d %+v", status, second)
		}
		if status := k.ask("PUT", "/births", strings.Replace(body, "5100", "5200", 1), &third); status != http.StatusOK || third.Changed != 1 || third.Unchanged != 1 {
			t.Errorf("one changed: %d %+v", status, third)
		}
		if _, page := signedIn(t, h.base, "planner").get("/demand/cohorts?region=" + url.QueryEscape("华北")); !strings.Contains(page, "华北") {
			t.Error("the page of births does not show the region")
		}
	})
	t.Run("forecasts are read by code", func(t *testing.T) {
		var out struct{ Forecasts []api.ForecastOut }
		if status := k.ask("GET", "/forecasts?days=14&sku="+demo.StorySKU, "", &out); status != http.StatusOK || len(out.Forecasts) < 3 {
			t.Fatalf("%d, %d forecasts", status, len(out.Forecasts))
		}
		for _, f := range out.Forecasts {
			if len(f.Mean) != 14 || len(f.P90) != 14 || f.SKU != demo.StorySKU || f.Site == "" {
				t.Errorf("forecast %+v", f)
			}
			for i := range f.Mean {
				if f.P10[i] < 0 || f.P10[i] > f.P50[i] || f.P50[i] > f.P90[i] || f.P90[i] > f.P95[i] {
					t.Errorf("%s day %d: quantiles out of order", f.Site, i)
				}
			}
		}
		var p api.Problem
		if status := k.ask("GET", "/forecasts?sku=NOPE", "", &p); status != http.StatusUnprocessableEntity || p.Errors[0].Value != "NOPE" {
			t.Errorf("an unknown SKU: %d %+v", status, p)
		}
	})
	t.Run("suggestions", func(t *testing.T) {
		var out struct{ Suggestions []api.SuggestionOut }
		if status := k.ask("GET", "/suggestions?kind=buy&sku="+demo.StorySKU, "", &out); status != http.StatusOK || len(out.Suggestions) == 0 {
			t.Fatalf("%d, %d suggestions", status, len(out.Suggestions))
		}
		if s := out.Suggestions[0]; s.Supplier != demo.StorySupplier || s.Pieces <= 0 || s.MoneyFen != s.UnitFen*s.Pieces {
			t.Errorf("suggestion %+v", s)
		}
	})
	t.Run("an order is drafted, read and listed", func(t *testing.T) {
		var made, read api.OrderDetailOut
		body := fmt.Sprintf(`{"supplier":%q,"ship_to":%q,"note":"by the shop system","lines":[{"sku":%q,"pieces":1200}]}`, demo.StorySupplier, demo.StorySite, demo.StorySKU)
		if status := k.ask("POST", "/factory-orders", body, &made); status != http.StatusCreated || made.State != "draft" || len(made.Lines) != 1 || made.Lines[0].PriceFen <= 0 {
			t.Fatalf("%d %+v", status, made)
		}
		if status := k.ask("GET", "/factory-orders/"+made.Number, "", &read); status != http.StatusOK || read.Number != made.Number || read.Pieces != 1200 {
			t.Errorf("%d %+v", status, read)
		}
		var list struct{ Orders []api.OrderOut }
		if status := k.ask("GET", "/factory-orders?state=draft", "", &list); status != http.StatusOK || len(list.Orders) < 2 {
			t.Errorf("%d, %d drafts", status, len(list.Orders))
		}
		var p api.Problem
		body = strings.Replace(body, demo.StorySKU, "NOPE", 1)
		if status := k.ask("POST", "/factory-orders", body, &p); status != http.StatusUnprocessableEntity || len(p.Errors) != 1 || p.Errors[0].Pointer != "/lines/0/sku" {
			t.Errorf("an unknown SKU: %d %+v", status, p)
		}
		if status := k.ask("GET", "/factory-orders/FO-0001-9999", "", &p); status != http.StatusNotFound {
			t.Errorf("an order that is not there: %d", status)
		}
	})
}

func TestTheDocumentationDrawsItself(t *testing.T) {
	h := readers(t)
	p := e2e.Open(t, 1280, 800)
	p.Goto(h.base + api.Prefix + "/docs")
	p.Until(`document.querySelectorAll(".opblock").length >= 7`)
	time.Sleep(200 * time.Millisecond)
	p.Screenshot("api-docs")
}
