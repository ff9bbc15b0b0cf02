package forecastxlsx

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
)

var (
	// BadDiscount is a discount that cannot be told from a price.
	BadDiscount = &notice.Reason{Code: "forecast.bad_discount", ZH: "看不出打几折", EN: "the discount has more than one reading",
		FixZH: "写成“8折”“85折”，或在“降价幅度”列写 20%", FixEN: "Write 20% in the column Promotion depth"}
	// NoDepth is a promotion that does not say how deep it is.
	NoDepth = &notice.Reason{Code: "forecast.no_depth", ZH: "只写了有促销，没有写幅度", EN: "says that there is a promotion, not how deep",
		FixZH: "写出比平时便宜多少，例如 20%", FixEN: "Write how much below the usual price, such as 20%"}
)

var folds = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,2})?)\s*折$`)

// promoOf reads the cut off the usual price in hundredths of a percent: 20% and 8折 are both 2000, 85折 is 1500.
func promoOf(row *sheet.Row) int {
	if row.Has("promo") {
		return depth(row)
	}
	if !row.Has("discount") {
		return 0
	}
	text := plain(row.Raw("discount"))
	if bp, ok := foldDepth(text); ok {
		return bp
	}
	if !none(text) {
		row.Fail("discount", BadDiscount.With())
	}
	return 0
}

func depth(row *sheet.Row) int {
	text := plain(row.Raw("promo"))
	if none(text) {
		return 0
	}
	if bp, ok := foldDepth(text); ok {
		row.Mend("promo", cell.ReadAs.With(strconv.FormatFloat(float64(bp)/100, 'f', -1, 64)+"%"))
		return bp
	}
	switch strings.ToLower(text) {
	case "是", "有", "y", "yes", "true", "√", "促销":
		row.Fail("promo", NoDepth.With())
		return 0
	}
	bp, ok := row.Percent("promo")
	if ok && bp > 10_000 {
		row.Fail("promo", cell.OutOfRange.With(text, "100%"))
		return 0
	}
	return int(bp)
}

func plain(s string) string { return strings.TrimSpace(width.Fold.String(s)) }

// none tells whether the text says that there is no promotion.
func none(text string) bool {
	switch strings.ToLower(text) {
	case "", "0", "0%", "否", "无", "没有", "n", "no", "false", "-", "原价", "无促销", "10折", "不打折":
		return true
	}
	return false
}

// foldDepth reads 8折, 8.5折 and 85折: what is paid in tenths or hundredths of the price.
func foldDepth(text string) (bp int, ok bool) {
	m := folds.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(m[1], 64)
	if err != nil || f <= 0 {
		return 0, false
	}
	if f > 10 {
		f /= 10
	}
	return int(10_000 - f*1000 + 0.5), true
}
