package sheet_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

var columns = []sheet.Column{
	{ID: "sku", Title: catalog.Name{ZH: "SKU", EN: "SKU"}, Names: []string{"货号", "商品编码"}, Required: true, Kind: sheet.Code},
	{ID: "quantity", Title: catalog.Name{ZH: "数量", EN: "Quantity"}, Names: []string{"件数", "qty"}, Required: true, Kind: sheet.Pieces, Carton: "per_carton"},
	{ID: "per_carton", Title: catalog.Name{ZH: "箱规", EN: "Pieces per carton"}, Kind: sheet.Pieces},
	{ID: "due", Title: catalog.Name{ZH: "交期", EN: "Due"}, Kind: sheet.Day},
}

func open(text string) *sheet.File {
	f, err := sheet.OpenReader(strings.NewReader(text), int64(len(text)), sheet.Options{})
	if err != nil {
		panic(err)
	}
	return f
}

// Reading a sheet: find the header, go down the rows, collect what is wrong.
func Example() {
	f := open("供应商：贝栗\n货号,数量（件）,箱规,交期,颜色\nMR-204817,\"4,200\",60,2026-12-01,白\nMR-204833,５箱,24,2026.12.05,\nMR-310061,约100,,02/12/2026,\n合计,4320,,,\n")
	defer f.Close()
	layout, err := f.Match(columns)
	if err != nil {
		fmt.Println(notice.As(err).Full("zh"))
		return
	}
	fmt.Printf("表头在第 %d 行，没用到：%s\n", layout.HeaderRow, layout.Unused[0].Text)
	for row, err := range layout.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if row.Skip == nil {
			code, _ := row.Code("sku")
			pieces, _ := row.Pieces("quantity")
			due, _ := row.Day("due")
			if row.OK() {
				fmt.Println(code, pieces, due)
			}
		}
		fmt.Printf("  %d %s\n", row.Number, row.Result().Text("zh"))
	}
	// Output:
	// 表头在第 2 行，没用到：颜色
	// MR-204817 4200 2026-12-01
	//   3 可导入
	// MR-204833 120 2026-12-05
	//   4 已修正：数量（件） 5×24 = 120 件。交期 读作 2026-12-05
	//   5 有错：数量（件） “约100”不是数字；只填数字，例如 1200。交期 “02/12/2026”可能是 2026-12-02，也可能是 2026-02-12；按年-月-日写，例如 2026-11-02
	//   6 合计行，跳过
}

// A file that cannot be taken says why and what to do, in both languages.
func ExampleOpenReader_refusal() {
	page := "<html><table><tr><td>SKU</td></tr></table></html>"
	_, err := sheet.OpenReader(strings.NewReader(page), int64(len(page)), sheet.Options{})
	fmt.Println(notice.As(err).Code())
	fmt.Println(notice.As(err).Full("zh"))
	fmt.Println(notice.As(err).Full("en"))
	// Output:
	// sheet.web_page
	// 这其实是网页（HTML），只是改名成了表格；用 Excel 打开，另存为 .xlsx 再传
	// this is really a web page (HTML) under the name of a sheet. Open it in Excel, save it as .xlsx and upload that
}

// The same file goes back with a result column.
func ExampleLayout_WriteResult() {
	f := open("SKU,数量\nMR-1,5\nMR-2,-1\n")
	defer f.Close()
	layout, err := f.Match(columns)
	if err != nil {
		panic(err)
	}
	var results []sheet.Result
	for row := range layout.All(context.Background()) {
		row.Code("sku")
		row.Pieces("quantity")
		r := row.Result()
		r.Remarks = append([]sheet.Remark(nil), r.Remarks...)
		results = append(results, r)
	}
	var out bytes.Buffer
	if err := layout.WriteResult(context.Background(), &out, "en", sheet.ResultsOf(results)); err != nil {
		panic(err)
	}
	fmt.Println(strings.ReplaceAll(strings.TrimPrefix(out.String(), "\uFEFF"), "\r", ""))
	// Output:
	// SKU,数量,结果 / Result
	// MR-1,5,Ready
	// MR-2,-1,Wrong: 数量 -1 is negative. Write 0 or more
}

// Tables are written row by row; texts stay texts.
func ExampleNewCSV() {
	var out bytes.Buffer
	w, err := sheet.NewCSV(&out, sheet.Table{Columns: columns[:2], Language: "zh"})
	if err != nil {
		panic(err)
	}
	_ = w.Row("00123", quantity.Pieces(1200))
	_ = w.Row("=1+1", nil)
	_ = w.Close()
	fmt.Println(strings.ReplaceAll(strings.TrimPrefix(out.String(), "\uFEFF"), "\r", ""))
	// Output:
	// SKU,数量
	// 00123,1200
	// '=1+1,
}
