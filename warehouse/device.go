package warehouse

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/catalog"
)

// Command heads every verb that a device calls. The device makes it before it sends: a command that arrives twice is done
// once, and one that was made without the network arrives later with the time at which it was made.
type Command struct {
	// Op is the operation id, made on the device by crypto.randomUUID.
	Op uuid.UUID
	// Device names the handheld; "" is the console.
	Device string
	// MadeAt is the device's own clock, set right by the difference to the server's that the device has seen.
	MadeAt time.Time
}

// Refusals of commands.
var (
	// ErrCommand is the refusal of a command without an operation id.
	ErrCommand = errors.New("warehouse: the command has no operation id")
	// ErrOtherCommand is the refusal of an operation id that another command was done under.
	ErrOtherCommand = errors.New("warehouse: another command was done under this operation id")
)

// Check tells what is wrong with the command's head.
func (c Command) Check() error {
	if c.Op == uuid.Nil {
		return ErrCommand
	}
	return nil
}

// Telling is what a device told: a command, or a scan that it judged by itself.
type Telling struct {
	Op      uuid.UUID
	Kind    string
	Site    *catalog.SiteID
	Device  string
	Account *int64
	Actor   string
	MadeAt  time.Time
	At      time.Time
	// Screen is where it was made, Verdict how the device answered it: "right", a ScanFault, or "" for a press.
	Screen, Verdict string
	// LocalMS is from the end of the scan to the answer on the screen, ServerUS what the server took for it in microseconds.
	LocalMS, ServerUS int32
	Body              json.RawMessage
	Refusal           json.RawMessage
}

// StuckCommand is one that was done on the floor and that the house could not book: it waits for a person's decision.
type StuckCommand struct {
	Op        uuid.UUID
	Kind      string
	Site      *catalog.SiteID
	Device    string
	Actor     string
	MadeAt    time.Time
	At        time.Time
	Body      json.RawMessage
	Refusal   json.RawMessage
	DecidedAt *time.Time
	DecidedBy string
	Decision  string
}

// ScanFigure is how scans went on one screen. Local times are milliseconds, the server's microseconds.
type ScanFigure struct {
	Screen               string
	Scans, Wrong         int64
	LocalP50, LocalP99   int32
	ServerP50, ServerP99 int32
	Devices              int64
	// Late arrived more than half a minute after they were made: without the network.
	Late int64
}

// PickRate is what a picker did in a span of time.
type PickRate struct {
	Actor                       string
	Tasks, Stops, Pieces, Short int64
	Seconds                     int64
}

// StopsAnHour gives the picker's stops an hour, 0 without time.
func (r PickRate) StopsAnHour() float64 {
	if r.Seconds <= 0 {
		return 0
	}
	return float64(r.Stops) * 3600 / float64(r.Seconds)
}
