package cell

import "milkrun/internal/sheet/notice"

// What is wrong with a cell.
var (
	NotNumber = &notice.Reason{Code: "sheet.not_number", ZH: "“{0}”不是数字", EN: "“{0}” is not a number",
		FixZH: "只填数字，例如 1200", FixEN: "Write a number only, such as 1200"}
	NotWhole = &notice.Reason{Code: "sheet.not_whole", ZH: "{0} 不是整数", EN: "{0} is not a whole number",
		FixZH: "件数填整数", FixEN: "Pieces are whole numbers"}
	Negative = &notice.Reason{Code: "sheet.negative", ZH: "{0} 是负数", EN: "{0} is negative",
		FixZH: "填 0 或正数", FixEN: "Write 0 or more"}
	OutOfRange = &notice.Reason{Code: "sheet.out_of_range", ZH: "{0} 太大，最多 {1}", EN: "{0} is too large, at most {1}",
		FixZH: "检查是不是填错了列（例如把条码填进了数量）", FixEN: "Check whether it belongs to another column (a barcode among the quantities?)"}
	UnknownUnit = &notice.Reason{Code: "sheet.unknown_unit", ZH: "不认识单位“{0}”", EN: "the unit “{0}” is unknown",
		FixZH: "换成“件”或“箱”，或只填数字", FixEN: "Write pcs or cartons, or the number only"}
	CartonSizeUnknown = &notice.Reason{Code: "sheet.carton_size_unknown", ZH: "“{0}”按箱计，但不知道每箱几件", EN: "“{0}” is in cartons, but the pieces per carton are not known",
		FixZH: "改填件数，或补上箱规", FixEN: "Write pieces, or add the pieces per carton"}
	DateInNumber = &notice.Reason{Code: "sheet.date_in_number", ZH: "这一格是日期格式，Excel 可能改写了数字", EN: "the cell is formatted as a date, Excel may have rewritten the number",
		FixZH: "把格式改为“常规”，重新填写数字", FixEN: "Set its format to General and write the number again"}
	PercentInNumber = &notice.Reason{Code: "sheet.percent_in_number", ZH: "这一格是百分比格式，数字不明确", EN: "the cell is formatted as a percentage, which leaves the number unclear",
		FixZH: "把格式改为“常规”，重新填写数字", FixEN: "Set its format to General and write the number again"}
	MergedNumber = &notice.Reason{Code: "sheet.merged_number", ZH: "数字在合并单元格里（第 {0} 行），不知道每行各是多少", EN: "the number stands in merged cells (row {0}), the share of each row is unknown",
		FixZH: "取消合并，逐行填写", FixEN: "Unmerge the cells and fill in every row"}
	TooManyDecimals = &notice.Reason{Code: "sheet.too_many_decimals", ZH: "{0} 的小数多于 {1} 位", EN: "{0} has more than {1} decimals",
		FixZH: "四舍五入到 {1} 位小数再填（公式可用 ROUND）", FixEN: "Round it to {1} decimals (in a formula: ROUND)"}
	ForeignCurrency = &notice.Reason{Code: "sheet.foreign_currency", ZH: "“{0}”不是人民币", EN: "“{0}” is not in yuan",
		FixZH: "折算成人民币元再填", FixEN: "Convert it to yuan"}
	PricePerCarton = &notice.Reason{Code: "sheet.price_per_carton", ZH: "“{0}”是每箱的价格", EN: "“{0}” is a price per carton",
		FixZH: "折算成每件的价格再填", FixEN: "Convert it to the price of one piece"}
	PercentUnclear = &notice.Reason{Code: "sheet.percent_unclear", ZH: "“{0}”可能是 1%，也可能是 100%", EN: "“{0}” may mean 1% or 100%",
		FixZH: "写成带百分号的，例如 1% 或 100%", FixEN: "Write it with a percent sign, such as 1% or 100%"}
	NotDate = &notice.Reason{Code: "sheet.not_date", ZH: "“{0}”不是日期", EN: "“{0}” is not a date",
		FixZH: "写成 2026-11-02 这样", FixEN: "Write it like 2026-11-02"}
	NoSuchDate = &notice.Reason{Code: "sheet.no_such_date", ZH: "没有 {0} 这一天", EN: "there is no day {0}",
		FixZH: "检查月和日", FixEN: "Check the month and the day"}
	DateUnclear = &notice.Reason{Code: "sheet.date_unclear", ZH: "“{0}”可能是 {1}，也可能是 {2}", EN: "“{0}” may be {1} or {2}",
		FixZH: "按年-月-日写，例如 2026-11-02", FixEN: "Write year-month-day, such as 2026-11-02"}
	DayMissing = &notice.Reason{Code: "sheet.day_missing", ZH: "“{0}”缺少日", EN: "“{0}” lacks the day",
		FixZH: "写到日，例如 2026-11-02", FixEN: "Write it up to the day, such as 2026-11-02"}
	DateOutOfRange = &notice.Reason{Code: "sheet.date_out_of_range", ZH: "{0} 不在 {1} 到 {2} 之间", EN: "{0} is not between {1} and {2}",
		FixZH: "检查年份", FixEN: "Check the year"}
	NotWeek = &notice.Reason{Code: "sheet.not_week", ZH: "“{0}”不是周", EN: "“{0}” is not a week",
		FixZH: "写成 2026-W45 这样", FixEN: "Write it like 2026-W45"}
	NotBool = &notice.Reason{Code: "sheet.not_bool", ZH: "“{0}”看不出是或否", EN: "“{0}” is neither yes nor no",
		FixZH: "填“是”或“否”", FixEN: "Write yes or no"}
	DigitsLost = &notice.Reason{Code: "sheet.digits_lost", ZH: "“{0}”被 Excel 改成了科学计数法，末几位已丢失", EN: "Excel turned “{0}” into scientific notation, its last digits are lost",
		FixZH: "把该列设为文本格式，重新粘贴完整编码", FixEN: "Format the column as text and paste the full code again"}
	TooLong = &notice.Reason{Code: "sheet.too_long", ZH: "有 {0} 个字，最多 {1} 个", EN: "has {0} characters, at most {1}",
		FixZH: "缩短内容", FixEN: "Shorten it"}
	GTINLength = &notice.Reason{Code: "sheet.gtin_length", ZH: "{0} 位，应为 {1} 位", EN: "{0} digits, should be {1}",
		FixZH: "对照包装补全条码", FixEN: "Complete the barcode from the pack"}
	GTINDigits = &notice.Reason{Code: "sheet.gtin_digits", ZH: "条码“{0}”里有不是数字的字符", EN: "the barcode “{0}” has characters that are not digits",
		FixZH: "只填数字", FixEN: "Write digits only"}
	GTINCheck = &notice.Reason{Code: "sheet.gtin_check", ZH: "校验位是 {0}，应为 {1}", EN: "the check digit is {0}, should be {1}",
		FixZH: "对照包装核对条码", FixEN: "Compare the barcode with the pack"}
	Garbled = &notice.Reason{Code: "sheet.garbled", ZH: "这一格是乱码", EN: "the cell is gibberish",
		FixZH: "重新填写，或把文件另存为 .xlsx 再传", FixEN: "Write it again, or save the file as .xlsx"}
	FormulaFailed = &notice.Reason{Code: "sheet.formula_failed", ZH: "公式出错：{0}", EN: "the formula fails: {0}",
		FixZH: "改好公式，或直接填数值", FixEN: "Mend the formula or write the value"}
	FormulaPending = &notice.Reason{Code: "sheet.formula_pending", ZH: "公式还没有算出结果", EN: "the formula has not been calculated",
		FixZH: "用 Excel 打开并保存一次再传", FixEN: "Open the file in Excel, save it and upload again"}
)

// What was mended in a cell, for the eye of its sender.
var (
	ReadAs = &notice.Reason{Code: "sheet.read_as", ZH: "读作 {0}", EN: "read as {0}"}
	Serial = &notice.Reason{Code: "sheet.serial", ZH: "序号，读作 {0}", EN: "serial, read as {0}"}
	Unit   = &notice.Reason{Code: "sheet.unit_dropped", ZH: "去掉“{0}”", EN: "“{0}” taken off"}
	Carton = &notice.Reason{Code: "sheet.cartons", ZH: "{0}×{1} = {2} 件", EN: "{0}×{1} = {2} pcs"}
	Merged = &notice.Reason{Code: "sheet.merged", ZH: "合并单元格，沿用第 {0} 行", EN: "merged cells, taken from row {0}"}
	Padded = &notice.Reason{Code: "sheet.padded", ZH: "补回前面的 0，读作 {0}", EN: "leading zeros restored, read as {0}"}
)
