package records

import (
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/web/ui/kittest"
	"slices"
	"strings"
	"testing"
)

// Messages whose ids are put together by the program are all written.
func TestComputedWordsAreWritten(t *testing.T) {
	have := kittest.MessageIDs(t, "../../ui/words", "audit.zh.toml", "roundsaudit.zh.toml", "campaignlog.zh.toml", "products.zh.toml", "network.zh.toml", "users.zh.toml", "suppliers.zh.toml", "policy.zh.toml", "imports.zh.toml", "shell.zh.toml", "status.zh.toml")
	need := func(id string) {
		t.Helper()
		if !slices.Contains(have, id) {
			t.Errorf("%s is in no message file", id)
		}
	}
	for _, k := range auditKinds {
		need("auditthing." + k)
	}
	for _, p := range []catalog.Problem{catalog.Missing, catalog.TooLong, catalog.BadForm, catalog.BadCheck, catalog.Negative, catalog.NotAbove0, catalog.OutOfRange, catalog.NotOneOf, catalog.NotKnown, catalog.Repeated, catalog.OutOfOrder} {
		need("fault." + strings.ReplaceAll(string(p), "-", "_"))
	}
	for _, tier := range catalog.Tiers() {
		need("tier." + string(tier))
	}
	for _, c := range catalog.Temperatures() {
		need("temperature." + string(c))
	}
	for _, l := range lives[1:] {
		need("products.life_" + string(l))
	}
	for _, r := range access.Roles() {
		need("users.may_" + string(r))
		need("role." + string(r))
	}
	for _, field := range []string{"name", "role", "supplier", "sites", "language", "theme"} {
		need("users.bad_" + field)
	}
	for _, reason := range []string{"short", "long", "login", "common"} {
		need("users.weak_" + reason)
	}
	for _, s := range []importer.State{importer.Waiting, importer.Checking, importer.Checked, importer.Refused, importer.Committing, importer.Done, importer.Failed, importer.Cancelled} {
		need("imports.state_" + string(s))
	}
	for _, k := range []string{"sku", "supplier", "site", "topic", "sales", "opening"} {
		word, _ := afterwards(k)
		need(word)
		need("importkind." + k)
	}
	for _, v := range supplierViews[1:] {
		need("suppliers.state_" + v)
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1500: "1.5 kB", 342_000_000: "342 MB", 1_400_000_000: "1.4 GB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
