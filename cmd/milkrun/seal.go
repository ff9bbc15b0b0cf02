package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"milkrun/warehouse"
)

// seal gives the keys that consignees are sealed with: from the configuration, else from a file in the data folder that only
// its owner may read and that is made at the first start. All processes on a database need the same keys.
func (c *Config) seal() (*warehouse.Seal, error) {
	if c.SealKey != "" {
		s, err := warehouse.ParseSeal(c.SealKey)
		if err != nil {
			return nil, fmt.Errorf("--seal-key: %w", err)
		}
		return s, nil
	}
	if c.Data == "" { // a house without a folder, which only tests open, keeps no key
		key, err := warehouse.NewSealKey()
		if err != nil {
			return nil, err
		}
		return warehouse.ParseSeal(key)
	}
	path := filepath.Join(c.Data, "seal.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeSealKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key of consignees: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key of consignees: others can read %s: chmod 600 it", path)
	}
	s, err := warehouse.ParseSeal(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// makeSealKey writes a fresh key. Of two processes that start together the first one's key stands.
func makeSealKey(path string) ([]byte, error) {
	key, err := warehouse.NewSealKey()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	// The file appears whole or not at all: a link to a finished one.
	tmp, err := os.CreateTemp(filepath.Dir(path), "seal-*.tmp") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.WriteString(key + "\n"); err != nil {
		return nil, errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
