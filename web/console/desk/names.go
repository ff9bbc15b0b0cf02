package desk

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/web/ui"
)

// Directory knows who changed what, and what things are called.
type Directory struct {
	Catalog  *catalogops.Ops
	Accounts *accessops.Ops
	// Orders names factory orders; without it they go by their ids.
	Orders *c2mops.Ops
}

// thingName is what a thing is called, and its page; an empty Href is a thing without one.
type ThingName struct{ Label, Href string }

// thingNames are the names of the things that some changes speak of.
type ThingNames struct{ Things map[audit.Thing]ThingName }

// of gives the name of a thing; one that is unknown is called by its id.
func (n ThingNames) Of(kind, id string) ThingName {
	if t, ok := n.Things[audit.Thing{Kind: kind, ID: id}]; ok {
		return t
	}
	return ThingName{Label: id}
}

// names looks up what the changes speak of, in a few queries however many they are.
func (d Directory) Names(ctx context.Context, entries []audit.Entry) (ThingNames, error) {
	n := ThingNames{Things: map[audit.Thing]ThingName{}}
	ids := mentioned(entries)
	for _, e := range entries {
		if ids[e.Thing] == nil {
			ids[e.Thing] = map[string]bool{}
		}
		ids[e.Thing][e.ThingID] = true
	}
	for kind, set := range ids {
		if err := d.NameKind(ctx, n, kind, set); err != nil {
			return n, err
		}
	}
	if len(ids["user"]) > 0 { // accounts are bounded to sites and suppliers
		for _, kind := range []string{"site", "supplier"} {
			if err := d.NameKind(ctx, n, kind, nil); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (d Directory) NameKind(ctx context.Context, n ThingNames, kind string, ids map[string]bool) error {
	put := func(id, label, href string) { n.Things[audit.Thing{Kind: kind, ID: id}] = ThingName{label, href} }
	switch kind {
	case "sku":
		return d.nameSKUs(ctx, put, ids)
	case "site":
		sites, err := d.Catalog.Sites(ctx)
		for _, s := range sites {
			put(Itoa(s.ID), ui.Name(ctx, s.Name), "/network")
		}
		return err
	case "supplier":
		list, err := d.Catalog.Suppliers(ctx, catalog.SupplierQuery{})
		if errors.Is(err, access.ErrForbidden) {
			return nil
		}
		for _, s := range list {
			put(Itoa(s.ID), ui.Name(ctx, s.Name), SupplierHref(s.Code))
		}
		return err
	case "topic":
		topics, err := d.Catalog.Topics(ctx)
		for _, t := range topics {
			put(Itoa(t.ID), ui.Name(ctx, t.Name), TopicHref(t.Code))
		}
		return err
	case "user":
		return d.nameUsers(ctx, put, ids)
	case "order":
		return d.nameOrders(ctx, put, ids)
	}
	for id := range ids {
		label, href := plainThing(ctx, kind, id)
		put(id, label, href)
	}
	return nil
}

func (d Directory) nameSKUs(ctx context.Context, put func(id, label, href string), ids map[string]bool) error {
	var list []catalog.SKUID
	for id := range ids {
		if n := Number(id); n > 0 {
			list = append(list, catalog.SKUID(n))
		}
	}
	found, err := d.Catalog.Named(ctx, list)
	for id, s := range found {
		put(Itoa(id), s.Code+" "+ui.Name(ctx, s.Name), ProductHref(s.Code))
	}
	return err
}

func (d Directory) nameUsers(ctx context.Context, put func(id, label, href string), ids map[string]bool) error {
	var list []access.ID
	for id := range ids {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			list = append(list, access.ID(n))
		}
	}
	found, err := d.Accounts.Names(ctx, list...)
	u, _ := access.FromContext(ctx)
	for id, name := range found {
		href := ""
		if access.Can(u, access.ManageUsers) {
			href = UserHref(id)
		}
		put(strconv.FormatInt(int64(id), 10), name, href)
	}
	return err
}

func (d Directory) nameOrders(ctx context.Context, put func(id, label, href string), ids map[string]bool) error {
	var list []c2m.OrderID
	for id := range ids {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			list = append(list, c2m.OrderID(n))
		}
	}
	if d.Orders == nil || len(list) == 0 {
		return nil
	}
	found, err := d.Orders.Numbers(ctx, list)
	for id, number := range found {
		put(strconv.FormatInt(int64(id), 10), number, "/orders/"+url.PathEscape(number))
	}
	return err
}

// plainThing names a thing whose id is its name already.
func plainThing(ctx context.Context, kind, id string) (label, href string) {
	switch kind {
	case "term":
		if supplier, sku, ok := strings.Cut(id, "/"); ok {
			return supplier + " · " + sku, SupplierHref(supplier)
		}
	case "suggestion":
		return "#" + id, "/suggestions?open=" + url.QueryEscape(id)
	case "import":
		if _, err := strconv.ParseInt(id, 10, 64); err == nil {
			return "#" + id, "/imports/" + url.PathEscape(id)
		}
	case "operation":
		return id[:min(8, len(id))], ""
	case "policy":
		return ui.T(ctx, "policy.title"), "/system/policy"
	}
	return id, ""
}

func Itoa[N ~int32](n N) string { return strconv.Itoa(int(n)) }

func SupplierHref(code string) string { return "/suppliers/" + url.PathEscape(code) }
func ProductHref(code string) string  { return "/products/" + url.PathEscape(code) }
func TopicHref(code string) string    { return "/topics/" + url.PathEscape(code) }
func UserHref(id access.ID) string    { return "/system/users/" + strconv.FormatInt(int64(id), 10) }

// changeLog is what has happened to one thing.
type ChangeLog struct {
	Entries []audit.Entry
	ThingNames
	// Kind and ID name the thing, for the whole list; All is false when there is more.
	Kind, ID string
	All      bool
	// Shown is false where the reader may not see changes.
	Shown bool
}

// historyRows is how many changes a thing's own page shows.
const HistoryRows = 8

// history gives the newest changes of a thing; nothing to those who may not see them.
func (d Directory) History(ctx context.Context, kind, id string) (ChangeLog, error) {
	h := ChangeLog{Kind: kind, ID: id, All: true}
	u, _ := access.FromContext(ctx)
	if !access.Can(u, access.ViewAudit) {
		return h, nil
	}
	h.Shown = true
	var err error
	if h.Entries, err = d.Accounts.History(ctx, audit.Thing{Kind: kind, ID: id}, HistoryRows+1); err != nil {
		return h, err
	}
	if len(h.Entries) > HistoryRows {
		h.Entries, h.All = h.Entries[:HistoryRows], false
	}
	h.ThingNames, err = d.Names(ctx, h.Entries)
	return h, err
}

// lostRace is the news that another has changed the thing meanwhile: who and what, and where to see it as it is now.
type lostRace struct {
	By      string
	Entry   *audit.Entry
	Changes []difference
	Reload  string
}

// raced tells who won the race for a thing. Without the right to see changes the news is only that somebody did.
func (d Directory) Raced(ctx context.Context, kind, id, reload string) (*lostRace, error) {
	lost := &lostRace{Reload: reload}
	h, err := d.History(ctx, kind, id)
	if err != nil || len(h.Entries) == 0 {
		return lost, err
	}
	lost.Entry = &h.Entries[0]
	lost.By = h.Entries[0].Actor
	lost.Changes = h.Differences(ctx, h.Entries[0])
	return lost, nil
}
