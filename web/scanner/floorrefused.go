package scanner

import (
	"errors"
	"strings"

	"milkrun/warehouse"
)

// dockRefusal says the refusals of a dock. The ways on name what the worker accepts, so that the command can be made again with it.
func dockRefusal(err error) *Refused {
	var (
		fault   *warehouse.ArrivalError
		carton  *warehouse.CartonError
		unknown *warehouse.UnknownGoodsError
		state   *warehouse.DeliveryStateError
	)
	switch {
	case errors.As(err, &fault):
		return arrivalRefusal(fault)
	case errors.As(err, &carton):
		return &Refused{Code: "carton_twice", Text: Says("scanner.fault.carton_twice"), Next: Says("scanner.receive.twice", "By", carton.By), Scanned: carton.Carton,
			Choices: []Choice{{"forget", Says("scanner.choice.forget")}, {"look", Says("scanner.choice.look")}}}
	case errors.As(err, &unknown):
		return &Refused{Code: "unknown_goods", Text: Says("scanner.fault.unknown_goods"), Next: Says("scanner.next.unknown_goods"), Scanned: unknown.Scanned}
	case errors.As(err, &state):
		return &Refused{Code: "delivery_state", Text: Says("scanner.refused.delivery."+string(state.State), "Number", state.Number), Next: Says("scanner.next.delivery")}
	}
	for refusal, code := range dockPlain {
		if errors.Is(err, refusal) {
			return &Refused{Code: code, Text: Says("scanner.refused." + code), Next: Says("scanner.next." + code)}
		}
	}
	return nil
}

// dockPlain are the refusals of inbound without numbers.
var dockPlain = map[error]string{
	warehouse.ErrUndone: "undone", warehouse.ErrMoved: "moved_on", warehouse.ErrNoDelivery: "nodelivery", warehouse.ErrNoDock: "nodock", warehouse.ErrNotDock: "notdock",
	warehouse.ErrNoPieces: "nopieces", warehouse.ErrReason: "reason", warehouse.ErrDates: "dates", warehouse.ErrOutcome: "body",
	warehouse.ErrNoInspection: "noinspection", warehouse.ErrInspectionOver: "inspected", warehouse.ErrInspectionWaits: "inspectfirst", warehouse.ErrFindings: "findings",
	warehouse.ErrFrozen: "frozen", warehouse.ErrSettlement: "settlement",
}

// arrivalRefusal shows the weightiest of the faults, with all of them to be accepted at once.
func arrivalRefusal(e *warehouse.ArrivalError) *Refused {
	first := e.Faults[0]
	for _, f := range e.Faults {
		if f.Holds() {
			first = f
		}
	}
	var all []string
	for _, f := range e.Faults {
		all = append(all, string(f))
	}
	r := &Refused{Code: "arrival_" + string(first), Text: Says("scanner.fault.arrival_" + string(first)), Next: Says("scanner.next.arrival_"+string(first), "Over", int64(e.Over), "Days", int64(e.RemainingDays), "Want", int64(e.RequiredDays)),
		Choices: []Choice{{"accept " + strings.Join(all, " "), Says("scanner.receive.accept")}, {"refuse", Says("scanner.receive.refuse")}}}
	switch first {
	case warehouse.FaultWrongLot:
		r.Scanned, r.Wanted, r.ScannedNote, r.WantedNote = e.ScannedLot, e.WantedLot, day(e.ScannedExpiry), day(e.WantedExpiry)
	case warehouse.FaultShortLife, warehouse.FaultPastExpiry:
		r.Scanned, r.ScannedNote = e.ScannedLot, day(e.ScannedExpiry)
	}
	return r
}

// floorRefusal says the refusals of moves on the floor.
func floorRefusal(err error) *Refused {
	var (
		bin     *warehouse.BinRefusal
		unknown *warehouse.UnknownBinError
		picking *warehouse.InPickingError
	)
	switch {
	case errors.As(err, &bin):
		return binRefusal(bin)
	case errors.As(err, &unknown):
		word := "bin_unknown"
		if unknown.Inactive {
			word = "bin_closed"
		}
		return &Refused{Code: word, Text: Says("scanner.fault." + word), Next: Says("scanner.next." + word), Scanned: unknown.Code}
	case errors.As(err, &picking):
		return &Refused{Code: "in_picking", Text: Says("scanner.refused.in_picking", "Bin", picking.Place.Bin, "Free", int64(picking.Free), "Picking", int64(picking.Picking)), Next: Says("scanner.next.in_picking")}
	}
	for refusal, code := range floorPlain {
		if errors.Is(err, refusal) {
			return &Refused{Code: code, Text: Says("scanner.refused." + code), Next: Says("scanner.next." + code)}
		}
	}
	return nil
}

var floorPlain = map[error]string{
	warehouse.ErrTaskTaken: "tasktaken", warehouse.ErrNoRefill: "gone", warehouse.ErrNoMove: "nomove", warehouse.ErrNoPieces: "nopieces", warehouse.ErrReason: "reason",
}

// binRefusal says why goods may not go to a bin: what they need above what the bin has.
func binRefusal(e *warehouse.BinRefusal) *Refused {
	code := "bin_" + e.Against
	r := &Refused{Code: code, Text: Says("scanner.fault." + code), Next: Says("scanner.next."+code, "Fits", int64(e.Fits), "Want", int64(e.Want), "Bin", e.Bin)}
	switch e.Against {
	case "temperature", "kind", "closed":
		r.Scanned = e.Bin
	case "other_sku", "other_lot":
		r.Scanned, r.Wanted = e.Has, e.Wanted
	case "no_room":
		r.Scanned, r.Choices = e.Bin, []Choice{{"force", Says("scanner.putaway.force")}, {"look", Says("scanner.choice.look")}}
	}
	return r
}
