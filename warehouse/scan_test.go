package warehouse_test

import (
	"errors"
	"testing"
	"time"

	"milkrun/internal/calendar"
	"milkrun/warehouse"
)

func TestCheckItem(t *testing.T) {
	today := calendar.Date(2026, time.November, 23)
	expiry, gone := calendar.Date(2028, time.February, 14), today
	milk := warehouse.WantedItem{Goods: warehouse.Goods{Code: "MR-100001", GTIN: "06971002360017"}, Lot: "MH260815", Expiry: &expiry, Today: &today}
	mixed, old := milk, milk
	mixed.LotNeeded = true
	old.Expiry = &gone
	strict, near := milk, milk // 448 days are left
	strict.MinRemainingDays = 449
	soon := today.AddDays(44)
	near.Expiry, near.ShelfLifeDays = &soon, 730
	for _, c := range []struct {
		name, scan, lot string
		want            warehouse.WantedItem
		fault           warehouse.ScanFault
	}{
		{"EAN-13", "6971002360017", "", milk, ""},
		{"own code", "mr-100001", "", milk, ""},
		{"whole element string", "]C10106971002360017" + "17280214" + "10MH260815", "", milk, ""},
		{"lot behind a separator", "]d2010697100236001710MH260815\x1d17280214", "", mixed, ""},
		{"the lot alone", "MH260815", "", mixed, ""},
		{"a lost separator", "010697100236001710MH26081517280214", "", mixed, ""},
		{"goods, then the lot", "6971002360017", "MH260815", mixed, ""},
		{"a carton of the same", "16971002360014", "", milk, ""},
		{"another lot", "]C10106971002360017" + "17280228" + "10MH260901", "", milk, warehouse.FaultLot},
		{"another lot beside", "6971002360017", "MH260901", milk, warehouse.FaultLot},
		{"which lot?", "6971002360017", "", mixed, warehouse.FaultLotNeeded},
		{"other goods", "4006381333931", "", milk, warehouse.FaultSKU},
		{"a bin", "A07-03-2", "", milk, warehouse.FaultSKU},
		{"a pallet", "00106141412345678908", "", milk, warehouse.FaultKind},
		{"misread", "]E06971002360018", "", milk, warehouse.FaultUnread},
		{"the book says expired", "6971002360017", "", old, warehouse.FaultExpired},
		{"fewer days than promised", "6971002360017", "", strict, warehouse.FaultOld},
		{"near its expiry", "6971002360017", "", near, warehouse.FaultOld},
		{"the label says expired", "]C1010697100236001717261122", "", milk, warehouse.FaultExpired},
	} {
		err := warehouse.CheckItem(c.scan, c.lot, c.want, today)
		var fault warehouse.ScanFault
		if e := (*warehouse.ScanError)(nil); errors.As(err, &e) {
			fault = e.Fault
		}
		if fault != c.fault {
			t.Errorf("%s: %q, want %q (%v)", c.name, fault, c.fault, err)
		}
	}
}

func TestCheckWeightNamesWhatIsMissing(t *testing.T) {
	milk, nappy := warehouse.Goods{ID: 1, Code: "milk", Grams: 950}, warehouse.Goods{ID: 2, Code: "nappy", Grams: 400}
	content := []warehouse.Weighed{{milk, 2}, {nappy, 1}}
	for _, c := range []struct {
		measured int64
		ok       bool
		likely   string
		pieces   int64
		missing  bool
	}{
		{2420, true, "", 0, false}, {0, true, "", 0, false}, {2480, true, "", 0, false},
		{2420 - 400, false, "nappy", 1, true}, {2420 - 950, false, "milk", 1, true}, {2420 - 1900, false, "milk", 2, true},
		{2420 + 400, false, "nappy", 1, false}, {2420 + 5000, false, "", 0, false},
	} {
		expected, err := warehouse.CheckWeight(c.measured, 120, content, 30)
		var off *warehouse.WeightError
		if expected != 2420 || (err == nil) != c.ok {
			t.Errorf("%d g: expected %d, %v", c.measured, expected, err)
		}
		if !errors.As(err, &off) {
			continue
		}
		name := ""
		if off.Likely != nil {
			name = off.Likely.Code
		}
		if name != c.likely || off.Pieces != c.pieces || off.Missing != c.missing {
			t.Errorf("%d g: %s × %d, missing %t", c.measured, name, off.Pieces, off.Missing)
		}
	}
	if _, err := warehouse.CheckWeight(900, 0, []warehouse.Weighed{{warehouse.Goods{}, 1}}, 30); err != nil {
		t.Errorf("content of unknown weight: %v", err)
	}
}

func TestParcelNumbers(t *testing.T) {
	n := warehouse.ParcelNumber(342)
	if !warehouse.IsParcelNumber(n) {
		t.Error(n)
	}
	for i := 2; i < len(n); i++ { // every wrong digit is found
		for d := byte('0'); d <= '9'; d++ {
			if wrong := n[:i] + string(d) + n[i+1:]; wrong != n && warehouse.IsParcelNumber(wrong) {
				t.Errorf("%s passes for %s", wrong, n)
			}
		}
	}
}

func TestPlanWaves(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	noon, evening := at.Add(3*time.Hour), at.Add(9*time.Hour)
	rule := warehouse.DefaultWaveRule(1)
	rule.MaxShipments = 2
	plans := warehouse.PlanWaves(rule, []warehouse.WaveCandidate{
		{Shipment: 1, Carrier: "SF", Cutoff: &evening, Ready: at}, {Shipment: 2, Carrier: "SF", Cutoff: &noon, Ready: at},
		{Shipment: 3, Carrier: "SF", Cutoff: &noon, Ready: at.Add(-time.Hour)}, {Shipment: 4, Carrier: "SF", Cutoff: &noon, Ready: at, Priority: 5},
		{Shipment: 5, Carrier: "SF", Cutoff: &noon, Single: true, Ready: at}, {Shipment: 6, Carrier: "SF", Cutoff: &noon, Cold: true, Ready: at},
		{Shipment: 7, Urgent: true, Ready: at},
	})
	var got [][]int64
	for _, p := range plans {
		got = append(got, p.Shipments)
	}
	want := [][]int64{{7}, {5}, {4, 3}, {2}, {6}, {1}}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		for j := range want[i] {
			if len(got[i]) != len(want[i]) || got[i][j] != want[i][j] {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	}
}
