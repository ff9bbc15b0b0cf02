package main

import (
	"context"
	"fmt"
	"strings"

	"milkrun/internal/demo"
)

func (h *house) demoUsers(ctx context.Context, world *demo.World) (string, error) {
	var keys []string
	for _, u := range world.Users {
		key, err := h.addUser(ctx, u, demo.Password)
		if err != nil {
			return "", err
		}
		if key != "" {
			keys = append(keys, fmt.Sprintf("API key of %s: %s", u.Login, key))
		}
	}
	return strings.Join(append([]string{fmt.Sprintf("%d accounts", len(world.Users))}, keys...), "; "), nil
}
