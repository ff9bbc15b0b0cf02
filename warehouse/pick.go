package warehouse

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Refusals about picking.
var (
	// ErrTaskGone is the refusal of a deed on a task that is done or cancelled.
	ErrTaskGone = errors.New("warehouse: the task is done or cancelled")
	// ErrNothingToUndo is the refusal to take back what was taken back before, or has gone on.
	ErrNothingToUndo = errors.New("warehouse: there is nothing left to undo")
	// ErrNoWork is the answer where no task waits.
	ErrNoWork = errors.New("warehouse: no task waits")
)

// TakenError refuses a task that is leased to another.
type TakenError struct {
	Task  int64
	By    string
	Until time.Time
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("warehouse: task %d is with %s until %s", e.Task, e.By, e.Until.Format(time.RFC3339))
}

// ScanFault is what is wrong with a scan.
type ScanFault string

// The faults of a scan, in the order in which they are looked for.
const (
	FaultUnread    ScanFault = "unread"     // not a code that we know
	FaultKind      ScanFault = "wrong_kind" // a bin where goods are wanted, and the like
	FaultBin       ScanFault = "wrong_bin"
	FaultSKU       ScanFault = "wrong_sku"
	FaultLot       ScanFault = "wrong_lot"
	FaultLotNeeded ScanFault = "lot_needed" // the bin holds several lots: the code must say which
	FaultExpired   ScanFault = "expired"
	FaultOld       ScanFault = "too_old" // fewer days to the expiry than the customer was promised
	FaultTote      ScanFault = "wrong_tote"
	FaultToteUsed  ScanFault = "tote_used"
	FaultToteNone  ScanFault = "tote_unknown"
	FaultParcel    ScanFault = "wrong_parcel"
	FaultCarrier   ScanFault = "wrong_carrier"
	FaultExtra     ScanFault = "too_many" // more than is wanted
)

// ScanError refuses a scan: what was scanned and what was wanted stand beside each other on the screen.
type ScanError struct {
	Fault           ScanFault
	Scanned, Wanted string
	// ScannedExpiry and WantedExpiry are said beside lots.
	ScannedExpiry, WantedExpiry *calendar.Day
	Name                        catalog.Name // of the SKU scanned, where it is known
}

func (e *ScanError) Error() string {
	return fmt.Sprintf("warehouse: %s: %q scanned, %q wanted", e.Fault, e.Scanned, e.Wanted)
}

// PutBackError says that the order of a stop was cancelled: Pieces go back to Bin. Picked tells whether they are in Tote, or
// still in the hand.
type PutBackError struct {
	Stop   int64
	Order  string
	Bin    string
	Tote   string
	Pieces quantity.Pieces
	Picked bool
}

func (e *PutBackError) Error() string {
	return fmt.Sprintf("warehouse: order %s is cancelled: put %d pieces back to %s", e.Order, e.Pieces, e.Bin)
}

// StopState is how a stop of a picking task stands.
type StopState string

// The states of a stop. Putback waits for the picker to put the pieces back; returned are put back.
const (
	StopOpen      StopState = "open"
	StopPicked    StopState = "picked"
	StopShort     StopState = "short"
	StopDamaged   StopState = "damaged"
	StopCancelled StopState = "cancelled"
	StopPutBack   StopState = "putback"
	StopReturned  StopState = "returned"
)

// ShortReason is why a picker took less.
type ShortReason string

// The reasons of a short pick. Empty: nothing stands in the bin. Damaged: pieces that cannot be sold.
const (
	ReasonShort   ShortReason = "short"
	ReasonEmpty   ShortReason = "empty"
	ReasonDamaged ShortReason = "damaged"
)

// Known tells whether the reason is one of ours.
func (r ShortReason) Known() bool {
	return r == ReasonShort || r == ReasonEmpty || r == ReasonDamaged
}

// Goods is what a handheld has to know of a SKU to check a scan by itself and to show it.
type Goods struct {
	ID   catalog.SKUID `json:"id"`
	Code string        `json:"code"`
	GTIN string        `json:"gtin"`
	Name catalog.Name  `json:"name"`
	Unit catalog.Name  `json:"unit"`
	// Dated goods have an expiry, Carton is the pieces of a whole carton.
	Dated  bool  `json:"dated"`
	Carton int64 `json:"carton"`
	Grams  int64 `json:"grams"`
	// Category chooses the picture.
	Category string `json:"category"`
}

// Spot is where a bin is, for the words on the way.
type Spot struct {
	Zone  string `json:"zone"`
	Aisle int    `json:"aisle"`
	Bay   int    `json:"bay"`
	Level int    `json:"level"`
	Side  int    `json:"side"`
	Known bool   `json:"known"`
}

// PickStop is one place to take something from, for one tote.
type PickStop struct {
	ID     int64           `json:"id"`
	Seq    int             `json:"seq"`
	State  StopState       `json:"state"`
	Bin    string          `json:"bin"`
	Spot   Spot            `json:"spot"`
	Goods  Goods           `json:"goods"`
	Lot    string          `json:"lot"`
	Expiry string          `json:"expiry"` // 2028-02-14, or ""
	Pieces quantity.Pieces `json:"pieces"`
	Place  int             `json:"place"`
	Tote   string          `json:"tote"`
	Order  string          `json:"order"`
	Op     string          `json:"op,omitempty"`
	// Mixed bins hold several lots of the SKU: the scan must say which.
	Mixed bool `json:"mixed"`
	// Left is what the book has in the bin of this lot, these pieces included.
	Left quantity.Pieces `json:"left"`
}

// PickTote is a place of the cart.
type PickTote struct {
	Place  int    `json:"place"`
	Tote   string `json:"tote"`
	Order  string `json:"order"`
	Pieces int64  `json:"pieces"`
}

// PickTask is a picker's round as the handheld holds it.
type PickTask struct {
	Kind    string     `json:"kind"` // always "pick"
	ID      int64      `json:"id"`
	Number  string     `json:"number"`
	Wave    int64      `json:"wave"`
	Site    int32      `json:"site"`
	Mode    string     `json:"mode"`
	State   string     `json:"state"`
	Device  string     `json:"device"`
	Actor   string     `json:"actor"`
	Carrier string     `json:"carrier"`
	Due     *time.Time `json:"due"`
	Until   *time.Time `json:"until"`
	Metres  int        `json:"metres"`
	Cold    bool       `json:"cold"`
	Totes   []PickTote `json:"totes"`
	Stops   []PickStop `json:"stops"`
}

// Done counts the stops that need no more work, of all.
func (t PickTask) Done() (done, all int) {
	for _, s := range t.Stops {
		if s.State == StopCancelled || s.State == StopReturned {
			continue
		}
		all++
		if s.State != StopOpen && s.State != StopPutBack {
			done++
		}
	}
	return done, all
}

// Over tells whether nothing is left to do.
func (t PickTask) Over() bool {
	for _, s := range t.Stops {
		if s.State == StopOpen || s.State == StopPutBack {
			return false
		}
	}
	return true
}

// PickJob is a task as the list of next jobs shows it.
type PickJob struct {
	ID      int64
	Number  string
	Wave    int64
	State   string
	Actor   string
	Mine    bool
	Carrier string
	Due     *time.Time
	Urgent  bool
	Cold    bool
	First   string // the first bin
	Stops   int64
	Done    int64
	Pieces  int64
	Metres  int
}
