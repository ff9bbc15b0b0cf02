package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/web/api"
)

// TestComplaintsRaiseAQualityAlert plays a leap of complaints from the API to the person who takes care of it: the alert stands on the lists of
// planner, buyer and warehouse lead until somebody takes note, bears that person's name from then on, and moves no forecast.
func TestComplaintsRaiseAQualityAlert(t *testing.T) {
	h := serve(t, demoCopy(t))
	ctx := h.asSystem(t.Context())
	const topic, name = "red-bottom", "红屁屁"
	topics, err := h.Forecasts.Topics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(topics, func(s forecasting.TopicStanding) bool { return s.Code == topic })
	if at < 0 || topics[at].Kind != catalog.ComplaintTopic || topics[at].SKUs == 0 {
		t.Fatalf("the demo has no such topic of complaints: %+v", topics)
	}
	forecasts := func() map[catalog.SKUID]float64 {
		page, err := h.Forecasts.Demand(ctx, forecasting.DemandQuery{Topic: topics[at].ID, Limit: 500})
		if err != nil || len(page.Rows) == 0 {
			t.Fatalf("%d SKUs, %v", len(page.Rows), err)
		}
		out := map[catalog.SKUID]float64{}
		for _, r := range page.Rows {
			out[r.SKU] = r.Forecast28
		}
		return out
	}
	before := forecasts()
	alerts := func() []forecasting.SpikeRecord {
		list, err := h.Forecasts.Spikes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(list, func(s forecasting.SpikeRecord) bool { return s.Topic.Code != topic })
	}
	if len(alerts()) != 0 {
		t.Fatal("an alert before anything happened")
	}

	var items []string
	for i := range 4 {
		items = append(items, fmt.Sprintf(`{"topic":%q,"source":"xiaohongshu","day":%q,"value":%d}`, topic, sample.today.AddDays(i-4), 900+300*i))
	}
	var counts api.Counts
	if status := (caller{t, visitor(t, h.base)}).ask("POST", "/heat", `{"items":[`+strings.Join(items, ",")+`]}`, &counts); status != http.StatusOK || counts.Changed+counts.Inserted != 4 {
		t.Fatalf("%d %+v", status, counts)
	}
	settle(t, h.house, func() bool { return len(alerts()) == 1 })
	for k, v := range forecasts() {
		if v != before[k] {
			t.Errorf("sku %d was forecast at %g and is at %g: complaints are no demand", k, before[k], v)
		}
	}
	for _, login := range []string{"planner", "zhoumin", "lead"} {
		who := signedIn(t, h.base, login)
		// A buyer's day begins with what runs out; planner and lead are those who take care of quality.
		if res, page := who.get("/today"); login != "zhoumin" && (res.StatusCode != http.StatusOK || !strings.Contains(page, name) || !strings.Contains(page, "投诉突增")) {
			t.Errorf("%s does not see the alert on the first page: %s", login, res.Status)
		}
		if res, page := who.get("/demand/topics?kind=complaint"); res.StatusCode != http.StatusOK || !strings.Contains(page, name) {
			t.Errorf("%s does not see the alert among the topics: %s", login, res.Status)
		}
	}
	lead := signedIn(t, h.base, "lead")
	if res, body := lead.post("/demand/topics/"+topic+"/seen", url.Values{"remark": {"已隔离批次，联系供应商"}}); res.StatusCode >= 400 {
		t.Fatalf("take note: %s %.300s", res.Status, body)
	}
	list := alerts()
	if len(list) != 1 || list[0].SeenAt == nil || list[0].SeenBy == "" || list[0].SeenNote != "已隔离批次，联系供应商" || list[0].PublishedAt == nil {
		t.Fatalf("nobody takes care of it: %+v", list)
	}
	_, page := signedIn(t, h.base, "planner").get("/demand/topics?kind=complaint")
	if !strings.Contains(page, list[0].SeenBy) {
		t.Error("the list does not say who takes care of the alert")
	}
	if _, page := signedIn(t, h.base, "planner").get("/today"); strings.Contains(page, "“"+name+"”投诉突增") {
		t.Error("the alert is still to do though somebody has taken note")
	}
}
