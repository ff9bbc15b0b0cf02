package replenishdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/replenishment"
)

// The row is written as it is, so that it is there and locked whether it was there or not.
const sqlLockSettings = `insert into replenish.setting (id, settings, updated_at) values (1, $1, $2)
	on conflict (id) do update set settings = setting.settings returning settings`

// LockSettings gives the planner's settings and holds them to the end of the transaction.
func LockSettings(ctx context.Context, tx pgx.Tx, now time.Time) (replenishment.Settings, error) {
	s := replenishment.DefaultSettings()
	b, err := json.Marshal(s)
	if err != nil {
		return s, fmt.Errorf("replenishdb: settings: %w", err)
	}
	var stored []byte
	if err := tx.QueryRow(ctx, sqlLockSettings, b, now).Scan(&stored); err != nil {
		return s, fmt.Errorf("replenishdb: settings: %w", err)
	}
	return settingsOf(stored)
}
