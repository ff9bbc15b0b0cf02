package backtest

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// FileError tells which cell of a file of series cannot be used.
type FileError struct {
	File   string
	Row    int    // line of the file, the heading is line 1; 0 = the file as a whole
	Column string // "" = the row as a whole
	Reason string
}

func (e *FileError) Error() string {
	at := e.File
	if e.Row > 0 {
		at += fmt.Sprintf(", row %d", e.Row)
	}
	if e.Column != "" {
		at += ", column " + e.Column
	}
	return at + ": " + e.Reason
}

// Sheet reads a CSV file with a heading row by row.
type Sheet struct {
	file    string
	columns map[string]int
	reader  *csv.Reader
	row     []string
	line    int
}

// ReadSheet opens name, or name with .gz, in the folder and calls each for every row. The heading must hold the wanted
// columns; a byte-order mark is passed over. A missing file gives an error that wraps fs.ErrNotExist.
func ReadSheet(folder fs.FS, name string, wanted []string, each func(*Sheet) error) error {
	in, file, err := open(folder, name)
	if err != nil {
		return err
	}
	defer in.Close()
	var r io.Reader = in
	if path.Ext(file) == ".gz" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return &FileError{File: file, Reason: "is not a gzip file: " + err.Error()}
		}
		r = z
	}
	s := &Sheet{file: file, columns: map[string]int{}, reader: csv.NewReader(r)}
	s.reader.ReuseRecord = true
	if err := s.heading(wanted); err != nil {
		return err
	}
	for {
		row, err := s.reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		s.line, _ = s.reader.FieldPos(0)
		if err != nil {
			return s.broken(err)
		}
		s.row = row
		if err := each(s); err != nil {
			return err
		}
	}
}

func open(folder fs.FS, name string) (fs.File, string, error) {
	for _, file := range []string{name, name + ".gz"} {
		f, err := folder.Open(file)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, file, err
		}
	}
	return nil, "", fmt.Errorf("%s or %s.gz: %w", name, name, fs.ErrNotExist)
}

func (s *Sheet) heading(wanted []string) error {
	head, err := s.reader.Read()
	if errors.Is(err, io.EOF) {
		return &FileError{File: s.file, Reason: "is empty; want the heading " + strings.Join(wanted, ",")}
	}
	if err != nil {
		s.line = 1
		return s.broken(err)
	}
	for i, name := range head {
		if i == 0 {
			name = strings.TrimPrefix(name, "\uFEFF")
		}
		name = strings.Clone(strings.TrimSpace(name))
		if _, twice := s.columns[name]; twice {
			return &FileError{File: s.file, Row: 1, Column: name, Reason: "stands twice in the heading"}
		}
		s.columns[name] = i
	}
	for _, name := range wanted {
		if !s.Has(name) {
			return &FileError{File: s.file, Row: 1, Column: name, Reason: "is missing from the heading"}
		}
	}
	return nil
}

// broken says what is wrong with a row that is no CSV.
func (s *Sheet) broken(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		if errors.Is(p.Err, csv.ErrFieldCount) {
			return &FileError{File: s.file, Row: p.StartLine, Reason: fmt.Sprintf("does not have the %d fields of the heading", len(s.columns))}
		}
		return &FileError{File: s.file, Row: p.StartLine, Reason: p.Err.Error()}
	}
	return &FileError{File: s.file, Row: s.line, Reason: "cannot be read: " + err.Error()}
}

// Has says whether the heading holds the column.
func (s *Sheet) Has(column string) bool { _, ok := s.columns[column]; return ok }

// Line gives the number of the row in the file.
func (s *Sheet) Line() int { return s.line }

// Columns lists the columns of the heading in their order.
func (s *Sheet) Columns() []string {
	out := make([]string, len(s.columns))
	for name, i := range s.columns {
		out[i] = name
	}
	return out
}

// Fault gives an error about the row.
func (s *Sheet) Fault(column, format string, args ...any) error {
	return &FileError{File: s.file, Row: s.line, Column: column, Reason: fmt.Sprintf(format, args...)}
}

// Text gives a field, "" where the column is absent. It is valid until the next row.
func (s *Sheet) Text(column string) string {
	i, ok := s.columns[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(s.row[i])
}

// Name gives a field that must not be empty.
func (s *Sheet) Name(column string) (string, error) {
	v := s.Text(column)
	if v == "" {
		return "", s.Fault(column, "is empty")
	}
	return v, nil
}

// Number gives a field as a number; an empty one, NA and NaN are NaN.
func (s *Sheet) Number(column string) (float64, error) {
	v := s.Text(column)
	if slices.Contains([]string{"", "NA", "NaN", "nan"}, v) {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsInf(x, 0) {
		return 0, s.Fault(column, "%q is not a number", clip(v))
	}
	return x, nil
}

// Whole gives a field as a whole number.
func (s *Sheet) Whole(column string) (int, error) {
	v := s.Text(column)
	x, err := strconv.Atoi(v)
	if err != nil {
		return 0, s.Fault(column, "%q is not a whole number", clip(v))
	}
	return x, nil
}

// clip shortens what is quoted in an error.
func clip(v string) string {
	const most = 40
	if r := []rune(v); len(r) > most {
		return string(r[:most]) + "…"
	}
	return v
}
