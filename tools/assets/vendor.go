package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// copies are the files of npm packages that pages load, by their name in
// web/static/vendor.
var copies = map[string]string{
	"htmx.min.js":       "htmx.org/dist/htmx.min.js",
	"sse.js":            "htmx-ext-sse/dist/sse.min.js",
	"tabler.min.css":    "@tabler/core/dist/css/tabler.min.css",
	"uPlot.min.css":     "uplot/dist/uPlot.min.css",
	"uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
	"uPlot.esm.js":      "uplot/dist/uPlot.esm.js",
	"echarts.min.js":    "echarts/dist/echarts.min.js",
	"idb.js":            "idb/build/umd.js",
	"swagger-ui.css":    "swagger-ui-dist/swagger-ui.css",
	"swagger-ui.js":     "swagger-ui-dist/swagger-ui-bundle.js",
	"axe.min.js":        "axe-core/axe.min.js", // loaded by tests alone
	// The handheld's camera reads codes by the decoder and the WebAssembly that belongs to it.
	"barcode-detector.js": "barcode-detector/dist/iife/ponyfill.js",
	"zxing_reader.wasm":   "zxing-wasm/dist/reader/zxing_reader.wasm",
}

// licences are the packages whose notices must go wherever their files go.
var licences = []string{
	"@tabler/core", "@tabler/icons", "axe-core", "barcode-detector", "echarts", "htmx-ext-sse", "htmx.org", "idb", "swagger-ui-dist", "uplot", "zrender", "zxing-wasm",
}

// sourceMap is the last line by which a browser's developer tools ask for a
// file that is not shipped.
var sourceMap = regexp.MustCompile(`(?m)^(//|/\*)# sourceMappingURL=.*$\n?`)

// vendored returns the content of every file in web/static/vendor by name.
func vendored(root string) (map[string][]byte, error) {
	modules := filepath.Join(root, "node_modules")
	files := map[string][]byte{}
	for name, path := range copies {
		text, err := os.ReadFile(filepath.Join(modules, path))
		if err != nil {
			return nil, fmt.Errorf("%w (remove node_modules and run make assets again)", err)
		}
		files[name] = sourceMap.ReplaceAll(text, nil)
	}
	list, err := os.ReadFile(filepath.Join(root, "web", "static", "icons.txt"))
	if err != nil {
		return nil, err
	}
	if files["icons.svg"], err = sprite(list, filepath.Join(modules, "@tabler", "icons", "icons", "outline")); err != nil {
		return nil, err
	}
	files["LICENSES.txt"], err = notices(modules)
	return files, err
}

// notices joins the packages' licence files.
func notices(modules string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("The files in this directory come from these packages:\n")
	for _, pkg := range licences {
		text, err := licence(filepath.Join(modules, pkg))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "\n==== %s ====\n\n%s\n", pkg, bytes.TrimSpace(text))
	}
	return out.Bytes(), nil
}

var licenceLine = regexp.MustCompile(`"license": *"([^"]+)"`)

// licence reads a package's licence, or its name where it ships no text.
func licence(dir string) ([]byte, error) {
	for _, name := range []string{"LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return nil, err
	}
	m := licenceLine.FindSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("%s states no licence", dir)
	}
	return m[1], nil
}

// lay makes dir hold exactly the files, beside those that begin with a dot,
// and says how many it wrote. Unchanged files keep their time.
func lay(dir string, files map[string][]byte) (changed int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if _, ok := files[e.Name()]; !ok && e.Name()[0] != '.' {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return changed, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, files[name]) {
			continue
		}
		changed++
		if err := writeWhole(path, files[name]); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// writeWhole replaces a file in one step: a build that runs meanwhile embeds
// the old content or the new.
func writeWhole(path string, text []byte) error {
	partial := filepath.Join(filepath.Dir(path), ".partial-"+filepath.Base(path))
	if err := os.WriteFile(partial, text, 0o644); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
