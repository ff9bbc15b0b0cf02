package warehouse

import (
	"errors"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// LotKey names a lot.
type LotKey struct {
	SKU  catalog.SKUID
	Code string
}

// Refusals about lots.
var (
	// ErrNoLot is the answer to a lot that the house has never had.
	ErrNoLot = errors.New("warehouse: no such lot")
	// ErrFrozen refuses to freeze a lot twice, and to sell one that is frozen.
	ErrFrozen = errors.New("warehouse: the lot is held or recalled")
	// ErrNotFrozen refuses to lift what is not frozen.
	ErrNotFrozen = errors.New("warehouse: the lot is not held")
)

// Freeze is a lot that is held or recalled in the whole house.
type Freeze struct {
	ID       int64
	Key      LotKey
	SKUCode  string
	Name     catalog.Name
	Expiry   *calendar.Day
	Status   Status // Held or Recalled
	Reason   string
	Drill    bool // a rehearsal: nothing was moved
	At       time.Time
	By       string
	Lifted   *time.Time
	LiftedBy string
	// What the action found: places and pieces frozen, pieces taken back from orders, orders that had gone out with the lot.
	Positions        int
	Pieces, Released quantity.Pieces
	Orders           int
	Shipped          quantity.Pieces
}

// LotShipment is an order that went out with a lot: whom a recall must reach.
type LotShipment struct {
	Outbound         OutboundID
	Channel, Number  string
	Site             catalog.SiteID
	Kind             OutboundKind
	ToSite           catalog.SiteID // of a transfer
	Pieces           quantity.Pieces
	ShippedAt        *time.Time
	Consignee, Phone string // as staff may read them
}

// LotLine is a lot in the list of lots.
type LotLine struct {
	Key              LotKey
	SKUCode          string
	Name, Unit       catalog.Name
	Lot              Lot
	Frozen           Status // "" when it is not
	Sites, Bins      int
	OnHand, Reserved quantity.Pieces
	Available, Held  quantity.Pieces
}

// LotQuery asks for lots that stand somewhere.
type LotQuery struct {
	Site          catalog.SiteID // 0 for every site
	SKU           catalog.SKUID  // 0 for every SKU
	Find          string         // the lot begins with
	ExpiresBefore *calendar.Day
	Limit         int // 0 means 200
}

// LedgerQuery asks what moved: of a SKU, a lot, a bin, or all of them together. Before is the id of the last line seen.
type LedgerQuery struct {
	Site   catalog.SiteID
	Bin    string
	SKU    catalog.SKUID
	Lot    *string
	Before int64
	Limit  int // 0 means 100
}

// LedgerLine is one entry of the ledger: pieces from a place to another; nil is outside of the house.
type LedgerLine struct {
	ID        int64
	Operation string
	Cause     string
	At        time.Time
	MadeAt    *time.Time // on the device, when it came late
	By        string
	Device    string
	Note      string
	Pieces    quantity.Pieces
	From, To  *Place
	SKU       catalog.SKUID
	SKUCode   string
	Name      catalog.Name
	Lot       string
	Expiry    *calendar.Day
}

// FreezeReport is what a freeze has found: where the lot stands, which orders hold it on the floor, and which have gone out with it.
type FreezeReport struct {
	Freeze  Freeze
	Places  []LotStock
	OnFloor []LotShipment
	Shipped []LotShipment
	// Received = on hand + shipped + written off (+ in transit): the books of a recall must balance.
	Received, OnHand, InTransit, Out, WrittenOff quantity.Pieces
}

// Balanced tells whether every piece that ever came is accounted for.
func (r FreezeReport) Balanced() bool { return r.Received == r.OnHand+r.InTransit+r.Out+r.WrittenOff }
