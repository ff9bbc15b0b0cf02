package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"milkrun/internal/catalog"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console"
	"milkrun/web/ui"
)

// PlanCmd looks at the plan.
type PlanCmd struct {
	Explain PlanExplainCmd `cmd:"" help:"Plan one SKU without saving anything, and tell why."`
}

// PlanExplainCmd tells the whole decision about a SKU.
type PlanExplainCmd struct {
	SKU      string `arg:"" name:"sku" help:"Code of the SKU."`
	Site     string `arg:"" optional:"" help:"Code of a site; every site by default."`
	Language string `help:"zh or en." enum:"zh,en" default:"zh"`
	JSON     bool   `help:"Print all that the planner saw and found as JSON."`
}

// Run plans the SKU from what stands in the database this moment.
func (c *PlanExplainCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	ctx = h.asSystem(ctx)
	sku, err := h.Catalog.SKUByCode(ctx, c.SKU)
	if err != nil {
		return fmt.Errorf("sku %q: %w", c.SKU, err)
	}
	site, err := c.site(ctx, h)
	if err != nil {
		return err
	}
	e, err := h.Plan.Explain(ctx, sku.ID)
	if errors.Is(err, replenishops.ErrNoSKU) {
		return fmt.Errorf("sku %q: %w", c.SKU, err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		return out.Encode(e)
	}
	v := &ui.View{Language: ui.Language(c.Language), Zone: cfg.zone(), Now: time.Now()}
	return console.ExplainText(ui.WithView(ctx, v), os.Stdout, e, site)
}

// site gives the id of the site asked for, 0 for all; an unknown code is answered with those that are known.
func (c *PlanExplainCmd) site(ctx context.Context, h *house) (catalog.SiteID, error) {
	if c.Site == "" {
		return 0, nil
	}
	sites, err := h.Catalog.Sites(ctx)
	if err != nil {
		return 0, err
	}
	codes := make([]string, len(sites))
	for i, s := range sites {
		if strings.EqualFold(s.Code, c.Site) {
			return s.ID, nil
		}
		codes[i] = s.Code
	}
	return 0, fmt.Errorf("site %q: want one of %s", c.Site, strings.Join(codes, ", "))
}
