package c2mops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

func TestListsFilterSortAndPage(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		site := w.site
		if i%2 == 1 {
			site = w.far
		}
		o, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: site,
			Lines: []c2mops.NewLine{{SKU: w.skus[i%4], Pieces: quantity.Pieces(60 * (i + 1)), Due: ptr(w.ops.Today().AddDays(20 - i))}}})
		if err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			w.send(o, "")
		}
	}
	for _, c := range []struct {
		name  string
		query c2mops.Query
		want  string
	}{
		{"newest first", c2mops.Query{}, "7 6 5 4 3 2 1"},
		{"oldest first", c2mops.Query{Reverse: true}, "1 2 3 4 5 6 7"},
		{"due", c2mops.Query{Sort: c2mops.ByDue}, "7 6 5 4 3 2 1"},
		{"amount", c2mops.Query{Sort: c2mops.ByAmount}, "6 5 7 3 2 4 1"},
		{"deadline, drafts last", c2mops.Query{Sort: c2mops.ByReply}, "1 2 3 4 5 6 7"},
		{"state", c2mops.Query{Filter: c2mops.Filter{States: []c2m.State{c2m.StateSent}}}, "3 2 1"},
		{"site", c2mops.Query{Filter: c2mops.Filter{Sites: []catalog.SiteID{w.far}}}, "6 4 2"},
		{"goods", c2mops.Query{Filter: c2mops.Filter{SKU: w.skus[2]}}, "7 3"},
		{"number", c2mops.Query{Filter: c2mops.Filter{Search: "fo-2611-0005"}}, "5"},
		{"name of goods", c2mops.Query{Filter: c2mops.Filter{Search: "咬咬袋"}}, "7 3"},
		{"supplier", c2mops.Query{Filter: c2mops.Filter{Search: "贝栗"}}, "7 6 5 4 3 2 1"},
		{"nothing", c2mops.Query{Filter: c2mops.Filter{Search: "奶粉\x00"}}, ""},
		{"shown", c2mops.Query{Filter: c2mops.Filter{Shown: true}}, "3 2 1"},
	} {
		for _, limit := range []int{0, 2} { // in one page and in pages of two
			q := c.query
			q.Limit = limit
			var got []string
			for {
				page, err := w.ops.Orders(w.buyer, q)
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				for _, r := range page.Rows {
					got = append(got, fmt.Sprint(r.ID))
				}
				if page.Next == nil {
					break
				}
				q.After = page.Next
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s by %d: got %s, want %s", c.name, limit, s, c.want)
			}
		}
	}
	page, err := w.ops.Orders(w.buyer, c2mops.Query{Filter: c2mops.Filter{States: []c2m.State{c2m.StateSent}}})
	all, sent := page.Total(), page.Total(c2m.StateSent)
	if err != nil || all.Orders != 7 || sent.Orders != 3 || sent.Pieces != 360 || sent.AmountFen != 60*1280+120*1280+180*890 {
		t.Errorf("%+v, %+v, %v", all, sent, err)
	}
	if r := page.Rows[0]; r.First().ZH != "果蔬咬咬袋" || r.Supplier().ZH == "" || r.Site().ZH == "" || r.Buyer != "周敏" {
		t.Errorf("%+v", r)
	}
}

func TestLateOrdersAreFound(t *testing.T) {
	w := newWorld(t)
	o := w.confirmed()
	unanswered := w.story()
	late := func() []c2m.OrderID {
		page, err := w.ops.Orders(w.buyer, c2mops.Query{Filter: c2mops.Filter{Late: true}})
		if err != nil {
			t.Fatal(err)
		}
		var ids []c2m.OrderID
		for _, r := range page.Rows {
			if !r.Late {
				t.Errorf("%s is listed as late and is not", r.Number)
			}
			ids = append(ids, r.ID)
		}
		return ids
	}
	if got := late(); len(got) != 0 {
		t.Errorf("%v", got)
	}
	w.pass(72 * time.Hour) // the answer is overdue
	if got := late(); !slices.Equal(got, []c2m.OrderID{unanswered.ID}) || !w.detail(unanswered.ID).Late {
		t.Errorf("%v", got)
	}
	w.now = time.Date(2026, 12, 3, 9, 0, 0, 0, zone)
	if got := late(); len(got) != 2 || !w.detail(o.ID).Late {
		t.Errorf("%v", got)
	}
	if open, err := w.ops.OpenSupply(w.buyer, w.skus[0]); err != nil || !open[0].Overdue {
		t.Errorf("%+v, %v", open, err)
	}
	if _, err := w.ops.Reschedule(w.buyer, o.ID, 0, 1, []c2m.Split{{Pieces: 2400, Day: day("2026-12-10")}}, "船期"); err != nil {
		t.Fatal(err)
	}
	if open, _ := w.ops.OpenSupply(w.buyer, w.skus[0]); open[0].Overdue || open[0].Day != day("2026-12-10") || !open[0].Confirmed {
		t.Errorf("%+v", open)
	}
	// A promise that moved is still measured by the day first given.
	w.now = time.Date(2026, 12, 20, 9, 0, 0, 0, zone)
	if _, err := w.ops.Receive(w.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{1: 2400}, Day: ptr(day("2026-12-10"))}); err != nil {
		t.Fatal(err)
	}
	if s, err := w.ops.Score(w.buyer, w.supplier); err != nil || s.Promised != 7800 || s.OnTime != 0 || s.Came != 2400 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	planner := access.WithUser(t.Context(), access.User{ID: 9, Role: access.Planner})
	bounded := access.WithUser(t.Context(), access.User{ID: 9, Role: access.Buyer, Sites: []catalog.SiteID{w.far}})
	courier := access.WithUser(t.Context(), access.User{ID: 9, Role: access.Courier})
	_, err := w.ops.Detail(planner, o.ID)
	wantErr(t, "a planner looks", err, nil)
	_, err = w.ops.Send(planner, o.ID, c2mops.Sending{})
	wantErr(t, "a planner sends", err, access.ErrForbidden)
	_, err = w.ops.Detail(bounded, o.ID)
	wantErr(t, "a buyer of another site", err, access.ErrForbidden)
	_, err = w.ops.Cancel(bounded, o.ID, 0, "x")
	wantErr(t, "a buyer of another site cancels", err, access.ErrForbidden)
	_, err = w.ops.Orders(courier, c2mops.Query{})
	wantErr(t, "a courier", err, access.ErrForbidden)
	_, err = w.ops.Orders(t.Context(), c2mops.Query{})
	wantErr(t, "nobody", err, access.ErrSignedOut)
	_, err = w.ops.Detail(w.beili, o.ID)
	wantErr(t, "a supplier on the house's page", err, access.ErrForbidden)
	_, err = w.ops.Receive(planner, o.ID, c2mops.Receiving{})
	wantErr(t, "a planner receives", err, access.ErrForbidden)
	if page, err := w.ops.Orders(bounded, c2mops.Query{Filter: c2mops.Filter{Sites: []catalog.SiteID{w.site}}}); err != nil || len(page.Rows) != 0 {
		t.Errorf("a buyer of another site lists %+v, %v", page.Rows, err)
	}
	_, err = w.ops.UploadAnswer(w.other, c2mops.Uploading{Name: "a.csv", Content: []byte("x"), Order: o.ID})
	wantErr(t, "another supplier uploads", err, c2m.ErrUnknown)
	u, err := w.ops.UploadAnswer(w.other, c2mops.Uploading{Name: "a.csv", Content: []byte("订单号,行号,确认数量\n" + o.Number + ",1,5\n")})
	if err != nil || u.Outcome != c2mops.Refused || !strings.Contains(u.Problems[0].Reason.ZH, "没有给贵司的订单") {
		t.Errorf("%+v, %v", u, err)
	}
	// A buyer enters the sheet that came by mail.
	u, err = w.ops.UploadAnswer(w.buyer, c2mops.Uploading{Name: "a.csv", Order: o.ID, Content: []byte("行号,确认数量\n1,2400\n")})
	if err != nil || u.Outcome != c2mops.Taken || u.Changed[0].Undecided != 3 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestANoteIsCorrectedBySendingItAgain(t *testing.T) {
	w := newWorld(t)
	o := w.confirmed()
	send := func(rows string) c2mops.Uploaded {
		t.Helper()
		u, err := w.ops.UploadASN(w.beili, c2mops.Uploading{Name: "asn.csv", Content: []byte("送货单号,订单号,行号,数量,箱数,每箱件数,计划到货,车牌\n" + rows)})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if u := send("S1," + o.Number + ",1,2400,40,60,2026-12-02,浙J1\nS1," + o.Number + ",4,1200,,,,\n"); u.Outcome != c2mops.Taken {
		t.Fatalf("%+v", u)
	}
	if u := send("S1," + o.Number + ",2,1800箱,,1,2026-12-03,浙J1\n"); u.Outcome != c2mops.Taken {
		t.Fatalf("%+v", u)
	}
	d := w.detail(o.ID)
	if d.Order.Lines[0].Shipped != 0 || d.Order.Lines[1].Shipped != 1800 || len(d.ASNs) != 1 || d.ASNs[0].Revision != 2 || d.ASNs[0].Lines[0].Cartons != 1800 {
		t.Errorf("%+v, %+v", d.Order.Lines, d.ASNs)
	}
	if _, err := w.ops.Receive(w.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{2: 100}}); err != nil {
		t.Fatal(err)
	}
	if u := send("S1," + o.Number + ",2,1700,,,2026-12-03,浙J1\n"); u.Outcome != c2mops.Refused || !strings.Contains(u.Problems[0].Reason.ZH, "已经开始收货") {
		t.Errorf("%+v", u)
	}
	if u := send("S1," + o.Number + ",2,1800,1800,1,2026-12-03,浙J1\n"); u.Outcome != c2mops.Repeated {
		t.Errorf("%+v", u)
	}
	if u := send("S2," + o.Number + ",3,2400,,,2026-12-03,浙J1\n"); u.Outcome != c2mops.Refused || len(u.Problems) != 2 {
		t.Errorf("goods that expire without lot and expiry: %+v", u)
	}
	if u := send(""); u.Outcome != c2mops.Refused {
		t.Errorf("an empty form: %+v", u)
	}
}

func TestTheForecastIsToldAndAnswered(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	rows, err := w.ops.PortalForecast(w.beili, 0)
	if err != nil || len(rows) != 1 || len(rows[0].Weeks) != 13 || rows[0].Weeks[0].Pieces != 1000 || !rows[0].Weeks[0].Firm || rows[0].Weeks[12].Firm ||
		rows[0].Weeks[0].Monday != day("2026-11-23") || rows[0].DayCapacity != 600 {
		t.Fatalf("%+v, %v", rows, err)
	}
	u, err := w.ops.UploadForecast(w.beili, c2mops.Uploading{Name: "f.xlsx", Content: w.sheet(o.ID, "预测", map[string]any{"M5": 4000, "N5": 3600})})
	if err != nil || u.Outcome != c2mops.Taken || u.Weeks != 1 {
		t.Fatalf("%+v, %v", u, err)
	}
	rows, _ = w.ops.PortalForecast(w.beili, 0)
	if wk := rows[0].Weeks[0]; *wk.Committed != 4000 || *wk.Capacity != 3600 {
		t.Errorf("%+v", wk)
	}
	u, err = w.ops.UploadForecast(w.beili, c2mops.Uploading{Name: "f.csv", Content: []byte("SKU,周,承诺数量,周产能\nNOPE,2026-W47,5,\nMR-204817-P,2026-W99,5,\n")})
	if err != nil || u.Outcome != c2mops.Refused || len(u.Problems) != 2 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestOrdersAreTalkedAbout(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	if _, err := w.ops.Say(w.buyer, o.ID, "蓝色能先发 600 吗？"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.Say(w.beili, o.ID, "可以"); err != nil {
		t.Fatal(err)
	}
	_, err := w.ops.Say(w.other, o.ID, "?")
	wantErr(t, "another supplier", err, c2m.ErrUnknown)
	_, err = w.ops.Say(w.buyer, o.ID, " ")
	wantErr(t, "nothing", err, c2m.ErrReason)
	d, err := w.ops.PortalOrder(w.beili, o.ID)
	if err != nil || len(d.Messages) != 2 || !d.Messages[1].FromSupplier {
		t.Errorf("%+v, %v", d.Messages, err)
	}
}

func TestCancelledOrdersAreNotAwaited(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	_, err := w.ops.Cancel(w.buyer, o.ID, 0, "")
	wantErr(t, "no reason", err, c2m.ErrReason)
	if _, err := w.ops.Cancel(w.buyer, o.ID, 0, "供应商红牌"); err != nil {
		t.Fatal(err)
	}
	if open, err := w.ops.OpenSupply(w.buyer); err != nil || len(open) != 0 || count[c2m.OrderCancelled](w) != 1 {
		t.Errorf("%+v, %v", open, err)
	}
	u, err := w.ops.UploadAnswer(w.beili, c2mops.Uploading{Name: "a.xlsx", Content: w.sheet(o.ID, "采购单", storyCells())})
	if err != nil || u.Outcome != c2mops.Refused {
		t.Errorf("answered after cancelling: %+v, %v", u, err)
	}
}

func TestTextsFromFilesAreStoredWhateverTheyHold(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	csv := "订单号,行号,确认数量,说明,原因\n" + o.Number + ",1,2400,\"'; drop table\x00 c2m.answer; -- \xff😀\",\x00\n"
	u, err := w.ops.UploadAnswer(w.beili, c2mops.Uploading{Name: "a.csv", Content: []byte(csv)})
	if err != nil {
		t.Fatalf("%+v, %v", u, err)
	}
}

func TestSheetsStayTheSame(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	first, err := w.ops.OrderSheet(w.beili, o.ID, 1, "en")
	if err != nil || first.Name != "FO-2611-0001_v1.xlsx" {
		t.Fatal(first.Name, err)
	}
	if _, err := w.pool.Exec(t.Context(), `update catalog.sku set name_zh = '另一个名字'`); err != nil {
		t.Fatal(err)
	}
	again, err := w.ops.OrderSheet(w.buyer, o.ID, 0, "en")
	if err != nil || again.ID != first.ID || string(again.Content) != string(first.Content) {
		t.Errorf("another sheet: %d, %d, %v", first.ID, again.ID, err)
	}
	form, err := w.ops.ASNForm(w.beili, o.ID, "zh")
	if err != nil || len(form.Content) == 0 {
		t.Error(err)
	}
	if id, err := w.ops.Number(w.buyer, "ｆｏ 2611 0001"); err != nil || id != o.ID {
		t.Errorf("%d, %v", id, err)
	}
}
