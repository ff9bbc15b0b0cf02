// Package scanner is the handheld: a page that works without the network, one task a screen, and the commands that it sends.
//
// The page is one shell whose scripts (web/static/js/scan) draw the screens from the task that the device holds. Everything a
// worker does becomes a command with an operation id; it is judged on the device at once, kept in the device's queue, and sent in
// order to POST /scan/commands, where each is answered by itself. A Part brings the tasks and commands of one kind of work.
package scanner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/route"
)

// Scanner is the handheld's side of the house.
type Scanner struct {
	Ops      *warehouseops.Ops
	Sessions *route.Sessions
	Clock    func() time.Time
	// SignIn answers the account of a login and password, Badge that of a scanned badge.
	SignIn func(ctx context.Context, login, password string) (access.User, error)
	Badge  func(ctx context.Context, code string) (access.User, error)
	// Account gives an account by its id, for commands that somebody else sends than has made them; nil books them under who sends.
	Account func(ctx context.Context, id access.ID) (access.User, error)
	// Sites lists the sites of the house.
	Sites func(context.Context) ([]catalog.Site, error)
	// Parts are the kinds of work, in the order of the menu. Those of outbound stand in Outbound.
	Parts []Part
}

// Part is one kind of work: its name is the kind of its tasks, and that of its script in web/static/js/scan.
type Part struct {
	Kind string
	// Commands by their whole kind, such as "pick.take".
	Commands map[string]Command
	// Jobs lists what waits to be done at a site, most urgent first; nil for none.
	Jobs func(ctx context.Context, site catalog.SiteID) ([]Job, error)
	// Task gives the task of a key; nil where the part has none by key.
	Task func(ctx context.Context, site catalog.SiteID, key string) (any, error)
	// Find gives the task that a code scanned anywhere leads to, nil for none of this part's.
	Find func(ctx context.Context, site catalog.SiteID, scan string) (any, error)
	// Refusals says the part's refusals; those of scans, tasks and stock stand in the frame.
	Refusals []func(error) *Refused
}

// Command does what a device tells, once for each operation id. The result is the next state of the task, or nil.
type Command func(ctx context.Context, cmd warehouse.Command, body json.RawMessage) (any, error)

// Verb makes a command of a verb with a typed body.
func Verb[B, R any](f func(ctx context.Context, cmd warehouse.Command, in B) (R, error)) Command {
	return func(ctx context.Context, cmd warehouse.Command, body json.RawMessage) (any, error) {
		var in B
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, fmt.Errorf("%w: %w", errBody, err)
		}
		return f(ctx, cmd, in)
	}
}

var errBody = errors.New("scanner: the command's body is not what its kind asks for")

// Say is a phrase of the page with its arguments: the device says it in its language.
type Say struct {
	Word string         `json:"word"`
	Args map[string]any `json:"args,omitempty"`
}

// Says makes a phrase of a word and pairs of names and values.
func Says(word string, args ...any) Say {
	s := Say{Word: word}
	for i := 0; i+1 < len(args); i += 2 {
		if s.Args == nil {
			s.Args = map[string]any{}
		}
		s.Args[fmt.Sprint(args[i])] = args[i+1]
	}
	return s
}

// Figure is a number of a job with what it counts.
type Figure struct {
	Value string `json:"value"`
	Label Say    `json:"label"`
}

// Job is a task that waits.
type Job struct {
	Kind  string `json:"kind"`
	Key   string `json:"key"`
	Icon  string `json:"icon"`
	Title Say    `json:"title"`
	// Where to go first, in huge type, and a word below.
	First string `json:"first"`
	Way   Say    `json:"way"`
	// Three figures at most.
	Figures []Figure `json:"figures"`
	Due     string   `json:"due,omitempty"` // RFC 3339
	Urgent  bool     `json:"urgent"`
	Mine    bool     `json:"mine"`
	// Start is the kind of the command that takes the job, with its body; "" opens the task by its key.
	Start string `json:"start,omitempty"`
	Body  any    `json:"body,omitempty"`
}

// Screens gives the routes of the handheld. A whole shift signs in from one address: the badges are long, and passwords are counted
// by login.
func (s Scanner) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		route.GET("/scan", access.Public, s.shell),
		route.GET("/scan/sw.js", access.Public, s.worker),
		route.GET("/scan/manifest.json", access.Public, s.manifest),
		{Method: http.MethodPost, Pattern: "/scan/login", Permission: access.Public, Handler: s.login, PerMinute: 600},
		route.POST("/scan/logout", access.Public, s.logout),
		route.GET("/scan/state", access.WorkFloor, s.state),
		route.GET("/scan/task/{kind}/{key}", access.WorkFloor, s.task),
		route.GET("/scan/find", access.WorkFloor, s.find),
		{Method: http.MethodPost, Pattern: "/scan/commands", Permission: access.WorkFloor, Handler: s.commands, MaxBody: 4 << 20},
		route.POST("/scan/probe", access.Public, s.probe),
		route.GET("/scan/setup.svg", access.Public, s.setupSymbol),
		route.GET("/scan/camera", access.WorkFloor, s.camera),
		route.GET("/scan/label/{parcel}", access.WorkFloor, s.label),
		route.GET("/scan/label/{parcel}/zpl", access.WorkFloor, s.labelZPL),
	}}
}

func (s Scanner) part(kind string) *Part {
	for i := range s.Parts {
		if s.Parts[i].Kind == kind {
			return &s.Parts[i]
		}
	}
	return nil
}

func (s Scanner) command(kind string) Command {
	if kind == decided {
		return Verb(s.decide)
	}
	for _, p := range s.Parts {
		if c := p.Commands[kind]; c != nil {
			return c
		}
	}
	return nil
}

// write answers JSON that no cache keeps.
func write(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("scanner: answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b)
	return nil
}
