package catalogxlsx

import (
	"milkrun/internal/catalog"
	"milkrun/internal/sheet/notice"
)

// Why an import of master data did not happen although its rows were good.
var (
	NotStored = &notice.Reason{Code: "catalog.not_stored", ZH: "第 {0} 行：{1}，所以什么都没有导入", EN: "row {0}: {1}; nothing was imported",
		FixZH: "改好这一行再传", FixEN: "Mend the row and upload again"}
	NotStoredAtAll = &notice.Reason{Code: "catalog.not_stored_at_all", ZH: "{0}，所以什么都没有导入", EN: "{0}; nothing was imported",
		FixZH: "改好再传", FixEN: "Mend it and upload again"}
	NotAWord = &notice.Reason{Code: "catalog.not_a_word", ZH: "“{0}”不是可选的值：{1}", EN: "“{0}” is not one of: {1}",
		FixZH: "从模板的下拉里选", FixEN: "Choose from the list in the template"}
	BadBreaks = &notice.Reason{Code: "catalog.bad_breaks", ZH: "看不懂阶梯价“{0}”", EN: "the price breaks “{0}” cannot be read",
		FixZH: "写成 1200:12.80; 5000:11.90", FixEN: "Write them like 1200:12.80; 5000:11.90"}
)

// problems are the words for the faults of a draft. {0} is the field, {1} its value.
var problems = map[catalog.Problem]*notice.Reason{
	catalog.Missing: {Code: "catalog.missing", ZH: "“{0}”没有填", EN: "{0} is empty",
		FixZH: "新的资料要填这一项", FixEN: "A new record needs it"},
	catalog.TooLong: {Code: "catalog.too_long", ZH: "“{0}”太长", EN: "{0} is too long",
		FixZH: "缩短内容", FixEN: "Shorten it"},
	catalog.BadForm: {Code: "catalog.bad_form", ZH: "“{0}”的写法不对：{1}", EN: "{0} is not well formed: {1}",
		FixZH: "检查内容", FixEN: "Check it"},
	catalog.BadCheck: {Code: "catalog.bad_check", ZH: "“{0}”的校验位不对：{1}", EN: "the check digit of {0} is wrong: {1}",
		FixZH: "对照包装核对条码", FixEN: "Compare it with the pack"},
	catalog.Negative: {Code: "catalog.negative", ZH: "“{0}”不能小于 0", EN: "{0} cannot be below zero",
		FixZH: "填 0 或正数", FixEN: "Write 0 or more"},
	catalog.NotAbove0: {Code: "catalog.not_above_0", ZH: "“{0}”要大于 0", EN: "{0} must be above zero",
		FixZH: "填正数", FixEN: "Write a positive number"},
	catalog.OutOfRange: {Code: "catalog.out_of_range", ZH: "“{0}”超出范围：{1}", EN: "{0} is out of range: {1}",
		FixZH: "检查数字", FixEN: "Check the figure"},
	catalog.NotOneOf: {Code: "catalog.not_one_of", ZH: "“{0}”不是可选的值：{1}", EN: "{0} is not one of the choices: {1}",
		FixZH: "从模板的下拉里选", FixEN: "Choose from the list in the template"},
	catalog.NotKnown: {Code: "catalog.not_known", ZH: "“{0}”不存在：{1}", EN: "{0} is not there: {1}",
		FixZH: "核对编码，或先导入它", FixEN: "Check the code, or import it first"},
	catalog.Repeated: {Code: "catalog.repeated", ZH: "“{0}”已经被用了：{1}", EN: "{0} is already in use: {1}",
		FixZH: "核对，或改用别的", FixEN: "Check it, or use another one"},
	catalog.OutOfOrder: {Code: "catalog.out_of_order", ZH: "“{0}”和别的项矛盾：{1}", EN: "{0} contradicts another field: {1}",
		FixZH: "对照检查", FixEN: "Check both"},
}
