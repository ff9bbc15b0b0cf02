package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"milkrun/c2m/campaignops"
	"milkrun/c2m/campaignops/payport"
	"milkrun/c2m/campaignops/tellport"
)

// PaymentConfig is the payment provider of the campaigns.
type PaymentConfig struct {
	URL    string `help:"Bridge of the payment provider that instructions are posted to; without it a sandbox answers, and no money moves." placeholder:"URL"`
	Secret string `help:"Secret that signs messages to and from the bridge." placeholder:"TEXT"`
}

func (c PaymentConfig) check() error {
	if c.URL == "" {
		return nil
	}
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("--payment-url: want https://…")
	}
	if len(c.Secret) < 16 {
		return fmt.Errorf("--payment-secret: want at least 16 characters beside --payment-url")
	}
	return nil
}

// campaignsAt makes the use cases of campaigns with a clock of their own.
func (h *house) campaignsAt(clock func() time.Time) *campaignops.Ops {
	var port campaignops.Port = payport.Sandbox{}
	if p := h.cfg.Payment; p.URL != "" {
		port = payport.Webhook{URL: p.URL, Secret: []byte(p.Secret), Clock: time.Now}
	}
	return campaignops.New(campaignops.Deps{Pool: h.db.Pool, Bus: h.bus, Clock: clock, Log: h.log, Payments: port, Secret: []byte(h.cfg.Payment.Secret),
		Orders: h.ordersAt(clock), Sales: counterSales{}, Demand: counterDemand{}, Zone: h.cfg.zone(),
		Messenger: tellport.Webhook{Clock: time.Now}, Seal: channelSeal{h.seal}})
}

// settleCampaigns lets the clock of the campaigns and the payment provider work until nothing is due.
func (h *house) settleCampaigns(ctx context.Context, ops *campaignops.Ops) error {
	if _, err := ops.Tick(ctx); err != nil {
		return err
	}
	_, err := ops.SendPayments(ctx)
	return err
}
