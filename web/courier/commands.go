package courier

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/route"
)

// batch is what a phone sends: commands in the order in which they were made, on the phone's clock, which SentAt sets right.
type batch struct {
	SentAt   time.Time `json:"sent_at"`
	Commands []told    `json:"commands"`
}

type told struct {
	Op     uuid.UUID `json:"op"`
	Kind   string    `json:"kind"`
	MadeAt time.Time `json:"made_at"`
	Body   body      `json:"body"`
}

// body is what any of the commands says.
type body struct {
	Round  routing.RoundID  `json:"round"`
	Parcel routing.ParcelID `json:"parcel"`
	// Parcels are those that are loaded, in their order.
	Parcels []routing.ParcelID `json:"parcels"`
	Version int                `json:"version"`
	Code    string             `json:"code"`
	Photo   []byte             `json:"photo"` // base64 in JSON
	Reason  string             `json:"reason"`
	Hours   int                `json:"hours"`
	Lat     *float64           `json:"lat"`
	Lon     *float64           `json:"lon"`
	Fail    routing.FailReason `json:"fail"`
}

// answer is what became of one command; a phone sends one that is to be tried again anew, with those behind it.
type answer struct {
	Op      uuid.UUID `json:"op"`
	State   string    `json:"state"` // done, refused, retry
	Result  *day      `json:"result,omitempty"`
	Refusal *refusal  `json:"refusal,omitempty"`
}

type refusal struct {
	Code string `json:"code"`
	Text said   `json:"text"`
}

type said struct {
	Word string         `json:"word"`
	Args map[string]any `json:"args,omitempty"`
}

// most bounds a batch, largestPhoto a picture, which the phone makes smaller before.
const (
	most         = 100
	largestPhoto = 2 << 20
)

func (s Courier) commands(w http.ResponseWriter, r *http.Request) error {
	var in batch
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Commands) > most {
		return route.Invalid("courier.error.batch").Because(err)
	}
	ctx, now := r.Context(), s.Clock()
	out := struct {
		Answers []answer `json:"answers"`
	}{Answers: []answer{}}
	for _, c := range in.Commands {
		a := s.one(ctx, now, in.SentAt, c)
		out.Answers = append(out.Answers, a)
		if a.State == "retry" {
			break
		}
	}
	if n := len(out.Answers); n > 0 {
		if d, err := s.Ops.MyDay(ctx); err == nil {
			shown := s.shown(d)
			out.Answers[n-1].Result = &shown
		}
	}
	return write(w, out)
}

func (s Courier) one(ctx context.Context, now, sent time.Time, c told) answer {
	made := c.MadeAt
	if !sent.IsZero() {
		made = now.Add(made.Sub(sent))
	}
	cmd := routingops.Command{Op: c.Op, MadeAt: made}
	if c.Body.Lat != nil && c.Body.Lon != nil && *c.Body.Lat >= -90 && *c.Body.Lat <= 90 && *c.Body.Lon >= -180 && *c.Body.Lon <= 180 {
		cmd.At = routing.Place{Lat: *c.Body.Lat, Lon: *c.Body.Lon}
	}
	err := s.do(ctx, cmd, c.Kind, c.Body)
	if err == nil {
		return answer{Op: c.Op, State: "done"}
	}
	if r := explain(err); r != nil {
		return answer{Op: c.Op, State: "refused", Refusal: r}
	}
	s.Ops.Log.ErrorContext(ctx, "rider's command failed", "kind", c.Kind, "op", c.Op, "error", err)
	return answer{Op: c.Op, State: "retry"}
}

// errKind is the answer to a command that nobody knows: the page is older or newer than the house.
var errKind = errors.New("courier: unknown command")

func (s Courier) do(ctx context.Context, cmd routingops.Command, kind string, b body) error {
	visited := routingops.Visited{Parcel: b.Parcel, Code: b.Code, Reason: b.Fail}
	if len(b.Photo) > 0 {
		visited.Mime = http.DetectContentType(b.Photo)
		if len(b.Photo) > largestPhoto || visited.Mime != "image/jpeg" && visited.Mime != "image/png" && visited.Mime != "image/webp" {
			return routing.ErrProof
		}
		visited.Photo = b.Photo
	}
	switch kind {
	case "on":
		return s.Ops.GoOn(ctx, cmd, b.Hours)
	case "off":
		return s.Ops.GoOff(ctx, cmd)
	case "accept":
		return s.Ops.Accept(ctx, cmd, b.Round)
	case "refuse":
		return s.Ops.Refuse(ctx, cmd, b.Round, b.Reason)
	case "start":
		return s.Ops.Start(ctx, cmd, b.Round, b.Parcels)
	case "drop":
		return s.Ops.Drop(ctx, cmd, b.Round, visited)
	case "fail":
		return s.Ops.FailDrop(ctx, cmd, b.Round, visited)
	case "undo":
		return s.Ops.UndoDrop(ctx, cmd, b.Round, b.Parcel)
	case "finish":
		return s.Ops.Finish(ctx, cmd, b.Round)
	case "see":
		return s.Ops.See(ctx, cmd, b.Round, b.Version)
	case "decline":
		return s.Ops.Decline(ctx, cmd, b.Round, b.Parcel)
	}
	return errKind
}

// explain says a refusal; nil is a fault of the house, after which the phone tries again.
func explain(err error) *refusal {
	var state *routing.StateError
	word := func(code string, args map[string]any) *refusal {
		return &refusal{Code: code, Text: said{Word: "courier.refused." + code, Args: args}}
	}
	switch {
	case errors.As(err, &state):
		return word("state", map[string]any{"What": state.What})
	case errors.Is(err, routing.ErrCode):
		return word("code", nil)
	case errors.Is(err, routing.ErrTooWarm):
		return word("warm", nil)
	case errors.Is(err, routing.ErrProof):
		return word("proof", nil)
	case errors.Is(err, routing.ErrOtherRider), errors.Is(err, routing.ErrNotOnRound), errors.Is(err, routingops.ErrUnknown):
		return word("gone", nil)
	case errors.Is(err, routing.ErrUnfinished):
		return word("unfinished", nil)
	case errors.Is(err, routing.ErrReason), errors.Is(err, routingops.ErrRules), errors.Is(err, errKind):
		return word("form", nil)
	case errors.Is(err, routingops.ErrNoRider), errors.Is(err, access.ErrForbidden):
		return word("rider", nil)
	}
	return nil
}
