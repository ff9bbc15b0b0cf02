package warehouse

import (
	"errors"
	"time"

	"github.com/google/uuid"
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
