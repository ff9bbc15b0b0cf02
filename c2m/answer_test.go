package c2m

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

var later = noon.Add(46 * time.Hour)

func find(ds []Deviation, line int, kind DeviationKind) *Deviation {
	for i := range ds {
		if ds[i].Line == line && ds[i].Kind == kind {
			return &ds[i]
		}
	}
	return nil
}

func answered(t *testing.T) *FactoryOrder {
	t.Helper()
	o := sent(t)
	if repeated, err := o.TakeAnswer(storyAnswer(), later); err != nil || repeated {
		t.Fatal(repeated, err)
	}
	return o
}

func TestDeviationsAreThoseOfThePicture(t *testing.T) {
	o := answered(t)
	if o.State != StateAnswered || len(o.Deviations) != 4 || o.Undecided() != 4 {
		t.Fatalf("%s, %+v", o.State, o.Deviations)
	}
	if d := find(o.Deviations, 2, DeviationDay); d == nil || d.Days != 7 || d.Moved != 600 || d.Day != day("2026-12-09") {
		t.Errorf("split: %+v", d)
	}
	if d := find(o.Deviations, 3, DeviationDay); d == nil || d.Days != 3 || d.Moved != 2400 {
		t.Errorf("late: %+v", d)
	}
	if d := find(o.Deviations, 3, DeviationPrice); d == nil || d.AskedPrice != 890 || d.Price != 920 {
		t.Errorf("price: %+v", d)
	}
	if d := find(o.Deviations, 4, DeviationPieces); d == nil || d.AskedPieces != 1200 || d.Pieces != 0 {
		t.Errorf("nothing to deliver: %+v", d)
	}
	if a := o.Agreed[1]; len(a.Splits) != 1 || a.Splits[0].Pieces != 2400 {
		t.Errorf("the line that meets the ask: %+v", a)
	}
	sum, err := o.AnsweredTotals()
	if err != nil || sum.Pieces != 6600 || sum.Gross != 7_584_000 {
		t.Errorf("answered: %+v, %v", sum, err)
	}
}

func TestAcceptingEverythingConfirmsPartly(t *testing.T) {
	o := answered(t)
	if left, err := o.Accept(Select{}, buyer, "", later, day0+2); err != nil || len(left) != 0 {
		t.Fatal(left, err)
	}
	if o.State != StateConfirmed || o.Confirmation() != PartlyAgreed || o.Stops.Confirmed == nil {
		t.Errorf("%s, %s", o.State, o.Confirmation())
	}
	if a := o.Agreed[2]; len(a.Splits) != 2 || a.Splits[1] != (Split{600, day("2026-12-09"), 1280}) {
		t.Errorf("%+v", a)
	}
	sum, err := o.AgreedTotals()
	if err != nil || sum.Gross != 7_584_000 {
		t.Errorf("%+v, %v", sum, err)
	}
	if _, err := o.Accept(Select{}, buyer, "", later, day0); !errors.Is(err, ErrState) {
		t.Errorf("accepted twice: %v", err)
	}
}

func TestTheSameAnswerTwiceIsHarmless(t *testing.T) {
	o := answered(t)
	if _, err := o.Accept(Select{Line: 2}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	a := storyAnswer()
	a.Lines[0], a.Lines[3] = a.Lines[3], a.Lines[0] // rows moved about say the same
	if repeated, err := o.TakeAnswer(a, later.Add(time.Hour)); err != nil || !repeated || o.Undecided() != 3 {
		t.Errorf("%v, %v, %d undecided", repeated, err, o.Undecided())
	}
	a.Version = 2
	var ve *VersionError
	if _, err := o.TakeAnswer(a, later); !errors.As(err, &ve) || ve.Sheet != 2 || ve.Current != 1 {
		t.Errorf("another version: %v", err)
	}
}

func TestRefusalAsksAgainInANewVersion(t *testing.T) {
	o := answered(t)
	if err := o.Refuse(Select{Line: 3}, Counter{}, buyer, "", later, day0+2); !errors.Is(err, ErrReason) {
		t.Errorf("no reason: %v", err)
	}
	// The day is accepted, the price is not: the counter-offer takes the day over.
	if _, err := o.Accept(Select{Line: 3, Kinds: []DeviationKind{DeviationDay}}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if err := o.Refuse(Select{Line: 3}, Counter{Price: ptr(money.Fen(900))}, buyer, "涨幅太大", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if l, _ := o.Line(3); l.Due != day("2026-12-06") || l.Price != 900 || !l.ByHand {
		t.Errorf("counter-offer %+v", l)
	}
	if _, err := o.Accept(Select{}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if o.State != StateAnswered || o.Undecided() != 0 {
		t.Fatalf("%s with %d undecided", o.State, o.Undecided())
	}
	if err := o.Send(buyer, "还价", later.Add(48*time.Hour), later, day0+2); err != nil {
		t.Fatal(err)
	}
	if o.State != StateSent || o.Version() != 2 || len(o.Agreed) != 3 {
		t.Fatalf("%s, version %d, %d agreed", o.State, o.Version(), len(o.Agreed))
	}
	// The supplier answers the one open line only.
	_, err := o.TakeAnswer(Answer{Version: 2, Lines: []AnswerLine{{Line: 3, SKU: 3, Splits: []Split{{2400, day("2026-12-06"), 900}}}}}, later)
	if err != nil || o.State != StateConfirmed || len(o.Deviations) != 0 {
		t.Errorf("%v, %s, %+v", err, o.State, o.Deviations)
	}
}

func TestARefusalCanAskForTheSameAgain(t *testing.T) {
	o := answered(t)
	if err := o.Refuse(Select{Line: 4}, Counter{}, buyer, "must have them", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Accept(Select{}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if o.State == StateConfirmed || o.Changed() {
		t.Fatal(o.State, o.Changed())
	}
	if err := o.Send(buyer, "still needed", later, later, day0+2); err != nil || o.Version() != 2 {
		t.Errorf("%v, version %d", err, o.Version())
	}
}

func TestSilenceIsNeverAcceptedByTheWay(t *testing.T) {
	o := sent(t)
	a := storyAnswer()
	a.Lines = a.Lines[:3]
	if _, err := o.TakeAnswer(a, later); err != nil {
		t.Fatal(err)
	}
	left, err := o.Accept(Select{}, buyer, "", later, day0+2)
	if err != nil || len(left) != 1 || left[0] != 4 || o.State != StateAnswered {
		t.Fatalf("%v, %v, %s", left, err, o.State)
	}
	if _, err := o.Accept(Select{Line: 4}, buyer, "drop it", later, day0+2); err != nil || o.State != StateConfirmed {
		t.Errorf("%v, %s", err, o.State)
	}
	if got := splitPieces(o.Agreed[4].Splits); got != 0 {
		t.Errorf("%d pieces of a dropped line", got)
	}
}

func TestAnOfferBecomesALineOfTheNextVersion(t *testing.T) {
	o := sent(t)
	a := storyAnswer()
	a.Lines = append(a.Lines, AnswerLine{Line: -1, SKU: 77, Splits: []Split{{500, day("2026-12-02"), 100}}})
	if _, err := o.TakeAnswer(a, later); err != nil {
		t.Fatal(err)
	}
	if left, err := o.Accept(Select{}, buyer, "", later, day0+2); err != nil || len(left) != 1 {
		t.Fatal(left, err)
	}
	refused := *o
	refused.Deviations = append([]Deviation(nil), o.Deviations...)
	if err := refused.Refuse(Select{Line: -1}, Counter{}, buyer, "no", later, day0+2); err != nil || refused.State != StateConfirmed {
		t.Errorf("refused offer: %v, %s", err, refused.State)
	}
	if _, err := o.Accept(Select{Line: -1}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if o.State != StateAnswered || !o.Changed() {
		t.Fatalf("%s, changed %v: the paper lacks the new line", o.State, o.Changed())
	}
	if err := o.Send(buyer, "your offer", later, later, day0+2); err != nil || o.State != StateConfirmed || o.Version() != 2 {
		t.Errorf("%v, %s: nothing is left to ask", err, o.State)
	}
}

func TestAChangeOfAgreedDatesIsDecidedAnew(t *testing.T) {
	o := answered(t)
	if _, err := o.Accept(Select{}, buyer, "", later, day0+2); err != nil {
		t.Fatal(err)
	}
	if err := o.StartProduction(later); err != nil {
		t.Fatal(err)
	}
	slip := storyAnswer()
	slip.Lines[0].Splits[0].Day += 5
	if _, err := o.TakeAnswer(slip, later); err != nil {
		t.Fatal(err)
	}
	if o.State != StateAnswered || len(o.Deviations) != 1 || o.Deviations[0].Days != 5 || o.Agreed[1].Splits[0].Day != day("2026-12-02") {
		t.Fatalf("%s, %+v", o.State, o.Deviations)
	}
	if err := o.Refuse(Select{Line: 1}, Counter{}, buyer, "we hold you to it", later, day0+2); err != nil || o.State != StateProducing {
		t.Errorf("%v, %s", err, o.State)
	}
}

func TestPackAndMinimumAreCheckedWhereTheSupplierChanges(t *testing.T) {
	o := sent(t)
	a := storyAnswer()
	a.Lines[0].Splits[0].Pieces = 1100 // below the minimum of 1,200
	a.Lines[1].Splits = []Split{{1190, day("2026-12-02"), 1280}, {610, day("2026-12-02"), 1300}}
	if _, err := o.TakeAnswer(a, later); err != nil {
		t.Fatal(err)
	}
	if d := find(o.Deviations, 1, DeviationPack); d == nil || !d.BelowMOQ || d.Unit != 1200 {
		t.Errorf("minimum: %+v", d)
	}
	if d := find(o.Deviations, 2, DeviationPack); d == nil || d.BelowMOQ || d.Unit != 60 {
		t.Errorf("pack: %+v", d)
	}
	if d := find(o.Deviations, 2, DeviationPrice); d == nil || d.Price != 1300 {
		t.Errorf("the dearer part counts: %+v", d)
	}
}

func TestRepliesAreReadByTheRulesOfTheSheet(t *testing.T) {
	o := sent(t)
	n := func(v int) *quantity.Pieces { return ptr(quantity.Pieces(v)) }
	d := func(s string) *calendar.Day { return ptr(day(s)) }
	a, problems := ReadReplies(*o.Current, []Reply{
		{Line: 1, Batches: []ReplyBatch{{Pieces: n(2400)}}},                                      // no day: as asked
		{SKU: 2, Batches: []ReplyBatch{{n(1200), nil}, {n(600), d("2026-12-09")}, {}}},           // no line number
		{Line: 3, Batches: []ReplyBatch{{n(1000), d("2026-12-03")}}, Price: ptr(money.Fen(900))}, // two rows
		{Line: 3, Batches: []ReplyBatch{{n(1400), d("2026-12-08")}}, Note: "二批"},                 //
		{Line: 4}, // left empty
		{SKU: 9, Batches: []ReplyBatch{{n(100), d("2026-12-08")}}, Price: ptr(money.Fen(500))}, // an offer
	}, day0)
	if len(problems) != 0 {
		t.Fatalf("%+v", problems)
	}
	if l, _ := a.Line(1); l.Splits[0] != (Split{2400, day("2026-12-02"), 1280}) {
		t.Errorf("line 1: %+v", l)
	}
	if l, _ := a.Line(2); len(l.Splits) != 2 || l.Pieces() != 1800 {
		t.Errorf("line 2: %+v", l)
	}
	if l, _ := a.Line(3); len(l.Splits) != 2 || l.Splits[0].Price != 900 || l.Splits[1].Price != 890 || l.Note != "二批" {
		t.Errorf("line 3: %+v", l)
	}
	if _, ok := a.Line(4); ok {
		t.Error("an empty row is an answer")
	}
	if l, ok := a.Line(-1); !ok || l.SKU != 9 {
		t.Errorf("offer: %+v", l)
	}
}

func TestBadRepliesSayWhatToDo(t *testing.T) {
	o := sent(t)
	n := func(v int) *quantity.Pieces { return ptr(quantity.Pieces(v)) }
	yesterday := day0 - 1
	for name, c := range map[string]struct {
		field   string
		replies []Reply
	}{
		"note only":          {KeyPieces, []Reply{{Line: 1, Note: "wait"}}},
		"batch without day":  {KeyPieces, []Reply{{Line: 1, Batches: []ReplyBatch{{Pieces: n(5)}, {Pieces: n(6)}}}}},
		"wrong SKU":          {KeySKU, []Reply{{Line: 1, SKU: 2, Batches: []ReplyBatch{{Pieces: n(5)}}}}},
		"unknown line":       {KeyLine, []Reply{{Line: 99, Batches: []ReplyBatch{{Pieces: n(5)}}}}},
		"half an offer":      {KeyPieces, []Reply{{Line: 99, SKU: 9, Batches: []ReplyBatch{{Pieces: n(5)}}}}},
		"no line, no SKU":    {KeyLine, []Reply{{Batches: []ReplyBatch{{Pieces: n(5)}}}}},
		"negative":           {KeyPieces, []Reply{{Line: 1, Batches: []ReplyBatch{{Pieces: n(-5)}}}}},
		"day gone by":        {KeyDay, []Reply{{Line: 1, Batches: []ReplyBatch{{Pieces: n(5), Day: &yesterday}}}}},
		"price of a million": {KeyPrice, []Reply{{Line: 1, Price: ptr(MaxPrice + 1)}}},
		"row copied":         {KeyLine, []Reply{{Line: 1, Batches: []ReplyBatch{{Pieces: n(5)}}}, {Line: 1, Batches: []ReplyBatch{{Pieces: n(5)}}}}},
	} {
		_, problems := ReadReplies(*o.Current, c.replies, day0)
		if len(problems) != 1 || problems[0].Field != c.field || problems[0].Reason.ZH == "" || problems[0].Reason.EN == "" ||
			problems[0].Remedy.ZH == "" || problems[0].Remedy.EN == "" {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

// Whatever is answered, accepting all of it confirms the order, and the agreed sums are the answered ones.
func TestAcceptingWhateverIsAnswered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := sent(t)
		a := Answer{Version: 1}
		for _, l := range o.Current.Lines {
			var splits []Split
			for range rapid.IntRange(1, 3).Draw(rt, "splits") {
				splits = append(splits, Split{
					Pieces: quantity.Pieces(rapid.IntRange(0, 3000).Draw(rt, "pieces")),
					Day:    l.Due.AddDays(rapid.IntRange(-5, 20).Draw(rt, "days")),
					Price:  money.Fen(rapid.IntRange(1, 2000).Draw(rt, "price")),
				})
			}
			a.Lines = append(a.Lines, AnswerLine{Line: l.No, SKU: l.SKU, Splits: splits})
		}
		if _, err := o.TakeAnswer(a, later); err != nil {
			rt.Fatal(err)
		}
		if o.State == StateAnswered {
			if _, err := o.Accept(Select{}, buyer, "", later, day0); err != nil {
				rt.Fatal(err)
			}
		}
		agreed, err := o.AgreedTotals()
		answered, err2 := o.AnsweredTotals()
		if err != nil || err2 != nil || o.State != StateConfirmed || agreed != answered {
			rt.Fatalf("%s, agreed %+v, answered %+v, %v, %v", o.State, agreed, answered, err, err2)
		}
		if repeated, err := o.TakeAnswer(a, later); err != nil || !repeated || o.State != StateConfirmed {
			rt.Fatalf("a repeat: %v, %v, %s", repeated, err, o.State)
		}
	})
}

// A line in three deliveries of 3 × 0.04 yuan holds the tax of 0.36 yuan: 0.36 × 13 ÷ 113 = 0.0414, not three times 0.0138 rounded.
func TestTheTaxOfALineIsRoundedOnce(t *testing.T) {
	o := sent(t)
	a := storyAnswer()
	due := day("2026-12-02")
	a.Lines[0].Splits = []Split{{3, due, 4}, {3, due, 4}, {3, due + 1, 4}}
	if _, err := o.TakeAnswer(a, later); err != nil {
		t.Fatal(err)
	}
	answered, err := o.AnsweredTotals()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Accept(Select{}, buyer, "", later, day0); err != nil {
		t.Fatal(err)
	}
	agreed, err := o.AgreedTotals()
	whole, err2 := TotalsOf([]Line{{Pieces: 9, Price: 4, TaxBP: 1300}})
	if err != nil || err2 != nil || agreed != answered || whole.Tax != 4 {
		t.Errorf("answered %+v, agreed %+v, a line of 9: %+v, %v, %v", answered, agreed, whole, err, err2)
	}
	rest, err := o.totals(func(l Line) ([]Split, bool) { return o.Agreed[l.No].Splits, l.No != 1 })
	if one, _ := TotalsOf([]Line{o.Current.Lines[0]}); err != nil || agreed.Tax-(rest.Tax-one.Tax) != whole.Tax {
		t.Errorf("the line's tax in three parts is %d fen, %v", agreed.Tax-(rest.Tax-one.Tax), err)
	}
}

func TestReasonsAreFoundByTheirWords(t *testing.T) {
	for in, want := range map[string]ReasonCode{"缺料": ReasonMaterial, " Capacity Full": ReasonCapacity, "holiday": ReasonHoliday,
		"": ReasonNone, "起订量": ReasonPacking, "停工": ReasonPower, "模具/设备": ReasonTooling} {
		if got, ok := ParseReason(in); !ok || got != want {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
	if got, ok := ParseReason("网兜涨价，丝印排期"); ok || got != ReasonOtherCause {
		t.Errorf("%q, %v", got, ok)
	}
}
