package main

import (
	"context"
	"slices"
	"time"

	"milkrun/internal/catalog"
	"milkrun/web/route"
	"milkrun/web/scanner"
)

// scanner is the handheld's side of the house.
func (h *house) scanner(sessions *route.Sessions) route.Screens {
	return scanner.Scanner{Ops: h.Stock, Sessions: sessions, Clock: time.Now, SignIn: h.Access.SignIn, Badge: h.Access.UserByBadge, Account: h.Access.User,
		Sites: func(ctx context.Context) ([]catalog.Site, error) { return names{h.db.Pool}.Sites(ctx) },
		Parts: slices.Concat(scanner.Outbound(h.Stock), scanner.Inbound(h.Stock), scanner.Stock(h.Stock))}.Screens()
}
