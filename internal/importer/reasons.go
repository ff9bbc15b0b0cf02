package importer

import "milkrun/internal/sheet/notice"

// What can be wrong with what a row names.
var (
	NoSuchSKU = &notice.Reason{Code: "import.no_such_sku", ZH: "无此 SKU", EN: "no such SKU",
		FixZH: "核对编码，或先导入这个商品", FixEN: "Check the code, or import the SKU first"}
	NearSKU = &notice.Reason{Code: "import.near_sku", ZH: "无此 SKU，近似 {0}", EN: "no such SKU, near {0}",
		FixZH: "核对编码", FixEN: "Check the code"}
	NoSuchGTIN = &notice.Reason{Code: "import.no_such_gtin", ZH: "没有商品用这个条码", EN: "no SKU has this barcode",
		FixZH: "改填 SKU 编码，或先在商品资料里补上条码", FixEN: "Write the SKU's code, or add the barcode to the SKU first"}
	OtherGTIN = &notice.Reason{Code: "import.other_gtin", ZH: "这是另一个 SKU 的条码", EN: "this is the barcode of another SKU",
		FixZH: "核对 SKU 和条码哪个对", FixEN: "Check whether the SKU or the barcode is right"}
	NoSuchSite = &notice.Reason{Code: "import.no_such_site", ZH: "没有这个仓", EN: "no such site",
		FixZH: "填仓库编码，例如 {0}", FixEN: "Write the site's code, such as {0}"}
	NotYourSite = &notice.Reason{Code: "import.not_your_site", ZH: "不能改 {0} 的数据", EN: "the data of {0} are beyond your rights",
		FixZH: "删掉这一行，或请管理员放开权限", FixEN: "Delete the row, or ask the administrator for the right"}
	NoSuchTopic = &notice.Reason{Code: "import.no_such_topic", ZH: "没有这个话题", EN: "no such topic",
		FixZH: "填话题编码或名称，例如 {0}", FixEN: "Write a topic's code or name, such as {0}"}
	NoSuchSupplier = &notice.Reason{Code: "import.no_such_supplier", ZH: "没有这个供应商", EN: "no such supplier",
		FixZH: "核对编码，或先导入这个供应商", FixEN: "Check the code, or import the supplier first"}
	NoSuchCategory = &notice.Reason{Code: "import.no_such_category", ZH: "没有这个分类", EN: "no such category",
		FixZH: "填分类编码，例如 {0}", FixEN: "Write the category's code, such as {0}"}
	RepeatedRow = &notice.Reason{Code: "import.repeated", ZH: "与第 {0} 行重复（{1}）", EN: "repeats row {0} ({1})",
		FixZH: "合并成一行；明细先用数据透视表汇总", FixEN: "Merge them into one row; sum details up with a pivot table first"}
	DayInFuture = &notice.Reason{Code: "import.future_day", ZH: "{0} 还没到", EN: "{0} is in the future",
		FixZH: "检查日期", FixEN: "Check the date"}
	DayTooEarly = &notice.Reason{Code: "import.early_day", ZH: "早于 {0}", EN: "earlier than {0}",
		FixZH: "检查年份", FixEN: "Check the year"}
	OutOfRange = &notice.Reason{Code: "import.out_of_range", ZH: "不在 {0} 到 {1} 之间", EN: "not between {0} and {1}",
		FixZH: "检查数字", FixEN: "Check the figure"}
)

// Why an import that was decided did not happen.
var (
	Changed = &notice.Reason{Code: "import.changed", ZH: "检查之后资料有变：现在可导入 {0} 行，当时是 {1} 行，所以什么都没有导入", EN: "the data have changed since the check: {0} rows would go in now, {1} then; nothing was imported",
		FixZH: "看一下新的结果，再决定", FixEN: "Look at the new result and decide again"}
)
