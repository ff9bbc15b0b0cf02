package warehouse

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

func ptr[T any](v T) *T { return &v }

func draft() OutboundDraft {
	return OutboundDraft{Channel: "tmall", Number: "T1", PlacedAt: time.Unix(1000, 0), Promise: NextDay,
		Consignee: Consignee{Name: "王小明", Phone: "13812341234", Province: "上海市", City: "上海市", District: "徐汇区", Street: "漕溪北路 1 号", Lat: ptr(31.19234), Lon: ptr(121.43567)},
		Lines:     []DraftLine{{SKU: "MR-1", Pieces: 2, Amount: 100}, {SKU: "MR-2", Pieces: 1, Amount: 50}}}
}

func TestMasked(t *testing.T) {
	m := draft().Consignee.Masked()
	if m.Name != "王**" || m.Phone != "138****1234" || m.Address != "上海市徐汇区***" || *m.Lat != 31.192 || *m.Lon != 121.436 {
		t.Errorf("%+v", m)
	}
	for phone, want := range map[string]string{"+86 138-1234-5678": "138****5678", "55512345": "5****2345", "5551234": "****34", "021-55551234": "021****1234"} {
		if got := (Consignee{Phone: phone}).Masked().Phone; got != want {
			t.Errorf("%s: %s, want %s", phone, got, want)
		}
	}
}

func TestMaskedNeverShowsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{4,14}`).Draw(t, "phone")
		c := Consignee{Name: rapid.StringN(2, 8, -1).Draw(t, "name"), Phone: digits, Street: "秘密路 1 号"}
		m := c.Masked()
		shown := strings.ReplaceAll(m.Phone, "*", "")
		if len(shown) > len(digits)-2 && len(digits) > 2 || strings.Contains(m.Address, "秘密") {
			t.Errorf("%q shows %q", digits, m.Phone)
		}
	})
}

func TestValidateNamesEachField(t *testing.T) {
	if f := draft().Validate(time.Unix(2000, 0)); f != nil {
		t.Errorf("a good order: %v", f)
	}
	d := OutboundDraft{Channel: " x", PlacedAt: time.Unix(99999, 0), Promise: "soon", Priority: 11,
		Consignee: Consignee{Name: "a\x00b", Phone: "call me", Lat: ptr(91.0), Lon: ptr(0.0)}, Lines: []DraftLine{{Pieces: 0, Amount: -1}}}
	var got []string
	for _, f := range d.Validate(time.Unix(2000, 0)) {
		got = append(got, f.Field+" "+string(f.Problem))
	}
	want := []string{"channel form", "number missing", "placed_at range", "consignee/name form", "consignee/phone form", "consignee/city missing",
		"consignee/street missing", "consignee/lat range", "promise not-one-of", "priority range", "lines/0/sku missing", "lines/0/pieces not-above-0", "lines/0/amount_fen negative"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	lot := draft()
	lot.Promise = LotDay
	if f := lot.Validate(time.Unix(2000, 0)); len(f) != 1 || f[0].Field != "lot_day" || f[0].Problem != catalog.Missing {
		t.Errorf("a pre-sale without its day: %v", f)
	}
	lot.LotDay = ptr(calendar.Day(1))
	if f := lot.Validate(time.Unix(2000, 0)); f != nil {
		t.Errorf("a pre-sale: %v", f)
	}
}

func seal(t *testing.T) (*Seal, string) {
	t.Helper()
	key, err := NewSealKey()
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSeal(key)
	if err != nil {
		t.Fatal(err)
	}
	return s, key
}

func TestSealOpensOnlyItsOwn(t *testing.T) {
	s, key := seal(t)
	c := draft().Consignee
	box, err := s.Close("tmall", "T1", c)
	if err != nil || strings.Contains(string(box), "13812341234") {
		t.Fatal("the phone number can be read", err)
	}
	got, err := s.Open("tmall", "T1", box)
	if err != nil || got.Street != c.Street || *got.Lat != *c.Lat {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Open("tmall", "T2", box); !errors.Is(err, ErrSealKey) {
		t.Errorf("opened as another order's: %v", err)
	}
	bent := slices.Clone(box)
	bent[len(bent)-1] ^= 1
	if _, err := s.Open("tmall", "T1", bent); !errors.Is(err, ErrSealKey) {
		t.Errorf("opened though bent: %v", err)
	}
	other, fresh := seal(t)
	if _, err := other.Open("tmall", "T1", box); !errors.Is(err, ErrSealKey) {
		t.Errorf("opened with another key: %v", err)
	}
	both, err := ParseSeal(fresh + "\n" + key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.Open("tmall", "T1", box); err != nil || both.Current(box) {
		t.Errorf("a rotated key must still open: %v", err)
	}
	for _, bad := range []string{"", "abc", key[:20]} {
		if _, err := ParseSeal(bad); !errors.Is(err, ErrBadKey) {
			t.Errorf("key %q: %v", bad, err)
		}
	}
}

func TestPrintsNameWhatDiffers(t *testing.T) {
	s, _ := seal(t)
	stored := s.Print(draft())
	for want, change := range map[string]func(*OutboundDraft){
		"":                   func(*OutboundDraft) {},
		"placed_at":          func(d *OutboundDraft) { d.PlacedAt = d.PlacedAt.Add(time.Second) },
		"promise":            func(d *OutboundDraft) { d.Promise = Minutes30 },
		"consignee/phone":    func(d *OutboundDraft) { d.Consignee.Phone = "13812341235" },
		"consignee/address":  func(d *OutboundDraft) { d.Consignee.Street += "2" },
		"consignee/location": func(d *OutboundDraft) { d.Consignee.Lat, d.Consignee.Lon = nil, nil },
		"lines/1":            func(d *OutboundDraft) { d.Lines[1].Pieces++ },
		"lines,lines/2":      func(d *OutboundDraft) { d.Lines = append(d.Lines, DraftLine{SKU: "MR-3", Pieces: 1}) },
		"lines,lines/1":      func(d *OutboundDraft) { d.Lines = d.Lines[:1] },
	} {
		d := draft()
		change(&d)
		got, err := s.Differ(stored, d)
		if err != nil || strings.Join(got, ",") != want {
			t.Errorf("%v (%v), want %q", got, err, want)
		}
	}
	d := draft()
	d.Consignee = Consignee{Name: "谁", Phone: "999999", City: "x", Street: "y"}
	if got, err := s.Differ(stored.Erase(), d); err != nil || got != nil {
		t.Errorf("erased fields differ: %v, %v", got, err)
	}
}

func TestExplodeAddsUp(t *testing.T) {
	parts, err := Explode([]Component{{SKU: 1, Pieces: 1, ShareBP: 3333}, {SKU: 2, Pieces: 2, ShareBP: 3333}, {SKU: 3, Pieces: 1, ShareBP: 3334}}, 3, 10001)
	if err != nil || parts[0].Amount != 3333 || parts[1].Amount != 3333 || parts[2].Amount != 3335 || parts[1].Pieces != 6 {
		t.Errorf("%+v, %v", parts, err)
	}
	parts, err = Explode([]Component{{SKU: 1, Pieces: 2, Price: 500}, {SKU: 2, Pieces: 1, Price: 3000}}, 1, 3001)
	if err != nil || parts[0].Amount != 750 || parts[1].Amount != 2251 {
		t.Errorf("by retail price: %+v, %v", parts, err)
	}
	if _, err := Explode(nil, 1, 1); !errors.Is(err, ErrEmptyBundle) {
		t.Error(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		components := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Component {
			return Component{SKU: 1, Pieces: quantity.Pieces(rapid.Int64Range(1, 99).Draw(t, "pieces")), ShareBP: rapid.IntRange(0, 10000).Draw(t, "share"),
				Price: money.Fen(rapid.Int64Range(0, 1e9).Draw(t, "price"))}
		}), 1, 9).Draw(t, "components")
		amount := money.Fen(rapid.Int64Range(0, 1e11).Draw(t, "amount"))
		parts, err := Explode(components, 2, amount)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			if p.Amount < 0 {
				t.Errorf("a part below zero: %+v", p)
			}
			amount -= p.Amount
		}
		if amount != 0 {
			t.Errorf("%d fen are lost", amount)
		}
	})
}

func TestRankIsFair(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if !(Rank(now, 0) < Rank(now.Add(time.Microsecond), 0) && Rank(now.AddDate(50, 0, 0), 1) < Rank(now, 0) && Rank(now, -1) > Rank(now.AddDate(50, 0, 0), 0)) {
		t.Error("the queue is not served by priority, then by arrival")
	}
}
