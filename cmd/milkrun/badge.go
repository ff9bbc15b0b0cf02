package main

import (
	"context"
	"fmt"
	"os"

	"milkrun/internal/access"
	"milkrun/warehouse/label"
)

// UserBadgeCmd makes a badge by which a worker signs in at a handheld.
type UserBadgeCmd struct {
	Login string `arg:"" help:"Login of an account that works on the floor: warehouse, lead or admin."`
	ZPL   string `name:"zpl" help:"Also write the label for a label printer to this file." type:"path"`
}

// Run makes the badge, ends the older one of the account, and prints the code: it is shown this once.
func (c *UserBadgeCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	system := h.asSystem(ctx)
	accounts, err := h.Access.Users(system)
	if err != nil {
		return err
	}
	login := access.CleanLogin(c.Login)
	for _, a := range accounts {
		if a.Login != login {
			continue
		}
		code, err := h.Access.AddBadge(system, a.ID)
		if err != nil {
			return fmt.Errorf("badge for %s: %w", login, err)
		}
		fmt.Printf("Badge of %s (shown once, print it as Code 128): %s\n", a.Name, code)
		return c.print(a.Name, code)
	}
	return fmt.Errorf("no account has the login %q: see milkrun user list", login)
}

// print writes the badge as a label of 60×40 mm with the worker's name.
func (c *UserBadgeCmd) print(name, code string) error {
	if c.ZPL == "" {
		return nil
	}
	l, err := label.Bin{Code: code, Zone: name}.Label()
	if err != nil {
		return fmt.Errorf("badge label: %w", err)
	}
	return os.WriteFile(c.ZPL, []byte(label.ZPL([]label.Label{l}, label.Printer{})), 0o600)
}
