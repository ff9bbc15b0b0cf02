package warehouseops

import (
	"context"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/warehouse/warehousedb"
)

// makerDays is how long a command may lie in a device's queue and still be booked under who made it.
const makerDays = 30

// MakerSign gives the sign by which the commands that the user makes on a handheld today name who made them.
func (o *Ops) MakerSign(ctx context.Context) (uuid.UUID, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return uuid.Nil, err
	}
	return warehousedb.MakerOf(ctx, o.Pool, u.ID, o.Clock().In(o.Zone))
}

// Maker gives the account that a sign was given to, 0 for one that there is not, or that is older than 30 days.
func (o *Ops) Maker(ctx context.Context, sign uuid.UUID) (access.ID, error) {
	if _, err := access.Require(ctx, access.WorkFloor); err != nil {
		return 0, err
	}
	return warehousedb.Maker(ctx, o.Pool, sign, o.Clock().In(o.Zone).Add(-makerDays*24*time.Hour))
}
