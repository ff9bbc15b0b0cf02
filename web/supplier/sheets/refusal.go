package sheets

import (
	"errors"
	"net/http"
	"strings"

	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/web/route"
)

// stateWords are the messages by the verb that an order's state refused.
var stateWords = map[string]string{
	"answer": "answer", "change": "change", "discard changes of": "discard", "send": "send", "decide on": "decide", "produce": "produce",
	"dispatch": "dispatch", "recall goods of": "dispatch", "receive": "receive", "close": "close", "cancel": "cancel", "reschedule": "reschedule",
	"discuss": "discuss",
}

// plainWords are the refusals that need no numbers, by their messages.
var plainWords = []struct {
	err  error
	word string
}{
	{c2m.ErrNoLines, "nolines"}, {c2m.ErrNothingNew, "nothingnew"}, {c2m.ErrReason, "reason"}, {c2m.ErrPieces, "pieces"}, {c2m.ErrPrice, "price"},
	{c2m.ErrTax, "tax"}, {c2m.ErrDay, "day"}, {c2m.ErrLong, "long"}, {c2m.ErrShelfLife, "shelflife"}, {c2m.ErrSupplier, "supplier"},
	{c2m.ErrTerms, "terms"}, {c2m.ErrPriceMoved, "pricemoved"}, {c2m.ErrDecided, "decided"}, {c2m.ErrVersion, "version"}, {c2m.ErrShipped, "shipped"},
	{c2m.ErrUsedNumber, "usednumber"}, {money.ErrOverflow, "amount"},
}

// FieldWord gives the message for what is wrong with a field of a line, "" for an error that is not about a field.
func FieldWord(err error) string {
	for _, w := range plainWords {
		if errors.Is(err, w.err) {
			return "order.err." + w.word
		}
	}
	if errors.Is(err, catalog.ErrUnknown) {
		return "order.err.sku"
	}
	return ""
}

// Refusal says a refusal of factory orders with the way on, which is the page of the order or of the orders; nil for another error.
func Refusal(err error, here string) *route.Refusal {
	var state *c2m.StateError
	var version *c2m.VersionError
	var over *c2m.OverDeliveryError
	var docked *c2m.DockedError
	var line *c2m.LineError
	var moved *c2m.PricesMovedError
	switch {
	case errors.As(err, &docked):
		return route.Conflict("order.err.docked", "Delivery", docked.Delivery).With("order.next.look", here).Because(err)
	case err == nil:
		return nil
	case errors.As(err, &state) && stateWords[state.Verb] != "":
		return route.Conflict("order.err.state."+stateWords[state.Verb], "Number", state.Number).With("order.next.look", here).Because(err)
	case errors.As(err, &version):
		return route.Conflict("order.err.versions", "Number", version.Number, "Sheet", version.Sheet, "Current", version.Current).With("order.next.look", here).Because(err)
	case errors.As(err, &over):
		return route.Conflict("order.err.over", "Line", over.Line, "Want", over.Want, "Open", over.Open).With("order.next.look", here).Because(err)
	case errors.As(err, &moved):
		return route.Conflict("order.err.moved", "Lines", len(moved.Moves)).With("order.next.look", here).Because(err)
	case errors.Is(err, c2m.ErrUnknown), errors.Is(err, c2m.ErrNumber):
		return route.Refuse(http.StatusNotFound, "order.err.unknown").With("order.next.list", listOf(here)).Because(err)
	case errors.Is(err, c2m.ErrStale):
		return route.Conflict("order.err.stale").With("order.next.latest", here).Because(err)
	case errors.Is(err, c2m.ErrState):
		return route.Conflict("order.err.state.change", "Number", "").With("order.next.look", here).Because(err)
	case errors.As(err, &line) && line.Line > 0 && FieldWord(line.Err) != "":
		return route.Invalid(FieldWord(line.Err)).With("order.next.line", here, "Line", line.Line).Because(err)
	case errors.Is(err, c2m.ErrOverDelivery):
		return route.Conflict("order.err.shipped").With("order.next.look", here).Because(err)
	}
	// The catalog's own refusals are not only ours.
	if word := FieldWord(err); word != "" && !errors.Is(err, catalog.ErrUnknown) {
		return route.Invalid(word).With("order.next.look", here).Because(err)
	}
	return nil
}

// listOf gives the page of all orders for the page of one.
func listOf(here string) string {
	if strings.HasPrefix(here, "/portal") {
		return "/portal"
	}
	return "/orders"
}
