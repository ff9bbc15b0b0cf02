package campaignops_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// confirm lets the factory of a lot confirm its order as it was asked.
func (f *factory) confirm(lot campaign.Lot) {
	f.t.Helper()
	d, err := f.orders.Detail(f.buyer, c2m.OrderID(lot.Order))
	if err != nil {
		f.t.Fatal(err)
	}
	if d.Order.State != c2m.StateDraft {
		return
	}
	sent, err := f.orders.Send(f.buyer, d.Order.ID, c2mops.Sending{Revision: d.Order.Revision, Prices: c2mops.KeepPrices})
	if err != nil {
		f.t.Fatal(err)
	}
	var replies []c2m.Reply
	for _, l := range sent.Lines {
		pieces, day := l.Pieces, l.Due
		replies = append(replies, c2m.Reply{Line: l.No, SKU: l.SKU, Batches: []c2m.ReplyBatch{{Pieces: &pieces, Day: &day}}})
	}
	supplier := access.WithUser(f.t.Context(), access.User{Name: "厂", Role: access.Supplier, Supplier: lot.Supplier, Language: "zh"})
	if _, _, problems, err := f.orders.AnswerOnline(supplier, sent.ID, sent.Version(), replies); err != nil || len(problems) > 0 {
		f.t.Fatal(problems, err)
	}
}

func (f *factory) lots(id campaign.ID) []campaign.Lot {
	f.t.Helper()
	lots, err := campaigndb.Lots(f.t.Context(), f.pool, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return lots
}

// ordered plays a campaign up to the confirmed lots of two factories, the first with a price by quantity and materials of ours.
func (f *factory) ordered() (*campaign.Campaign, []campaign.Lot) {
	f.t.Helper()
	c := f.won()
	for i, q := range []campaign.Quotation{
		{MOQ: 100, Capacity: 200, Price: 9000, Breaks: []campaign.Break{{From: 150, Price: 8800}}, Materials: 150, LeadDays: 12, Note: "面料客供"},
		{MOQ: 50, Capacity: 2000, Price: 9500, Setup: 20000, LeadDays: 20, Said: campaign.Said{Currency: "USD", Rate: 7_100_000, Price: 1338}}} {
		q.Supplier = f.suppliers[i]
		if err := f.ops.Quote(f.buyer, c.ID, q); err != nil {
			f.t.Fatal(err)
		}
	}
	c, err := f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{DueDays: 40, Release: lotplan.Release{FirstShare: 100, SellThrough: 70, GapDays: 7}})
	if err != nil {
		f.t.Fatal(err)
	}
	lots := f.lots(c.ID)
	for _, l := range lots {
		f.confirm(l)
	}
	return c, lots
}

func TestAPriceByQuantityAndOurMaterials(t *testing.T) {
	f := newFactory(t)
	c, lots := f.ordered()
	if len(lots) != 2 || lots[0].Pieces != 200 || lots[0].Price != 8800 || lots[1].Price != 9500 || lots[1].Setup != 20000 {
		t.Fatalf("the order bears the factory's own price, without our materials: %+v", lots)
	}
	offers, err := f.ops.Offers(f.buyer, c)
	if err != nil || len(offers) != 2 || offers[0].PriceAt(149) != 9000 || offers[0].PriceAt(150) != 8800 || offers[1].Said.Price != 1338 || !offers[1].Said.Foreign() {
		t.Fatalf("%+v, %v", offers, err)
	}
	var faults *campaign.QuotationError
	err = f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 10, Capacity: 100, Price: 900, LeadDays: 0, Breaks: []campaign.Break{{From: 50, Price: 950}}})
	if !asQuotation(err, &faults) || len(faults.Faults) != 2 || faults.Faults[0].Field != "lead_days" || faults.Faults[1].Field != "breaks.0.price" {
		t.Errorf("%v", err)
	}
	if err := f.ops.Unquote(f.buyer, c.ID, f.suppliers[1]); err != nil {
		t.Error(err)
	}
	is(t, f.ops.Unquote(f.buyer, c.ID, f.suppliers[1]), campaign.ErrUnknown)
}

func asQuotation(err error, to **campaign.QuotationError) bool {
	e, ok := err.(*campaign.QuotationError)
	*to = e
	return ok
}

func TestNewsOfALotMovesPromisesAndAFailedOneIsOrderedAgain(t *testing.T) {
	f := newFactory(t)
	c, lots := f.ordered()
	if _, err := f.ops.ReleaseMessages(f.buyer, c.ID); err != nil {
		t.Fatal(err)
	}
	today := calendar.Of(f.clock(), zone)
	_, err := f.ops.ReportLot(f.buyer, c.ID, 1, campaignops.Report{Pieces: 200, Day: today.AddDays(15)})
	is(t, err, campaign.ErrReason)
	_, err = f.ops.ReportLot(f.buyer, c.ID, 1, campaignops.Report{Pieces: 200, Day: lots[0].Promise, Reason: "无"})
	is(t, err, campaignops.ErrNoNews)
	e, err := f.ops.ReportLot(f.buyer, c.ID, 1, campaignops.Report{Pieces: 200, Day: today.AddDays(15), Reason: "面料晚到"})
	if err != nil || e.Later != 200 || e.Earlier+e.Unserved != 0 || len(e.Is) != 2 {
		t.Fatalf("%+v, %v", e, err)
	}
	if e, err = f.ops.ReportLot(f.buyer, c.ID, 1, campaignops.Report{Pieces: 180, Day: today.AddDays(15), Reason: "裁片报废"}); err != nil || e.Unserved != 20 {
		t.Fatalf("20 pledges are left without a lot: %+v, %v", e, err)
	}
	plan, err := f.ops.PlanLots(f.buyer, c.ID, campaignops.Making{DueDays: 40})
	if err != nil || plan.Made != 280 || plan.Open() != 20 {
		t.Fatalf("%+v, %v", plan, err)
	}
	if e, err = f.ops.ReportLot(f.buyer, c.ID, 2, campaignops.Report{Reason: "停产"}); err != nil || e.Unserved != 100 {
		t.Fatalf("%+v, %v", e, err)
	}
	if _, err := f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{DueDays: 40}); err != nil {
		t.Fatal(err)
	}
	lots = f.lots(c.ID)
	if len(lots) != 3 || lots[2].No != 3 || lots[2].Pieces != 120 || lots[2].Pledged != 120 || lots[0].Pledged != 180 || lots[1].Pieces != 0 {
		t.Fatalf("%+v", lots)
	}
	if p := f.of(c.ID, 300); p.Lot != 3 {
		t.Errorf("%+v", p)
	}
	_, err = f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{DueDays: 40})
	is(t, err, campaign.ErrLots)
	f.proved(c.ID)
}

// retail is the counter that a test sells over.
type retail struct{ sold quantity.Pieces }

func (r *retail) Sold(context.Context, pgdb.Querier, catalog.SKUID, calendar.Day, calendar.Day) (quantity.Pieces, error) {
	return r.sold, nil
}

// Expected is a forecast of eight a day.
func (r *retail) Expected(_ context.Context, _ pgdb.Querier, _ catalog.SKUID, days int) (quantity.Pieces, bool, error) {
	return quantity.Pieces(8 * days), true, nil
}

func TestTheForecastedRestIsProposed(t *testing.T) {
	f := newFactory(t)
	f.ops.Demand = &retail{}
	c := f.won()
	if err := f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 100, Capacity: 2000, Price: 9000, LeadDays: 12}); err != nil {
		t.Fatal(err)
	}
	plan, err := f.ops.PlanLots(f.buyer, c.ID, campaignops.Making{DueDays: 40})
	if err != nil || plan.Rest != (campaignops.Rest{Retail: 224, Days: 28, Forecast: true}) || plan.Need != 300 {
		t.Fatalf("%+v, %v", plan.Rest, err)
	}
	// While it runs, the pledges that are still expected count too.
	terms := f.terms(campaign.KeepItAll)
	terms.Quota, terms.PerMember, terms.Threshold = 0, 0, 1
	open, err := f.ops.Create(f.buyer, campaign.About{SKU: f.sku, ShipTo: f.site}, terms)
	if err == nil {
		open, err = f.ops.Publish(f.buyer, open.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.ops.Quote(f.buyer, open.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 1, Capacity: 2000, Price: 9000, LeadDays: 12}); err != nil {
		t.Fatal(err)
	}
	f.pledge(open.ID, "an", "std", 60)
	f.pass(12 * time.Hour)
	plan, err = f.ops.PlanLots(f.buyer, open.ID, campaignops.Making{DueDays: 40})
	if err != nil || plan.Rest.Pledges < 40 || plan.Rest.Pledges > 80 || plan.Rest.Pieces() != plan.Rest.Pledges+224 {
		t.Errorf("60 in half a day, half a day to go: %+v, %v", plan.Rest, err)
	}
}

func TestTheClockLetsALotGoOnceEnoughHasSold(t *testing.T) {
	f := newFactory(t)
	counter := &retail{}
	f.ops.Sales = counter
	c := f.won()
	if err := f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 100, Capacity: 2000, Price: 9000, LeadDays: 12}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{Extra: 700, DueDays: 40, Release: lotplan.Release{FirstShare: 60, SellThrough: 80, GapDays: 5}}); err != nil {
		t.Fatal(err)
	}
	is(t, f.ops.SetRule(f.buyer, c.ID, campaignops.Rule{FirstShare: 60, SellThrough: 101, GapDays: 5}), campaignops.ErrRule)
	if err := f.ops.SetRule(f.buyer, c.ID, campaignops.Rule{FirstShare: 60, SellThrough: 80, GapDays: 5, Automatic: true}); err != nil {
		t.Fatal(err)
	}
	work, err := f.ops.LotWork(f.buyer, c, f.lots(c.ID))
	if err != nil || work.Selling.Gone != 600 || work.Selling.Pledged != 300 || work.Selling.Ripe() || work.Selling.Next != 2 {
		t.Fatalf("%+v, %v", work, err)
	}
	counter.sold = 180
	f.tick()
	if lots := f.lots(c.ID); lots[1].State != campaign.LotHeld {
		t.Fatalf("let go before the goods were there to sell: %+v", lots)
	}
	first := f.lots(c.ID)[0]
	f.confirm(first)
	f.pass(13 * 24 * 3600e9)
	f.come(first, 600)
	counter.sold = 179
	f.tick()
	if lots := f.lots(c.ID); lots[1].State != campaign.LotHeld {
		t.Fatalf("let go at 479 of 600: %+v", lots)
	}
	counter.sold = 180
	f.tick()
	if lots := f.lots(c.ID); lots[1].State != campaign.LotOrdered || lots[1].Order == 0 || lots[1].Pieces != 400 {
		t.Fatalf("%+v", lots)
	}
	_, err = f.ops.LetGo(f.buyer, c.ID, 2, "旺季")
	is(t, err, campaign.ErrUnknown)
}

func TestPicturesOfACampaign(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.AllOrNothing))
	is(t, w.ops.AddPicture(w.buyer, c.ID, []byte("<svg/>")), campaignops.ErrPicture)
	is(t, w.ops.AddPicture(w.buyer, c.ID, make([]byte, campaignops.MaxPictureBytes+1)), campaignops.ErrPictureSize)
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	for range campaignops.MaxPictures {
		if err := w.ops.AddPicture(w.buyer, c.ID, b.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	is(t, w.ops.AddPicture(w.buyer, c.ID, b.Bytes()), campaignops.ErrPictures)
	ids, err := w.ops.Pictures(w.buyer, c)
	if err != nil || len(ids) != campaignops.MaxPictures {
		t.Fatal(ids, err)
	}
	p, err := w.ops.Picture(t.Context(), c.Number, ids[0])
	if err != nil || p.Mime != "image/png" || !bytes.Equal(p.Bytes, b.Bytes()) {
		t.Errorf("%s, %v", p.Mime, err)
	}
	if err := w.ops.RemovePicture(w.buyer, c.ID, ids[0]); err != nil {
		t.Error(err)
	}
	_, err = w.ops.Picture(t.Context(), c.Number, ids[0])
	is(t, err, campaign.ErrUnknown)
	is(t, w.ops.RemovePicture(w.buyer, c.ID, ids[0]), campaign.ErrUnknown)
}
