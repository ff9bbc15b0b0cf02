package pgserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// partialPrefix marks a copy that is being made.
const partialPrefix = ".partial-"

// installed copies the npm package's files below appDir, unless that version
// is there already, and returns the binaries of the copy.
func installed(ctx context.Context, native string, acct account) (binaries, error) {
	base, err := appDir(acct)
	if err != nil {
		return binaries{}, err
	}
	name, err := packageVersion(filepath.Dir(native))
	if err != nil {
		return binaries{}, err
	}
	target := filepath.Join(base, "postgres", name)
	b, err := probeBinaries(ctx, filepath.Join(target, "bin"), acct)
	if err == nil {
		return b, nil
	}
	// Not there, or damaged by somebody who cleared a cache half.
	if err := os.RemoveAll(target); err != nil {
		return binaries{}, fmt.Errorf("remove a broken copy of PostgreSQL: %w", err)
	}
	if err := install(native, target); err != nil {
		return binaries{}, fmt.Errorf("copy PostgreSQL to %s: %w", target, err)
	}
	return probeBinaries(ctx, filepath.Join(target, "bin"), acct)
}

var plainVersion = regexp.MustCompile(`^[0-9A-Za-z.+-]+$`)

// packageVersion names the npm package in dir by version and platform, such as
// 17.10.0-linux-x64.
func packageVersion(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return "", err
	}
	var meta struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		return "", fmt.Errorf("%s/package.json: %w", dir, err)
	}
	if !plainVersion.MatchString(meta.Version) {
		return "", fmt.Errorf("%s/package.json: version %q is not one", dir, meta.Version)
	}
	return meta.Version + "-" + filepath.Base(dir), nil
}

// install copies native to target in one step: a half copy never has the name.
func install(native, target string) error {
	parent := filepath.Dir(target)
	if err := makeOpenDir(parent); err != nil {
		return err
	}
	removeOldPartials(parent)
	partial, err := os.MkdirTemp(parent, partialPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	if err := copyTree(native, partial); err != nil {
		return err
	}
	if err := makeLinks(filepath.Join(native, "pg-symlinks.json"), partial); err != nil {
		return err
	}
	err = os.Rename(partial, target)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster with the same copy
	}
	return err
}

func removeOldPartials(parent string) {
	partials, _ := filepath.Glob(filepath.Join(parent, partialPrefix+"*"))
	for _, p := range partials {
		if st, err := os.Stat(p); err == nil && time.Since(st.ModTime()) > time.Hour {
			_ = os.RemoveAll(p)
		}
	}
}

// copyTree copies what running a server needs: no static libraries and no
// build settings.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		dest := filepath.Join(to, rel)
		switch {
		case d.IsDir() && d.Name() == "pkgconfig":
			return filepath.SkipDir
		case d.IsDir():
			if err := os.MkdirAll(dest, 0o755); err != nil {
				return err
			}
			return os.Chmod(dest, 0o755)
		case strings.HasSuffix(d.Name(), ".a"):
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, dest)
		case d.Type().IsRegular():
			return copyFile(path, dest)
		}
		return nil
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		// Readable by all, and runnable by all where its owner may run it.
		err = out.Chmod(0o644 | st.Mode()&0o100>>6*0o111)
	}
	return errors.Join(err, out.Close())
}

// makeLinks makes the links that npm cannot carry. The list's paths begin with
// "native/". A link that is there already stays.
func makeLinks(list, root string) error {
	text, err := os.ReadFile(list)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the packages for macOS have none on some versions
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	for _, l := range links {
		source, okSource := strings.CutPrefix(l.Source, "native/")
		target, okTarget := strings.CutPrefix(l.Target, "native/")
		if !okSource || !okTarget || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("%s: the link %q to %q leads out of the package", list, l.Target, l.Source)
		}
		rel, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := os.Symlink(rel, filepath.Join(root, target)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
