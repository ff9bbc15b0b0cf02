// Package courier is the rider's phone: a page that works without the network, and the commands that it sends.
//
// Like the handheld it is one shell whose scripts (web/static/js/ride) draw what the phone holds. Everything a rider does is a
// command with an operation id, judged on the phone, kept in its queue and sent in order to POST /ride/commands.
package courier

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"time"

	"milkrun/internal/access"
	"milkrun/routing/routingops"
	"milkrun/web/route"
	"milkrun/web/static"
	"milkrun/web/ui"
)

// Courier is the rider's side of the house.
type Courier struct {
	Ops   *routingops.Ops
	Clock func() time.Time
}

// Screens gives the routes of the rider's phone.
func (s Courier) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		// The shell holds nothing of anybody: a phone keeps it for when there is no network.
		route.GET("/ride", access.Public, s.shell),
		route.GET("/ride/sw.js", access.Public, s.worker),
		route.GET("/ride/manifest.json", access.Public, s.manifest),
		route.GET("/ride/day", access.Ride, s.day),
		route.GET("/ride/camera", access.Public, s.camera),
		{Method: http.MethodPost, Pattern: "/ride/commands", Permission: access.Ride, Handler: s.commands, MaxBody: 16 << 20},
		route.GET("/ride/photo/{key}", access.ViewRounds, s.photo),
	}}
}

type shellData struct {
	Words map[ui.Language]map[string]ui.Phrase `json:"words"`
	Icons string                               `json:"icons"`
}

func (s Courier) shell(w http.ResponseWriter, r *http.Request) error {
	return route.Render(w, r, shellPage(shellData{Words: ui.Phrases("courier."), Icons: ui.Asset("vendor/icons.svg")}))
}

// worker is the service worker: its text names the release and its files, so that a new release is a new worker.
func (s Courier) worker(w http.ResponseWriter, _ *http.Request) error {
	text, err := fs.ReadFile(static.FS, "js/scan/worker.js")
	if err != nil {
		return fmt.Errorf("courier: worker: %w", err)
	}
	files, err := json.Marshal(append([]string{"/ride", "/ride/camera"}, assets()...))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", "/ride")
	_, _ = fmt.Fprintf(w, "const RELEASE = %q, FILES = %s, PAGE = \"/ride\"\n%s", path.Dir(ui.Asset("x")), files, text)
	return nil
}

// shared are the scripts of the handheld that the phone uses too.
var shared = []string{"camera.js", "dom.js", "queue.js", "sound.js", "store.js", "words.js"}

func assets() []string {
	files := []string{ui.Asset("tokens.css"), ui.Asset("vendor/icons.svg"), ui.Asset("mark.svg"), ui.Asset("vendor/barcode-detector.js"), ui.Asset("vendor/zxing_reader.wasm")}
	for _, name := range shared {
		files = append(files, ui.Asset("js/scan/"+name))
	}
	_ = fs.WalkDir(static.FS, "js/ride", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, ui.Asset(name))
		}
		return nil
	})
	slices.Sort(files)
	return files
}

func (s Courier) manifest(w http.ResponseWriter, _ *http.Request) error {
	return write(w, map[string]any{"name": "Milkrun", "short_name": "Milkrun", "start_url": "/ride", "scope": "/ride", "display": "standalone",
		"background_color": "#14202e", "theme_color": "#14202e",
		"icons": []map[string]string{{"src": ui.Asset("mark.svg"), "sizes": "any", "type": "image/svg+xml"}}})
}

// cameraPolicy lets the camera's page run the reader's WebAssembly, which the other pages need not.
const cameraPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (s Courier) camera(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Security-Policy", cameraPolicy)
	return route.Render(w, r, cameraPage())
}

func (s Courier) photo(w http.ResponseWriter, r *http.Request) error {
	mime, content, err := s.Ops.Photo(r.Context(), route.Param(r, "key"))
	if err != nil {
		return route.NotFound().Because(err)
	}
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Cache-Control", "private, max-age=86400")
	_, _ = w.Write(content)
	return nil
}

func write(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("courier: answer: %w", err)
	}
	return nil
}
