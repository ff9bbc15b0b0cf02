package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"milkrun/web/static"
)

// staticRoot is the path under which the static files are served.
const staticRoot = "/static/"

// release is a short hash over all static files. It stands in the path of every one of them, so that a browser may
// keep them for ever and modules that import each other by relative paths stay of one release.
var release = sync.OnceValue(func() string {
	h := sha256.New()
	err := fs.WalkDir(static.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(static.FS, name)
		if err != nil {
			return err
		}
		h.Write([]byte(name))
		h.Write(b)
		return nil
	})
	if err != nil {
		panic("ui: static files: " + err.Error())
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
})

// Asset gives the address of a static file: Asset("app.css").
func Asset(name string) string { return staticRoot + release() + "/" + name }

// Static serves the static files under "/static/". A file asked for with the hash of this release is kept for a
// year; under any other path segment it is answered too, but not kept, so that an old page still finds its files.
func Static() http.Handler {
	files := http.FileServerFS(static.FS)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, staticRoot), "/")
		if !ok || strings.HasSuffix(name, "/") || name == "" {
			http.NotFound(w, r)
			return
		}
		if hash == release() {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		r2 := r.Clone(r.Context())
		r2.URL.Path = "/" + name
		files.ServeHTTP(w, r2)
	})
}
