package kittest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/BurntSushi/toml"
)

// MessageIDs reads the ids of the message files by name in the folder of words.
func MessageIDs(t testing.TB, folder string, names ...string) []string {
	t.Helper()
	var out []string
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := toml.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		for group, v := range doc {
			if leaves, ok := v.(map[string]any); ok {
				for id := range leaves {
					out = append(out, group+"."+id)
				}
			}
		}
	}
	return out
}
