package e2e

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// conditions are the parameters of Network.emulateNetworkConditions, which also changes navigator.onLine. Bytes a second of -1
// are as they come.
type conditions struct {
	Offline  bool    `json:"offline"`
	Latency  float64 `json:"latency"`
	Download float64 `json:"downloadThroughput"`
	Upload   float64 `json:"uploadThroughput"`
}

var emulate = cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

// Offline takes the network from the tab, or gives it back.
func (p *Page) Offline(cut bool) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, network.Enable, network.EnableParams{}); err != nil {
		p.t.Fatalf("e2e: network: %v", err)
	}
	if _, err := chromedp.Call(p.ctx, emulate, conditions{Offline: cut, Download: -1, Upload: -1}); err != nil {
		p.t.Fatalf("e2e: offline %t: %v", cut, err)
	}
}

// Insert puts text into what has the focus at once, as an input method or a scanner's software does.
func (p *Page) Insert(text string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, insertText, insertParams{text}); err != nil {
		p.t.Fatalf("e2e: insert text: %v", err)
	}
}

type insertParams struct {
	Text string `json:"text"`
}

var insertText = cdp.Command[insertParams, cdp.Empty]{Method: "Input.insertText"}

// Reopen opens the address anew with the same cookies and storage and nothing kept in memory, as after a change of battery. It stays
// in the tab's own process: another one would begin with the network, which Offline has taken.
func (p *Page) Reopen(address string) {
	p.t.Helper()
	p.Goto(address)
}
