package sheet

import (
	"errors"
	"io"
	"os"

	"milkrun/internal/sheet/delimited"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
	"milkrun/internal/sheet/xlsx"
)

// Format of a file.
type Format string

// The formats that are read.
const (
	XLSX Format = "xlsx"
	CSV  Format = "csv"
)

// Options of Open. The zero Options are the usual ones.
type Options struct {
	// Limits bound what the file may ask of the machine.
	Limits grid.Limits
	// TempDir takes what does not fit in memory; empty for the system's.
	TempDir string
	// Sheet names the worksheet to read, hidden ones included; empty chooses the visible one that fits best.
	Sheet string
	// IncludeHidden reads hidden rows too; otherwise they are skipped and reported.
	IncludeHidden bool
}

// File is an open .xlsx or .csv. Its methods may be called by several goroutines.
type File struct {
	options Options
	book    *xlsx.Workbook
	text    *delimited.Text
	closer  io.Closer
}

// Info is one worksheet of a file.
type Info struct {
	Name   string
	Hidden bool
}

// Open opens the file at path. What it is, is told by its content: the name does not matter. A file that cannot be taken
// gives a *notice.Refusal.
func Open(path string, o Options) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	file, err := OpenReader(f, info.Size(), o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	file.closer = f
	return file, nil
}

// OpenReader is Open on something that is not a named file. r must stay readable until Close.
func OpenReader(r io.ReaderAt, size int64, o Options) (*File, error) {
	o.Limits = o.Limits.WithDefaults()
	if size > o.Limits.FileBytes {
		return nil, notice.Refuse(notice.FileTooLarge, nil, (size+1<<20-1)>>20, o.Limits.FileBytes>>20)
	}
	format, err := sniff(r, size)
	if err != nil {
		return nil, err
	}
	f := &File{options: o}
	if format == XLSX {
		f.book, err = xlsx.Open(r, size, xlsx.Options{Limits: o.Limits, TempDir: o.TempDir})
	} else {
		f.text, err = delimited.Open(r, size, o.Limits)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Close releases the file and its temporary data.
func (f *File) Close() error {
	var errs []error
	if f.book != nil {
		errs = append(errs, f.book.Close())
	}
	if f.closer != nil {
		errs = append(errs, f.closer.Close())
	}
	return errors.Join(errs...)
}

// Format tells what the file is.
func (f *File) Format() Format {
	if f.book != nil {
		return XLSX
	}
	return CSV
}

// Describe says how the file was read, for a line above the preview: "GB18030 ;" for a CSV, "" for a workbook.
func (f *File) Describe() string {
	if f.text == nil {
		return ""
	}
	comma := string(rune(f.text.Comma))
	if comma == "\t" {
		comma = "Tab"
	}
	return f.text.Encoding.String() + " " + comma
}

// Sheets lists the worksheets in order; a CSV has one without a name.
func (f *File) Sheets() []Info {
	if f.book == nil {
		return []Info{{}}
	}
	out := make([]Info, len(f.book.Sheets))
	for i, s := range f.book.Sheets {
		out[i] = Info{s.Name, s.Hidden}
	}
	return out
}

// source opens a worksheet, by its place among Sheets.
func (f *File) source(i int) (grid.Source, error) {
	if f.book == nil {
		return f.text.Rows()
	}
	return f.book.Rows(f.book.Sheets[i])
}
