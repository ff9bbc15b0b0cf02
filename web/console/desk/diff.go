package desk

import (
	"bytes"
	"cmp"
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

// differences gives what a change did, field by field, in words. Fields that did not change are left out, and of a thing
// that is new those that are empty.
func (n ThingNames) Differences(ctx context.Context, e audit.Entry) []difference {
	was, is := sides(e)
	keys := slices.Sorted(maps.Keys(was))
	for k := range is {
		if _, both := was[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, comparePaths)
	var out []difference
	for _, k := range keys {
		if silent(k, was, is) || bytes.Equal(was[k], is[k]) || len(was) == 0 && blank(is[k]) || len(is) == 0 && blank(was[k]) {
			continue
		}
		d := difference{Field: fieldWord(ctx, k), Was: n.value(ctx, e.Thing, k, was[k]), Is: n.value(ctx, e.Thing, k, is[k])}
		if d.Was != d.Is {
			out = append(out, d)
		}
	}
	return out
}

// sides gives both documents of a change by their paths. Lists of records are compared record by record when both sides
// have one; otherwise they stay lists.
func sides(e audit.Entry) (was, is map[string]json.RawMessage) {
	was, is = flat(e.Before), flat(e.After)
	for path, leaf := range was {
		other, both := is[path]
		if !both {
			continue
		}
		before, after := records(path, leaf), records(path, other)
		if before == nil || after == nil {
			continue
		}
		delete(was, path)
		delete(is, path)
		maps.Copy(was, before)
		maps.Copy(is, after)
	}
	return was, is
}

// records gives the fields of a list of records, each under the number that the record gives itself, or its place; nil for
// what is no such list. Lists of price breaks are written as a whole.
func records(path string, leaf json.RawMessage) map[string]json.RawMessage {
	var list []map[string]json.RawMessage
	if len(leaf) == 0 || leaf[0] != '[' || strings.HasSuffix(path, "Breaks") || json.Unmarshal(leaf, &list) != nil {
		return nil
	}
	out := map[string]json.RawMessage{}
	for i, fields := range list {
		no := strconv.Itoa(i + 1)
		for _, key := range []string{"no", "No", "line", "Line"} {
			if v, ok := fields[key]; ok {
				no = string(v)
				break
			}
		}
		for k, v := range fields {
			flatten(path+"["+no+"]."+k, bytes.TrimSpace(v), out, 1)
		}
	}
	return out
}

// comparePaths sorts paths by their words, and the records of a list by their numbers.
func comparePaths(a, b string) int {
	x, y := strings.FieldsFunc(a, pathMark), strings.FieldsFunc(b, pathMark)
	for i := 0; i < len(x) && i < len(y); i++ {
		m, err1 := strconv.Atoi(x[i])
		n, err2 := strconv.Atoi(y[i])
		c := cmp.Compare(x[i], y[i])
		if err1 == nil && err2 == nil {
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

func pathMark(r rune) bool { return r == '.' || r == '[' || r == ']' }

// blank tells whether a leaf says nothing.
func blank(leaf json.RawMessage) bool {
	switch string(leaf) {
	case "", "null", `""`, "0", "false", "[]", "{}":
		return true
	}
	return false
}

// flat gives the leaves of a JSON document by their paths: {"Name": {"zh": "x"}} is {"Name.zh": "x"}. A list is a leaf. A
// document that is no object is the leaf "". A value with the reason for it is that value, with one field more.
func flat(doc json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	doc = bytes.TrimSpace(doc)
	if len(doc) == 0 || bytes.Equal(doc, []byte("null")) {
		return out
	}
	var reasoned map[string]json.RawMessage
	if doc[0] == '{' && json.Unmarshal(doc, &reasoned) == nil {
		value, ok := reasoned["value"]
		reason, why := reasoned["reason"]
		if ok && (len(reasoned) == 1 || why && len(reasoned) == 2) {
			flatten("", bytes.TrimSpace(value), out, 0)
			if why {
				out["reason"] = reason
			}
			return out
		}
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
	if list, rest, ok := strings.Cut(path, "["); ok {
		if no, field, ok := strings.Cut(rest, "]."); ok {
			return ui.T(ctx, "audit.record", "List", fieldWord(ctx, list), "No", no) + " · " + fieldWord(ctx, field)
		}
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
var valueWords = map[string]string{"temperature": "temperature", "role": "role", "tier": "tier", "measure": "measure"}

// valueWord gives the word of a value of a list, "" for any other value.
func valueWord(ctx context.Context, kind, field, s string) string {
	list, ok := valueWords[field]
	switch {
	case field == "state":
		list, ok = "status."+kind, true
	case field == "kind" && kind == "topic":
		list, ok = "topickind", true
	case field == "kind" && kind == "import":
		list, ok = "importkind", true
	case field == "kind" && kind == "rider":
		list, ok = "riderkind", true
	case field == "cause":
		return CauseWord(ctx, s)
	}
	if !ok {
		return ""
	}
	id := list + "." + wordKey(s)
	if w := ui.T(ctx, id); w != id {
		return w
	}
	return ""
}

// longest is how many characters of a value are shown.
const longest = 120

// value writes a leaf in the house's form.
func (n ThingNames) value(ctx context.Context, kind, path string, leaf json.RawMessage) string {
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
		return textValue(ctx, kind, field, s)
	case 't':
		return ui.T(ctx, "audit.yes")
	case 'f':
		return ui.T(ctx, "audit.no")
	case '[':
		return CutText(n.listValue(ctx, kind, field, leaf))
	case '{':
		return CutText(string(leaf))
	}
	return n.numberValue(ctx, field, string(leaf))
}

func textValue(ctx context.Context, kind, field, s string) string {
	if w := valueWord(ctx, kind, field, s); w != "" {
		return w
	}
	if d, err := calendar.ParseDay(s); err == nil {
		return d.String()
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return ui.Moment(ctx, t)
	}
	return CutText(s)
}

func (n ThingNames) numberValue(ctx context.Context, field, s string) string {
	if whole, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case moneyField(field):
			return ui.Yuan(money.Fen(whole))
		case idFields[field] != "":
			if t, ok := n.Things[audit.Thing{Kind: idFields[field], ID: s}]; ok {
				return t.Label
			}
		}
		return ui.Int(whole)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return TrimDecimal(v)
}

// idFields are the fields that hold the id of a thing, and its kind.
var idFields = map[string]string{"supplier": "supplier", "sku": "sku", "ship_to": "site", "shipto": "site", "site": "site", "order": "order", "topic": "topic"}

// mentioned gives the things whose ids the changes hold in their fields.
func mentioned(entries []audit.Entry) map[string]map[string]bool {
	ids := map[string]map[string]bool{}
	for _, e := range entries {
		was, is := sides(e)
		for _, side := range []map[string]json.RawMessage{was, is} {
			for path, leaf := range side {
				kind := idFields[wordKey(path[strings.LastIndexByte(path, '.')+1:])]
				if kind == "" || len(leaf) == 0 || leaf[0] < '1' || leaf[0] > '9' {
					continue
				}
				if ids[kind] == nil {
					ids[kind] = map[string]bool{}
				}
				ids[kind][string(leaf)] = true
			}
		}
	}
	return ids
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
func (n ThingNames) listValue(ctx context.Context, kind, field string, leaf json.RawMessage) string {
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
	if items[0][0] == '{' {
		return ui.T(ctx, "audit.records", ui.Count, len(items))
	}
	var parts []string
	for _, it := range items {
		if t, ok := n.Things[audit.Thing{Kind: "site", ID: string(it)}]; ok && field == "sites" {
			parts = append(parts, t.Label)
			continue
		}
		parts = append(parts, n.value(ctx, kind, field, it))
	}
	return strings.Join(parts, ui.T(ctx, "audit.and"))
}

func CutText(s string) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest]) + "…"
}

// verbWord says what was done.
func VerbWord(ctx context.Context, verb string) string {
	id := "auditverb." + wordKey(verb)
	if w := ui.T(ctx, id); w != id {
		return w
	}
	return verb
}

// kindOfThing names a kind of thing.
func KindOfThing(ctx context.Context, kind string) string {
	id := "auditthing." + wordKey(kind)
	if w := ui.T(ctx, id); w != id {
		return w
	}
	return kind
}
