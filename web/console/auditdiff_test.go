package console

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"pgregory.net/rapid"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/replenishment"
	"milkrun/web/ui"
)

func inChinese() context.Context {
	return ui.WithView(context.Background(), &ui.View{Language: ui.Chinese})
}

func TestDifferencesInWords(t *testing.T) {
	n := thingNames{things: map[audit.Thing]thingName{{Kind: "site", ID: "5"}: {Label: "嘉兴区域仓"}, {Kind: "supplier", ID: "27"}: {Label: "贝栗"}, {Kind: "sku", ID: "7"}: {Label: "MR-204817"}}}
	for name, c := range map[string]struct {
		kind, before, after string
		want                []difference
	}{
		"money, words and nested names": {"sku", `{"Price":1280,"Core":false,"Name":{"zh":"旧"},"Temperature":"ambient"}`, `{"Price":1320,"Core":true,"Name":{"zh":"新"},"Temperature":"frozen"}`,
			[]difference{{"必备品", "否", "是"}, {"中文名称", "旧", "新"}, {"价格", "¥12.80", "¥13.20"}, {"温层", "常温", "冷冻 −18 ℃"}}},
		"ids beside names are silent": {"sku", `{"ID":7,"Category":1,"CategoryCode":"a","UpdatedAt":"2026-11-23T01:00:00Z"}`, `{"ID":7,"Category":2,"CategoryCode":"b","UpdatedAt":"2026-11-23T02:00:00Z"}`,
			[]difference{{"类目编码", "a", "b"}}},
		"price breaks": {"term", `{"Breaks":[{"from":1200,"price":1280}]}`, `{"Breaks":[{"from":1200,"price":1260},{"from":6000,"price":1216}]}`,
			[]difference{{"阶梯价", "1,200 件起 ¥12.80", "1,200 件起 ¥12.60、6,000 件起 ¥12.16"}}},
		"something new leaves out what is empty": {"user", ``, `{"Login":"lead","Name":"","Sites":null,"Active":true,"Keys":0}`,
			[]difference{{"启用", ui.Nothing, "是"}, {"登录名", ui.Nothing, "lead"}}},
		"sites and a supplier by their names": {"user", `{"Sites":[5],"Supplier":0}`, `{"Sites":[5,9],"Supplier":27}`,
			[]difference{{"能碰的仓", "嘉兴区域仓", "嘉兴区域仓、9"}, {"供应商", "0", "贝栗"}}},
		"a list of records that is new is counted": {"order", ``, `{"number":"FO-1","lines":[{"no":1,"sku":7},{"no":2,"sku":8}]}`,
			[]difference{{"行", ui.Nothing, "2 项"}, {"编号", ui.Nothing, "FO-1"}}},
		"a list of records that changed is compared": {"order", `{"lines":[{"no":1,"sku":7,"pieces":60},{"no":10,"pieces":5}]}`, `{"lines":[{"no":1,"sku":7,"pieces":120},{"no":10,"pieces":6}]}`,
			[]difference{{"行 1 · 件数", "60", "120"}, {"行 10 · 件数", "5", "6"}}},
		"a value with its reason": {"order", `{"pieces":60}`, `{"value":{"pieces":120},"reason":"加急"}`,
			[]difference{{"件数", "60", "120"}, {"原因", ui.Nothing, "加急"}}},
		"a field that nobody named": {"run", `{"weird":1.25}`, `{"weird":1.5}`, []difference{{"weird", "1.25", "1.5"}}},
		"no object at all":          {"run", `[1,2]`, `3`, []difference{{"内容", "1、2", "3"}}},
		"state of an order":         {"order", `{"state":"sent"}`, `{"state":"confirmed"}`, []difference{{"状态", "已发", "已确认"}}},
		"a group's part":            {"policy", `{"service":{"core":0.985}}`, `{"service":{"core":0.99}}`, []difference{{"服务水平 · 必备品", "0.985", "0.99"}}},
		"nothing changed":           {"sku", `{"Price":1}`, `{"Price":1}`, nil},
	} {
		e := audit.Entry{Thing: c.kind, Before: json.RawMessage(c.before), After: json.RawMessage(c.after)}
		if got := n.differences(inChinese(), e); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, c.want)
		}
	}
}

// Whatever is stored, a page can be made of it.
func FuzzDifferences(f *testing.F) {
	f.Add(`{"a":[{"no":1}]}`, `{"a":[{"No":"x"}]}`)
	f.Add(`[[]]`, `[{}]`)
	f.Add(`{"Breaks":[null]}`, `{"sites":[""]}`)
	f.Add(`{"value":null}`, `{"value":{"value":1},"reason":2}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		e := audit.Entry{Thing: "sku", Before: json.RawMessage(before), After: json.RawMessage(after)}
		for _, d := range (thingNames{}).differences(inChinese(), e) {
			if d.Was == d.Is {
				t.Errorf("%q: nothing differs", d.Field)
			}
		}
		mentioned([]audit.Entry{e})
	})
}

func TestPlacesSurviveTheirWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.String().Draw(t, "place")
		packed := packPlace(place)
		if strings.Contains(packed, "~") || unpackPlace(packed) != place {
			t.Fatalf("%q became %q", place, packed)
		}
	})
}

// Numbers that a form shows are read back as the same numbers.
func TestFormNumbersAreReadBack(t *testing.T) {
	read := func(text string) *posted {
		return &posted{ctx: inChinese(), form: url.Values{"x": {text}}, Errors: map[string]string{}}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e6, 1e6).Draw(t, "number")
		if got := read(exactDecimal(v)).decimal("x"); got != v {
			t.Fatalf("%v became %v", v, got)
		}
		share := float64(rapid.IntRange(0, 1_000_000).Draw(t, "share")) / 1_000_000
		if got := read(percentValue(share)).share("x"); got != share {
			t.Fatalf("a share of %v became %v", share, got)
		}
		n := rapid.IntRange(0, 1<<31-1).Draw(t, "whole")
		if got := read(orBlank(n)).small("x"); got != n {
			t.Fatalf("%d became %d", n, got)
		}
	})
	for text, bad := range map[string]bool{"1,200": false, "１２００": false, " 1 200 ": false, "1.5": true, "1e3": true, "0x1f": true, "约 5": true, "": false, "NaN": true, "--5": true} {
		f := read(text)
		f.whole("x")
		if (f.Errors["x"] != "") != bad {
			t.Errorf("%q as a whole number: %q", text, f.Errors["x"])
		}
	}
	for _, text := range []string{"NaN", "Inf", "0x1p3", "1_000", "五"} {
		f := read(text)
		if f.decimal("x"); f.Errors["x"] == "" {
			t.Errorf("%q is read as a number", text)
		}
	}
}

// messageIDs reads the ids of the message files by name.
func messageIDs(t *testing.T, names ...string) []string {
	t.Helper()
	var out []string
	for _, name := range names {
		b, err := os.ReadFile("../ui/words/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := toml.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		for group, v := range doc {
			if leaves, ok := v.(map[string]any); ok {
				for id := range leaves {
					out = append(out, group+"."+id)
				}
			}
		}
	}
	return out
}

// Messages whose ids are put together by the program are all written.
func TestComputedWordsAreWritten(t *testing.T) {
	have := messageIDs(t, "audit.zh.toml", "products.zh.toml", "network.zh.toml", "users.zh.toml", "suppliers.zh.toml", "policy.zh.toml", "imports.zh.toml", "shell.zh.toml", "status.zh.toml")
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
	for _, m := range []replenishment.Measure{replenishment.CycleService, replenishment.FillRate} {
		need("measure." + string(m))
	}
	for _, s := range everySetting() {
		for _, suffix := range []string{"", "_hint"} {
			name := strings.ReplaceAll(s.Name, ".", "_")
			switch {
			case strings.HasPrefix(name, "review_days"):
				name = "review_days"
			case strings.HasPrefix(name, "cover_"):
				name = "cover_" + name[strings.LastIndexByte(name, '_')+1:]
			}
			if suffix == "" || !strings.HasPrefix(name, "review_days") && !strings.HasPrefix(name, "cover_") {
				need("policy." + name + suffix)
			}
		}
	}
}

// Every number of the policy has a field on its form, and every field sets its own number alone.
func TestEverySettingIsOnItsForm(t *testing.T) {
	count := 0
	for _, x := range everySetting() {
		a, b := replenishment.DefaultSettings(), replenishment.DefaultSettings()
		x.set(&a, x.get(&a)+1)
		if reflect.DeepEqual(a, b) || x.get(&a) != x.get(&b)+1 {
			t.Errorf("%s sets nothing", x.Name)
		}
		for _, y := range everySetting() {
			if y.Name != x.Name && y.get(&a) != y.get(&b) {
				t.Errorf("%s sets %s too", x.Name, y.Name)
			}
		}
		count++
	}
	if want := leaves(reflect.ValueOf(replenishment.DefaultSettings())) - 1; count != want { // all but the measure, which is a choice
		t.Errorf("%d fields for %d numbers", count, want)
	}
}

// leaves counts the values of a document; a map of covers has two a tier.
func leaves(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			n += leaves(v.Field(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			n += leaves(v.MapIndex(k))
		}
	default:
		return 1
	}
	return n
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1500: "1.5 kB", 342_000_000: "342 MB", 1_400_000_000: "1.4 GB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestBrokenSettingIsNamed(t *testing.T) {
	s := replenishment.DefaultSettings()
	s.Cover[catalog.Front] = replenishment.Cover{MinDays: 5, MaxDays: 3}
	if got := badSetting(s.Validate()); got != "cover.front.max" {
		t.Error(got)
	}
	s = replenishment.DefaultSettings()
	s.HoldingRate = 11
	if got := badSetting(s.Validate()); got != "holding_rate" {
		t.Error(got)
	}
}
