package c2m

import (
	"errors"
	"slices"
	"testing"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// The story of the pictures: FO-2611-0412, four lines, sent on 2026-11-20, answered on the 22nd.
var (
	day0  = calendar.Date(2026, 11, 20)
	noon  = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	buyer = Person{ID: 1, Name: "周敏"}
)

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr[T any](v T) *T { return &v }

func draft(t *testing.T) *FactoryOrder {
	t.Helper()
	o := &FactoryOrder{Number: "FO-2611-0412", Supplier: 1, ShipTo: 5, State: StateDraft, Stops: Stops{Created: noon}}
	for _, l := range []Line{
		{SKU: 1, Pieces: 2400, Price: 1280, TaxBP: 1300, Due: day("2026-12-02"), Pack: 60, MOQ: 1200},
		{SKU: 2, Pieces: 1800, Price: 1280, TaxBP: 1300, Due: day("2026-12-02"), Pack: 60, MOQ: 1200, Suggestion: 12},
		{SKU: 3, Pieces: 2400, Price: 890, TaxBP: 1300, Due: day("2026-12-03"), Pack: 40},
		{SKU: 4, Pieces: 1200, Price: 450, TaxBP: 1300, Due: day("2026-12-02")},
	} {
		if _, err := o.AddLine(l, day0); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func sent(t *testing.T) *FactoryOrder {
	t.Helper()
	o := draft(t)
	if err := o.Send(buyer, "", noon.Add(48*time.Hour), noon, day0); err != nil {
		t.Fatal(err)
	}
	return o
}

// storyAnswer is the supplier's answer of the picture.
func storyAnswer() Answer {
	return Answer{Version: 1, Lines: []AnswerLine{
		{Line: 1, SKU: 1, Splits: []Split{{2400, day("2026-12-02"), 1280}}},
		{Line: 2, SKU: 2, Splits: []Split{{1200, day("2026-12-02"), 1280}, {600, day("2026-12-09"), 1280}}, Note: "蓝色母料 12-05 到"},
		{Line: 3, SKU: 3, Splits: []Split{{2400, day("2026-12-06"), 920}}, Reason: ReasonCost},
		{Line: 4, SKU: 4, Splits: []Split{{0, day("2026-12-20"), 450}}, Reason: ReasonMaterial},
	}}
}

func TestDraftTotalsAreThoseOfThePicture(t *testing.T) {
	o := draft(t)
	sum, err := TotalsOf(o.Lines)
	if err != nil || sum.Pieces != 7800 || sum.Gross != 8_052_000 || sum.Lines != 4 {
		t.Errorf("got %+v, %v", sum, err)
	}
	// 13 % within: 30,720.00 → 3,534.16 · 23,040.00 → 2,650.62 · 21,360.00 → 2,457.35 · 5,400.00 → 621.24
	if sum.Tax != 353416+265062+245735+62124 || sum.Net+sum.Tax != sum.Gross {
		t.Errorf("tax %d, net %d", sum.Tax, sum.Net)
	}
}

func TestTotalsRefuseAmountsBeyondReckoning(t *testing.T) {
	if _, err := TotalsOf([]Line{{Pieces: MaxPieces, Price: MaxPrice}}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v", err)
	}
}

func TestLinesAreChecked(t *testing.T) {
	good := Line{SKU: 1, Pieces: 10, Price: 100, TaxBP: 1300, Due: day0}
	for name, c := range map[string]struct {
		change func(*Line)
		field  Field
		want   error
	}{
		"no SKU":       {func(l *Line) { l.SKU = 0 }, FieldSKU, catalog.ErrUnknown},
		"no pieces":    {func(l *Line) { l.Pieces = 0 }, FieldPieces, ErrPieces},
		"a billion":    {func(l *Line) { l.Pieces = 1e9 }, FieldPieces, ErrPieces},
		"bad price":    {func(l *Line) { l.Price = -1 }, FieldPrice, ErrPrice},
		"bad tax":      {func(l *Line) { l.TaxBP = 10_001 }, FieldTax, ErrTax},
		"yesterday":    {func(l *Line) { l.Due = day0 - 1 }, FieldDue, ErrDay},
		"in ten years": {func(l *Line) { l.Due = day0 + 3650 }, FieldDue, ErrDay},
		"shelf life":   {func(l *Line) { l.MinRemainingDays = -1 }, FieldShelfLife, ErrShelfLife},
	} {
		l := good
		c.change(&l)
		_, err := (&FactoryOrder{State: StateDraft}).AddLine(l, day0)
		var le *LineError
		if !errors.Is(err, c.want) || !errors.As(err, &le) || le.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLineNumbersAreNeverUsedTwice(t *testing.T) {
	o := draft(t)
	if _, err := o.RemoveLine(4, ""); err != nil {
		t.Fatal(err)
	}
	no, err := o.AddLine(Line{SKU: 9, Pieces: 1, Price: 1, Due: day0}, day0)
	if err != nil || no != 5 {
		t.Errorf("line %d, %v", no, err)
	}
}

func TestSendingNeedsLinesPricesAndDays(t *testing.T) {
	o := &FactoryOrder{State: StateDraft}
	if err := o.Send(buyer, "", noon, noon, day0); !errors.Is(err, ErrNoLines) {
		t.Errorf("empty: %v", err)
	}
	if _, err := o.AddLine(Line{SKU: 1, Pieces: 5, Due: day0}, day0); err != nil {
		t.Fatal(err)
	}
	if err := o.Send(buyer, "", noon, noon, day0); !errors.Is(err, ErrPrice) {
		t.Errorf("no price: %v", err)
	}
	o.Lines[0].Price = 100
	if err := o.Send(buyer, "", noon, noon, day0+1); !errors.Is(err, ErrDay) {
		t.Errorf("day gone by: %v", err)
	}
	if err := o.Send(buyer, "", noon, noon, day0); err != nil {
		t.Errorf("good order: %v", err)
	}
	if err := o.Send(buyer, "again", noon, noon, day0); !errors.Is(err, ErrNothingNew) {
		t.Errorf("sent twice: %v", err)
	}
}

func TestChangesAfterSendingWaitForTheNextVersion(t *testing.T) {
	o := sent(t)
	if _, _, err := o.ChangeLine(1, LineChange{Pieces: ptr(quantity.Pieces(3000))}, "", day0); !errors.Is(err, ErrReason) {
		t.Errorf("no reason: %v", err)
	}
	if _, _, err := o.ChangeLine(1, LineChange{Pieces: ptr(quantity.Pieces(3000))}, "heat", day0); err != nil {
		t.Fatal(err)
	}
	if was, _ := o.Current.Line(1); was.Pieces != 2400 || !o.Changed() {
		t.Errorf("the version moved to %d", was.Pieces)
	}
	if err := o.Send(buyer, "", noon, noon, day0); !errors.Is(err, ErrReason) {
		t.Errorf("a second version without a reason: %v", err)
	}
	first := *o.Current
	if _, err := o.RemoveLine(4, "not needed"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.AddLine(Line{SKU: 7, Pieces: 60, Price: 500, Due: day("2026-12-05")}, day0); err != nil {
		t.Fatal(err)
	}
	if err := o.Send(buyer, "more heat", noon, noon, day0); err != nil {
		t.Fatal(err)
	}
	d := DiffOf(first, *o.Current)
	if o.Version() != 2 || len(d.Lines) != 3 || len(d.Conditions) != 0 {
		t.Fatalf("version %d, %+v", o.Version(), d)
	}
	if d.Lines[0].No != 1 || !slices.Equal(d.Lines[0].Fields, []Field{FieldPieces}) || d.Lines[0].After.Pieces != 3000 {
		t.Errorf("changed line: %+v", d.Lines[0])
	}
	if d.Lines[1].After != nil || d.Lines[2].Before != nil || d.Lines[2].No != 5 {
		t.Errorf("removed and added: %+v", d.Lines[1:])
	}
}

func TestDiscardBringsBackWhatWasSent(t *testing.T) {
	o := sent(t)
	if _, _, err := o.ChangeLine(2, LineChange{Due: ptr(day("2026-12-20"))}, "why", day0); err != nil {
		t.Fatal(err)
	}
	if err := o.SetConditions(Conditions{Note: "周末不收货"}); err != nil {
		t.Fatal(err)
	}
	if err := o.Discard(noon); err != nil || o.Changed() {
		t.Errorf("%v, changed %v", err, o.Changed())
	}
	if err := draft(t).Discard(noon); !errors.Is(err, ErrState) {
		t.Errorf("draft: %v", err)
	}
}

func TestPricesFollowTheTermsUnlessSetByHand(t *testing.T) {
	o := draft(t)
	terms := map[catalog.SKUID]catalog.Term{
		1: {Breaks: []catalog.PriceBreak{{From: 1200, Price: 1300}, {From: 2400, Price: 1250}}, MOQ: 3000, Pack: 500, LeadMean: 20},
		2: {Breaks: []catalog.PriceBreak{{From: 1, Price: 1280}}},
		3: {Breaks: []catalog.PriceBreak{{From: 1, Price: 900}}},
	}
	if _, _, err := o.ChangeLine(3, LineChange{Price: ptr(money.Fen(870))}, "", day0); !errors.Is(err, ErrReason) {
		t.Errorf("price by hand without a reason: %v", err)
	}
	if _, _, err := o.ChangeLine(3, LineChange{Price: ptr(money.Fen(870))}, "agreed on the phone", day0); err != nil {
		t.Fatal(err)
	}
	moves := o.PriceMoves(terms)
	if len(moves) != 1 || moves[0] != (PriceMove{Line: 1, SKU: 1, Price: 1280, Terms: 1250}) {
		t.Fatalf("%+v", moves)
	}
	kinds := map[CautionKind]int{}
	for _, c := range o.Cautions(terms, day0) {
		kinds[c.Kind]++
	}
	if kinds[CautionMOQ] != 1 || kinds[CautionPack] != 1 || kinds[CautionLead] != 1 || kinds[CautionPrice] != 2 || kinds[CautionTerms] != 1 {
		t.Errorf("cautions %v", kinds)
	}
	o.KeepPrices(moves)
	if len(o.PriceMoves(terms)) != 0 {
		t.Error("a kept price is asked about again")
	}
	o.Lines[0].ByHand = false
	if o.Reprice(terms); o.Lines[0].Price != 1250 {
		t.Errorf("price %d", o.Lines[0].Price)
	}
}

func TestCancelAndClose(t *testing.T) {
	o := draft(t)
	if err := o.Cancel("", noon); err != nil || o.State != StateCancelled || o.Stops.Cancelled == nil {
		t.Errorf("draft: %v", err)
	}
	if err := o.Cancel("", noon); !errors.Is(err, ErrState) {
		t.Errorf("twice: %v", err)
	}
	o = sent(t)
	if err := o.Cancel(" ", noon); !errors.Is(err, ErrReason) {
		t.Errorf("sent, without a reason: %v", err)
	}
	if err := o.Close("x", noon); !errors.Is(err, ErrState) {
		t.Errorf("close what was sent: %v", err)
	}
}

func TestNumbers(t *testing.T) {
	if got := FormatNumber(day0, 412); got != "FO-2611-0412" {
		t.Error(got)
	}
	for in, want := range map[string]string{
		"FO-2611-0412": "FO-2611-0412", "fo26110412": "FO-2611-0412", " ＦＯ－２６１１－０４１２ ": "FO-2611-0412",
		"FO 2611 0412": "FO-2611-0412", "FO-2611-10412": "FO-2611-10412", "FO—2611—0412": "FO-2611-0412",
	} {
		if got, err := ParseNumber(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "PO-2611-0412", "FO-2613-0412", "FO-2600-0001", "FO-2611-0000", "FO-2611-041", "合计"} {
		if got, err := ParseNumber(in); !errors.Is(err, ErrNumber) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add("FO-2611-0412")
	f.Add("ｆｏ２６１１０４１２")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseNumber(s)
		if err != nil {
			return
		}
		if again, err := ParseNumber(got); err != nil || again != got {
			t.Errorf("%q → %q → %q, %v", s, got, again, err)
		}
	})
}
