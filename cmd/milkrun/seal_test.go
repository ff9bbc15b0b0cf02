package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"milkrun/warehouse"
)

func TestSealKeyIsMadeOnceAndKeptFromOthers(t *testing.T) {
	cfg := &Config{Data: filepath.Join(t.TempDir(), "new")}
	seals := make([]*warehouse.Seal, 4)
	var wg sync.WaitGroup
	for i := range seals {
		wg.Go(func() {
			var err error
			if seals[i], err = cfg.seal(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	box, err := seals[0].Close("c", "n", warehouse.Consignee{Name: "王"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range seals {
		if _, err := s.Open("c", "n", box); err != nil {
			t.Errorf("processes that start together have different keys: %v", err)
		}
	}
	path := filepath.Join(cfg.Data, "seal.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key: %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.seal(); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
	if _, err := (&Config{SealKey: "short"}).seal(); err == nil || !strings.Contains(err.Error(), "--seal-key") {
		t.Errorf("a bad key: %v", err)
	}
}
