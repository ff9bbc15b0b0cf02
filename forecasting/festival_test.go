package forecasting

import (
	"slices"
	"testing"

	"milkrun/internal/calendar"
)

// TestLunarFestivals checks dates against the holiday notices of the State Council for 2020–2025 and against the
// Gregorian–lunar conversion tables of the Hong Kong Observatory for 2027 and 2030, where others are a day off.
func TestLunarFestivals(t *testing.T) {
	for _, c := range []struct{ got, want calendar.Day }{
		{SpringFestival(2020), calendar.Date(2020, 1, 25)},
		{SpringFestival(2023), calendar.Date(2023, 1, 22)},
		{SpringFestival(2024), calendar.Date(2024, 2, 10)},
		{SpringFestival(2025), calendar.Date(2025, 1, 29)},
		{SpringFestival(2027), calendar.Date(2027, 2, 6)},
		{SpringFestival(2030), calendar.Date(2030, 2, 3)},
		{DragonBoat(2020), calendar.Date(2020, 6, 25)},
		{DragonBoat(2023), calendar.Date(2023, 6, 22)},
		{DragonBoat(2024), calendar.Date(2024, 6, 10)},
		{DragonBoat(2025), calendar.Date(2025, 5, 31)},
		{MidAutumn(2020), calendar.Date(2020, 10, 1)},
		{MidAutumn(2023), calendar.Date(2023, 9, 29)},
		{MidAutumn(2025), calendar.Date(2025, 10, 6)},
		{Qixi(2023), calendar.Date(2023, 8, 22)},
		{Qingming(2023), calendar.Date(2023, 4, 5)},
		{Qingming(2024), calendar.Date(2024, 4, 4)},
		{Qingming(2025), calendar.Date(2025, 4, 4)},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

// TestLunarYearsFit: twelve or thirteen months of 29.53 days lie between two Spring Festivals, and the later festivals
// keep their distance, with or without a leap month between.
func TestLunarYearsFit(t *testing.T) {
	for y := FirstFestivalYear; y <= LastFestivalYear; y++ {
		if y < LastFestivalYear {
			if n := SpringFestival(y + 1).Sub(SpringFestival(y)); n < 353 || n > 355 && n < 383 || n > 385 {
				t.Errorf("lunar year %d has %d days", y, n)
			}
		}
		month := func(name string, from, to calendar.Day, usual int) {
			if n := to.Sub(from); n < usual-2 || n > usual+32 || n > usual+2 && n < usual+27 {
				t.Errorf("%d: %d days to %s, want about %d or a month more", y, n, name, usual)
			}
		}
		month("Dragon Boat", SpringFestival(y), DragonBoat(y), 122)
		month("Qixi", DragonBoat(y), Qixi(y), 61)
		month("Mid-Autumn", Qixi(y), MidAutumn(y), 38)
	}
}

func TestChina(t *testing.T) {
	for day, want := range map[calendar.Day]string{
		calendar.Date(2026, 6, 18):  "618",
		calendar.Date(2026, 11, 11): "double11",
		calendar.Date(2025, 12, 12): "double12",
		calendar.Date(2025, 1, 29):  "cny",
		calendar.Date(2025, 1, 27):  "cny_eve",
		calendar.Date(2026, 6, 19):  "dragon_boat",
		calendar.Date(2026, 10, 3):  "national_day",
	} {
		var codes []string
		for _, id := range China().On(day) {
			codes = append(codes, China().Codes()[id])
		}
		if !slices.Contains(codes, want) {
			t.Errorf("%s is %v, want %s", day, codes, want)
		}
	}
	for _, day := range []calendar.Day{calendar.Date(2026, 8, 5), calendar.Date(1999, 11, 11), calendar.Date(2050, 6, 18)} {
		if ids := China().On(day); ids != nil {
			t.Errorf("%s is %v, want a plain day", day, ids)
		}
	}
	for _, code := range China().Codes() {
		if n := EventName(code); n.ZH == code && n.EN == code && code != "520" && code != "618" {
			t.Errorf("event %s has no name", code)
		}
	}
}

func TestCalendarOverlaps(t *testing.T) {
	d := calendar.Date(2024, 5, 1)
	c := NewCalendar([]Event{{"a", d, d.AddDays(2)}, {"b", d.AddDays(2), d.AddDays(3)}, {"a", d.AddDays(2), d.AddDays(2)}})
	if got := c.On(d.AddDays(2)); len(got) != 2 {
		t.Errorf("both events once, got %v", got)
	}
	if len(c.Codes()) != 2 || c.On(d.AddDays(4)) != nil || c.On(d.AddDays(-1)) != nil {
		t.Errorf("codes %v", c.Codes())
	}
	var none *Calendar
	if none.On(d) != nil || none.Codes() != nil || NewCalendar(nil).On(d) != nil {
		t.Error("an empty calendar has plain days only")
	}
}
