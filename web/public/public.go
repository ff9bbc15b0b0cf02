// Package public holds the pages that anybody may open without signing in: plain, fast on an old phone, in Chinese and English. They load
// the design's tokens alone and no script.
package public

import (
	"context"
	"net/http"
	"net/url"

	"milkrun/web/ui"
)

// perMinute bounds what one address may open.
const perMinute = 120

// inLanguage lets ?lang=en and ?lang=zh choose the language of a public page.
func inLanguage(r *http.Request) context.Context {
	ctx := r.Context()
	v := *ui.From(ctx)
	switch r.URL.Query().Get("lang") {
	case "en":
		v.Language = ui.English
	case "zh":
		v.Language = ui.Chinese
	}
	return ui.WithView(ctx, &v)
}

// otherLanguage gives the address of this page in the other language.
func otherLanguage(ctx context.Context) string {
	lang := "en"
	if ui.Lang(ctx) == ui.English {
		lang = "zh"
	}
	if u := ui.From(ctx).URL; u != nil {
		return u.Path + "?" + url.Values{"lang": {lang}}.Encode()
	}
	return "?lang=" + lang
}

// otherName gives the name of the other language in that language.
func otherName(ctx context.Context) string {
	if ui.Lang(ctx) == ui.English {
		return "中文"
	}
	return "English"
}
