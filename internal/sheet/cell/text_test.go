package cell

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

func TestDay(t *testing.T) {
	date := grid.Format{Date: true}
	for _, c := range []struct {
		v     Value
		want  string
		mend  string
		fault *notice.Reason
	}{
		{text("2026-11-02"), "2026-11-02", "", nil},
		{text("2026/11/2"), "2026-11-02", "", nil},
		{text("2026/11/02"), "2026-11-02", "", nil},
		{text("2026.11.02"), "2026-11-02", "读作 2026-11-02", nil},
		{text("2026．11．02"), "2026-11-02", "读作 2026-11-02", nil},
		{text("20261102"), "2026-11-02", "读作 2026-11-02", nil},
		{text("20261102083000"), "2026-11-02", "读作 2026-11-02", nil},
		{text("202611020830"), "2026-11-02", "读作 2026-11-02", nil},
		{text("2026年11月2日"), "2026-11-02", "", nil},
		{text("2026年11月2日 星期一"), "2026-11-02", "", nil},
		{text("2026 年 11 月 2 日"), "2026-11-02", "", nil},
		{text("2026-11-02 08:30"), "2026-11-02", "", nil},
		{text("2026-11-02T08:30:00Z"), "2026-11-02", "", nil},
		{text("2026-11-02T00:30:00+08:00"), "2026-11-02", "", nil},
		{text("2026/11/2 上午8:30"), "2026-11-02", "", nil},
		{text("2026/11/2 8:30:00 PM"), "2026-11-02", "", nil},
		{text("2-Nov-2026"), "2026-11-02", "读作 2026-11-02", nil},
		{text("2-Nov-26"), "2026-11-02", "读作 2026-11-02", nil},
		{text("Nov 2, 2026"), "2026-11-02", "读作 2026-11-02", nil},
		{text("2 November 2026"), "2026-11-02", "读作 2026-11-02", nil},
		{text("13/11/2026"), "2026-11-13", "读作 2026-11-13", nil},
		{text("11/13/2026"), "2026-11-13", "读作 2026-11-13", nil},
		{text("11/11/2026"), "2026-11-11", "读作 2026-11-11", nil},
		{text("46295"), "2026-09-30", "序号，读作 2026-09-30", nil},
		{num("46295"), "2026-09-30", "序号，读作 2026-09-30", nil},
		{num("46295", date), "2026-09-30", "", nil},
		{num("46295.75", date), "2026-09-30", "", nil},
		{num("46295.9999999", date), "2026-10-01", "", nil},
		{num("20261102"), "2026-11-02", "读作 2026-11-02", nil},
		{Value{Cell: num("44833", date).Cell, Epoch1904: true}, "2026-09-30", "", nil},
		{Value{Cell: &grid.Cell{Kind: grid.Date, Text: []byte("2026-09-30T00:00:00")}}, "2026-09-30", "", nil},
		{text("2028-02-29"), "2028-02-29", "", nil},

		{text("02/11/2026"), "", "", DateUnclear},
		{text("26-11-02"), "", "", DateUnclear},
		{text("26/11/02"), "", "", DateUnclear},
		{text("2026-11-31"), "", "", NoSuchDate},
		{text("2026-13-01"), "", "", NoSuchDate},
		{text("2027-02-29"), "", "", NoSuchDate},
		{text("2026.02.30"), "", "", NoSuchDate},
		{text("31/02/2026"), "", "", NoSuchDate},
		{text("2026年11月"), "", "", DayMissing},
		{text("2026-11"), "", "", DayMissing},
		{text("202611"), "", "", DayMissing},
		{text("11月2日"), "", "", NotDate},
		{text("待定吧"), "", "", NotDate},
		{text("2026-11-02~2026-11-05"), "", "", NotDate},
		{text("2026-11-02 25:00"), "", "", NotDate},
		{text("2-Foo-2026"), "", "", NotDate},
		{text("1926-11-02"), "", "", DateOutOfRange},
		{text("2126-11-02"), "", "", DateOutOfRange},
		{num("5", date), "", "", DateOutOfRange},
		{num("240"), "", "", NotDate},
		{num("-1"), "", "", NotDate},
		{num("1e300"), "", "", NotDate},
		{Value{Cell: &grid.Cell{Kind: grid.Bool, Text: []byte("1")}}, "", "", NotDate},
		{Value{Cell: &grid.Cell{Kind: grid.Failed, Text: []byte("#N/A")}}, "", "", FormulaFailed},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := Day(c.v)
			said(t, o, c.mend, c.fault)
			if o.OK() && got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestMoment(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	for s, want := range map[string]string{
		"2026-11-02":                "2026-11-02T00:00:00+08:00",
		"2026-11-02 08:30":          "2026-11-02T08:30:00+08:00",
		"2026-11-02 8:30 PM":        "2026-11-02T20:30:00+08:00",
		"2026-11-02 下午8:30:15":      "2026-11-02T20:30:15+08:00",
		"2026-11-02 12:05 AM":       "2026-11-02T00:05:00+08:00",
		"2026-11-02T00:30:00Z":      "2026-11-02T08:30:00+08:00",
		"2026-11-02T08:30:00-05:00": "2026-11-02T21:30:00+08:00",
		"20261102083015":            "2026-11-02T08:30:15+08:00",
		"2026年11月2日 8时30分":          "2026-11-02T08:30:00+08:00",
		"2026-11-02 24:00":          "2026-11-03T00:00:00+08:00",
	} {
		got, o := Moment(text(s), shanghai)
		if !o.OK() || got.Format(time.RFC3339) != want {
			t.Errorf("%s = %s, want %s (%s)", s, got.Format(time.RFC3339), want, o.Fault.Text("zh"))
		}
	}
	if got, o := Moment(num("46328.354166666664", grid.Format{Date: true}), shanghai); !o.OK() || got.Format(time.RFC3339) != "2026-11-02T08:30:00+08:00" {
		t.Errorf("serial: %s", got)
	}
}

func TestWeek(t *testing.T) {
	for s, want := range map[string]string{
		"2026-W45": "2026-11-02", "2026W45": "2026-11-02", "2026-w5": "2026-01-26", "W45 2026": "2026-11-02", "W45/2026": "2026-11-02",
		"2026年第45周": "2026-11-02", "202645": "2026-11-02", "２０２６－Ｗ４５": "2026-11-02", "2026-11-05": "2026-11-02", "2026-W53": "2026-12-28",
	} {
		got, o := Week(text(s))
		if !o.OK() || got.String() != want {
			t.Errorf("%s = %s, want %s (%s)", s, got, want, o.Fault.Text("zh"))
		}
	}
	for _, s := range []string{"2027-W53", "2026-W00", "2026-W54", "W45", "第45周", "2126-W01"} {
		if got, o := Week(text(s)); o.OK() {
			t.Errorf("%s was taken as %s", s, got)
		}
	}
}

func TestCode(t *testing.T) {
	for _, c := range []struct {
		v     Value
		want  string
		mend  string
		fault *notice.Reason
	}{
		{text("MR-100236"), "MR-100236", "", nil},
		{text(" 00123 "), "00123", "", nil},
		{text("'00123"), "00123", "", nil},
		{text(`="00123"`), "00123", "", nil},
		{text("ＭＲ－１００２３６"), "MR-100236", "读作 MR-100236", nil},
		{text("MR\u200b-1"), "MR-1", "", nil},
		{text("a\tb  c"), "a b c", "", nil},
		{text("123.0"), "123", "读作 123", nil},
		{num("123.0"), "123", "", nil},
		{num("6971002360017"), "6971002360017", "", nil},
		{num("6.971002360017E12"), "6971002360017", "", nil},
		{num("6.97E+12"), "6970000000000", "", nil},
		{num("123", grid.Format{Digits: 8}), "00000123", "", nil},
		{num("1.5"), "1.5", "", nil},
		{text("6.971002360017E+12"), "6971002360017", "读作 6971002360017", nil},
		{text("6.971002360017e12"), "6971002360017", "读作 6971002360017", nil},
		{text("5E10"), "5E10", "", nil},
		{text("6.97E+12"), "", "", DigitsLost},
		{num("123456789012345678"), "", "", DigitsLost},
		{num("1.23456789012346E+17"), "", "", DigitsLost},
		{num("46295", grid.Format{Date: true}), "", "", DateInNumber},
		{text(strings.Repeat("长", 65)), "", "", TooLong},
		{text("\xff"), "", "", Garbled},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := Code(c.v)
			said(t, o, c.mend, c.fault)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGTIN(t *testing.T) {
	for _, c := range []struct {
		v     Value
		want  string
		says  string
		fault *notice.Reason
	}{
		// 4006381333931 is the example of GS1's check digit page; 036000291452 of the UPC; 96385074 of the EAN-8.
		{text("4006381333931"), "4006381333931", "", nil},
		{text("036000291452"), "036000291452", "", nil},
		{text("96385074"), "96385074", "", nil},
		{text("10614141000415"), "10614141000415", "", nil},
		{text("4006381 333931"), "4006381333931", "读作 4006381333931", nil},
		{num("4006381333931"), "4006381333931", "", nil},
		{num("4.006381333931E12"), "4006381333931", "", nil},
		{num("36000291452"), "036000291452", "补回前面的 0，读作 036000291452", nil},
		{text("697530088001"), "", "12 位，应为 13 位", GTINLength},
		{text("4006381333932"), "", "校验位是 2，应为 1", GTINCheck},
		{text("69710023"), "", "校验位是 3，应为 5", GTINCheck},
		{text("12345"), "", "5 位，应为 8 位", GTINLength},
		{num("12345678901"), "", "11 位，应为 13 位", GTINLength},
		{text("697100236001X"), "", "条码“697100236001X”里有不是数字的字符", GTINDigits},
		{text("6.97E+12"), "", "“6.97E+12”被 Excel 改成了科学计数法，末几位已丢失", DigitsLost},
	} {
		t.Run(string(c.v.Text), func(t *testing.T) {
			got, o := GTIN(c.v)
			if o.Fault.Reason != c.fault || got != c.want {
				t.Errorf("got %q, %s", got, o.Fault.Code())
			}
			if says := o.Mend.Text("zh") + o.Fault.Text("zh"); says != c.says {
				t.Errorf("says %q, want %q", says, c.says)
			}
		})
	}
}

func TestBool(t *testing.T) {
	for s, want := range map[string]bool{"是": true, "否": false, "Y": true, "n": false, "TRUE": true, "√": true, "×": false, "1": true, "0": false, "有": true, "无": false, "Ｙ": true, "✔": true} {
		if got, o := Bool(text(s)); got != want || !o.OK() {
			t.Errorf("%s = %v, %s", s, got, o.Fault.Text("zh"))
		}
	}
	for _, one := range []string{"1", "1.0", "1E0"} {
		if got, o := Bool(num(one)); !got || !o.OK() {
			t.Errorf("number %s", one)
		}
	}
	if _, o := Bool(text("也许")); o.Fault.Reason != NotBool {
		t.Error("也许 was taken")
	}
}

func TestTextKeepsWhatIsWritten(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{text("  两段，６支装  "), "两段，６支装"},
		{num("12"), "12"},
		{num("46295", grid.Format{Date: true}), "2026-09-30"},
		{text("=1+1"), "=1+1"},
	} {
		if got, o := Text(c.v, 20); got != c.want || !o.OK() {
			t.Errorf("%s = %q, %s", c.v.Text, got, o.Fault.Text("zh"))
		}
	}
	if _, o := Text(text("一二三"), 2); o.Fault.Reason != TooLong {
		t.Error("too long was taken")
	}
}

func TestAbsent(t *testing.T) {
	for _, s := range []string{"-", "–", "—", "/", "无", "N/A", "n/a", " ", "－", "null", "待定"} {
		if !Absent([]byte(s), true) {
			t.Errorf("%q is taken for a value", s)
		}
	}
	for _, s := range []string{"0", "a", "1-2", "否"} {
		if Absent([]byte(s), true) {
			t.Errorf("%q is taken for nothing", s)
		}
	}
	if Absent([]byte("NA"), false) || !Absent([]byte("N/A"), false) {
		t.Error("NA may be a code, N/A is none")
	}
}

func TestUnitIn(t *testing.T) {
	for s, want := range map[string]string{"件": "件", "单位：箱": "箱", "元/件": "元", "元/箱": "元/箱", "％": "%", "KG": "kg", "必填": "", "含税": "", "yyyy-mm-dd": ""} {
		if got := UnitIn(s); got != want {
			t.Errorf("UnitIn(%s) = %q, want %q", s, got, want)
		}
	}
}

func TestDayRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.Day(rapid.Int32Range(int32(FirstDay), int32(LastDay)).Draw(t, "day"))
		serial := d.Sub(calendar.Date(1899, time.December, 30))
		for _, v := range []Value{
			text(d.String()), text(d.Time().Format("2006.1.2")), text(d.Time().Format("20060102")), text(d.Time().Format("2006年1月2日")),
			text(d.Time().Format("2-Jan-2006")), num(notice.Thousands(int64(serial))[:2] + notice.Thousands(int64(serial))[3:]),
		} {
			if got, o := Day(v); got != d || !o.OK() {
				t.Fatalf("%s: %s, %s", v.Text, got, o.Fault.Text("en"))
			}
		}
	})
}

func FuzzCells(f *testing.F) {
	for _, s := range []string{"5箱3件", "￥12.80", "2026.11.02", "6.97E+12", "13%", "1.2万", "２０２６年１１月２日 下午8:30", "(1,234.50)", "2-Nov-26", "0.03m3", "\xff\x00", "--", "1e308", "2026-W45"} {
		f.Add(s, uint8(1), "箱")
		f.Add(s, uint8(2), "%")
	}
	f.Fuzz(func(t *testing.T, s string, kind uint8, unit string) {
		v := Value{Cell: &grid.Cell{Kind: grid.Kind(kind % 7), Text: []byte(s)}, Unit: unit, Epoch1904: kind > 100}
		if kind%2 == 0 {
			v.Format = &grid.Format{Date: kind%4 == 0, Percent: kind%3 == 0, Digits: int(kind % 14), Unit: unit}
		}
		if n, o := Pieces(v, 24, false); o.OK() && (n < 0 || n > maxPieces) {
			t.Errorf("pieces %d", n)
		}
		if n, o := Fen(v, false); o.OK() && (n < 0 || n > maxFen) {
			t.Errorf("fen %d", n)
		}
		if d, o := Day(v); o.OK() && (d < FirstDay || d > LastDay) {
			t.Errorf("day %s", d)
		}
		if c, o := Code(v); o.OK() && len([]rune(c)) > maxCode {
			t.Errorf("code %q", c)
		}
		if g, o := GTIN(v); o.OK() && !catalog.ValidGTIN(g) {
			t.Errorf("gtin %s", g)
		}
		Percent(v)
		Measure(v, Grams, "kg")
		Float(v)
		Bool(v)
		Week(v)
		Moment(v, time.UTC)
		Text(v, 100)
	})
}
