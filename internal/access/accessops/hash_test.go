package accessops

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

// The reference program of the Argon2 project (phc-winner-argon2, test.c, argon2id v=19): password "password", salt
// "somesalt".
func TestHashAgreesWithTheReference(t *testing.T) {
	h := newHasher(Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	for _, c := range []struct {
		head string
		hex  string
	}{
		{"$argon2id$v=19$m=65536,t=2,p=1$", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
		{"$argon2id$v=19$m=256,t=2,p=1$", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
		{"$argon2id$v=19$m=256,t=2,p=2$", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
	} {
		sum, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		b64 := base64.RawStdEncoding
		stored := c.head + b64.EncodeToString([]byte("somesalt")) + "$" + b64.EncodeToString(sum)
		if ok, outdated, err := h.verify(t.Context(), "password", stored); !ok || !outdated || err != nil {
			t.Errorf("%s: %t, %t, %v", c.head, ok, outdated, err)
		}
		if ok, _, _ := h.verify(t.Context(), "Password", stored); ok {
			t.Errorf("%s takes another password", c.head)
		}
	}
}

func TestHashRoundTrip(t *testing.T) {
	h := newHasher(Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	a, err := h.hash(t.Context(), "牛奶")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := h.hash(t.Context(), "牛奶")
	if a == b {
		t.Error("two hashes share a salt")
	}
	if ok, outdated, err := h.verify(t.Context(), "牛奶", a); !ok || outdated || err != nil {
		t.Errorf("%t, %t, %v", ok, outdated, err)
	}
	if ok, _, err := h.verify(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no password opens: %t, %v", ok, err)
	}
}

func TestBadPHCStrings(t *testing.T) {
	good := "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43)
	if _, _, _, err := parsePHC(good); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"", "x", "$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA", strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=64", "m=99999999", 1), strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=999", 1), strings.Replace(good, "c29tZXNhbHQ", "!!", 1), good[:len(good)-40],
	} {
		if _, _, _, err := parsePHC(s); !errors.Is(err, errPHC) {
			t.Errorf("%q taken", s)
		}
	}
}

// A third password waits for its turn, and no longer than its caller.
func TestHashesWaitForTheirTurn(t *testing.T) {
	h := newHasher(Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	for range maxHashes {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	<-h.slots
	if _, err := h.hash(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, sum, err := parsePHC(s)
		if err == nil && (c.MemoryKiB == 0 || c.MemoryKiB > 1<<20 || len(salt) == 0 || len(sum) == 0) {
			t.Errorf("%q: %+v", s, c)
		}
	})
}
