package c2m

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

func confirmed(t *testing.T) *FactoryOrder {
	t.Helper()
	o := answered(t)
	if _, err := o.Accept(Select{}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	return o
}

type byLine = map[int]quantity.Pieces

func TestGoodsComeInParts(t *testing.T) {
	o := confirmed(t)
	if err := o.StartProduction(later); err != nil {
		t.Fatal(err)
	}
	if err := o.Dispatch(byLine{1: 2400, 2: 1200}, later); err != nil || o.State != StateDispatched {
		t.Fatal(err, o.State)
	}
	var over *OverDeliveryError
	if err := o.Dispatch(byLine{2: 601}, later); !errors.As(err, &over) || over.Open != 600 {
		t.Errorf("over-delivery: %v", err)
	}
	if err := o.Dispatch(byLine{4: 1}, later); !errors.Is(err, ErrOverDelivery) {
		t.Errorf("a line of which nothing was agreed: %v", err)
	}
	if err := o.Cancel("x", later); !errors.Is(err, ErrState) {
		t.Errorf("cancelled on the road: %v", err)
	}
	if err := o.Receive(byLine{1: 2400, 2: 1200}, later); err != nil || o.State != StateDispatched {
		t.Errorf("%v, %s", err, o.State)
	}
	if err := o.Receive(byLine{2: 600, 3: 2376}, later); err != nil || o.State != StateDispatched || o.ShortPieces() != 24 {
		t.Errorf("%v, %s, short %d", err, o.State, o.ShortPieces())
	}
	if err := o.Close("", later); !errors.Is(err, ErrReason) {
		t.Errorf("closed short without a reason: %v", err)
	}
	if err := o.Close("24 件不再补", later); err != nil || o.State != StateClosed {
		t.Errorf("%v, %s", err, o.State)
	}
}

func TestAllReceivedClosesWithoutAReason(t *testing.T) {
	o := confirmed(t)
	if err := o.Receive(byLine{1: 2400, 2: 1800, 3: 2400}, later); err != nil || o.State != StateReceived || o.Stops.Dispatched == nil {
		t.Fatalf("%v, %s", err, o.State)
	}
	if err := o.Close("", later); err != nil {
		t.Error(err)
	}
}

func TestARecalledNotePutsTheOrderBack(t *testing.T) {
	o := confirmed(t)
	if err := o.Dispatch(byLine{1: 2400, 2: 600}, later); err != nil {
		t.Fatal(err)
	}
	if err := o.Receive(byLine{2: 100}, later); err != nil {
		t.Fatal(err)
	}
	if err := o.Recall(byLine{2: 600}, later); !errors.Is(err, ErrUsedNumber) {
		t.Errorf("recalled what came: %v", err)
	}
	o = confirmed(t)
	if err := o.Dispatch(byLine{1: 2400}, later); err != nil {
		t.Fatal(err)
	}
	if err := o.Recall(byLine{1: 2400}, later); err != nil || o.State != StateConfirmed || o.OpenPieces(1) != 2400 {
		t.Errorf("%v, %s", err, o.State)
	}
}

func TestReschedule(t *testing.T) {
	o := confirmed(t)
	if err := o.Dispatch(byLine{2: 1200}, later); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Reschedule(2, []Split{{Pieces: 1000, Day: day("2026-12-02")}}, "talk", day0); !errors.Is(err, ErrShipped) {
		t.Errorf("below what is on the road: %v", err)
	}
	if _, err := o.Reschedule(2, []Split{{Pieces: 1200, Day: day("2026-12-02")}, {Pieces: 600, Day: day("2026-12-15")}}, "", day0); !errors.Is(err, ErrReason) {
		t.Errorf("no reason: %v", err)
	}
	was, err := o.Reschedule(2, []Split{{Pieces: 1200, Day: day("2026-12-02")}, {Pieces: 600, Day: day("2026-12-15")}}, "talk", day("2026-12-10"))
	if err != nil || was.Splits[1].Day != day("2026-12-09") || o.Agreed[2].Splits[1] != (Split{600, day("2026-12-15"), 1280}) {
		t.Errorf("%v, %+v", err, o.Agreed[2])
	}
}

func TestOpenSupplyTakesTheBestThatIsKnown(t *testing.T) {
	today := day("2026-12-03")
	l := SupplyLine{Supply: Supply{Line: 2, Pieces: 1800, Day: day("2026-12-02")}}
	if got := l.Open(today); len(got) != 1 || got[0].Confirmed || !got[0].Overdue || got[0].Pieces != 1800 {
		t.Errorf("asked: %+v", got)
	}
	l.Agreed = []Split{{1200, day("2026-12-02"), 1}, {600, day("2026-12-09"), 1}}
	l.Shipped, l.Came = 1200, 200
	l.Shipments = []Shipment{{Pieces: 1200, Came: 200, Arrives: day("2026-12-04")}}
	got := l.Open(today)
	if len(got) != 2 || !got[0].Dispatched || got[0].Pieces != 1000 || got[1].Pieces != 600 || got[1].Day != day("2026-12-09") || got[1].Dispatched {
		t.Errorf("on the road: %+v", got)
	}
	l.Answered = []Split{}
	if got := l.Open(today); len(got) != 1 || !got[0].Dispatched {
		t.Errorf("answered with nothing: %+v", got)
	}
}

func TestOpenSupplyLosesNoPiece(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var l SupplyLine
		var agreed quantity.Pieces
		l.Agreed = []Split{}
		for range rapid.IntRange(0, 4).Draw(rt, "splits") {
			n := quantity.Pieces(rapid.IntRange(1, 500).Draw(rt, "pieces"))
			l.Agreed = append(l.Agreed, Split{Pieces: n, Day: calendar.Day(rapid.IntRange(0, 9).Draw(rt, "day"))})
			agreed += n
		}
		for l.Shipped < agreed && rapid.Bool().Draw(rt, "ship") {
			n := quantity.Pieces(rapid.Int64Range(1, int64(agreed-l.Shipped)).Draw(rt, "shipped"))
			came := quantity.Pieces(rapid.Int64Range(0, int64(n)).Draw(rt, "came"))
			l.Shipments = append(l.Shipments, Shipment{Pieces: n, Came: came, Arrives: calendar.Day(rapid.IntRange(0, 9).Draw(rt, "arrives"))})
			l.Shipped, l.Came = l.Shipped+n, l.Came+came
		}
		var open quantity.Pieces
		for _, s := range l.Open(5) {
			open += s.Pieces
		}
		if open != agreed-l.Came {
			rt.Fatalf("open %d, agreed %d, came %d", open, agreed, l.Came)
		}
	})
}

func TestScoreMatchesFirstInFirstOut(t *testing.T) {
	s := ScoreOf([]ScoreLine{
		{Promised: []Split{{Pieces: 100, Day: 10}, {Pieces: 50, Day: 20}}, Came: []Split{{Pieces: 80, Day: 10}, {Pieces: 30, Day: 12}}},
		{Promised: []Split{{Pieces: 40, Day: 30}}, Came: []Split{{Pieces: 40, Day: 25}}}, // after the window
		{Promised: []Split{{Pieces: 10, Day: 15}}},
	}, 5, 25)
	if s.Promised != 160 || s.OnTime != 90 || s.Came != 110 {
		t.Errorf("%+v", s)
	}
	if share, ok := s.OnTimeShare(); !ok || share != 0.5625 {
		t.Errorf("%v", share)
	}
	if _, ok := (Score{}).QuantityShare(); ok {
		t.Error("a share of nothing")
	}
}

func awaitedLines() map[LineKey]Awaited {
	tin := catalog.SKU{ID: 1, Code: "MR-1", GTIN: "06901234567892", ShelfLifeDays: 540}
	bib := catalog.SKU{ID: 2, Code: "MR-2"}
	return map[LineKey]Awaited{
		{"FO-2611-0001", 1}: {Order: 1, Number: "FO-2611-0001", State: StateConfirmed, ShipTo: 5, Line: 1, SKU: tin, Open: 1000, MinRemainingDays: 360},
		{"FO-2611-0001", 2}: {Order: 1, Number: "FO-2611-0001", State: StateConfirmed, ShipTo: 5, Line: 2, SKU: bib, Open: 500},
		{"FO-2611-0002", 1}: {Order: 2, Number: "FO-2611-0002", State: StateSent, ShipTo: 5, Line: 1, SKU: bib, Open: 0},
		{"FO-2611-0003", 1}: {Order: 3, Number: "FO-2611-0003", State: StateProducing, ShipTo: 6, Line: 1, SKU: bib, Open: 70},
	}
}

func goodNote() ASN {
	return ASN{Number: "SH20261201", Arrives: day("2026-12-02"), Lines: []ASNLine{
		{OrderNumber: "FO-2611-0001", Line: 1, SKU: 1, Barcode: "6901234567892", Lot: "L2611-07", Produced: ptr(day("2026-11-01")), Pieces: 600, PerCarton: 6, CartonNo: "(00)106141412345678908"},
		{OrderNumber: "FO-2611-0001", SKU: 2, Pieces: 500, Cartons: 10},
	}}
}

func TestAGoodNoteIsFilledIn(t *testing.T) {
	a := goodNote()
	if p := a.Check(awaitedLines(), day0+11); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	if a.ShipTo != 5 || a.Lines[0].Cartons != 100 || *a.Lines[0].Expires != day("2026-11-01").AddDays(540) || a.Lines[0].CartonNo != "106141412345678908" {
		t.Errorf("%+v", a)
	}
	if a.Lines[1].Line != 2 || a.Lines[1].Order != 1 || a.Lines[1].PerCarton != 50 {
		t.Errorf("%+v", a.Lines[1])
	}
	if got := a.PiecesByLine(1); got[1] != 600 || got[2] != 500 || len(a.Orders()) != 1 {
		t.Errorf("%v", got)
	}
}

func TestBadNotesSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		spoil func(*ASN)
	}{
		"no number": {KeyASN, func(a *ASN) { a.Number = " " }},
		"arrived last month": {KeyArrival, func(a *ASN) {
			a.Arrives = day("2026-11-02")
			a.Lines[0].Produced = nil
			a.Lines[0].Expires = ptr(day("2028-01-01"))
		}},
		"no lines":        {"", func(a *ASN) { a.Lines = nil }},
		"unknown line":    {KeyLine, func(a *ASN) { a.Lines[0].Line = 9 }},
		"unconfirmed":     {KeyOrder, func(a *ASN) { a.Lines[1].OrderNumber, a.Lines[1].Line = "FO-2611-0002", 1 }},
		"another site":    {KeyOrder, func(a *ASN) { a.Lines[1].OrderNumber, a.Lines[1].Pieces, a.Lines[1].Cartons = "FO-2611-0003", 70, 0 }},
		"another SKU":     {KeySKU, func(a *ASN) { a.Lines[0].SKU = 2 }},
		"another barcode": {KeyBarcode, func(a *ASN) { a.Lines[0].Barcode = "6901234567899" }},
		"no pieces":       {KeyPieces, func(a *ASN) { a.Lines[1].Pieces = 0 }},
		"too many":        {KeyPieces, func(a *ASN) { a.Lines[1].Pieces = 510 }},
		"cartons":         {KeyCartons, func(a *ASN) { a.Lines[0].Cartons = 99 }},
		"no lot":          {KeyLot, func(a *ASN) { a.Lines[0].Lot = "" }},
		"lot in Chinese":  {KeyLot, func(a *ASN) { a.Lines[0].Lot = "批次7" }},
		"lot too long":    {KeyLot, func(a *ASN) { a.Lines[0].Lot = strings.Repeat("A", 21) }},
		"made tomorrow":   {KeyProduced, func(a *ASN) { a.Lines[0].Produced = ptr(day("2026-12-30")) }},
		"no expiry":       {KeyExpires, func(a *ASN) { a.Lines[0].Produced = nil }},
		"swapped":         {KeyExpires, func(a *ASN) { a.Lines[0].Expires = ptr(day("2026-10-01")) }},
		"lives too long":  {KeyExpires, func(a *ASN) { a.Lines[0].Expires = ptr(day("2029-10-01")) }},
		"short life":      {KeyExpires, func(a *ASN) { a.Lines[0].Produced, a.Lines[0].Expires = nil, ptr(day("2027-11-26")) }},
		"check digit":     {KeySSCC, func(a *ASN) { a.Lines[0].CartonNo = "106141412345678907" }},
		"a digit lost":    {KeySSCC, func(a *ASN) { a.Lines[0].CartonNo = "10614141234567890" }},
	} {
		a := goodNote()
		c.spoil(&a)
		p := a.Check(awaitedLines(), day0+11)
		if len(p) != 1 || p[0].Field != c.field || p[0].Reason.EN == "" || p[0].Reason.ZH == "" || p[0].Remedy.ZH == "" || p[0].Remedy.EN == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestShelfLifeLeftIsCountedOnArrival(t *testing.T) {
	a := goodNote()
	a.Lines[0].Produced, a.Lines[0].Expires = nil, ptr(day("2026-12-02").AddDays(360))
	if p := a.Check(awaitedLines(), day0+11); len(p) != 0 {
		t.Errorf("exactly the days demanded: %+v", p)
	}
}

func TestTooMuchOverSeveralRowsIsFoundAtTheLast(t *testing.T) {
	a := goodNote()
	a.Lines = append(a.Lines, a.Lines[0])
	a.Lines[2].Lot, a.Lines[2].Cartons = "L2611-08", 0
	p := a.Check(awaitedLines(), day0+11)
	if len(p) != 1 || p[0].Row != 2 || p[0].Field != KeyPieces {
		t.Errorf("%+v", p)
	}
}

// The example of the GS1 General Specifications, 3.3.1: SSCC 1 0614141 234567890 8.
func TestSSCC(t *testing.T) {
	for in, want := range map[string][2]bool{
		"106141412345678908": {true, true}, "00106141412345678908": {true, true}, "(00) 1 0614141 234567890 8": {true, true},
		"106141412345678900": {true, false}, "1-20": {false, true}, "C007": {false, true}, "": {false, true}, "10614141234567890": {true, false},
	} {
		if _, is, valid := ReadSSCC(in); is != want[0] || valid != want[1] {
			t.Errorf("%q: %v, %v", in, is, valid)
		}
	}
}

func TestSameNoteSameHash(t *testing.T) {
	a, b := goodNote(), goodNote()
	b.Lines[0], b.Lines[1] = b.Lines[1], b.Lines[0]
	b.By, b.ID = buyer, 7
	if a.Hash() != b.Hash() {
		t.Error("the order of rows, or who sent it, changes the hash")
	}
	b.Lines[0].Pieces++
	if a.Hash() == b.Hash() {
		t.Error("another quantity has the same hash")
	}
}
