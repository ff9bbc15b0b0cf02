package campaign

import (
	"errors"
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Refusals of lots.
var (
	// ErrNoGoods refuses to order lots of a campaign that names no SKU or no site yet.
	ErrNoGoods = errors.New("campaign: it names no SKU and site to order for")
	// ErrLots refuses to plan lots once more where some are ordered.
	ErrLots = errors.New("campaign: its lots are ordered already")
	// ErrNoFactory refuses to plan where no factory offers the goods.
	ErrNoFactory = errors.New("campaign: no factory offers the goods")
)

// LotState is where a lot stands.
type LotState string

// The states of a lot. A held lot waits for the lots before it to sell.
const (
	LotHeld      LotState = "held"
	LotOrdered   LotState = "ordered"
	LotCancelled LotState = "cancelled"
)

// Lot is a production lot of a campaign.
type Lot struct {
	No       int
	Supplier catalog.SupplierID
	// Asked is what was asked of the factory, Pieces what it will make as far as is known, Pledged what of it serves pledges.
	Asked, Pieces, Pledged quantity.Pieces
	Price, Setup           money.Fen
	// First is the day first promised, Promise the one that holds now.
	First, Promise calendar.Day
	State          LotState
	Owner          string // of what nobody pledged
	Order          int64  // the factory order, 0 for none
	Line           int
}

// Surplus gives what of the lot is stock.
func (l Lot) Surplus() quantity.Pieces { return l.Pieces - l.Pledged }

// Late gives by how many days the promise has moved.
func (l Lot) Late() int { return l.Promise.Sub(l.First) }

// NoticeKind is what a member is told about the promise.
type NoticeKind string

// The kinds.
const (
	Promised NoticeKind = "promised"
	Later    NoticeKind = "later"
	Earlier  NoticeKind = "earlier"
	Short    NoticeKind = "short"
)

// Notice is the draft of a message to a member whose promise was made or moved.
type Notice struct {
	Seq    int64
	Member string
	Kind   NoticeKind
	Was    *calendar.Day
	Is     *calendar.Day
	Text   catalog.Name
}

// Serve gives a pledge its lot and promise, and the notice that this makes; false where nothing moved.
func (c *Campaign) Serve(p *Pledge, lot int, promise calendar.Day) (Notice, bool) {
	n := Notice{Seq: p.Seq, Member: p.Member, Was: p.Promise}
	if lot == 0 {
		had := p.Lot != 0
		p.Lot, p.Promise = 0, nil
		n.Kind, n.Text = Short, catalog.Name{
			ZH: fmt.Sprintf("「%s」：您认购的 %d 件暂时没有排到批次，我们正在补产，有新日期马上告诉您；也可以申请退款。", c.Name.In("zh"), p.Pieces),
			EN: fmt.Sprintf("%s: no production lot for %s of yours for now. We are arranging one and will tell you the new date; you may also ask for a refund.", c.Name.In("en"), inEnglish(p.Pieces))}
		return n, had
	}
	moved := p.Promise == nil || *p.Promise != promise
	p.Lot, p.Promise, n.Is = lot, &promise, &promise
	switch {
	case n.Was == nil:
		n.Kind, n.Text = Promised, catalog.Name{
			ZH: fmt.Sprintf("「%s」：您认购的 %d 件排在第 %d 批，预计 %s 发货。", c.Name.In("zh"), p.Pieces, lot, promise),
			EN: fmt.Sprintf("%s: %s of yours in lot %d, promised for %s.", c.Name.In("en"), inEnglish(p.Pieces), lot, promise)}
	case promise > *n.Was:
		n.Kind, n.Text = Later, catalog.Name{
			ZH: fmt.Sprintf("「%s」：抱歉，您认购的 %d 件要从 %s 推迟到 %s 发货；不愿等可以申请退款。", c.Name.In("zh"), p.Pieces, *n.Was, promise),
			EN: fmt.Sprintf("%s: we are sorry, the day of your %s moves from %s to %s. If you would rather not wait, you may ask for a refund.", c.Name.In("en"), inEnglish(p.Pieces), *n.Was, promise)}
	default:
		n.Kind, n.Text = Earlier, catalog.Name{
			ZH: fmt.Sprintf("「%s」：好消息，您认购的 %d 件提前到 %s 发货。", c.Name.In("zh"), p.Pieces, promise),
			EN: fmt.Sprintf("%s: good news, your %s will be ready earlier, on %s.", c.Name.In("en"), inEnglish(p.Pieces), promise)}
	}
	return n, moved
}

// inEnglish counts pieces in an English sentence.
func inEnglish(n quantity.Pieces) string {
	if n == 1 {
		return "1 piece"
	}
	return fmt.Sprintf("%d pieces", n)
}
