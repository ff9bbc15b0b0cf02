package ui

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

//go:embed words/*.toml
var wordFiles embed.FS

// Count is the name of the argument that chooses the plural form.
const Count = "Count"

type dictionary struct {
	zh, en *i18n.Localizer
}

// words holds the message files of all screens. A file that does not parse is a fault of the build, found by any
// test that says a word.
var words = sync.OnceValue(func() *dictionary {
	bundle := i18n.NewBundle(language.Chinese)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	entries, err := fs.ReadDir(wordFiles, "words")
	if err != nil {
		panic("ui: " + err.Error())
	}
	for _, e := range entries {
		if _, err := bundle.LoadMessageFileFS(wordFiles, path.Join("words", e.Name())); err != nil {
			panic(fmt.Sprintf("ui: words/%s: %v", e.Name(), err))
		}
	}
	return &dictionary{zh: i18n.NewLocalizer(bundle, "zh"), en: i18n.NewLocalizer(bundle, "en")}
})

// T says the message id in the language of the context.
//
// Arguments are one map[string]any or pairs of name and value. Integers are written with thousands commas, pieces,
// fen and days in the house's form; anything that is a code or a year is passed as a string. The argument named
// Count chooses the plural form. An id nobody wrote is said as itself, so that the page still stands.
func T(ctx context.Context, id string, args ...any) string {
	data, count := arguments(ctx, args)
	l := words().zh
	if Lang(ctx) == English {
		l = words().en
	}
	s, err := l.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: count})
	if s == "" && err != nil {
		return id
	}
	return s
}

func arguments(ctx context.Context, args []any) (data map[string]any, count any) {
	if len(args) == 0 {
		return nil, nil
	}
	data = make(map[string]any, len(args)/2+1)
	if m, ok := args[0].(map[string]any); ok && len(args) == 1 {
		for k, v := range m {
			data[k] = v
		}
	} else {
		for i := 0; i+1 < len(args); i += 2 {
			data[fmt.Sprint(args[i])] = args[i+1]
		}
	}
	if n, ok := whole(data[Count]); ok {
		// The library knows int and strings; the plural of a very large count is that of any large count.
		count = int(min(max(n, -1<<30), 1<<30))
	}
	for k, v := range data {
		data[k] = written(ctx, v)
	}
	return data, count
}

func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case quantity.Pieces:
		return int64(n), true
	}
	return 0, false
}

// written gives a value in the house's form.
func written(ctx context.Context, v any) any {
	switch x := v.(type) {
	case money.Fen:
		return YuanRound(x)
	case calendar.Day:
		return Day(ctx, x)
	}
	if n, ok := whole(v); ok {
		return Int(n)
	}
	return v
}
