// Package sheet reads and writes every sheet that enters or leaves the house: .xlsx and .csv of any producer, as streams,
// in memory that does not grow with the file. It knows what a cell means, not what it is for: no SQL, no HTTP, no rules of
// a domain.
//
// # Reading
//
// Open tells by its content what a file is and turns away what it cannot read with a *notice.Refusal: a reason and a
// remedy, in Chinese and English. Match finds the header among the first rows of the visible worksheets, wherever the
// columns stand and whatever they are called. Rows goes down the sheet; the accessors of Row read cells the way people
// write them, collecting what is wrong (Problems) and what was read in another form than written (Mended). WriteResult
// gives the same file back with a column that says what became of each row.
//
// Decisions that a sender should be able to rely on:
//
//   - Rows keep the numbers that the user sees. Empty rows, totals, repeated headers and remarks are skipped and reported.
//   - Hidden rows (also those that a filter hides) are skipped and reported, because nobody who looked at the sheet saw
//     them; Options.IncludeHidden reads them. Hidden columns are read: templates keep line numbers and versions in them.
//     Hidden worksheets are read only if named.
//   - Merged cells are expanded downward for codes, texts and days. For numbers they are a problem: the share of each row
//     is unknown.
//   - Formulas count by their last result. One that fails, or was never calculated, is a problem of its cell.
//   - What has two readings is refused: 02/11/2026, a bare 1 as a percentage, a quantity in cartons without a carton's
//     size, a barcode that Excel has rounded, two columns for the same thing.
//   - Marks such as – / 无 N/A stand for an empty cell, except in texts.
//   - Macros are refused whole, even though the cells could be read: such files should not travel.
//
// # Writing
//
// NewWorkbook and NewCSV write tables row by row, WriteTemplate an empty form to fill in. What is written with a header in
// either language is read back by Match. Texts that begin with = + - @ stay texts.
package sheet
