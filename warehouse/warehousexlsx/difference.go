package warehousexlsx

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
)

// DifferenceHead is what stands above the rows of a difference sheet.
type DifferenceHead struct {
	Number, Carrier, Tracking string
	Supplier, Site            catalog.Name
	Arrives                   *calendar.Day
	Closed                    *time.Time
	ClosedBy                  string
	Zone                      *time.Location // of Closed
}

// faultWords says what was wrong with goods at the dock.
var faultWords = map[warehouse.ArrivalFault]catalog.Name{
	warehouse.FaultOver: {ZH: "多到", EN: "over"}, warehouse.FaultWrongLot: {ZH: "批次不符", EN: "another lot"},
	warehouse.FaultShortLife: {ZH: "剩余效期不足", EN: "too short a life"}, warehouse.FaultPastExpiry: {ZH: "已过期", EN: "expired"},
	warehouse.FaultNoExpiry: {ZH: "没有效期", EN: "no expiry"}, warehouse.FaultUnexpected: {ZH: "单上没有", EN: "not announced"},
}

var differenceColumns = []struct {
	title string
	width float64
}{
	{"行号\nLine", 6}, {"采购单号\nOrder", 16}, {"SKU", 14}, {"商品\nGoods", 34}, {"批次\nLot", 18}, {"有效期至\nExpiry", 12}, {"箱号\nCarton", 20},
	{"应到\nAnnounced", 10}, {"实到\nCame", 10}, {"差异\nDifference", 10}, {"其中破损\nDamaged", 10}, {"拒收\nRefused", 10}, {"原因\nReason", 26}, {"备注\nRemark", 30},
}

// WriteDifferences writes the sheet that tells a supplier what came otherwise than announced, in both languages.
func WriteDifferences(w io.Writer, h DifferenceHead, rows []warehouse.Difference) error {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "收货差异 Differences"
	if err := f.SetSheetName(f.GetSheetName(0), sheet); err != nil {
		return fmt.Errorf("warehousexlsx: differences: %w", err)
	}
	s := differenceSheet{file: f, sheet: sheet}
	s.style()
	s.head(h)
	s.table(rows)
	s.finish(len(rows))
	if s.err != nil {
		return fmt.Errorf("warehousexlsx: differences: %w", s.err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("warehousexlsx: differences: %w", err)
	}
	return nil
}

// differenceTop is the row of the table's header.
const differenceTop = 7

type differenceSheet struct {
	file                     *excelize.File
	sheet                    string
	bold, header, cell, text int
	err                      error
}

func (s *differenceSheet) do(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *differenceSheet) style() {
	border := []excelize.Border{{Type: "left", Color: "D5CEC1", Style: 1}, {Type: "right", Color: "D5CEC1", Style: 1}, {Type: "top", Color: "D5CEC1", Style: 1}, {Type: "bottom", Color: "D5CEC1", Style: 1}}
	add := func(st *excelize.Style) int {
		n, err := s.file.NewStyle(st)
		s.do(err)
		return n
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	s.bold = add(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}})
	s.header = add(&excelize.Style{Font: &excelize.Font{Bold: true}, Border: border, Alignment: &excelize.Alignment{WrapText: true, Horizontal: "center", Vertical: "center"}})
	format := "#,##0;−#,##0;0"
	s.cell = add(&excelize.Style{Border: border, CustomNumFmt: &format, Alignment: top})
	text := "@"
	s.text = add(&excelize.Style{Border: border, CustomNumFmt: &text, Alignment: top})
}

func (s *differenceSheet) put(column, row int, v any) string {
	at, err := excelize.CoordinatesToCellName(column, row)
	s.do(err)
	s.do(s.file.SetCellValue(s.sheet, at, v))
	return at
}

func both(n catalog.Name) string {
	if n.EN == "" || n.ZH == "" || n.EN == n.ZH {
		return n.In("zh")
	}
	return n.ZH + " " + n.EN
}

func (s *differenceSheet) head(h DifferenceHead) {
	s.do(s.file.SetCellStyle(s.sheet, "A1", s.put(1, 1, "收货差异单 Receipt differences"), s.bold))
	s.put(1, 2, "送货单号 Delivery note")
	s.put(4, 2, h.Number)
	s.put(1, 3, "供应商 Supplier")
	s.put(4, 3, both(h.Supplier))
	s.put(1, 4, "收货仓 Site")
	s.put(4, 4, both(h.Site))
	s.put(8, 2, "承运 Carrier")
	s.put(10, 2, strings.TrimSpace(h.Carrier+" "+h.Tracking))
	s.put(8, 3, "计划到货 Planned")
	if h.Arrives != nil {
		s.put(10, 3, h.Arrives.String())
	}
	s.put(8, 4, "收货完成 Received")
	if h.Closed != nil {
		zone := h.Zone
		if zone == nil {
			zone = time.UTC
		}
		s.put(10, 4, h.Closed.In(zone).Format("2006-01-02 15:04")+" "+h.ClosedBy)
	}
	s.put(1, 5, "请在两天内核对并答复 Please check and answer within two days")
}

func (s *differenceSheet) table(rows []warehouse.Difference) {
	for i, c := range differenceColumns {
		at := s.put(i+1, differenceTop, c.title)
		s.do(s.file.SetCellStyle(s.sheet, at, at, s.header))
		name, err := excelize.ColumnNumberToName(i + 1)
		s.do(err)
		s.do(s.file.SetColWidth(s.sheet, name, name, c.width))
	}
	s.do(s.file.SetRowHeight(s.sheet, differenceTop, 32))
	for i, d := range rows {
		l := d.Line
		expiry := ""
		if l.Expiry != nil {
			expiry = l.Expiry.String()
		}
		for k, v := range []any{l.No, l.OrderNumber, d.SKUCode, both(d.Name), l.Lot, expiry, l.CartonNo, int64(l.Pieces), int64(l.Came()), int64(l.Difference()),
			int64(l.Damaged), int64(l.Refused), reasonsOf(d), strings.Join(d.Notes, "；")} {
			at := s.put(k+1, differenceTop+1+i, v)
			style := s.text
			if _, number := v.(int64); number {
				style = s.cell
			}
			s.do(s.file.SetCellStyle(s.sheet, at, at, style))
		}
	}
}

// reasonsOf says in both languages what differs.
func reasonsOf(d warehouse.Difference) string {
	var out []string
	if d.Line.Difference() < 0 {
		out = append(out, "少到 short")
	}
	if d.Line.Damaged > 0 {
		out = append(out, "破损 damaged")
	}
	if d.Line.Refused > 0 {
		out = append(out, "拒收 refused")
	}
	for _, f := range d.Faults {
		w := faultWords[f]
		out = append(out, w.ZH+" "+w.EN)
	}
	return strings.Join(out, "；")
}

func (s *differenceSheet) finish(rows int) {
	if rows == 0 {
		s.put(1, differenceTop+1, "没有差异 No differences")
	}
	s.do(s.file.SetPanes(s.sheet, &excelize.Panes{Freeze: true, YSplit: differenceTop, TopLeftCell: fmt.Sprintf("A%d", differenceTop+1), ActivePane: "bottomLeft"}))
	landscape, fit := "landscape", true
	wide, high := 1, 0
	s.do(s.file.SetPageLayout(s.sheet, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}))
	s.do(s.file.SetSheetProps(s.sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	s.do(s.file.SetHeaderFooter(s.sheet, &excelize.HeaderFooterOptions{OddFooter: "&C&P / &N"}))
}
