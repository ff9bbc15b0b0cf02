package accessops

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is what one password costs to hash. The zero Cost is that of DefaultCost.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is 64 MiB in two passes over two lanes: above the least that the OWASP Password Storage Cheat Sheet asks of
// argon2id (19 MiB, two passes), and about 0.1 s on a small server.
func DefaultCost() Cost { return Cost{MemoryKiB: 64 << 10, Passes: 2, Lanes: 2} }

const (
	saltBytes = 16
	hashBytes = 32
)

// maxHashes is how many passwords are hashed at the same time: the rest waits, so that a flood of sign-ins costs time, not
// the machine's memory.
const maxHashes = 2

// hasher hashes and verifies passwords, a few at a time.
type hasher struct {
	cost  Cost
	slots chan struct{}
	// dummy is verified where there is no account, so that its answer takes as long.
	dummy string
}

func newHasher(c Cost) *hasher {
	if c == (Cost{}) {
		c = DefaultCost()
	}
	h := &hasher{cost: c, slots: make(chan struct{}, maxHashes)}
	zero := make([]byte, saltBytes)
	h.dummy = phc(c, zero, make([]byte, hashBytes))
	return h
}

// hash gives the PHC string of a password: $argon2id$v=19$m=65536,t=2,p=2$salt$hash.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("accessops: salt: %w", err)
	}
	sum, err := h.derive(ctx, password, salt, h.cost, hashBytes)
	if err != nil {
		return "", err
	}
	return phc(h.cost, salt, sum), nil
}

// verify tells whether the password is that of the PHC string, and whether the string is of another cost than is now asked
// for. An empty string is that of no password.
func (h *hasher) verify(ctx context.Context, password, stored string) (ok, outdated bool, err error) {
	known := stored != ""
	if !known {
		stored = h.dummy
	}
	cost, salt, want, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	sum, err := h.derive(ctx, password, salt, cost, len(want))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(sum, want) == 1 && known
	return ok, cost != h.cost || len(want) != hashBytes, nil
}

func (h *hasher) derive(ctx context.Context, password string, salt []byte, c Cost, n int) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("accessops: waiting to check a password: %w", ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, uint32(n)), nil
}

func phc(c Cost, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errPHC = errors.New("accessops: the stored password is not an argon2id PHC string")

func parsePHC(s string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(s, "$")
	var version int
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, errPHC
	}
	// A string from elsewhere must not make the machine work for hours.
	if c.MemoryKiB == 0 || c.MemoryKiB > 1<<20 || c.Passes == 0 || c.Passes > 16 || c.Lanes == 0 {
		return c, nil, nil, errPHC
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, errPHC
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) < 16 || len(sum) > 128 {
		return c, nil, nil, errPHC
	}
	return c, salt, sum, nil
}
