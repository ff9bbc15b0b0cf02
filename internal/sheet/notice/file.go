package notice

// Why a whole file is turned away.
var (
	FileEmpty = &Reason{"sheet.file_empty", "文件是空的", "the file is empty",
		"确认文件已保存完整，再传一次", "Check that the file was saved completely and upload it again"}
	FileTooLarge = &Reason{"sheet.file_too_large", "文件有 {0} MB，最多 {1} MB", "the file has {0} MB, at most {1} MB are taken",
		"按月份或仓库拆成几个文件再传", "Split it into several files, by month or by site"}
	FileOldExcel = &Reason{"sheet.old_excel", "这是旧版 Excel 文件（.xls）", "this is a file of an old Excel (.xls)",
		"用 Excel 或 WPS 打开，另存为 .xlsx 再传", "Open it in Excel or WPS, save it as .xlsx and upload that"}
	FileEncrypted = &Reason{"sheet.encrypted", "文件有打开密码，无法读取", "the file is protected by a password and cannot be read",
		"在 Excel 的“文件 → 信息 → 保护工作簿”里去掉密码，保存后再传", "Remove the password in Excel (File → Info → Protect Workbook), save and upload again"}
	FileBinaryWorkbook = &Reason{"sheet.binary_workbook", "这是二进制工作簿（.xlsb）", "this is a binary workbook (.xlsb)",
		"用 Excel 打开，另存为 .xlsx 再传", "Open it in Excel, save it as .xlsx and upload that"}
	FileHasMacros = &Reason{"sheet.macros", "工作簿带有宏（.xlsm），出于安全不接收", "the workbook holds macros (.xlsm), which are not taken for safety",
		"用 Excel 打开，另存为不带宏的 .xlsx 再传", "Open it in Excel, save it as .xlsx without macros and upload that"}
	FileOpenDocument = &Reason{"sheet.open_document", "这是 OpenDocument 表格（.ods）", "this is an OpenDocument sheet (.ods)",
		"用 LibreOffice 或 WPS 打开，另存为 .xlsx 再传", "Open it in LibreOffice, save it as .xlsx and upload that"}
	FileWebPage = &Reason{"sheet.web_page", "这其实是网页（HTML），只是改名成了表格", "this is really a web page (HTML) under the name of a sheet",
		"用 Excel 打开，另存为 .xlsx 再传", "Open it in Excel, save it as .xlsx and upload that"}
	FileXMLSheet = &Reason{"sheet.xml_sheet", "这是 XML 表格 2003，不是 .xlsx", "this is an XML Spreadsheet 2003, not .xlsx",
		"用 Excel 打开，另存为 .xlsx 再传", "Open it in Excel, save it as .xlsx and upload that"}
	FileNotSheet = &Reason{"sheet.not_sheet", "这不是表格文件，看起来是 {0}", "this is not a sheet, it looks like {0}",
		"请传 .xlsx 或 .csv", "Upload an .xlsx or a .csv"}
	FileDamaged = &Reason{"sheet.damaged", "文件不完整或已损坏", "the file is incomplete or damaged",
		"在 Excel 里打开确认，另存为新的 .xlsx 再传；若是下载的，请重新下载", "Open it in Excel, save it as a new .xlsx and upload that; if it was downloaded, download it again"}
	FileBomb = &Reason{"sheet.bomb", "文件解压后异常大，已停止读取", "the file grows abnormally when unpacked and was not read on",
		"把要导入的表复制到新的工作簿，另存为 .xlsx 再传", "Copy the sheet into a new workbook, save it as .xlsx and upload that"}
	FileUnsafeXML = &Reason{"sheet.unsafe_xml", "文件里有不允许的 XML 声明（DOCTYPE 或实体）", "the file holds XML that is not allowed (DOCTYPE or entities)",
		"在 Excel 里打开，另存为新的 .xlsx 再传", "Open it in Excel, save it as a new .xlsx and upload that"}
	FileEncoding = &Reason{"sheet.encoding", "认不出文本编码，读出来会是乱码", "the text's encoding is unknown and would be read as gibberish",
		"在 Excel 里另存为“CSV UTF-8（逗号分隔）”或 .xlsx 再传", "Save it in Excel as “CSV UTF-8 (Comma delimited)” or as .xlsx"}
	FileOpenQuote = &Reason{"sheet.open_quote", "第 {0} 行的引号没有收尾，后面的内容无法分列", "a quotation mark in row {0} is never closed, what follows cannot be split into columns",
		"补上或删掉该行多出的引号（\"），或另存为 .xlsx 再传", "Close or remove the quotation mark (\") in that row, or save the sheet as .xlsx"}
	CellTooLong = &Reason{"sheet.cell_too_long", "第 {0} 行有一格超过 {1} 个字节", "a cell in row {0} is longer than {1} bytes",
		"缩短该格内容；CSV 请检查该行引号是否成对", "Shorten it; in a CSV check that the quotation marks of the row are in pairs"}
	TooManyColumns = &Reason{"sheet.too_many_columns", "表格超过 {0} 列（第 {1} 行）", "the sheet has more than {0} columns (row {1})",
		"删掉右边用不到的列再传", "Delete the columns on the right that are not needed"}
	TooManyRows = &Reason{"sheet.too_many_rows", "表格超过 {0} 行", "the sheet has more than {0} rows",
		"拆成几个文件再传", "Split it into several files"}
	NoSuchSheet = &Reason{"sheet.no_such_sheet", "没有名为“{0}”的工作表，文件里有：{1}", "there is no sheet named “{0}”; the file has: {1}",
		"改选一个工作表", "Choose another sheet"}
	NoVisibleSheet = &Reason{"sheet.no_visible_sheet", "文件里没有可见的工作表", "the file has no visible sheet",
		"在 Excel 里取消隐藏要导入的工作表，保存后再传", "Unhide the sheet in Excel, save and upload again"}
	NoHeader = &Reason{"sheet.no_header", "前 {0} 行里没有找到表头", "no header was found in the first {0} rows",
		"表头要有这些列：{1}；可以先下载模板", "The header needs these columns: {2}; the template can be downloaded"}
	MissingColumns = &Reason{"sheet.missing_columns", "工作表“{0}”第 {1} 行的表头缺少：{2}", "the header in row {1} of sheet “{0}” lacks: {3}",
		"补上这些列再传；没用到的列有：{4}", "Add these columns and upload again; columns not used: {4}"}
	TwinColumns = &Reason{"sheet.twin_columns", "有两列都像“{0}”：{1} 和 {2}", "two columns look like “{0}”: {1} and {2}",
		"只留一列，或把另一列改名", "Keep one of them or rename the other"}
)
