package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// oldestNode is the oldest major version of Node.js that the pinned packages
// install with.
const oldestNode = 20

// stampName, in node_modules, holds the hash of what was last installed.
const stampName = ".milkrun-installed"

var errNode = fmt.Errorf("installing the browser libraries needs Node.js %d or newer with npm: apt-get install nodejs npm, brew install node, or see nodejs.org", oldestNode)

// lock keeps two builds of one checkout from running npm at once. It ends with
// the function or the process.
func lock(path string) (unlock func(), err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}

// install runs npm ci unless node_modules already holds what package-lock.json
// says.
func install(root string) error {
	want, err := stamp(root)
	if err != nil {
		return err
	}
	stampFile := filepath.Join(root, "node_modules", stampName)
	if have, err := os.ReadFile(stampFile); err == nil && string(have) == want {
		return nil
	}
	if err := checkNode(); err != nil {
		return err
	}
	fmt.Println("assets: npm ci (package-lock.json is new or changed)")
	// Scripts of packages are never run: nothing here needs them.
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir = root
	npm.Stdout, npm.Stderr = os.Stderr, os.Stderr
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm ci: %w (the first build needs the npm registry; npm's own words are above)", err)
	}
	return os.WriteFile(stampFile, []byte(want), 0o644)
}

// stamp hashes what decides the content of node_modules.
func stamp(root string) (string, error) {
	h := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return "", err
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func checkNode() error {
	out, err := exec.Command("node", "--version").Output()
	if err != nil {
		return errors.Join(errNode, err)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.Join(errNode, err)
	}
	major, err := nodeMajor(out)
	if err != nil {
		return err
	}
	if major < oldestNode {
		return fmt.Errorf("%w (this is %s)", errNode, bytes.TrimSpace(out))
	}
	return nil
}

// nodeMajor reads the answer of node --version, such as v20.20.2.
func nodeMajor(version []byte) (int, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(string(version)), "v")
	first, _, _ := strings.Cut(text, ".")
	major, err := strconv.Atoi(first)
	if err != nil || !ok {
		return 0, fmt.Errorf("node --version says %q, which is no version", version)
	}
	return major, nil
}
