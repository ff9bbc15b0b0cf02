// Package grid is what a sheet is once its file format is forgotten: rows of cells, one after the other.
// The readers of .xlsx and .csv fill it, header matching and cell parsing read it.
package grid

import "strconv"

// Kind tells what a cell holds.
type Kind uint8

// The kinds of cell. Blank cells are left out of a Row.
const (
	Blank Kind = iota
	Text
	Number  // Text is a decimal or floating number in the program's own spelling
	Bool    // Text is "1" or "0"
	Date    // Text is an ISO 8601 date or date-time
	Failed  // a formula's error; Text is "#N/A" and the like
	Pending // a formula that has never been calculated
)

// Format is what the cell's number format adds to its value. Formats are shared; nil is a plain one.
type Format struct {
	// Date says that the number is shown as a day.
	Date bool
	// Percent says that 0.13 is shown as 13%.
	Percent bool
	// Digits is the number of digits to which an integer is padded with zeros (format 00000), 0 for none.
	Digits int
	// Unit is the literal text shown after the number (format 0"箱").
	Unit string
}

// Cell is one cell that is not blank.
type Cell struct {
	// Col counts from 0.
	Col  int
	Kind Kind
	// Text is valid until the next row is read.
	Text   []byte
	Format *Format
	// From is the row whose merged cell covers this one and lends it its value; 0 for a cell of its own.
	From int
}

// Row is one row of the sheet.
type Row struct {
	// Number is the row's number as the user sees it, from 1.
	Number int
	// Hidden says that the user does not see it (hidden by hand or by a filter).
	Hidden bool
	// Width is the number of fields of a delimited line; 0 in a workbook, where rows have no end.
	Width int
	// Cells ascend by Col.
	Cells []Cell
}

// Source gives the rows of a sheet in ascending order.
type Source interface {
	// Next fills row, whose contents are valid until the next call. It answers io.EOF after the last row.
	Next(row *Row) error
	// Done is the share of the sheet that has been read, 0..1.
	Done() float64
	Close() error
}

// Merge is a merged rectangle; rows from 1 and columns from 0, both ends within.
type Merge struct {
	Top, Bottom int32
	Left, Right int16
}

// Limits bound what a file may ask of the machine. A zero field means the default.
type Limits struct {
	// FileBytes is the largest file that is opened at all.
	FileBytes int64
	// PartBytes is the largest inflated size of one part of a workbook.
	PartBytes int64
	// Ratio is the largest inflation of a part beyond the first 32 MiB.
	Ratio int64
	// CellBytes is the longest text of one cell.
	CellBytes int
	// Columns and Rows bound the sheet.
	Columns, Rows int
	// MemoryBytes is what the table of shared strings may occupy before the rest goes to a temporary file.
	MemoryBytes int64
}

// WithDefaults fills the zero fields: files of 256 MiB, parts of 4 GiB, a ratio of 400, cells of 256 KiB (a workbook's cell
// holds at most 32,767 characters), 1,024 columns, 2,000,000 rows, 24 MiB of strings in memory.
func (l Limits) WithDefaults() Limits {
	def := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&l.FileBytes, 256<<20)
	def(&l.PartBytes, 4<<30)
	def(&l.Ratio, 400)
	def(&l.MemoryBytes, 24<<20)
	cell, columns, rows := int64(l.CellBytes), int64(l.Columns), int64(l.Rows)
	def(&cell, 256<<10)
	def(&columns, 1024)
	def(&rows, 2_000_000)
	l.CellBytes, l.Columns, l.Rows = int(cell), int(min(columns, 16384)), int(rows)
	return l
}

// Letters names a column as the user sees it: 0 is A, 26 is AA.
func Letters(col int) string {
	var b [8]byte
	i := len(b)
	for col++; col > 0 && i > 0; col = (col - 1) / 26 {
		i--
		b[i] = byte('A' + (col-1)%26)
	}
	return string(b[i:])
}

// Ref names a cell as the user sees it: row 5, column 4 is E5.
func Ref(row, col int) string { return Letters(col) + strconv.Itoa(row) }

// ParseRef reads a cell's name such as "E5" or "$E$5". The row is 0 when the name has none ("E").
func ParseRef[T ~string | ~[]byte](ref T) (row, col int, ok bool) {
	i, n := 0, len(ref)
	if i < n && ref[i] == '$' {
		i++
	}
	start := i
	for ; i < n; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		if col = col*26 + int(c-'A') + 1; col > 16384 {
			return 0, 0, false
		}
	}
	if i == start {
		return 0, 0, false
	}
	if i < n && ref[i] == '$' {
		i++
	}
	for ; i < n; i++ {
		if ref[i] < '0' || ref[i] > '9' {
			return 0, 0, false
		}
		if row = row*10 + int(ref[i]-'0'); row > 1<<20 {
			return 0, 0, false
		}
	}
	return row, col - 1, true
}
