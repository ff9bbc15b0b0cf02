package ui

import (
	"context"
	"net/url"
	"time"

	"milkrun/internal/calendar"
)

// Language is one of the two languages of the house.
type Language string

// The languages. Chinese is the default of every page and message.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Theme is the console's ground: light, dark, or as the device says.
type Theme string

// The themes.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// SiteOption is one choice of the site picker. An empty Code means all sites.
type SiteOption struct {
	Code string
	Name string
}

// View is what one request knows about its reader.
type View struct {
	Language Language
	Theme    Theme
	Keys     bool           // keyboard shortcuts on
	Zone     *time.Location // the site's zone; all instants are shown in it
	Now      time.Time
	URL      *url.URL     // of the page asked for
	Site     string       // code of the picked site, empty for all
	Sites    []SiteOption // what the picker offers; none hides it
	Menu     []MenuItem   // what this user may open
	Unread   int          // notifications not yet seen
	Bell     string       // path of the notifications list; empty hides the bell
	Search   string       // path of the live search; empty hides the box
	Profile  string       // path of the profile page; empty hides the link
	DataAsOf time.Time    // when the figures were last computed; zero hides the line
	Flash    []Flash      // what the last verb did, told after a redirect
	Request  string       // number of the request, for whom the server has failed
}

// Flash is a note on the next page: what was done. A post to Undo takes it back.
type Flash struct {
	Tone Tone   `json:"tone"`
	Text string `json:"text"`
	Undo string `json:"undo,omitempty"`
}

type viewKey struct{}

// beijing is the zone used where no site says otherwise.
var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

// WithView returns a context that carries v.
func WithView(ctx context.Context, v *View) context.Context {
	return context.WithValue(ctx, viewKey{}, v)
}

// From gives the view of the context. Without one it gives a Chinese, light view at the present moment.
func From(ctx context.Context) *View {
	if v, ok := ctx.Value(viewKey{}).(*View); ok {
		return v
	}
	return &View{Language: Chinese, Theme: Light, Keys: true, Zone: beijing, Now: time.Now()}
}

// Today gives the business day of the view's zone.
func Today(ctx context.Context) calendar.Day {
	v := From(ctx)
	return calendar.Of(v.Now, v.zone())
}

// Lang gives the language of the context.
func Lang(ctx context.Context) Language {
	if v := From(ctx); v.Language == English {
		return English
	}
	return Chinese
}

// Pick gives zh or en as the context's language asks. It is for data that carries both names, not for words of pages.
func Pick(ctx context.Context, zh, en string) string {
	if Lang(ctx) == English && en != "" {
		return en
	}
	if zh == "" {
		return en
	}
	return zh
}

// Here gives the path and query of the page asked for, for "come back to this page" links.
func (v *View) Here() string {
	if v.URL == nil {
		return "/"
	}
	return v.URL.RequestURI()
}

func (v *View) zone() *time.Location {
	if v.Zone == nil {
		return beijing
	}
	return v.Zone
}

// tag gives the language as the html element wants it.
func (v *View) tag() string {
	if v.Language == English {
		return "en"
	}
	return "zh-CN"
}
