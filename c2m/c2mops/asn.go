package c2mops

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// UploadASN takes a supplier's sheet with delivery notes, for one order or several. All of it is taken, or with any bad row nothing. The
// same note twice changes nothing; a note sent again with other content replaces the first one while none of it has come.
func (o *Ops) UploadASN(ctx context.Context, in Uploading) (Uploaded, error) {
	s, err := o.receiveSheet(ctx, in, c2mdb.ASNFile)
	if err != nil {
		return Uploaded{}, err
	}
	sheet, err := c2mxlsx.ReadDeliveries(ctx, in.Content)
	if p, refused := c2mxlsx.Refused(err); refused {
		err = s.refuse(ctx, []c2mxlsx.Problem{p}, nil)
		return s.out, err
	}
	if err != nil {
		return Uploaded{}, err
	}
	defer sheet.Close()
	t := &noteTaker{incoming: s, sheet: sheet}
	if err := t.prepare(ctx); err != nil {
		return Uploaded{}, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return t.take(ctx, tx) })
	if errors.Is(err, errBadSheet) {
		err = s.refuse(ctx, sheet.Problems(), sheet)
	}
	if err != nil {
		return Uploaded{}, err
	}
	return s.out, nil
}

// noteTaker takes the delivery notes of one sheet.
type noteTaker struct {
	*incoming
	sheet  *c2mxlsx.Deliveries
	codes  map[string]catalog.SKU
	orders map[string]c2m.OrderID // by number
	acts   map[c2m.OrderID]*act
	skus   map[catalog.SKUID]catalog.SKU
	sites  map[catalog.SiteID]catalog.Name
	// moved are the notes that say something new, touched the orders of these notes and of those they replace.
	moved   []*c2m.ASN
	touched map[c2m.OrderID][]string
}

// prepare looks up what the rows name.
func (t *noteTaker) prepare(ctx context.Context) (err error) {
	var codes []string
	numbers := map[string]bool{}
	for i := range t.sheet.Notes {
		n := &t.sheet.Notes[i]
		codes = append(codes, n.SKUs...)
		for j := range n.Note.Lines {
			if l := &n.Note.Lines[j]; l.OrderNumber == "" && t.in.Order != 0 {
				order, err := c2mdb.Order(ctx, t.ops.Pool, t.in.Order)
				if err != nil {
					return err
				}
				l.OrderNumber = order.Number
			}
			numbers[n.Note.Lines[j].OrderNumber] = true
		}
	}
	if t.codes, err = c2mdb.SKUsByCode(ctx, t.ops.Pool, codes); err != nil {
		return err
	}
	t.orders, err = c2mdb.OrderIDs(ctx, t.ops.Pool, t.supplier, slices.Collect(maps.Keys(numbers)))
	t.out.RowCount = t.sheet.Rows()
	return err
}

// take works through the notes. Everything is looked at before anything is saved; errBadSheet when something is wrong.
func (t *noteTaker) take(ctx context.Context, tx pgx.Tx) error {
	t.moved, t.touched = nil, map[c2m.OrderID][]string{}
	t.out.Orders, t.out.ASNs, t.out.Changed, t.out.Repeats = nil, nil, nil, nil
	if len(t.sheet.Notes) == 0 && len(t.sheet.Problems()) == 0 {
		t.sheet.Fail(c2m.Problem{Row: -1, Reason: both("表里没有填任何送货", "nothing to deliver was filled in"),
			Remedy: both("请在“送货单”里填送货单号、批号和本次数量", "give number, lot and quantity on the sheet “ASN”")})
	}
	old, err := t.lock(ctx, tx)
	if err != nil {
		return err
	}
	for i := range t.sheet.Notes {
		t.one(i, old[t.sheet.Notes[i].Note.Number])
	}
	if len(t.sheet.Problems()) > 0 {
		return errBadSheet
	}
	return t.save(ctx, tx)
}

// lock locks the note numbers, then the orders of the notes and of those they replace, each in ascending order, and gives the notes
// that exist already.
func (t *noteTaker) lock(ctx context.Context, tx pgx.Tx) (map[string]*c2m.ASN, error) {
	old := map[string]*c2m.ASN{}
	ids := map[c2m.OrderID]bool{}
	for _, id := range t.orders {
		ids[id] = true
	}
	var numbers []string
	for _, n := range t.sheet.Notes {
		numbers = append(numbers, n.Note.Number)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		if err := c2mdb.ReserveASNNumber(ctx, tx, t.supplier, number); err != nil {
			return nil, err
		}
		note, err := c2mdb.LockASN(ctx, tx, t.supplier, number)
		if err != nil {
			return nil, err
		}
		if note != nil {
			old[number] = note
			for _, id := range note.Orders() {
				ids[id] = true
			}
		}
	}
	return old, t.lockOrders(ctx, tx, slices.Sorted(maps.Keys(ids)))
}

func (t *noteTaker) lockOrders(ctx context.Context, tx pgx.Tx, ids []c2m.OrderID) error {
	t.acts, t.sites = map[c2m.OrderID]*act{}, map[catalog.SiteID]catalog.Name{}
	var skus []catalog.SKUID
	for _, id := range ids {
		a, err := t.ops.begin(ctx, tx, t.user, id)
		if err != nil {
			return err
		}
		t.acts[id] = a
		skus = append(skus, skusOf(a.order)...)
		site, err := c2mdb.Site(ctx, tx, a.order.ShipTo)
		if err != nil {
			return err
		}
		t.sites[a.order.ShipTo] = site.Name
	}
	var err error
	t.skus, err = c2mdb.SKUs(ctx, tx, skus)
	return err
}

// one checks a note against the orders and puts it on them, in memory.
func (t *noteTaker) one(i int, old *c2m.ASN) {
	rows := &t.sheet.Notes[i]
	if !t.goods(i) {
		return
	}
	note := &rows.Note
	note.Supplier, note.Sent, note.By = t.supplier, t.out.At, person(t.user)
	problems := note.Check(t.awaited(old), t.ops.Today())
	if old != nil && len(problems) == 0 && old.Hash() == note.Hash() {
		t.out.ASNs = append(t.out.ASNs, old.ID)
		return
	}
	if old != nil && old.Came() {
		problems = append(problems, c2m.Problem{Row: -1, Field: c2m.KeyASN, Reason: both("送货单 "+note.Number+" 已经开始收货，内容不能再改", "delivery note "+note.Number+" is being received and cannot be changed"),
			Remedy: both("另一车请用新的送货单号；有差异请与仓库核对", "give another delivery a number of its own; settle differences with the warehouse")})
	}
	for _, p := range problems {
		t.sheet.FailLine(i, p)
	}
	if len(problems) > 0 || len(t.sheet.Problems()) > 0 {
		return
	}
	if err := t.move(note, old); err != nil {
		t.sheet.FailLine(i, c2m.Problem{Row: -1, Field: c2m.KeyOrder, Reason: both("送货与订单的现状不符", "the delivery does not fit the orders as they stand"),
			Remedy: both("请刷新订单后再传："+err.Error(), "look at the orders anew and upload again: "+err.Error())})
		return
	}
	t.moved = append(t.moved, note)
}

// goods looks up the SKUs of a note.
func (t *noteTaker) goods(i int) bool {
	rows := &t.sheet.Notes[i]
	good := true
	for j, code := range rows.SKUs {
		k, ok := t.codes[code]
		if ok {
			rows.Note.Lines[j].SKU = k.ID
		} else if code != "" {
			good = false
			t.sheet.FailLine(i, c2m.Problem{Row: j, Field: c2m.KeySKU, Reason: both("没有 SKU “"+code+"”", "there is no SKU “"+code+"”"),
				Remedy: both("请照订单表填写 SKU；知道行号时可以留空", "copy the SKU of the order sheet; leave it empty if the line number is given")})
		}
	}
	return good
}

// awaited gives what may be delivered of the locked orders; the pieces of the note that is replaced count as open, whatever has become
// of its orders.
func (t *noteTaker) awaited(old *c2m.ASN) map[c2m.LineKey]c2m.Awaited {
	out := map[c2m.LineKey]c2m.Awaited{}
	for _, a := range t.acts {
		again := map[int]bool{}
		if old != nil {
			for line := range old.PiecesByLine(a.order.ID) {
				again[line] = true
			}
		}
		for _, l := range a.order.Lines {
			w := c2m.Awaited{Order: a.order.ID, Number: a.order.Number, State: a.order.State, ShipTo: a.order.ShipTo, Site: t.sites[a.order.ShipTo],
				Line: l.No, SKU: t.skus[l.SKU], Open: a.order.OpenPieces(l.No), MinRemainingDays: l.MinRemainingDays}
			if again[l.No] {
				w.State = c2m.StateDispatched
				w.Open += old.PiecesByLine(a.order.ID)[l.No]
			}
			out[c2m.LineKey{Order: w.Number, Line: w.Line}] = w
		}
	}
	return out
}

// move takes the pieces of the old note off the orders and puts those of the new one on.
func (t *noteTaker) move(note, old *c2m.ASN) error {
	if old != nil {
		for _, id := range old.Orders() {
			t.touched[id] = append(t.touched[id], old.Number)
			if err := t.acts[id].order.Recall(old.PiecesByLine(id), t.out.At); err != nil {
				return err
			}
		}
	}
	for _, id := range note.Orders() {
		if !slices.Contains(t.touched[id], note.Number) {
			t.touched[id] = append(t.touched[id], note.Number)
		}
		if err := t.acts[id].order.Dispatch(note.PiecesByLine(id), t.out.At); err != nil {
			return err
		}
	}
	return nil
}

// save stores the sheet, its notes and the orders they changed.
func (t *noteTaker) save(ctx context.Context, tx pgx.Tx) error {
	if err := t.keep(ctx, tx); err != nil {
		return err
	}
	file := int64(0)
	if t.out.FileID != nil {
		file = *t.out.FileID
	}
	for _, note := range t.moved {
		if err := c2mdb.SaveASN(ctx, tx, note, file); err != nil {
			return err
		}
		t.out.ASNs = append(t.out.ASNs, note.ID)
		fact := c2m.Dispatched{ASN: note.ID, Number: note.Number, Site: note.ShipTo, Orders: note.Orders(), At: t.out.At}
		if err := t.ops.Bus.Publish(ctx, tx, fact); err != nil {
			return err
		}
		entry := audit.Change{Verb: "asn.send", Thing: audit.Thing{Kind: "asn", ID: itoa(note.ID)}, After: note}
		if err := audit.Write(ctx, tx, t.out.At, entry); err != nil {
			return err
		}
		if err := events.Tell(ctx, tx, "asns", ""); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.acts)) {
		a := t.acts[id]
		t.out.Orders = append(t.out.Orders, int64(id))
		if t.touched[id] == nil {
			t.out.Repeats = append(t.out.Repeats, outcomeOf(a.order))
			continue
		}
		a.verb, a.after = "order.dispatch", map[string]any{"notes": t.touched[id]}
		if err := a.finish(ctx); err != nil {
			return err
		}
		t.out.Changed = append(t.out.Changed, outcomeOf(a.order))
	}
	t.out.Outcome = c2mdb.Taken
	if len(t.moved) == 0 {
		t.out.Outcome = c2mdb.Repeated
	}
	return t.note(ctx, tx)
}
