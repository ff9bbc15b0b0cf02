package cell

import (
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

func text(s string) Value { return Value{Cell: &grid.Cell{Kind: grid.Text, Text: []byte(s)}} }

func num(s string, f ...grid.Format) Value {
	v := Value{Cell: &grid.Cell{Kind: grid.Number, Text: []byte(s)}}
	if len(f) > 0 {
		v.Format = &f[0]
	}
	return v
}

func under(v Value, unit string) Value {
	v.Unit = unit
	return v
}

// said checks what an outcome says: nothing, a mend's Chinese text, or a fault.
func said(t *testing.T, o Outcome, mend string, fault *notice.Reason) {
	t.Helper()
	if o.Fault.Reason != fault {
		t.Errorf("fault %q (%s), want %v", o.Fault.Code(), o.Fault.Text("zh"), fault)
	}
	if got := o.Mend.Text("zh"); got != mend {
		t.Errorf("mended %q, want %q", got, mend)
	}
	if !o.OK() && (o.Fault.Text("en") == "" || o.Fault.Fix("zh") == "" || o.Fault.Fix("en") == "") {
		t.Errorf("%s lacks a text or a remedy", o.Fault.Code())
	}
}

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		v     Value
		per   quantity.Pieces
		want  quantity.Pieces
		mend  string
		fault *notice.Reason
	}{
		{text("1200"), 0, 1200, "", nil},
		{text("1,200"), 0, 1200, "", nil},
		{text(" 1200 "), 0, 1200, "", nil},
		{text("1200\u00a0"), 0, 1200, "", nil},
		{text("１２００"), 0, 1200, "读作 1,200", nil},
		{text("１，２００"), 0, 1200, "读作 1,200", nil},
		{text("1.0"), 0, 1, "读作 1", nil},
		{num("1.0"), 0, 1, "", nil},
		{num("1200"), 0, 1200, "", nil},
		{num("1.2E3"), 0, 1200, "", nil},
		{num("1199.9999999999998"), 0, 1200, "", nil},
		{text("96件"), 0, 96, "去掉“件”", nil},
		{text("100 pcs"), 0, 100, "去掉“pcs”", nil},
		{text("100 PCS."), 0, 100, "去掉“PCS”", nil},
		{text("5箱"), 24, 120, "5×24 = 120 件", nil},
		{text("５ CTN"), 24, 120, "5×24 = 120 件", nil},
		{text("5箱3件"), 24, 123, "读作 123", nil},
		{text("5箱+3件"), 24, 123, "读作 123", nil},
		{text("5箱零3件"), 24, 123, "读作 123", nil},
		{text("2打"), 0, 24, "读作 24", nil},
		{text("1.2万"), 0, 12000, "读作 12,000", nil},
		{text("3千件"), 0, 3000, "读作 3,000", nil},
		{text("24件/箱"), 0, 24, "去掉“件”", nil},
		{text("'1200"), 0, 1200, "读作 1,200", nil},
		{under(num("5"), "箱"), 24, 120, "5×24 = 120 件", nil},
		{under(text("7件"), "箱"), 24, 7, "去掉“件”", nil},
		{under(num("7"), "件"), 24, 7, "", nil},
		{num("5", grid.Format{Unit: "箱"}), 24, 120, "5×24 = 120 件", nil},
		{num("5", grid.Format{Unit: "¥"}), 24, 5, "", nil},
		{num("0"), 0, 0, "", nil},

		{text("5箱"), 0, 0, "", CartonSizeUnknown},
		{text("5托"), 24, 0, "", UnknownUnit},
		{text("1.5"), 0, 0, "", NotWhole},
		{text("1.200"), 0, 0, "", NotWhole},
		{text("1,2"), 0, 0, "", NotNumber},
		{text("1,2345"), 0, 0, "", NotNumber},
		{text("约100"), 0, 0, "", NotNumber},
		{text("100-200"), 0, 0, "", UnknownUnit},
		{text("一百"), 0, 0, "", NotNumber},
		{text("5箱-3件"), 24, 0, "", UnknownUnit},
		{text("5箱3"), 24, 0, "", NotNumber},
		{text("1 2 3"), 0, 0, "", NotNumber},
		{text("-5"), 0, 0, "", Negative},
		{text("(5)"), 0, 0, "", Negative},
		{num("-5"), 0, 0, "", Negative},
		{num("6971002360017"), 0, 0, "", OutOfRange},
		{text("99999999999999999999999"), 0, 0, "", NotNumber},
		{num("46295", grid.Format{Date: true}), 0, 0, "", DateInNumber},
		{num("0.5", grid.Format{Percent: true}), 0, 0, "", PercentInNumber},
		{text("bad\xff"), 0, 0, "", Garbled},
		{Value{Cell: &grid.Cell{Kind: grid.Failed, Text: []byte("#REF!")}}, 0, 0, "", FormulaFailed},
		{Value{Cell: &grid.Cell{Kind: grid.Pending}}, 0, 0, "", FormulaPending},
		{Value{Cell: &grid.Cell{Kind: grid.Bool, Text: []byte("1")}}, 0, 0, "", NotNumber},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := Pieces(c.v, c.per, false)
			said(t, o, c.mend, c.fault)
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestSignedPieces(t *testing.T) {
	for s, want := range map[string]quantity.Pieces{"-5": -5, "－５": -5, "−5": -5, "(5)": -5, "5-": -5, "-1,200件": -1200, "-2箱": -48, "+3": 3} {
		if got, o := Pieces(text(s), 24, true); got != want || !o.OK() {
			t.Errorf("%s = %d, %s", s, got, o.Fault.Text("zh"))
		}
	}
}

func TestFen(t *testing.T) {
	for _, c := range []struct {
		v     Value
		want  money.Fen
		mend  string
		fault *notice.Reason
	}{
		{text("12.8"), 1280, "", nil},
		{num("12.8"), 1280, "", nil},
		{num("12.799999999999999"), 1280, "", nil},
		{num("12.800000000000001"), 1280, "", nil},
		{text("1,234.50"), 123450, "", nil},
		{text("12.800"), 1280, "", nil},
		{text(".5"), 50, "", nil},
		{text("￥12.80"), 1280, "读作 12.80", nil},
		{text("¥ 1,234.50"), 123450, "读作 1234.50", nil},
		{text("12.8元"), 1280, "读作 12.80", nil},
		{text("RMB 12.8"), 1280, "读作 12.80", nil},
		{text("CNY12.8"), 1280, "读作 12.80", nil},
		{text("￥12.8元"), 1280, "读作 12.80", nil},
		{text("12.8元/件"), 1280, "读作 12.80", nil},
		{text("１２．８０"), 1280, "读作 12.80", nil},
		{text("5角"), 50, "读作 0.50", nil},
		{text("350分"), 350, "读作 3.50", nil},
		{text("1.5万元"), 1500000, "读作 15000.00", nil},
		{under(num("1.5"), "万元"), 1500000, "读作 15000.00", nil},
		{under(num("350"), "分"), 350, "读作 3.50", nil},
		{under(num("3.5"), "元"), 350, "", nil},
		{under(num("3.5"), "元/件"), 350, "", nil},

		{text("12.805"), 0, "", TooManyDecimals},
		{num("12.8333333333"), 0, "", TooManyDecimals},
		{text("$12.80"), 0, "", ForeignCurrency},
		{text("12.8 USD"), 0, "", ForeignCurrency},
		{text("€5"), 0, "", ForeignCurrency},
		{text("300元/箱"), 0, "", PricePerCarton},
		{under(num("300"), "元/箱"), 0, "", PricePerCarton},
		{text("面议"), 0, "", NotNumber},
		{text("12.8.0"), 0, "", NotNumber},
		{text("1,23.5"), 0, "", NotNumber},
		{text("-3"), 0, "", Negative},
		{text("(3)"), 0, "", Negative},
		{num("1e16"), 0, "", NotNumber},
		{num("999999999999"), 0, "", OutOfRange},
		{num("46295", grid.Format{Date: true}), 0, "", DateInNumber},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := Fen(c.v, false)
			said(t, o, c.mend, c.fault)
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	for s, want := range map[string]money.Fen{"-3": -300, "(3.5)": -350, "¥-3": -300, "-¥3": -300, "3-": -300, "(¥3)": -300} {
		if got, o := Fen(text(s), true); got != want || !o.OK() {
			t.Errorf("%s = %d, %s", s, got, o.Fault.Text("zh"))
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		v     Value
		want  int64
		mend  string
		fault *notice.Reason
	}{
		{text("13%"), 1300, "", nil},
		{text("13 ％"), 1300, "读作 13%", nil},
		{text("0.5%"), 50, "", nil},
		{num("0.13"), 1300, "", nil},
		{num("0.13", grid.Format{Percent: true}), 1300, "", nil},
		{num("1", grid.Format{Percent: true}), 10000, "", nil},
		{under(num("0.13", grid.Format{Percent: true}), "%"), 1300, "", nil},
		{num("13"), 1300, "读作 13%", nil},
		{under(num("13"), "%"), 1300, "", nil},
		{under(num("1"), "%"), 100, "", nil},
		{num("0"), 0, "", nil},
		{text("100%"), 10000, "", nil},
		{num("1"), 0, "", PercentUnclear},
		{text("13.555%"), 0, "", TooManyDecimals},
		{text("免税"), 0, "", NotNumber},
		{num("999999"), 0, "", OutOfRange},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := Percent(c.v)
			said(t, o, c.mend, c.fault)
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		v     Value
		scale Scale
		unit  string
		want  int64
		mend  string
		fault *notice.Reason
	}{
		{num("2.5"), Grams, "kg", 2500, "", nil},
		{under(num("2.5"), "g"), Grams, "kg", 3, "读作 3", nil},
		{text("500g"), Grams, "kg", 500, "", nil},
		{text("1.2 KG"), Grams, "g", 1200, "", nil},
		{text("3斤"), Grams, "kg", 1500, "", nil},
		{text("2吨"), Grams, "kg", 2_000_000, "", nil},
		{text("60cm"), Millimetres, "cm", 600, "", nil},
		{text("0.03m3"), Millilitres, "m3", 30000, "", nil},
		{num("0.0288"), Millilitres, "m3", 28800, "", nil},
		{num("12.3456"), Grams, "kg", 12346, "读作 12,346", nil},
		{text("-1kg"), Grams, "kg", 0, "", Negative},
		{text("5盎司"), Grams, "kg", 0, "", UnknownUnit},
		{text("重"), Grams, "kg", 0, "", NotNumber},
		{num("9e14"), Grams, "t", 0, "", OutOfRange},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := Measure(c.v, c.scale, c.unit)
			said(t, o, c.mend, c.fault)
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestFloat(t *testing.T) {
	for s, want := range map[string]float64{"1.5": 1.5, "1,234.5": 1234.5, "-3": -3, "12%": 0.12, "１．５": 1.5} {
		if got, o := Float(text(s)); got != want || !o.OK() {
			t.Errorf("%s = %v, %s", s, got, o.Fault.Text("zh"))
		}
	}
	if got, o := Float(num("1.5E-3")); got != 0.0015 || !o.OK() {
		t.Errorf("1.5E-3 = %v", got)
	}
	for _, s := range []string{"abc", "", "1.2.3", "NaN", "Inf", "1e5"} {
		if _, o := Float(text(s)); o.OK() {
			t.Errorf("%s was taken", s)
		}
	}
}

// What is exported must be read back as it was.
func TestMoneyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := money.Fen(rapid.Int64Range(-1e12, 1e12).Draw(t, "fen"))
		for _, v := range []Value{text(f.Yuan()), num(f.Yuan()), text("￥" + f.Yuan()), text(f.Yuan() + "元")} {
			if got, o := Fen(v, true); got != f || !o.OK() {
				t.Fatalf("%s: %d, %s", v.Text, got, o.Fault.Text("en"))
			}
		}
	})
}

func TestPiecesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, maxPieces).Draw(t, "n")
		for _, v := range []Value{text(notice.Thousands(n)), text(notice.Thousands(n) + "件"), num(notice.Thousands(n)[:1])} {
			got, o := Pieces(v, 0, false)
			if !o.OK() || (v.Kind == grid.Text && int64(got) != n) {
				t.Fatalf("%s: %d, %s", v.Text, got, o.Fault.Text("en"))
			}
		}
	})
}
