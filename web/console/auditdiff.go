package console

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/ui"
)

// difference is one field of a change: what it was and what it is. Either is ui.Nothing where there was nothing.
type difference struct{ Field, Was, Is string }

// differences gives what a change did, field by field, in words. Fields that did not change are left out.
func (n thingNames) differences(ctx context.Context, e audit.Entry) []difference {
	was, is := flat(e.Before), flat(e.After)
	keys := slices.Sorted(maps.Keys(was))
	for k := range is {
		if _, both := was[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out []difference
	for _, k := range keys {
		if silent(k, was, is) || bytes.Equal(was[k], is[k]) {
			continue
		}
		d := difference{Field: fieldWord(ctx, k), Was: n.value(ctx, k, was[k]), Is: n.value(ctx, k, is[k])}
		if d.Was != d.Is {
			out = append(out, d)
		}
	}
	return out
}

// flat gives the leaves of a JSON document by their paths: {"Name": {"zh": "x"}} is {"Name.zh": "x"}. A list is a leaf. A
// document that is no object is the leaf "".
func flat(doc json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	doc = bytes.TrimSpace(doc)
	if len(doc) == 0 || bytes.Equal(doc, []byte("null")) {
		return out
	}
	flatten("", doc, out, 0)
	return out
}

func flatten(path string, doc json.RawMessage, out map[string]json.RawMessage, depth int) {
	var object map[string]json.RawMessage
	if depth < 4 && len(doc) > 0 && doc[0] == '{' && json.Unmarshal(doc, &object) == nil {
		for k, v := range object {
			p := k
			if path != "" {
				p = path + "." + k
			}
			flatten(p, bytes.TrimSpace(v), out, depth+1)
		}
		return
	}
	out[path] = doc
}

// beside names the numbers that a record carries beside the name of the same thing; only the name is shown.
var beside = map[string]string{"Category": "CategoryCode", "Successor": "SuccessorCode", "ShipsTo": "ShipsToCode", "Supplier": "SupplierCode",
	"SKU": "SKUCode", "From": "FromCode", "To": "ToCode"}

// silent fields say nothing to a reader: versions, ids, counts that follow from something else.
func silent(key string, was, is map[string]json.RawMessage) bool {
	switch key {
	case "ID", "UpdatedAt", "SKUs":
		return true
	}
	if code, ok := beside[key]; ok {
		_, a := was[code]
		_, b := is[code]
		return a || b || key == "Category"
	}
	return false
}

// fieldWord names a field of a record; one that has no word is named by itself.
func fieldWord(ctx context.Context, path string) string {
	if path == "" {
		return ui.T(ctx, "auditfield.whole")
	}
	id := "auditfield." + wordKey(path)
	if w := ui.T(ctx, id); w != id {
		return w
	}
	// Fields of a group share the group's words: "service.core" is "服务水平 · 核心".
	if head, tail, ok := strings.Cut(path, "."); ok {
		group, last := "auditfield."+wordKey(head), "auditpart."+wordKey(tail)
		if g := ui.T(ctx, group); g != group {
			if t := ui.T(ctx, last); t != last {
				return g + " · " + t
			}
			return g + " · " + tail
		}
	}
	return path
}

func wordKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '_'
	}, s)
}

// valueWords are the fields whose values are words of a list, and the list.
var valueWords = map[string]string{"temperature": "temperature", "role": "role", "tier": "tier", "kind": "topickind", "measure": "measure", "state": "status.suggestion"}

// longest is how many characters of a value are shown.
const longest = 120

// value writes a leaf in the house's form.
func (n thingNames) value(ctx context.Context, path string, leaf json.RawMessage) string {
	if len(leaf) == 0 || bytes.Equal(leaf, []byte("null")) || bytes.Equal(leaf, []byte(`""`)) {
		return ui.Nothing
	}
	field := wordKey(path[strings.LastIndexByte(path, '.')+1:])
	switch leaf[0] {
	case '"':
		var s string
		if json.Unmarshal(leaf, &s) != nil {
			return ui.Nothing
		}
		return textValue(ctx, field, s)
	case 't':
		return ui.T(ctx, "audit.yes")
	case 'f':
		return ui.T(ctx, "audit.no")
	case '[':
		return cutText(n.listValue(ctx, field, leaf))
	case '{':
		return cutText(string(leaf))
	}
	return n.numberValue(ctx, field, string(leaf))
}

func textValue(ctx context.Context, field, s string) string {
	if list, ok := valueWords[field]; ok {
		id := list + "." + s
		if w := ui.T(ctx, id); w != id {
			return w
		}
	}
	if d, err := calendar.ParseDay(s); err == nil {
		return d.String()
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return ui.Moment(ctx, t)
	}
	return cutText(s)
}

func (n thingNames) numberValue(ctx context.Context, field, s string) string {
	if whole, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case moneyField(field):
			return ui.Yuan(money.Fen(whole))
		case field == "supplier" && whole > 0 && whole < 1<<31:
			if t, ok := n.things[audit.Thing{Kind: "supplier", ID: s}]; ok {
				return t.Label
			}
		}
		return ui.Int(whole)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return trimDecimal(v)
}

// moneyField tells whether a number of that name is in fen.
func moneyField(field string) bool {
	switch field {
	case "price", "cost", "order_cost", "transfer_cost", "amount", "money":
		return true
	}
	return strings.HasSuffix(field, "fen")
}

// listValue writes a list: price breaks as "1,200 件起 ¥12.80", sites by their names, anything else as it is.
func (n thingNames) listValue(ctx context.Context, field string, leaf json.RawMessage) string {
	var breaks []struct {
		From  *quantity.Pieces `json:"from"`
		Price *money.Fen       `json:"price"`
	}
	if json.Unmarshal(leaf, &breaks) == nil && len(breaks) > 0 && breaks[0].From != nil && breaks[0].Price != nil {
		var parts []string
		for _, b := range breaks {
			if b.From != nil && b.Price != nil {
				parts = append(parts, ui.T(ctx, "audit.break", "From", *b.From, "Price", ui.Yuan(*b.Price)))
			}
		}
		return strings.Join(parts, ui.T(ctx, "audit.and"))
	}
	var items []json.RawMessage
	if json.Unmarshal(leaf, &items) != nil {
		return string(leaf)
	}
	if len(items) == 0 {
		return ui.Nothing
	}
	var parts []string
	for _, it := range items {
		if t, ok := n.things[audit.Thing{Kind: "site", ID: string(it)}]; ok && field == "sites" {
			parts = append(parts, t.Label)
			continue
		}
		parts = append(parts, n.value(ctx, field, it))
	}
	return strings.Join(parts, ui.T(ctx, "audit.and"))
}

func cutText(s string) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest]) + "…"
}

// verbWord says what was done.
func verbWord(ctx context.Context, verb string) string {
	id := "auditverb." + wordKey(verb)
	if w := ui.T(ctx, id); w != id {
		return w
	}
	return verb
}

// kindOfThing names a kind of thing.
func kindOfThing(ctx context.Context, kind string) string {
	id := "auditthing." + wordKey(kind)
	if w := ui.T(ctx, id); w != id {
		return w
	}
	return kind
}
