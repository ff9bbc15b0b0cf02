package warehouse

import (
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// OutboundQuery asks for a page of orders, newest first. What is left out does not filter.
type OutboundQuery struct {
	States  []OutboundState
	Kind    OutboundKind
	Channel string
	Promise Promise
	Site    catalog.SiteID // orders that this site sends a part of
	// Search is the beginning of a number, or the last four digits of a phone number.
	Search string
	// Late asks for open orders beyond their promise, Short for those that wait for stock, Older for those received before.
	Late, Short bool
	Older       time.Time
	From, To    time.Time // received
	SKU         catalog.SKUID
	After       OutboundID // the last of the page before; 0 begins
	Limit       int        // 0 means 50
}

// OutboundRow is an order as lists show it.
type OutboundRow struct {
	ID                   OutboundID
	Kind                 OutboundKind
	Channel, Number      string
	State                OutboundState
	PlacedAt, ReceivedAt time.Time
	Promise              Promise
	PromiseAt            *time.Time
	Priority             int
	Consignee, Phone     string // masked
	Area                 string
	Lines, ShortLines    int
	Pieces               quantity.Pieces
	Amount               money.Fen
	Sites                []string // codes of the sites that send
	ToSite               string   // code, of a transfer
	Late                 bool
}

// OutboundPage is a page of orders. Next is the After of the next page, 0 at the end. Total counts to 10,001 at most.
type OutboundPage struct {
	Rows  []OutboundRow
	Next  OutboundID
	Total int
}

// OutboundLine is a line of an order as its page shows it.
type OutboundLine struct {
	No               int
	SKU              catalog.SKUID
	Code             string
	Name             catalog.Name
	Pieces           quantity.Pieces // wanted: what was cancelled is off
	Amount           money.Fen
	BundleNo         int
	Bundle           string // code of the bundle
	MinRemainingDays int
	Site             string
	State            string
	Allocated        quantity.Pieces
	Shipped          quantity.Pieces
	Cancelled        quantity.Pieces
	Since            *time.Time // of the shortage
	Lots             []OutboundLot
}

// OutboundLot is what of a lot is promised to a line, and where it stands.
type OutboundLot struct {
	Lot    string          `json:"lot"`
	Expiry *calendar.Day   `json:"expiry,omitempty"`
	Bin    string          `json:"bin"`
	Pieces quantity.Pieces `json:"pieces"`
	State  string          `json:"state"`
}

// OutboundShipment is the part of an order that a site sends.
type OutboundShipment struct {
	ID          int64
	Site        catalog.SiteID
	SiteCode    string
	SiteName    catalog.Name
	State       string
	Carrier     string
	CutoffAt    *time.Time
	Cold        bool
	Wave        *int64
	Tote        string
	ReadyAt     *time.Time
	PickedAt    *time.Time
	PackedAt    *time.Time
	HandedOver  *time.Time
	Parcels     []string // numbers
	QueuedAhead *int     // shipments before it in the queue, where it is in one
}

// OutboundEvent is an entry of an order's time line: received, sourced, ready, picked, packed, handed_over, changed, cancelled,
// moved (a short line went to another site), erased, put_back.
type OutboundEvent struct {
	At     time.Time
	Kind   string
	Site   string // code
	Actor  string
	Detail string
}

// OutboundDetail is an order with all that its page shows.
type OutboundDetail struct {
	OutboundRow
	Address      string // masked
	Note         string
	Revision     int
	LotDay       *calendar.Day
	Erased       *time.Time
	CancelledAt  *time.Time
	CancelReason string
	ShippedAt    *time.Time
	Suggestion   *int64
	Sourcing     *SourcingReport
	Items        []OutboundLine
	Shipments    []OutboundShipment
	Timeline     []OutboundEvent
}

// LineChange sets what is wanted of a line: No 0 adds a line of SKU, Pieces 0 takes the line off. Amount is for the whole line.
type LineChange struct {
	No               int
	SKU              string
	Pieces           quantity.Pieces
	Amount           money.Fen
	MinRemainingDays int
}

// OutboundChange is what a channel or a person changes of an order. What is nil stays.
type OutboundChange struct {
	Revision  int // the one that was read; 0 takes any
	Lines     []LineChange
	Consignee *Consignee
	Note      *string
	Reason    string
}

// Validate tells everything that is wrong with the change by itself.
func (c OutboundChange) Validate() catalog.Faults {
	var f faults
	if c.Consignee != nil {
		c.Consignee.validate(&f)
	}
	if c.Note != nil {
		f.text("note", *c.Note, 500)
	}
	f.text("reason", c.Reason, 200)
	if len(c.Lines) > MaxOrderLines {
		f.add("lines", catalog.TooLong, fmt.Sprint(len(c.Lines)))
		return f.all
	}
	for i, l := range c.Lines {
		at := fmt.Sprintf("lines/%d/", i)
		f.span(at+"no", int64(l.No), 0, 1_000_000)
		if l.No == 0 {
			f.token(at+"sku", l.SKU, catalog.MaxCode)
			f.span(at+"pieces", int64(l.Pieces), 1, maxLinePieces)
		} else {
			f.span(at+"pieces", int64(l.Pieces), 0, maxLinePieces)
		}
		f.span(at+"amount_fen", int64(l.Amount), 0, int64(maxAmount))
		f.span(at+"min_remaining_days", int64(l.MinRemainingDays), 0, 3650)
	}
	return f.all
}

// Changed tells what a cancellation or a change came to.
type Changed struct {
	State    OutboundState
	Revision int
	// Released are pieces that nobody had touched yet: they are free again. PutBack are pieces in totes and parcels that somebody
	// has to put back: the scanner says so at the next scan.
	Released, PutBack quantity.Pieces
	// Kept are pieces that have left the house already.
	Kept quantity.Pieces
}

// Shortage is what a site is short of for one SKU.
type Shortage struct {
	Site      catalog.SiteID
	SKU       catalog.SKUID
	Code      string
	Name      catalog.Name
	SiteCode  string
	Lines     int
	Orders    int
	Pieces    quantity.Pieces
	Oldest    time.Time
	Here      quantity.Pieces // free pieces of it at the site: too old for who waits, or not yet served
	Elsewhere quantity.Pieces // free pieces at other sites
}

// OrderFigures are what leads and operations watch, over a span of days.
type OrderFigures struct {
	// Open orders by state.
	Open map[OutboundState]int
	// Ages of open orders: below 1 h, 4 h, 24 h, and above.
	Ages [4]int
	// Late are open orders beyond their promise.
	Late int
	// Of the span: orders received, shipped, cancelled; lines received and filled when first looked at; orders shipped in time
	// of those that had a promise.
	Received, Shipped, Cancelled int
	Lines, Filled                int
	OnTime, Promised             int
	// ShortLines wait now, of ShortSKUs SKUs.
	ShortLines, ShortSKUs int
}
