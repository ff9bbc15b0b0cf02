// Package c2mxlsx makes the workbooks that go to suppliers and reads what comes back.
//
// One workbook holds five sheets: how to fill it in, the order with the reply columns, the rolling forecast, the form for delivery
// notes, and a hidden list of the reasons to choose from. Only cells that the supplier fills in are unlocked. A line is answered
// in its row: up to three deliveries stand side by side, because a supplier's clerk manages to fill in a row and seldom manages to
// insert one; further rows for the same line are read as further deliveries all the same.
//
// What comes back is read by the headers, in either language and any order (package sheet), and every bad row is named with its
// cell, the reason and the remedy.
package c2mxlsx

import (
	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
)

// IDs of the columns.
const (
	colOrder     = "order"
	colLine      = "line"
	colVersion   = "version"
	colSKU       = "sku"
	colName      = "name"
	colSpec      = "spec"
	colBarcode   = "barcode"
	colPartNo    = "part_no"
	colAsked     = "asked_pieces"
	colUnit      = "unit"
	colPriceAsk  = "asked_price"
	colAmount    = "amount"
	colDue       = "due"
	colChanges   = "changes"
	colPieces    = "confirmed_pieces"
	colDay       = "confirmed_day"
	colPieces2   = "confirmed_pieces_2"
	colDay2      = "confirmed_day_2"
	colPieces3   = "confirmed_pieces_3"
	colDay3      = "confirmed_day_3"
	colPrice     = "confirmed_price"
	colReason    = "reply_reason"
	colNote      = "reply_note"
	colBalance   = "balance"
	colMOQ       = "moq"
	colPack      = "pack"
	colLife      = "shelf_life_left"
	colNetPrice  = "net_price"
	colTax       = "tax_rate"
	colCurrency  = "currency"
	colShipTo    = "ship_to"
	colTerms     = "terms"
	colContract  = "contract"
	colLicence   = "brand_licence"
	colSupplier  = "supplier_code"
	colWeek      = "week"
	colMonday    = "monday"
	colForecast  = "forecast_pieces"
	colFirm      = "firm"
	colLast      = "last_change"
	colCommitted = "committed_pieces"
	colCapacity  = "week_capacity"
	colASN       = "asn"
	colOpen      = "open_pieces"
	colLot       = "lot"
	colProduced  = "produced"
	colExpires   = "expires"
	colSent      = "sent_pieces"
	colCartons   = "cartons"
	colPerCarton = "per_carton"
	colSSCC      = "carton_no"
	colGross     = "gross_weight"
	colNet       = "net_weight"
	colVolume    = "volume"
	colTracking  = "tracking"
	colCarrier   = "carrier"
	colArrival   = "arrival"
	colSlot      = "slot"
	colTemp      = "temperature"
	colCert      = "certificate"
)

func both(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }

// The columns that several sheets have in common.
var (
	orderColumn   = sheet.Column{ID: colOrder, Title: both("订单号", "PO no."), Names: []string{"采购单号", "采购订单号", "订单编号", "PO", "PO number", "PO No", "order no", "order number"}, Kind: sheet.Code, Width: 14}
	lineColumn    = sheet.Column{ID: colLine, Title: both("行号", "Line"), Names: []string{"行", "行次", "订单行", "订单行号", "line no", "line number", "PO line"}, Kind: sheet.Number, Width: 6}
	skuColumn     = sheet.Column{ID: colSKU, Title: both("SKU", "SKU"), Names: []string{"商品编码", "商品代码", "物料编码", "item", "item no", "item code", "SKU code"}, Kind: sheet.Code, Width: 14}
	nameColumn    = sheet.Column{ID: colName, Title: both("品名", "Name"), Names: []string{"商品名称", "商品", "名称", "item name", "description"}, Width: 24}
	barcodeColumn = sheet.Column{ID: colBarcode, Title: both("条码", "Barcode"), Names: []string{"条形码", "商品条码", "国际条码", "69码", "EAN", "GTIN", "UPC"}, Kind: sheet.GTIN, Width: 16}
	partNoColumn  = sheet.Column{ID: colPartNo, Title: both("贵司货号", "Your part no."), Names: []string{"供应商货号", "厂家货号", "supplier part no", "part no"}, Kind: sheet.Code, Width: 14}
	versionColumn = sheet.Column{ID: colVersion, Title: both("版本", "Version"), Names: []string{"版次", "ver", "rev"}, Kind: sheet.Number, Width: 6}
	moqColumn     = sheet.Column{ID: colMOQ, Title: both("起订量", "MOQ"), Names: []string{"最小起订量"}, Kind: sheet.Pieces, Width: 9}
	packColumn    = sheet.Column{ID: colPack, Title: both("装箱数", "Pack"), Names: []string{"包装数", "箱规", "pack size"}, Kind: sheet.Pieces, Width: 8}
	shipToColumn  = sheet.Column{ID: colShipTo, Title: both("收货仓", "Ship to"), Names: []string{"收货仓库", "送货仓", "ship-to warehouse"}, Width: 14}
)

// answerColumns are the columns of the order sheet, in its order. Those from colPieces to colNote are the supplier's.
var answerColumns = []sheet.Column{
	orderColumn, lineColumn, skuColumn, nameColumn,
	{ID: colSpec, Title: both("规格", "Spec"), Names: []string{"规格型号", "颜色尺码", "specification"}, Width: 14},
	barcodeColumn, partNoColumn,
	{ID: colAsked, Title: both("数量", "Quantity"), Names: []string{"订单数量", "订购数量", "采购数量", "订货数量", "order qty", "ordered quantity", "qty"}, Kind: sheet.Pieces, Width: 10},
	{ID: colUnit, Title: both("单位", "UOM"), Names: []string{"计量单位", "unit"}, Width: 7},
	{ID: colPriceAsk, Title: both("含税单价（元）", "Price incl. tax (CNY)"), Names: []string{"单价", "订单单价", "unit price", "PO price"}, Kind: sheet.Money, Width: 10},
	{ID: colAmount, Title: both("含税金额（元）", "Amount incl. tax (CNY)"), Names: []string{"金额", "amount"}, Kind: sheet.Money, Width: 13},
	{ID: colDue, Title: both("要求到货", "Due date"), Names: []string{"要求交期", "要求到货日期", "需求日期", "交货日期", "required date", "delivery date"}, Kind: sheet.Day, Width: 11},
	{ID: colChanges, Title: both("本版变更", "Changed in this version"), Names: []string{"变更", "changes"}, Width: 18},
	{ID: colPieces, Title: both("确认数量", "Confirmed qty"), Names: []string{"答复数量", "回复数量", "可供数量", "可交数量", "确认量", "第1批数量", "第一批数量", "confirmed quantity", "confirm qty", "qty confirmed", "qty 1"}, Kind: sheet.Pieces, Carton: colPack, Required: true, BlankOK: true, Width: 11},
	{ID: colDay, Title: both("确认交期", "Confirmed date"), Names: []string{"答复交期", "回复交期", "确认到货", "确认到货日期", "可交日期", "预计交期", "第1批交期", "第一批交期", "confirm date", "date confirmed", "ETA", "date 1"}, Kind: sheet.Day, Width: 11},
	{ID: colPieces2, Title: both("第 2 批数量", "2nd delivery qty"), Names: []string{"第二批数量", "分批数量2", "qty 2", "split qty 2"}, Kind: sheet.Pieces, Carton: colPack, Width: 10},
	{ID: colDay2, Title: both("第 2 批交期", "2nd delivery date"), Names: []string{"第二批交期", "分批交期2", "date 2", "split date 2"}, Kind: sheet.Day, Width: 11},
	{ID: colPieces3, Title: both("第 3 批数量", "3rd delivery qty"), Names: []string{"第三批数量", "分批数量3", "qty 3", "split qty 3"}, Kind: sheet.Pieces, Carton: colPack, Width: 10},
	{ID: colDay3, Title: both("第 3 批交期", "3rd delivery date"), Names: []string{"第三批交期", "分批交期3", "date 3", "split date 3"}, Kind: sheet.Day, Width: 11},
	{ID: colPrice, Title: both("确认单价（含税，元）", "Confirmed price (incl. tax, CNY)"), Names: []string{"答复单价", "回复单价", "确认含税单价", "confirmed unit price"}, Kind: sheet.Money, Width: 11},
	{ID: colReason, Title: both("原因", "Reason"), Names: []string{"原因代码", "差异原因", "变更原因", "reason code"}, Width: 14, Max: 200},
	{ID: colNote, Title: both("说明", "Remark"), Names: []string{"备注", "供应商说明", "供应商备注", "remarks", "note", "comment"}, Width: 20, Max: c2m.MaxText},
	{ID: colBalance, Title: both("与订单差", "Difference"), Names: []string{"差异数量", "balance"}, Kind: sheet.Pieces, Signed: true, Width: 9},
	versionColumn, moqColumn, packColumn,
	{ID: colLife, Title: both("到货剩余效期≥（天）", "Shelf life left ≥ (days)"), Names: []string{"剩余效期", "效期要求"}, Kind: sheet.Number, Width: 11},
	{ID: colNetPrice, Title: both("未税单价（元）", "Price excl. tax (CNY)"), Names: []string{"不含税单价"}, Kind: sheet.Money, Width: 10},
	{ID: colTax, Title: both("税率", "Tax rate"), Names: []string{"增值税率", "VAT"}, Kind: sheet.Percent, Width: 8},
	{ID: colCurrency, Title: both("币种", "Currency"), Names: []string{"货币"}, Width: 7},
	shipToColumn,
	{ID: colTerms, Title: both("条款", "Terms"), Names: []string{"付款条款", "付款方式", "payment terms"}, Width: 18},
	{ID: colContract, Title: both("合同号", "Contract"), Names: []string{"合同编号", "contract no"}, Width: 14},
	{ID: colLicence, Title: both("品牌授权", "Brand licence"), Names: []string{"授权书编号", "brand license"}, Width: 14},
}

// forecastColumns are the columns of the rolling forecast; the last two are the supplier's.
var forecastColumns = []sheet.Column{
	{ID: colSupplier, Title: both("供应商编码", "Supplier code"), Names: []string{"供应商代码", "vendor code"}, Kind: sheet.Code, Width: 12},
	skuColumn, partNoColumn, barcodeColumn, nameColumn,
	{ID: colWeek, Title: both("周", "Week"), Names: []string{"周次", "ISO 周", "ISO week"}, Kind: sheet.Week, Required: true, BlankOK: true, Width: 10},
	{ID: colMonday, Title: both("周一", "Monday"), Names: []string{"周起始日", "week of"}, Kind: sheet.Day, Width: 12},
	{ID: colForecast, Title: both("预测数量", "Forecast qty"), Names: []string{"数量", "预测量", "quantity", "forecast"}, Kind: sheet.Pieces, Width: 10},
	{ID: colFirm, Title: both("确定 / 暂定", "Firm / tentative"), Names: []string{"状态", "status"}, Width: 10},
	{ID: colLast, Title: both("比上次", "Change since last"), Names: []string{"变化", "last change"}, Kind: sheet.Pieces, Signed: true, Width: 10},
	moqColumn, packColumn,
	{ID: colCommitted, Title: both("承诺数量", "Committed qty"), Names: []string{"可承诺数量", "committed quantity", "commitment"}, Kind: sheet.Pieces, Carton: colPack, Required: true, BlankOK: true, Width: 11},
	{ID: colCapacity, Title: both("周产能", "Weekly capacity"), Names: []string{"产能", "capacity"}, Kind: sheet.Pieces, Carton: colPack, Width: 11},
}

// asnColumns are the columns of a delivery note. All but colName and colOpen are the supplier's.
var asnColumns = []sheet.Column{
	{ID: colASN, Title: both("送货单号", "ASN no."), Names: []string{"送货单", "发货单号", "出货单号", "ASN", "ASN number", "delivery note no", "delivery note"}, Kind: sheet.Code, Required: true, BlankOK: true, Width: 16,
		Hint: both("贵司自编，一车一号", "your own, one for each delivery")},
	required(orderColumn), lineColumn, skuColumn, nameColumn, barcodeColumn,
	{ID: colOpen, Title: both("可送件数", "Left to send"), Names: []string{"未送数量", "open quantity"}, Kind: sheet.Pieces, Width: 10},
	{ID: colLot, Title: both("批号", "Lot"), Names: []string{"批次", "批次号", "生产批号", "lot no", "batch", "batch no"}, Kind: sheet.Code, Width: 14},
	{ID: colProduced, Title: both("生产日期", "Production date"), Names: []string{"生产日", "produced", "mfg date", "MFD"}, Kind: sheet.Day, Width: 12},
	{ID: colExpires, Title: both("有效期至", "Expiry date"), Names: []string{"有效期", "失效日期", "到期日", "expiry", "exp date", "best before"}, Kind: sheet.Day, Width: 12},
	{ID: colSent, Title: both("本次数量", "Quantity"), Names: []string{"数量", "送货数量", "发货数量", "件数", "qty", "shipped quantity"}, Kind: sheet.Pieces, Carton: colPerCarton, Required: true, BlankOK: true, Width: 10},
	{ID: colCartons, Title: both("箱数", "Cartons"), Names: []string{"件箱数", "总箱数", "ctns", "number of cartons"}, Kind: sheet.Number, Width: 8},
	{ID: colPerCarton, Title: both("每箱件数", "Units per carton"), Names: []string{"每箱数量", "箱规", "装箱数", "pcs per carton", "qty per carton"}, Kind: sheet.Pieces, Width: 10},
	{ID: colSSCC, Title: both("箱号 / SSCC", "Carton no. / SSCC"), Names: []string{"箱号", "SSCC", "carton no", "carton number"}, Kind: sheet.Code, Width: 21},
	{ID: colGross, Title: both("毛重（kg）", "Gross weight (kg)"), Names: []string{"毛重", "GW", "gross weight"}, Kind: sheet.Measure, Unit: "kg", Width: 10},
	{ID: colNet, Title: both("净重（kg）", "Net weight (kg)"), Names: []string{"净重", "NW", "net weight"}, Kind: sheet.Measure, Unit: "kg", Width: 10},
	{ID: colVolume, Title: both("体积（m³）", "Volume (m³)"), Names: []string{"体积", "CBM", "volume"}, Kind: sheet.Measure, Unit: "m3", Width: 10},
	{ID: colTracking, Title: both("车牌 / 运单号", "Plate / tracking no."), Names: []string{"车牌", "车牌号", "运单号", "物流单号", "plate", "tracking no", "tracking number"}, Width: 16},
	{ID: colCarrier, Title: both("承运商", "Carrier"), Names: []string{"物流公司", "快递公司"}, Width: 12},
	{ID: colArrival, Title: both("计划到货", "Planned arrival"), Names: []string{"计划到货日期", "预计到货", "预计到货日期", "到货日期", "ETA", "arrival date"}, Kind: sheet.Day, Width: 12},
	{ID: colSlot, Title: both("到货时段", "Arrival slot"), Names: []string{"时段", "预约时段", "slot"}, Width: 12},
	{ID: colTemp, Title: both("温层", "Temperature class"), Names: []string{"温度", "temperature"}, Width: 10},
	{ID: colCert, Title: both("证书号", "Certificate no."), Names: []string{"质检报告号", "合格证号", "certificate"}, Width: 14},
}

func required(c sheet.Column) sheet.Column {
	c.Required, c.BlankOK = true, true
	return c
}

// columnOf maps the fields of problems to columns, for answers and delivery notes.
var (
	answerFields = map[string]string{c2m.KeyOrder: colOrder, c2m.KeyVersion: colVersion, c2m.KeyLine: colLine, c2m.KeySKU: colSKU,
		c2m.KeyPieces: colPieces, c2m.KeyDay: colDay, c2m.KeyPrice: colPrice, c2m.KeyReason: colReason, c2m.KeyNote: colNote}
	asnFields = map[string]string{c2m.KeyASN: colASN, c2m.KeyOrder: colOrder, c2m.KeyLine: colLine, c2m.KeySKU: colSKU, c2m.KeyPieces: colSent,
		c2m.KeyBarcode: colBarcode, c2m.KeyLot: colLot, c2m.KeyProduced: colProduced, c2m.KeyExpires: colExpires, c2m.KeyCartons: colCartons,
		c2m.KeyPerCarton: colPerCarton, c2m.KeySSCC: colSSCC, c2m.KeyArrival: colArrival}
)
