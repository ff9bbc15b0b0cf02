package console

import (
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/web/ui/kittest"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Messages whose ids are put together by the policy's page are all written.
func TestPolicyWordsAreWritten(t *testing.T) {
	have := kittest.MessageIDs(t, "../ui/words", "policy.zh.toml", "status.zh.toml", "shell.zh.toml", "products.zh.toml")
	need := func(id string) {
		t.Helper()
		if !slices.Contains(have, id) {
			t.Errorf("%s is in no message file", id)
		}
	}
	for _, m := range []replenishment.Measure{replenishment.CycleService, replenishment.FillRate} {
		need("measure." + string(m))
	}
	for _, name := range presetNames() {
		need("policy.preset_" + name)
		need("policy.preset_" + name + "_hint")
		if err := presets[name]().Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, s := range everySetting() {
		for _, suffix := range []string{"", "_hint"} {
			name := strings.ReplaceAll(s.Name, ".", "_")
			switch {
			case strings.HasPrefix(name, "review_days"):
				name = "review_days"
			case strings.HasPrefix(name, "shelf_service"), strings.HasPrefix(name, "lonely_service"):
				need("policy." + name[:strings.Index(name, "_service")] + "_service")
				continue
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
		want := x.get(&a) + 1
		if x.Kind == yesOrNo {
			want = 1 - x.get(&a)
		}
		x.set(&a, want)
		if reflect.DeepEqual(a, b) || x.get(&a) != want {
			t.Errorf("%s sets nothing", x.Name)
		}
		for _, y := range everySetting() {
			if y.Name != x.Name && y.get(&a) != y.get(&b) {
				t.Errorf("%s sets %s too", x.Name, y.Name)
			}
		}
		count++
	}
	full := replenishment.DefaultSettings() // with an exception for each class
	for _, c := range replenishment.Classes() {
		full.ShelfService[c], full.LonelyService[c] = 0.9, 0.9
	}
	if want := leaves(reflect.ValueOf(full)) - 1; count != want { // all but the measure, which is a choice
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
