package warehouse

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// OutboundID identifies an outbound order of the house.
type OutboundID int64

// OutboundKind tells why goods leave a site.
type OutboundKind string

// The kinds of outbound orders.
const (
	Sale           OutboundKind = "sale"
	Transfer       OutboundKind = "transfer"
	SupplierReturn OutboundKind = "supplier_return"
)

// Promise is what the customer was told about the time of arrival.
type Promise string

// The promises: within half an hour from a front warehouse nearby, on the next day, when a pre-sale lot has come, or none.
const (
	Minutes30 Promise = "minutes30"
	NextDay   Promise = "next_day"
	LotDay    Promise = "lot_day"
	NoPromise Promise = "none"
)

// Below gives the promise that is made where this one cannot be kept: the next day instead of half an hour, none instead of a
// day. Below none there is nothing: the empty promise.
func (p Promise) Below() Promise {
	switch p {
	case Minutes30:
		return NextDay
	case NextDay, LotDay:
		return NoPromise
	}
	return ""
}

// OutboundState is how far an outbound order is. Allocated is not stored: it is a waiting order all of whose shipments are ready.
type OutboundState string

// The states of an outbound order.
const (
	OutboundNew       OutboundState = "new"
	OutboundWaiting   OutboundState = "waiting"
	OutboundAllocated OutboundState = "allocated"
	OutboundPicking   OutboundState = "picking"
	OutboundPacked    OutboundState = "packed"
	OutboundShipped   OutboundState = "shipped"
	OutboundDelivered OutboundState = "delivered"
	OutboundCancelled OutboundState = "cancelled"
	OutboundReturned  OutboundState = "returned"
)

// OutboundStates lists the states in the order in which an order goes through them.
func OutboundStates() []OutboundState {
	return []OutboundState{OutboundNew, OutboundWaiting, OutboundAllocated, OutboundPicking, OutboundPacked, OutboundShipped,
		OutboundDelivered, OutboundCancelled, OutboundReturned}
}

// Gone tells whether nothing of the order can be held back any more.
func (s OutboundState) Gone() bool {
	return s == OutboundShipped || s == OutboundDelivered || s == OutboundReturned
}

// Refusals of outbound orders.
var (
	// ErrNoOutbound is the answer to an order that the house does not know.
	ErrNoOutbound = errors.New("warehouse: no such order")
	// ErrShipped refuses to cancel or change what has left the house: it can only come back as a return.
	ErrShipped = errors.New("warehouse: the order has been handed over; take it back as a return")
	// ErrCancelled refuses to change a cancelled order.
	ErrCancelled = errors.New("warehouse: the order is cancelled; send a new one")
	// ErrErased is the answer to who asks for a consignee whose data were erased.
	ErrErased = errors.New("warehouse: the consignee's data were erased")
	// ErrTooManyOrders refuses a batch above MaxOrders.
	ErrTooManyOrders = errors.New("warehouse: too many orders at once")
	// ErrRevision refuses a change of an order that another has changed meanwhile.
	ErrRevision = errors.New("warehouse: the order was changed meanwhile; read it again")
)

// Bounds of what is sent in.
const (
	MaxOrders     = 5000
	MaxOrderLines = 200
	MaxPriority   = 9
	maxNumber     = 64
	maxLinePieces = 1_000_000
	maxAmount     = money.Fen(1_000_000_000_00)
)

// DraftLine is a line as the channel sends it. SKU may be a bundle. Amount is what was paid for all pieces of the line.
type DraftLine struct {
	SKU    string
	Pieces quantity.Pieces
	Amount money.Fen
	// MinRemainingDays is the shelf life that the customer was promised, in days left on the day of allocation.
	MinRemainingDays int
}

// OutboundDraft is a customer's order as a channel sends it.
type OutboundDraft struct {
	Channel, Number string
	PlacedAt        time.Time
	Consignee       Consignee
	Promise         Promise
	// PromiseAt is the time that the customer was told; zero leaves it to the rules.
	PromiseAt time.Time
	LotDay    *calendar.Day
	Priority  int
	Note      string
	Lines     []DraftLine
}

// Usual gives the draft with what may be left out: an order was placed now and promises nothing.
func (d OutboundDraft) Usual(now time.Time) OutboundDraft {
	if d.PlacedAt.IsZero() {
		d.PlacedAt = now
	}
	if d.Promise == "" {
		d.Promise = NoPromise
	}
	return d
}

// Validate tells everything that is wrong with the draft by itself. Fields are named as the API names them. now bounds PlacedAt.
func (d OutboundDraft) Validate(now time.Time) catalog.Faults {
	var f faults
	f.token("channel", d.Channel, 32)
	f.token("number", d.Number, maxNumber)
	if d.PlacedAt.After(now.Add(10 * time.Minute)) {
		f.add("placed_at", catalog.OutOfRange, d.PlacedAt.Format(time.RFC3339))
	}
	d.Consignee.validate(&f)
	switch d.Promise {
	case Minutes30, NextDay, NoPromise:
		if d.LotDay != nil {
			f.add("lot_day", catalog.OutOfOrder, d.LotDay.String())
		}
	case LotDay:
		if d.LotDay == nil {
			f.add("lot_day", catalog.Missing, "")
		}
	default:
		f.add("promise", catalog.NotOneOf, string(d.Promise))
	}
	f.span("priority", int64(d.Priority), 0, MaxPriority)
	f.text("note", d.Note, 500)
	if len(d.Lines) == 0 {
		f.add("lines", catalog.Missing, "")
	}
	if len(d.Lines) > MaxOrderLines {
		f.add("lines", catalog.TooLong, strconv.Itoa(len(d.Lines)))
		return f.all
	}
	for i, l := range d.Lines {
		at := fmt.Sprintf("lines/%d/", i)
		f.token(at+"sku", l.SKU, catalog.MaxCode)
		f.span(at+"pieces", int64(l.Pieces), 1, maxLinePieces)
		f.span(at+"amount_fen", int64(l.Amount), 0, int64(maxAmount))
		f.span(at+"min_remaining_days", int64(l.MinRemainingDays), 0, 3650)
	}
	return f.all
}

// Amount is what was paid for the whole order.
func (d OutboundDraft) Amount() (sum money.Fen) {
	for _, l := range d.Lines {
		sum += l.Amount
	}
	return sum
}

// Rank is the order's place in the queue: lower is served first. It is the microsecond of its arrival, less a span beyond all
// times for each priority, so that earlier comes first within a priority.
func Rank(received time.Time, priority int) int64 {
	return received.UnixMicro() - int64(max(-50, min(50, priority)))*100_000_000_000_000_000
}

// faults collects what is wrong with the fields of one thing.
type faults struct{ all catalog.Faults }

func (f *faults) add(field string, p catalog.Problem, value string) {
	f.all = append(f.all, catalog.Fault{Field: field, Problem: p, Value: value})
}

// token is a text that must be given, without spaces at its ends or control characters.
func (f *faults) token(field, v string, most int) {
	switch {
	case v == "":
		f.add(field, catalog.Missing, "")
	case strings.TrimSpace(v) != v:
		f.add(field, catalog.BadForm, v)
	default:
		f.text(field, v, most)
	}
}

func (f *faults) text(field, v string, most int) {
	switch {
	case utf8.RuneCountInString(v) > most:
		f.add(field, catalog.TooLong, string([]rune(v)[:most]))
	case !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		f.add(field, catalog.BadForm, strings.ToValidUTF8(v, "?"))
	}
}

func (f *faults) span(field string, v, least, most int64) {
	switch {
	case v < 0 && least >= 0:
		f.add(field, catalog.Negative, strconv.FormatInt(v, 10))
	case v < least && least == 1:
		f.add(field, catalog.NotAbove0, strconv.FormatInt(v, 10))
	case v < least || v > most:
		f.add(field, catalog.OutOfRange, strconv.FormatInt(v, 10))
	}
}
