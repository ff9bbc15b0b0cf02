package c2mxlsx

import (
	"context"
	"fmt"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
)

// Deliveries is a sheet with one delivery note or several.
type Deliveries struct {
	*upload
	Notes []DeliveryRows
	last  noteHead
	split map[string]bool // notes of which two arrivals were reported
}

var notSent = &notice.Reason{Code: "c2m.not_sent", ZH: "没有发货", EN: "nothing of it is sent"}

// DeliveryRows is a delivery note, with the index of the row of each of its lines (for Fail) and the codes of the goods.
type DeliveryRows struct {
	Note  c2m.ASN
	Index []int
	SKUs  []string
}

// noteHead is what rows carry over from the row above.
type noteHead struct {
	asn, order, tracking, carrier, slot string
	arrives                             calendar.Day
}

// ReadDeliveries reads a sheet of delivery notes; rows without a note or order number belong to those of the row above. Close it when
// done. For a file that cannot be read, or that lacks a column, the error is told by Refused. Codes of goods are not looked up.
func ReadDeliveries(ctx context.Context, content []byte) (*Deliveries, error) {
	u, err := open(content, asnColumns, asnFields, notSent)
	if err != nil {
		return nil, err
	}
	d := &Deliveries{upload: u, split: map[string]bool{}}
	if err := u.read(ctx, d.row); err != nil {
		_ = u.Close()
		return nil, err
	}
	return d, nil
}

func (d *Deliveries) row(r *sheet.Row) bool {
	d.carry(r)
	if !anyOf(r, colSent, colLot, colProduced, colExpires, colCartons) {
		return false // prepared, but nothing of it is sent
	}
	l := c2m.ASNLine{OrderNumber: d.last.order, Line: count(r, colLine, badLine), Barcode: code(r, colBarcode), Lot: code(r, colLot),
		CartonNo: code(r, colSSCC), Cartons: cartons(r), Certificate: code(r, colCert), Temperature: temperature(r)}
	l.Produced, l.Expires = optionalDay(r, colProduced), optionalDay(r, colExpires)
	per, _ := r.Pieces(colPerCarton)
	l.PerCarton = per
	l.Pieces, _ = r.Pieces(colSent)
	l.GrossGrams, _ = r.Measure(colGross, cell.Grams)
	l.NetGrams, _ = r.Measure(colNet, cell.Grams)
	l.VolumeML, _ = r.Measure(colVolume, cell.Millilitres)
	note := d.note()
	note.Note.Lines = append(note.Note.Lines, l)
	note.Index = append(note.Index, d.Rows())
	note.SKUs = append(note.SKUs, code(r, colSKU))
	return true
}

// cartons reads a number of cartons, with or without the word.
func cartons(r *sheet.Row) int {
	n, _ := r.PiecesPer(colCartons, 1)
	return int(n)
}

// carry reads what a row may leave to the row above. A new note number begins with a head of its own.
func (d *Deliveries) carry(r *sheet.Row) {
	if s := code(r, colASN); s != "" && s != d.last.asn {
		d.last = noteHead{asn: s, order: d.last.order}
	}
	if r.Has(colOrder) {
		d.last.order = orderNumber(r)
	}
	for id, p := range map[string]*string{colTracking: &d.last.tracking, colCarrier: &d.last.carrier, colSlot: &d.last.slot} {
		if s, ok := r.Text(id); ok {
			*p = s
		}
	}
	if day, ok := r.Day(colArrival); ok {
		d.last.arrives = day
	}
}

// note gives the note that the present row belongs to. The head is filled from the first row that says something.
func (d *Deliveries) note() *DeliveryRows {
	for i := range d.Notes {
		if n := &d.Notes[i].Note; n.Number == d.last.asn {
			for p, s := range map[*string]string{&n.Tracking: d.last.tracking, &n.Carrier: d.last.carrier, &n.Slot: d.last.slot} {
				if *p == "" {
					*p = s
				}
			}
			if d.last.arrives != n.Arrives && !d.split[n.Number] {
				d.split[n.Number] = true
				d.Fail(c2m.Problem{Row: -1, Reason: both(fmt.Sprintf("送货单 %s 有两个计划到货日：%s 和 %s", n.Number, n.Arrives, d.last.arrives),
					fmt.Sprintf("delivery note %s has two planned arrivals: %s and %s", n.Number, n.Arrives, d.last.arrives)),
					Remedy: both("一张送货单只到一次；分两车请用两个单号", "one note arrives once; give a second lorry a number of its own")})
			}
			return &d.Notes[i]
		}
	}
	d.Notes = append(d.Notes, DeliveryRows{Note: c2m.ASN{Number: d.last.asn, Tracking: d.last.tracking, Carrier: d.last.carrier, Slot: d.last.slot,
		Arrives: d.last.arrives}})
	return &d.Notes[len(d.Notes)-1]
}

func optionalDay(r *sheet.Row, id string) *calendar.Day {
	if d, ok := r.Day(id); ok {
		return &d
	}
	return nil
}

// temperature reads a class by its words or its code; another text is left out, the goods' own class then counts.
func temperature(r *sheet.Row) catalog.Temperature {
	s, _ := r.Text(colTemp)
	text := catalog.Fold(s)
	for _, t := range temperatures {
		short := string([]rune(t.name.ZH)[:2]) // without the degrees
		for _, name := range []string{string(t.class), t.name.ZH, t.name.EN, short} {
			if text != "" && text == catalog.Fold(name) {
				return t.class
			}
		}
	}
	return ""
}

// FailLine notes a problem of a delivery note: p.Row is the index of its line, -1 for the note, which is then named.
func (d *Deliveries) FailLine(note int, p c2m.Problem) {
	n := d.Notes[note]
	if p.Row >= 0 && p.Row < len(n.Index) {
		p.Row = n.Index[p.Row]
		d.Fail(p)
		return
	}
	if len(n.Index) > 0 { // shown at the note's first row
		p.Row = n.Index[0]
	}
	d.Fail(p)
}
