package importer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/events"
	"milkrun/internal/importer/importerdb"
	"milkrun/internal/pgdb"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// Incoming is a file as it arrives.
type Incoming struct {
	Kind string
	// Name is the file's, for people: what it is, is told by its content.
	Name string
	Body io.Reader
	// Worksheet names the worksheet to read; empty chooses.
	Worksheet     string
	IncludeHidden bool
}

// Take stores a file and has it checked. A file that cannot be read at all (a web page, an old workbook, one with a password)
// is answered at once with a *notice.Refusal and not stored.
func (o *Ops) Take(ctx context.Context, in Incoming) (Upload, error) {
	u, k, err := o.require(ctx, in.Kind)
	if err != nil {
		return Upload{}, err
	}
	f, err := o.spool(in.Body)
	if err != nil {
		return Upload{}, err
	}
	defer f.remove()
	file, err := sheet.OpenReader(f.File, f.size, o.options(in.Worksheet, in.IncludeHidden))
	if err != nil {
		return Upload{}, err
	}
	if err := file.Close(); err != nil {
		return Upload{}, err
	}
	row := importerdb.Upload{
		Kind: k.Name, Name: cleanName(in.Name), Size: f.size, SHA256: f.sum, AccountID: accountOf(u), Actor: u.Name, UploadedAt: o.Clock(),
		State: string(Waiting), Epoch: 1, Worksheet: in.Worksheet, IncludeHidden: in.IncludeHidden,
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if row.ID, err = importerdb.Insert(ctx, tx, row); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := importerdb.PutFile(ctx, tx, row.ID, f); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "import.upload", row.ID, map[string]any{"kind": row.Kind, "name": row.Name, "bytes": row.Size}); err != nil {
			return err
		}
		return o.Bus.Enqueue(ctx, tx, events.Job(CheckArgs{Upload: row.ID, Epoch: row.Epoch}))
	})
	if err != nil {
		return Upload{}, fmt.Errorf("importer: store %q: %w", row.Name, err)
	}
	return o.record(row)
}

func (o *Ops) options(worksheet string, hidden bool) sheet.Options {
	return sheet.Options{Limits: o.Limits, TempDir: o.TempDir, Sheet: worksheet, IncludeHidden: hidden}
}

// cleanName keeps the last step of a path, at most 200 characters of it.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, name)
	if name == "." || name == "/" || name == "" {
		return "sheet"
	}
	for utf8.RuneCountInString(name) > 200 {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:] // the end tells more: it holds the date and the extension
	}
	return name
}

// spooled is a file on this machine's disk, gone with the process.
type spooled struct {
	*os.File
	size int64
	sum  []byte
}

func (s *spooled) remove() {
	name := s.Name()
	s.Close()
	os.Remove(name)
}

func (o *Ops) temp() (*os.File, error) {
	f, err := os.CreateTemp(o.TempDir, "milkrun-import-*")
	if err != nil {
		return nil, fmt.Errorf("importer: temporary file: %w", err)
	}
	os.Remove(f.Name()) // where the system allows it, nothing can be left behind
	return f, nil
}

// spool takes a file of unknown length in, up to the limit.
func (o *Ops) spool(r io.Reader) (*spooled, error) {
	f, err := o.temp()
	if err != nil {
		return nil, err
	}
	s := &spooled{File: f}
	limit := o.Limits.WithDefaults().FileBytes
	sum := sha256.New()
	s.size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(r, limit+1))
	s.sum = sum.Sum(nil)
	switch {
	case err != nil:
		err = fmt.Errorf("importer: receive the file: %w", err)
	case s.size > limit:
		err = notice.Refuse(notice.FileTooLarge, nil, ">"+notice.Thousands(limit>>20), limit>>20)
	case s.size == 0:
		err = notice.Refuse(notice.FileEmpty, nil)
	}
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// fetch brings the stored file of an upload to this machine's disk.
func (o *Ops) fetch(ctx context.Context, row importerdb.Upload) (*spooled, error) {
	f, err := o.temp()
	if err != nil {
		return nil, err
	}
	s := &spooled{File: f, sum: row.SHA256}
	s.size, err = importerdb.GetFile(ctx, o.Pool, row.ID, f)
	if errors.Is(err, importerdb.ErrNone) {
		err = fmt.Errorf("%w: upload %d", ErrPurged, row.ID)
	} else if err == nil && s.size != row.Size {
		err = fmt.Errorf("importer: the file of upload %d has %d bytes, not %d", row.ID, s.size, row.Size)
	}
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// open fetches the file of an upload and finds its header.
func (o *Ops) open(ctx context.Context, row importerdb.Upload, k *Kind) (*opened, error) {
	s, err := o.fetch(ctx, row)
	if err != nil {
		return nil, err
	}
	out := &opened{spooled: s}
	out.file, err = sheet.OpenReader(s.File, s.size, o.options(row.Worksheet, row.IncludeHidden))
	if err == nil {
		out.layout, err = out.file.Match(k.Columns)
	}
	if err != nil {
		out.close()
		return nil, err
	}
	return out, nil
}

// opened is a file whose header is known.
type opened struct {
	*spooled
	file   *sheet.File
	layout *sheet.Layout
}

func (f *opened) close() {
	if f.file != nil {
		f.file.Close()
	}
	f.remove()
}
