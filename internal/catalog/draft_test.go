package catalog

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
)

// Numbers printed in the GS1 General Specifications and on the mocks.
func TestGTIN(t *testing.T) {
	for _, s := range []string{"6291041500213", "96385074", "614141000036", "10614141000415", "6972048170035", "00000000000000"} {
		if !ValidGTIN(s) {
			t.Errorf("%s refused", s)
		}
	}
	for _, s := range []string{"", "6291041500214", "629104150021", "62910415002135", "69720481700３5", "abcdefgh", "697530088001"} {
		if ValidGTIN(s) {
			t.Errorf("%s taken", s)
		}
	}
}

func TestGTINSeesEveryWrongDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := fmt.Sprintf("%012d", rapid.Int64Range(0, 999_999_999_999).Draw(t, "body"))
		good := fmt.Sprintf("%s%d", body, GTINCheck(body))
		if !ValidGTIN(good) {
			t.Fatalf("%s refused", good)
		}
		i := rapid.IntRange(0, 12).Draw(t, "place")
		b := []byte(good)
		b[i] = '0' + (b[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "shift")))%10
		if ValidGTIN(string(b)) {
			t.Fatalf("%s for %s taken", b, good)
		}
	})
}

func goodSKU() SKUDraft {
	return SKUDraft{SKU: SKU{Code: "MR-204817", GTIN: "6972048170035", Name: Name{ZH: "硅胶牙胶"}, Temperature: Ambient, CartonPieces: 60}, CategoryCode: "teether"}
}

func TestSKUDraft(t *testing.T) {
	if err := goodSKU().Validate(); err != nil {
		t.Fatalf("good one refused: %v", err)
	}
	early, late := calendar.Date(2026, 1, 1), calendar.Date(2026, 2, 1)
	for want, spoil := range map[string]func(*SKUDraft){
		"code missing":                    func(d *SKUDraft) { d.Code = " " },
		"code form":                       func(d *SKUDraft) { d.Code = "MR 1\n" },
		"code too-long":                   func(d *SKUDraft) { d.Code = strings.Repeat("字", 65) },
		"gtin check-digit":                func(d *SKUDraft) { d.GTIN = "6972048170034" },
		"name missing":                    func(d *SKUDraft) { d.Name = Name{} },
		"category missing":                func(d *SKUDraft) { d.CategoryCode = "" },
		"temperature not-one-of":          func(d *SKUDraft) { d.Temperature = "warm" },
		"min_remaining_days order":        func(d *SKUDraft) { d.ShelfLifeDays, d.MinRemainingDays = 30, 31 },
		"carton_pieces not-above-0":       func(d *SKUDraft) { d.CartonPieces = 0 },
		"price negative":                  func(d *SKUDraft) { d.Price = -1 },
		"price range":                     func(d *SKUDraft) { d.Price = math.MaxInt64 },
		"retired order (2026-01-01)":      func(d *SKUDraft) { d.Launched, d.Retired = &late, &early },
		"successor order":                 func(d *SKUDraft) { d.SuccessorCode = d.Code },
		"shelf_life_days range (2147483)": func(d *SKUDraft) { d.ShelfLifeDays = 2147483 },
	} {
		d := goodSKU()
		spoil(&d)
		err := d.Validate()
		var faults Faults
		if !errors.Is(err, ErrInvalid) || !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q alone, got %v", want, err)
		}
	}
}

func TestTermDraft(t *testing.T) {
	good := TermDraft{Term: Term{MOQ: 1200, Pack: 60, LeadMean: 9, LeadSD: 1, Breaks: []PriceBreak{{1200, 1280}, {6000, 1220}}}, SupplierCode: "S", SKUCode: "K"}
	if err := good.Validate(); err != nil {
		t.Fatalf("good one refused: %v", err)
	}
	for want, breaks := range map[string][]PriceBreak{
		"breaks order (1201)":    {{1201, 1280}},
		"breaks order (1200)":    {{1200, 1280}, {1200, 1200}},
		"breaks not-above-0 (0)": {{0, 1280}},
		"price not-above-0 (0)":  {{1, 0}},
	} {
		d := good
		d.Breaks = breaks
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	d := good
	d.LeadMean, d.LeadSD = math.NaN(), math.Inf(1)
	if err := d.Validate(); err == nil || !strings.Contains(err.Error(), "lead_days") || !strings.Contains(err.Error(), "lead_sd_days") {
		t.Errorf("impossible lead times taken: %v", err)
	}
}

func TestOtherDrafts(t *testing.T) {
	site := Site{Code: "JX", Name: Name{ZH: "嘉兴"}, Tier: Regional, Lat: 30.75, Lon: 120.76, TimeZone: "Asia/Shanghai"}
	lane := LaneDraft{Lane: Lane{LeadMean: 1, Priority: 1}, FromCode: "JX", ToCode: "XH"}
	supplier := Supplier{Code: "S-1", Name: Name{ZH: "贝栗"}, Contact: Contact{Email: "a@b.example"}}
	for i, err := range []error{
		site.Validate(), lane.Validate(), supplier.Validate(), CategoryDraft{Code: "milk", Name: Name{EN: "Milk"}}.Validate(),
		Topic{Code: "teething", Name: Name{ZH: "出牙"}, Kind: DemandTopic}.Validate(), TopicSKUDraft{"t", "s", 1}.Validate(),
	} {
		if err != nil {
			t.Errorf("good one %d refused: %v", i, err)
		}
	}
	site.Lat, site.TimeZone, site.Tier = math.NaN(), "Mars", "moon"
	lane.ToCode, lane.Priority = "JX", 0
	supplier.Contact.Email = "not an address"
	for i, c := range []struct {
		err  error
		want int
	}{
		{site.Validate(), 3}, {lane.Validate(), 2}, {supplier.Validate(), 1}, {CategoryDraft{Code: "a", Parent: "a"}.Validate(), 2},
		{Topic{}.Validate(), 3}, {TopicSKUDraft{Weight: 1.5}.Validate(), 3},
	} {
		var f Faults
		if !errors.As(c.err, &f) || len(f) != c.want {
			t.Errorf("%d: want %d faults, got %v", i, c.want, c.err)
		}
	}
}
