// Command assets installs the browser libraries that package-lock.json pins
// and lays their files out under web/static/vendor, where the program embeds
// them: scripts, style sheets, one SVG sprite of the icons named in
// web/static/icons.txt, and the licences of all of it.
//
// It runs npm only when package-lock.json has changed since the last time.
//
//	go run -C tools ./assets
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root, err := moduleRoot()
	if err == nil {
		err = build(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

// moduleRoot finds the checkout's root above the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no package-lock.json in this directory or above it: run this from Milkrun's checkout")
		}
		dir = filepath.Dir(dir)
	}
}

func build(root string) error {
	unlock, err := lock(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return err
	}
	defer unlock()
	if err := install(root); err != nil {
		return err
	}
	files, err := vendored(root)
	if err != nil {
		return err
	}
	n, err := lay(filepath.Join(root, "web", "static", "vendor"), files)
	if err != nil {
		return err
	}
	if n > 0 {
		fmt.Printf("assets: %d of %d files changed in web/static/vendor\n", n, len(files))
	}
	return nil
}
