package ui

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"milkrun/internal/access"
	"milkrun/internal/money"
)

// messages reads every message file of one language: id → message, and fails on an id written twice.
func messages(t *testing.T, language string) map[string]*i18n.Message {
	t.Helper()
	out := map[string]*i18n.Message{}
	from := map[string]string{}
	files, err := fs.Glob(wordFiles, "words/*."+language+".toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no message files for %s: %v", language, err)
	}
	for _, name := range files {
		b, err := fs.ReadFile(wordFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := i18n.ParseMessageFileBytes(b, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, m := range f.Messages {
			if at, ok := from[m.ID]; ok {
				t.Errorf("%s is written in %s and in %s", m.ID, at, name)
			}
			from[m.ID], out[m.ID] = name, m
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`{{[^}]*\.(\w+)[^}]*}}`)

func placeholders(m *i18n.Message) []string {
	var out []string
	for _, g := range placeholder.FindAllStringSubmatch(m.One+" "+m.Other, -1) {
		if !slices.Contains(out, g[1]) {
			out = append(out, g[1])
		}
	}
	slices.Sort(out)
	return out
}

func TestEveryMessageExistsInBothLanguagesWithTheSamePlaceholders(t *testing.T) {
	zh, en := messages(t, "zh"), messages(t, "en")
	for id, m := range zh {
		e, ok := en[id]
		if !ok {
			t.Errorf("%s has no English", id)
			continue
		}
		if !slices.Equal(placeholders(m), placeholders(e)) {
			t.Errorf("%s: placeholders %v in Chinese, %v in English", id, placeholders(m), placeholders(e))
		}
		if strings.TrimSpace(m.Other) == "" || strings.TrimSpace(e.Other) == "" {
			t.Errorf("%s is empty", id)
		}
		if m.One != "" {
			t.Errorf("%s: Chinese has no singular", id)
		}
		if slices.Contains(placeholders(e), Count) && e.One == "" && regexp.MustCompile(`\.Count}} [a-z]+s\b`).MatchString(e.Other) {
			t.Errorf("%s: the English needs a form for one: %q", id, e.Other)
		}
	}
	for id := range en {
		if zh[id] == nil {
			t.Errorf("%s has no Chinese", id)
		}
	}
}

var han = regexp.MustCompile(`\p{Han}`)

func TestEnglishIsEnglishAndPunctuationIsOfTheLanguage(t *testing.T) {
	for id, m := range messages(t, "en") {
		if han.MatchString(m.One + m.Other) {
			t.Errorf("%s: Chinese in the English: %q", id, m.Other)
		}
	}
	halfWidth := regexp.MustCompile(`\p{Han}[,;:?!()]|[,;:?!(]\p{Han}`)
	for id, m := range messages(t, "zh") {
		if halfWidth.MatchString(m.Other) {
			t.Errorf("%s: half-width punctuation between Chinese: %q", id, m.Other)
		}
	}
}

var said = regexp.MustCompile(`\bT\(ctx, "([^"]+)"(\s*\+)?`)

func TestEveryMessageThatAPageSaysIsWritten(t *testing.T) {
	zh := messages(t, "zh")
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		if ext := filepath.Ext(name); ext != ".go" && ext != ".templ" {
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, g := range said.FindAllStringSubmatch(string(b), -1) {
			if g[2] != "" { // the rest of the id is computed; the tables below are checked whole
				continue
			}
			if zh[g[1]] == nil {
				t.Errorf("%s says %q, which is in no message file", name, g[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryComputedMessageIsWritten(t *testing.T) {
	zh := messages(t, "zh")
	need := func(id string) {
		t.Helper()
		if zh[id] == nil {
			t.Errorf("%s is in no message file", id)
		}
	}
	for kind, all := range Statuses {
		for status := range all {
			need("status." + kind + "." + status)
		}
	}
	for _, key := range Areas() {
		need("menu." + key)
	}
	for _, r := range append(access.Roles(), access.System) {
		need("role." + string(r))
	}
	for _, th := range []Theme{Light, Dark, ""} {
		need("shell.theme." + themeValue(th))
	}
	for _, row := range keyRows(&View{}) {
		need(row.Word)
	}
	for _, s := range loginStops {
		need(s.Word)
	}
}

func TestT(t *testing.T) {
	zh, en := in(Chinese), in(English)
	for got, want := range map[string]string{
		T(zh, "kit.selected", Count, 1204):                          "已选 1,204 条",
		T(en, "kit.selected", Count, 1):                             "1 selected",
		T(en, "kit.pieces", map[string]any{Count: 4200}):            "4,200 pieces",
		T(en, "kit.pieces", Count, 1):                               "1 piece",
		T(zh, "kit.of", "Done", int64(1500), "Total", money.Fen(5)): "1,500 / ¥0",
		T(zh, "no.such.message"):                                    "no.such.message",
		T(context.Background(), "menu.today"):                       "今天",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if one, other := forms(en, "kit.pieces"); one != "{n} piece" || other != "{n} pieces" {
		t.Errorf("forms: %q, %q", one, other)
	}
}

func TestIconsAreInTheSprite(t *testing.T) {
	b, err := os.ReadFile("../static/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, f := range strings.Fields(string(b)) {
		listed[f] = true
	}
	for kind, all := range Statuses {
		for status, m := range all {
			if !listed[m.Icon] {
				t.Errorf("status %s.%s: the icon %q is not in icons.txt", kind, status, m.Icon)
			}
		}
	}
	for _, a := range areas {
		if !listed[a.Icon] {
			t.Errorf("menu %s: the icon %q is not in icons.txt", a.Key, a.Icon)
		}
	}
	drawn := regexp.MustCompile(`\bIcon(?:\(|:\s*)"([^"]+)"`)
	err = filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_templ.go") || !strings.HasSuffix(name, ".templ") && !strings.HasSuffix(name, ".go") {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, g := range drawn.FindAllStringSubmatch(string(b), -1) {
			if !listed[g[1]] {
				t.Errorf("%s draws %q, which is not in icons.txt", name, g[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
