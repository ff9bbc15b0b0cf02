package routing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"milkrun/routing"
)

func TestWindows(t *testing.T) {
	for text, want := range map[string]string{"": "[]", "06:00-10:00": "[[360 600]]", " 6:30–9:00，14：00~17:00 ": "[[390 540] [840 1020]]", "00:00-24:00": "[[0 1440]]"} {
		if w, err := routing.ParseWindows(text); err != nil || fmt.Sprint(w) != want {
			t.Errorf("%q: %v, %v", text, w, err)
		}
	}
	for _, bad := range []string{"6-10", "10:00-06:00", "06:00-10:00,09:00-12:00", "25:00-26:00", "06:61-07:00", "x", "06:00", "-1:00-2:00"} {
		if w, err := routing.ParseWindows(bad); !errors.Is(err, routing.ErrDock) {
			t.Errorf("%q: %v, %v", bad, w, err)
		}
	}
	d := routing.UsualDock(1)
	if w, err := routing.ParseWindows(d.Text()); err != nil || fmt.Sprint(w) != fmt.Sprint(d.Windows) {
		t.Errorf("%q is read as %v, %v", d.Text(), w, err)
	}
}

func FuzzParseWindows(f *testing.F) {
	f.Add("06:00-10:00, 14:00-17:00")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := routing.ParseWindows(text)
		if err != nil {
			return
		}
		last := -1
		for _, x := range w {
			if x[0] <= last || x[1] <= x[0] || x[1] > 24*60 {
				t.Errorf("%q: %v", text, w)
			}
			last = x[1]
		}
	})
}

func TestVansParticulars(t *testing.T) {
	good := routing.Van{Plate: "浙F 2K318", Grams: 1_500_000, Millilitre: 8_000_000, From: 300, Until: 1020}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for field, change := range map[string]func(*routing.Van){"plate": func(v *routing.Van) { v.Plate = " " }, "grams": func(v *routing.Van) { v.Grams = 0 },
		"litres": func(v *routing.Van) { v.Millilitre = -1 }, "shift": func(v *routing.Van) { v.From = v.Until }, "cost": func(v *routing.Van) { v.PerKm = -1 }} {
		v := good
		change(&v)
		var bad *routing.FormError
		if err := v.Check(); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestARunsSteps(t *testing.T) {
	six := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	at := func(m int) time.Time { return six.Add(time.Duration(m) * time.Minute) }
	r := routing.Run{Number: "V-1", State: routing.RunPlanned, Leaves: at(0), Back: at(180), Stops: []routing.RunStop{
		{No: 1, Arrive: at(50), Begin: at(60), Leave: at(75)}, {No: 2, Arrive: at(100), Begin: at(100), Leave: at(120)}}}
	if err := r.Depart(at(5)); !errors.Is(err, routing.ErrState) {
		t.Errorf("left before it was released: %v", err)
	}
	if err := r.Release(); err != nil {
		t.Fatal(err)
	}
	// 25 minutes late: ten are made good where the dock was not open yet.
	if err := r.Depart(at(25)); err != nil || !r.Stops[0].Begin.Equal(at(75)) || !r.Stops[1].Arrive.Equal(at(115)) || !r.Back.Equal(at(195)) {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := r.Withdraw(); !errors.Is(err, routing.ErrState) {
		t.Errorf("withdrawn on the road: %v", err)
	}
	if err := r.Unload(1, at(90)); err != nil || r.State != routing.RunOut {
		t.Error(r.State, err)
	}
	if err := r.Unload(1, at(91)); !errors.Is(err, routing.ErrState) {
		t.Errorf("unloaded twice: %v", err)
	}
	if err := r.Unload(2, at(130)); err != nil || r.State != routing.RunDone {
		t.Error(r.State, err)
	}
}
