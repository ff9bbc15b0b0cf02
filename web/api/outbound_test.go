package api

import (
	"strings"
	"testing"

	"milkrun/warehouse"
)

func TestOneOrderOrMany(t *testing.T) {
	for body, want := range map[string]struct {
		n      int
		single bool
	}{
		`{"channel":"a"}`:                  {1, true},
		` {"orders":[{"channel":"a"},{}]}`: {2, false},
		`{"orders":[{"channel":"a"}]}`:     {1, false},
		``:                                 {0, false},
		`[]`:                               {0, false},
		`{"orders":[]}`:                    {0, false},
		`{"orders":{},"x":1}`:              {0, false},
		`{"orders":[{}],"channel":"both at once"}`: {0, false},
	} {
		raw, single, err := splitOrders([]byte(body))
		if len(raw) != want.n || single != want.single || (err == nil) != (want.n > 0) {
			t.Errorf("%s: %d orders, single %v, %v", body, len(raw), single, err)
		}
	}
}

func TestReadOrderNamesTheField(t *testing.T) {
	d, wrong := readOrder([]byte(`{"channel":"tmall","number":"1","placed_at":"2026-11-23T09:30:00+08:00","promise":"lot_day","lot_day":"2026-12-05",
		"consignee":{"name":"王","phone":"138","city":"上海","street":"x","lat":31.2,"lon":121.4},"lines":[{"sku":"A","pieces":2,"amount_fen":10,"min_remaining_days":9}]}`))
	if wrong != nil || d.LotDay.String() != "2026-12-05" || d.PlacedAt.Hour() != 1 || d.Promise != warehouse.LotDay || d.Lines[0].MinRemainingDays != 9 || *d.Consignee.Lat != 31.2 {
		t.Errorf("%+v %+v", d, wrong)
	}
	for body, want := range map[string]string{
		`{"channel":1}`:                 "/channel",
		`{"lines":[{"pieces":"two"}]}`:  "/lines/pieces",
		`{"chanel":"a"}`:                "/chanel",
		`{"placed_at":"yesterday"}`:     "/placed_at",
		`{"lot_day":"5.12."}`:           "/lot_day",
		`{"consignee":{"lat":"north"}}`: "/consignee/lat",
		`{"channel":"a"`:                "",
	} {
		_, wrong := readOrder([]byte(body))
		if len(wrong) != 1 || wrong[0].Pointer != want || wrong[0].Message == "" {
			t.Errorf("%s: %+v", body, wrong)
		}
	}
}

func FuzzReadOrder(f *testing.F) {
	f.Add([]byte(`{"channel":"tmall","number":"1","lines":[{"sku":"A","pieces":2}]}`))
	f.Add([]byte(`{"orders":[{}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		raw, _, err := splitOrders(body)
		if err != nil {
			return
		}
		for _, r := range raw {
			d, wrong := readOrder(r)
			if wrong == nil {
				_ = d.Validate(d.PlacedAt)
			}
			for _, w := range wrong {
				if strings.TrimSpace(w.Message) == "" {
					t.Errorf("a fault without words: %+v", w)
				}
			}
		}
	})
}
