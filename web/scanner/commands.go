package scanner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/web/route"
)

// maxCommands bounds a batch: a device that was long without the network sends several.
const maxCommands = 100

// batch is what a device sends: commands in the order in which they were made. Times are of the device's clock, which SentAt
// sets right.
type batch struct {
	Device   string    `json:"device"`
	Site     int32     `json:"site"`
	SentAt   time.Time `json:"sent_at"`
	Commands []told    `json:"commands"`
}

type told struct {
	Op      uuid.UUID       `json:"op"`
	Kind    string          `json:"kind"`
	MadeAt  time.Time       `json:"made_at"`
	Screen  string          `json:"screen"`
	Verdict string          `json:"verdict"`
	LocalMS float64         `json:"local_ms"`
	Body    json.RawMessage `json:"body"`
	// By is the sign of who made it (user.by of the state when it was made): what lies in the queue over a change of shifts is
	// booked under them. Without one it is booked under who sends it.
	By uuid.UUID `json:"by,omitzero"`
}

// answer is what became of one command. A device keeps a command that is to be tried again, and those behind it.
type answer struct {
	Op      uuid.UUID `json:"op"`
	State   string    `json:"state"` // done, refused, retry
	Result  any       `json:"result,omitempty"`
	Refusal *Refused  `json:"refusal,omitempty"`
	Again   bool      `json:"again,omitempty"` // told before
}

type answers struct {
	Now     time.Time `json:"now"`
	Answers []answer  `json:"answers"`
}

// scanned is the kind of a scan that the device judged alone: it is counted, nothing is done.
const scanned = "scan"

func (s Scanner) commands(w http.ResponseWriter, r *http.Request) error {
	var in batch
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return err
		}
		return route.Invalid("scanner.error.batch").Because(err)
	}
	if len(in.Commands) > maxCommands || len(in.Device) > 64 {
		return route.Invalid("scanner.error.batch")
	}
	out, err := s.run(r.Context(), in)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, out)
}

// run does the commands one after the other, and keeps what was told. A fault of the house ends the batch: that command and those
// behind it come again.
func (s Scanner) run(ctx context.Context, in batch) (answers, error) {
	now := s.Clock()
	out := answers{Now: now, Answers: []answer{}}
	site := catalog.SiteID(in.Site)
	var kept []warehouse.Telling
	var stuck []uuid.UUID
	makers := map[uuid.UUID]access.User{}
	for _, c := range in.Commands {
		made := c.MadeAt
		if !in.SentAt.IsZero() {
			made = now.Add(made.Sub(in.SentAt))
		}
		if made.After(now) || made.IsZero() {
			made = now
		}
		began := time.Now()
		by, err := s.maker(ctx, makers, c.By)
		if err != nil {
			return out, err
		}
		a, told, err := s.one(access.WithUser(ctx, by), warehouse.Command{Op: c.Op, Device: in.Device, MadeAt: made}, c)
		if err != nil {
			return out, err
		}
		out.Answers = append(out.Answers, a)
		if a.State == "retry" {
			break
		}
		if told { // stands in the table already
			continue
		}
		t := warehouse.Telling{Op: c.Op, Kind: c.Kind, Site: &site, Device: in.Device, MadeAt: made, Screen: cut(c.Screen, 40), Verdict: cut(c.Verdict, 40),
			LocalMS: int32(min(max(c.LocalMS, 0), 600_000)), Body: c.Body}
		if by.ID > 0 {
			id := int64(by.ID)
			t.Account, t.Actor = &id, by.Name
		}
		if in.Site == 0 {
			t.Site = nil
		}
		if c.Kind != scanned {
			t.ServerUS = int32(min(time.Since(began).Microseconds(), 1<<30))
		}
		if a.Refusal != nil {
			if t.Refusal, err = json.Marshal(a.Refusal); err != nil {
				return out, fmt.Errorf("scanner: refusal: %w", err)
			}
			if a.Refusal.Stuck {
				stuck = append(stuck, c.Op)
			}
		}
		kept = append(kept, t)
	}
	slim(out.Answers)
	return out, s.Ops.Tell(ctx, kept, stuck)
}

// maker gives who made a command: the account of its sign, as long as it works on the floor, else who sends it.
func (s Scanner) maker(ctx context.Context, known map[uuid.UUID]access.User, sign uuid.UUID) (access.User, error) {
	sender := route.User(ctx)
	if sign == uuid.Nil || s.Account == nil {
		return sender, nil
	}
	if u, seen := known[sign]; seen {
		return u, nil
	}
	known[sign] = sender
	id, err := s.Ops.Maker(ctx, sign)
	if err != nil || id == 0 || id == sender.ID {
		return sender, err
	}
	u, err := s.Account(ctx, id)
	switch {
	case errors.Is(err, access.ErrInactive), errors.Is(err, access.ErrSignedOut):
		return sender, nil // nothing that was scanned is dropped
	case err != nil:
		return sender, err
	case access.Can(u, access.WorkFloor):
		known[sign] = u
	}
	return known[sign], nil
}

// slim leaves the state of a task to the last answer that carries it.
func slim(all []answer) {
	last := map[string]int{}
	for i, a := range all {
		if k := taskKey(a.Result); k != "" {
			if was, seen := last[k]; seen {
				all[was].Result = nil
			}
			last[k] = i
		}
	}
}

func taskKey(v any) string {
	switch t := v.(type) {
	case warehouse.PickTask:
		return fmt.Sprint("pick", t.ID)
	case warehouse.PackTask:
		return fmt.Sprint("pack", t.ID)
	case warehouse.Manifest:
		return fmt.Sprint("handover", t.ID)
	}
	return ""
}

// one does a command, or answers how it was answered before.
func (s Scanner) one(ctx context.Context, cmd warehouse.Command, c told) (a answer, before bool, err error) {
	a.Op = c.Op
	if c.Kind == scanned {
		a.State = "done"
		if cmd.Check() != nil {
			return refused(c.Op, &Refused{Code: "command", Text: Says("scanner.refused.command")}), true, nil
		}
		return a, false, nil
	}
	was, err := s.Ops.Told(ctx, c.Op)
	if err != nil {
		return a, false, err
	}
	if was != nil && was.Kind != c.Kind {
		return refused(c.Op, s.explain(warehouse.ErrOtherCommand)), true, nil
	}
	if was != nil && len(was.Refusal) > 0 {
		var old Refused
		if err := json.Unmarshal(was.Refusal, &old); err != nil {
			return a, true, fmt.Errorf("scanner: refusal of %s: %w", c.Op, err)
		}
		a = refused(c.Op, &old)
		a.Again = true
		return a, true, nil
	}
	do := s.command(c.Kind)
	if do == nil {
		return refused(c.Op, &Refused{Code: "kind", Text: Says("scanner.refused.kind", "Kind", c.Kind)}), false, nil
	}
	a.Result, err = do(ctx, cmd, c.Body)
	a.Again = was != nil
	switch {
	case err == nil:
		a.State = "done"
		return a, was != nil, nil
	case errors.Is(err, access.ErrSignedOut):
		return a, false, err
	}
	if r := s.explain(err); r != nil {
		a = refused(c.Op, r)
		// What the device has only asked for can be asked again; what was done on the floor waits for a person.
		a.Refusal.Stuck = !asking(c.Kind)
		return a, was != nil, nil
	}
	s.Ops.Log.ErrorContext(ctx, "command failed", "kind", c.Kind, "op", c.Op, "device", cmd.Device, "error", err)
	a.State = "retry"
	return a, false, nil
}

// asking tells whether a command moves nothing: it asks for work, or says how a refusal was decided.
func asking(kind string) bool {
	switch kind {
	case "pick.take", "pick.drop", "pick.tote", "pack.open", "handover.open", "receive.start", "receive.blind", "count.open", "refill.take", "refill.skip", decided:
		return true
	}
	return false
}

func refused(op uuid.UUID, r *Refused) answer { return answer{Op: op, State: "refused", Refusal: r} }

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// decided is the kind of a worker's decision about a command that was refused.
const decided = "decide"

type decision struct {
	Op       uuid.UUID `json:"op"`
	Decision string    `json:"decision"`
}

// decide keeps how a worker decided about a refused command. It comes in the queue as all commands do: a decision that was made
// without the network is not lost.
func (s Scanner) decide(ctx context.Context, _ warehouse.Command, in decision) (any, error) {
	return nil, s.Ops.DecideStuck(ctx, in.Op, cut(in.Decision, 80))
}
