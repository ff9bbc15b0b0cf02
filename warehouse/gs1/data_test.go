package gs1

import (
	"os"
	"path/filepath"
	"testing"
)

// testdata gives the path of a file of the reference data, or skips; with MILKRUN_REQUIRE=1 it fails.
func testdata(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || filepath.Dir(root) == root {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(dir, "gs1", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatalf("REFERENCE DATA MISSING: %v; set MILKRUN_TESTDATA", err)
		}
		t.Skipf("REFERENCE DATA MISSING: %v; set MILKRUN_TESTDATA", err)
	}
	return path
}
