package sheet

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"

	"milkrun/internal/sheet/notice"
	"milkrun/internal/sheet/xlsx"
)

// Status is how a row fared.
type Status string

// The four ways.
const (
	Good    Status = "good"
	Mended  Status = "mended"
	Bad     Status = "bad"
	Skipped Status = "skipped"
)

// Result is how one row fared, for the copy that goes back to its sender.
type Result struct {
	Row    int
	Status Status
	// Remarks are its problems, or what was mended in it.
	Remarks []Remark
	// Skip is why it was skipped.
	Skip Why
}

// Result tells how the row fared up to now. The remarks are the row's own: clone them to keep them.
func (r *Row) Result() Result {
	switch {
	case r.Skip != nil:
		return Result{Row: r.Number, Status: Skipped, Skip: r.Skip.Why}
	case len(r.problems) > 0:
		return Result{Row: r.Number, Status: Bad, Remarks: r.problems}
	case len(r.mended) > 0:
		return Result{Row: r.Number, Status: Mended, Remarks: r.mended}
	default:
		return Result{Row: r.Number, Status: Good}
	}
}

var statusWords = map[Status]*notice.Reason{
	Good:    {Code: "sheet.good", ZH: "可导入", EN: "Ready"},
	Mended:  {Code: "sheet.mended", ZH: "已修正", EN: "Mended"},
	Bad:     {Code: "sheet.bad", ZH: "有错", EN: "Wrong"},
	Skipped: {Code: "sheet.skipped", ZH: "跳过", EN: "Skipped"},
}

// Note says the status in words.
func (s Status) Note() notice.Note { return notice.Note{Reason: statusWords[s]} }

// Text is what the result column says: 有错：条形码 12 位，应为 13 位；对照包装补全条码.
func (r Result) Text(language string) string {
	if r.Status == Skipped {
		if n := r.Skip.Note(); !n.IsZero() {
			return n.Text(language)
		}
	}
	colon, stop := "：", "。"
	if language == "en" {
		colon, stop = ": ", "; "
	}
	parts := make([]string, 0, len(r.Remarks))
	for _, m := range r.Remarks {
		text := m.Note.Full(language)
		if m.Header != "" {
			text = strings.TrimSpace(m.Header) + " " + text
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return r.Status.Note().Text(language)
	}
	return r.Status.Note().Text(language) + colon + strings.Join(parts, stop)
}

var tones = map[Status]xlsx.Tone{Good: xlsx.Good, Mended: xlsx.Mended, Bad: xlsx.Bad, Skipped: xlsx.Skipped}

// WriteResult writes a copy of the file with the column 结果 / Result behind the last one: what became of each row, and why.
// Wrong cells get a red ground and mended ones a blue one. A workbook keeps everything else as it is, a CSV its encoding
// and delimiter. A result column of an earlier round is replaced. results must ascend by row; rows without one stay
// without.
func (l *Layout) WriteResult(ctx context.Context, w io.Writer, language string, results iter.Seq2[Result, error]) error {
	if l.file.text != nil {
		return l.csvResult(ctx, w, language, results)
	}
	s := l.file.book.Sheets[l.sheet]
	col := l.result
	if col < 0 {
		last, err := l.file.book.MaxCol(ctx, s)
		if err != nil {
			return err
		}
		col = last + 1
	}
	return l.file.book.Annotate(ctx, w, s, col, func(yield func(xlsx.Note, error) bool) {
		if !yield(xlsx.Note{Row: l.HeaderRow, Text: ResultHeader, Tone: xlsx.Header}, nil) {
			return
		}
		for r, err := range results {
			if !yield(r.note(language), err) || err != nil {
				return
			}
		}
	})
}

func (r Result) note(language string) xlsx.Note {
	n := xlsx.Note{Row: r.Row, Text: r.Text(language), Tone: tones[r.Status]}
	for _, m := range r.Remarks {
		if m.Col >= 0 && r.Status != Skipped {
			n.Marks = append(n.Marks, xlsx.Mark{Col: m.Col, Tone: n.Tone})
		}
	}
	slices.SortFunc(n.Marks, func(a, b xlsx.Mark) int { return a.Col - b.Col })
	n.Marks = slices.CompactFunc(n.Marks, func(a, b xlsx.Mark) bool { return a.Col == b.Col })
	return n
}

func (l *Layout) csvResult(ctx context.Context, w io.Writer, language string, results iter.Seq2[Result, error]) error {
	next, stop := iter.Pull2(results)
	defer stop()
	var current Result
	var failed error
	advance := func() {
		r, err, ok := next()
		if !ok || err != nil {
			r, failed = Result{Row: 1 << 60}, err
		}
		current = r
	}
	advance()
	col := l.result
	if col < 0 {
		// Behind the longest line, so that nothing is lost.
		var err error
		if col, err = l.file.text.Width(ctx); err != nil {
			return err
		}
	}
	return l.file.text.Annotate(w, col, func(row int) (string, error) {
		if row == l.HeaderRow {
			return ResultHeader, nil
		}
		for current.Row < row {
			advance()
		}
		if failed != nil {
			return "", failed
		}
		if row%1024 == 0 && ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		if current.Row == row {
			return current.Text(language), nil
		}
		return "", nil
	})
}

// ResultsOf turns a slice into what WriteResult takes.
func ResultsOf(list []Result) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}
