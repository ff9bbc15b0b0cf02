package access

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheckPassword(t *testing.T) {
	for _, p := range []string{"correct horse", "牛奶要温的才好喝真的", "xT9#bbqLr2", "milkrun is our house", "14 teethers on a raft"} {
		if err := CheckPassword("zhoumin", p); err != nil {
			t.Errorf("%q refused: %v", p, err)
		}
	}
	for p, reason := range map[string]string{
		"": "short", "Abc1!def": "short", strings.Repeat("a1b", 100): "long", "my-ZhouMin-pass": "login", "milkrun2026": "login",
		"aaaaaaaaaaaa": "common", "1234567890": "common", "9876543210": "common", "qwertyuiop": "common", "Password123!": "common",
		"1qaz2wsx3edc": "common", "19900101520": "common", "woaini1314520": "common", "testtesttest": "common", "ababababab": "common",
	} {
		err := CheckPassword("zhoumin", p)
		var weak *WeakError
		if !errors.As(err, &weak) || !errors.Is(err, ErrWeak) || weak.Reason != reason {
			t.Errorf("%q: want %s, got %v", p, reason, err)
		}
	}
}

func TestLogins(t *testing.T) {
	for _, l := range []string{"zhoumin", "周敏", "a.b-c_d@e.example", CleanLogin("  ZhouMin ")} {
		if err := CheckLogin(l); err != nil {
			t.Errorf("%q refused: %v", l, err)
		}
	}
	for _, l := range []string{"", "a", "a b", "a\x00b", strings.Repeat("x", 65), "system", "a/b", "\xff\xfe"} {
		if err := CheckLogin(l); !errors.Is(err, ErrLogin) {
			t.Errorf("%q taken", l)
		}
	}
}

func TestUserValidate(t *testing.T) {
	good := User{Login: "zhoumin", Name: "周敏", Role: Buyer, Language: "zh"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*User){
		"name": func(u *User) { u.Name = " " }, "role": func(u *User) { u.Role = System }, "supplier": func(u *User) { u.Supplier = 3 },
		"language": func(u *User) { u.Language = "de" }, "theme": func(u *User) { u.Theme = "blue" },
	} {
		u := good
		spoil(&u)
		var bad *AccountError
		if err := u.Validate(); !errors.As(err, &bad) || bad.Field != field || !errors.Is(err, ErrAccount) {
			t.Errorf("%s: %v", field, err)
		}
	}
	u := good
	if u.Role = Supplier; u.Validate() == nil {
		t.Error("a supplier's user without a supplier")
	}
}

func TestWaitRoundsUp(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]int{time.Second: 1, time.Minute: 1, 61 * time.Second: 2, 15 * time.Minute: 15, -time.Hour: 1} {
		if got := (&WaitError{Until: now.Add(d), Now: now}).WaitMinutes(); got != want {
			t.Errorf("%s: %d", d, got)
		}
	}
}
