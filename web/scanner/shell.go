package scanner

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"milkrun/warehouse/gs1"
	"milkrun/web/route"
	"milkrun/web/static"
	"milkrun/web/ui"
)

// shellData is what the scripts start with.
type shellData struct {
	Words   map[ui.Language]map[string]ui.Phrase `json:"words"`
	Release string                               `json:"release"`
	Icons   string                               `json:"icons"`
	Kinds   []string                             `json:"kinds"`
	Probe   string                               `json:"probe"` // what the set-up symbol holds, in brackets
}

func (s Scanner) data() shellData {
	d := shellData{Words: ui.Phrases("scanner."), Release: path.Dir(ui.Asset("x")), Icons: ui.Asset("vendor/icons.svg"), Probe: gs1.Bracketed(gs1.SetupElements)}
	for _, p := range s.Parts {
		d.Kinds = append(d.Kinds, p.Kind)
	}
	return d
}

func (s Scanner) shell(w http.ResponseWriter, r *http.Request) error {
	return route.Render(w, r, shellPage(s.data()))
}

// worker is the service worker: its text names the release and its files, so that a new release is a new worker.
func (s Scanner) worker(w http.ResponseWriter, _ *http.Request) error {
	text, err := fs.ReadFile(static.FS, "js/scan/worker.js")
	if err != nil {
		return fmt.Errorf("scanner: worker: %w", err)
	}
	files, err := json.Marshal(append([]string{"/scan"}, assets()...))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", "/scan")
	_, _ = fmt.Fprintf(w, "const RELEASE = %q, FILES = %s, PAGE = \"/scan\"\n%s", path.Dir(ui.Asset("x")), files, text)
	return nil
}

// assets lists the files that the handheld needs without the network.
func assets() []string {
	files := []string{ui.Asset("tokens.css"), ui.Asset("vendor/icons.svg"), ui.Asset("mark.svg")}
	_ = fs.WalkDir(static.FS, "js/scan", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Base(name) != "worker.js" && path.Base(name) != "camera.js" {
			files = append(files, ui.Asset(name))
		}
		return nil
	})
	slices.Sort(files)
	return files
}

func (s Scanner) manifest(w http.ResponseWriter, _ *http.Request) error {
	return write(w, http.StatusOK, map[string]any{"name": "Milkrun", "short_name": "Milkrun", "start_url": "/scan", "scope": "/scan", "display": "fullscreen",
		"background_color": "#14202e", "theme_color": "#14202e",
		"icons": []map[string]string{{"src": ui.Asset("mark.svg"), "sizes": "any", "type": "image/svg+xml"}}})
}

// probe tells from a raw scan of the set-up symbol what the device does to scans.
func (s Scanner) probe(w http.ResponseWriter, r *http.Request) error {
	var in struct{ Scan string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return route.Invalid("scanner.error.batch").Because(err)
	}
	p := gs1.Probe(in.Scan)
	return write(w, http.StatusOK, map[string]any{"good": p.Good(), "identifier": p.Identifier, "separator": p.Separator, "suffix": p.Suffix, "swapped": p.Swapped, "garbled": p.Garbled})
}

// cameraPolicy lets the camera's page run the reader's WebAssembly, which the other pages need not.
const cameraPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (s Scanner) camera(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Security-Policy", cameraPolicy)
	return route.Render(w, r, cameraPage(shellData{}))
}

func htmlLang(ctx context.Context) string {
	if ui.Lang(ctx) == ui.English {
		return "en"
	}
	return "zh-CN"
}

// svgWriter answers a picture.
func svg(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write([]byte(strings.TrimSpace(text)))
	return nil
}
