package ui

import (
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

// Phrase is a message as it is written, with its plural forms.
type Phrase struct {
	One   string `json:"one,omitempty"`
	Other string `json:"other"`
}

// Phrases gives every message whose id begins with the prefix, by language and id, for pages that say them without the server.
func Phrases(prefix string) map[Language]map[string]Phrase {
	out := map[Language]map[string]Phrase{Chinese: {}, English: {}}
	for l, all := range phrases() {
		for id, p := range all {
			if strings.HasPrefix(id, prefix) {
				out[l][id] = p
			}
		}
	}
	return out
}

var phrases = sync.OnceValue(func() map[Language]map[string]Phrase {
	out := map[Language]map[string]Phrase{Chinese: {}, English: {}}
	entries, err := fs.ReadDir(wordFiles, "words")
	if err != nil {
		panic("ui: " + err.Error())
	}
	for _, e := range entries {
		text, err := fs.ReadFile(wordFiles, path.Join("words", e.Name()))
		if err != nil {
			panic("ui: " + err.Error())
		}
		var tree map[string]any
		if err := toml.Unmarshal(text, &tree); err != nil {
			panic("ui: " + e.Name() + ": " + err.Error())
		}
		l := Chinese
		if strings.HasSuffix(e.Name(), ".en.toml") {
			l = English
		}
		collect(out[l], "", tree)
	}
	return out
})

func collect(into map[string]Phrase, id string, tree map[string]any) {
	if other, ok := tree["other"].(string); ok {
		one, _ := tree["one"].(string)
		into[id] = Phrase{One: one, Other: other}
		return
	}
	for k, v := range tree {
		at := k
		if id != "" {
			at = id + "." + k
		}
		switch x := v.(type) {
		case string:
			into[at] = Phrase{Other: x}
		case map[string]any:
			collect(into, at, x)
		}
	}
}
