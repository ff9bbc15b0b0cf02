package desk

import (
	"context"
	"encoding/json"
	"milkrun/internal/audit"
	"milkrun/web/ui"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func inChinese() context.Context {
	return ui.WithView(context.Background(), &ui.View{Language: ui.Chinese})
}

func TestDifferencesInWords(t *testing.T) {
	n := ThingNames{Things: map[audit.Thing]ThingName{{Kind: "site", ID: "5"}: {Label: "嘉兴区域仓"}, {Kind: "supplier", ID: "27"}: {Label: "贝栗"}, {Kind: "sku", ID: "7"}: {Label: "MR-204817"}}}
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
		if got := n.Differences(inChinese(), e); !reflect.DeepEqual(got, c.want) {
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
		for _, d := range (ThingNames{}).Differences(inChinese(), e) {
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
		packed := PackPlace(place)
		if strings.Contains(packed, "~") || UnpackPlace(packed) != place {
			t.Fatalf("%q became %q", place, packed)
		}
	})
}

// Numbers that a form shows are read back as the same numbers.
func TestFormNumbersAreReadBack(t *testing.T) {
	read := func(text string) *Posted {
		return &Posted{Ctx: inChinese(), Form: url.Values{"x": {text}}, Errors: map[string]string{}}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e6, 1e6).Draw(t, "number")
		if got := read(ExactDecimal(v)).Decimal("x"); got != v {
			t.Fatalf("%v became %v", v, got)
		}
		share := float64(rapid.IntRange(0, 1_000_000).Draw(t, "share")) / 1_000_000
		if got := read(PercentValue(share)).Share("x"); got != share {
			t.Fatalf("a share of %v became %v", share, got)
		}
		n := rapid.IntRange(0, 1<<31-1).Draw(t, "whole")
		if got := read(OrBlank(n)).Small("x"); got != n {
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
		if f.Decimal("x"); f.Errors["x"] == "" {
			t.Errorf("%q is read as a number", text)
		}
	}
}
