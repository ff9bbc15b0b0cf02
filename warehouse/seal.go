package warehouse

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Refusals of the seal.
var (
	// ErrSealKey is the answer to data that none of the house's keys opens.
	ErrSealKey = errors.New("warehouse: sealed under a key that this house does not have, or damaged")
	// ErrBadKey refuses a key that is not 32 bytes in base64.
	ErrBadKey = errors.New("warehouse: a seal key is 32 bytes in base64")
)

const (
	keyBytes   = 32
	keyIDBytes = 4
	fieldBytes = 8
)

// Seal encrypts consignees with AES-256-GCM and fingerprints the content of orders with HMAC-SHA-256. The first key seals;
// all of them open: a new key is put in front of the old ones, which are needed for as long as their orders are.
type Seal struct{ keys []sealKey }

type sealKey struct {
	id   [keyIDBytes]byte
	aead cipher.AEAD
	mac  []byte
}

// NewSealKey gives a random key in base64.
func NewSealKey() (string, error) {
	var b [keyBytes]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("warehouse: make a seal key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(b[:]), nil
}

// ParseSeal reads keys in base64, separated by commas or white space, the one in force first.
func ParseSeal(text string) (*Seal, error) {
	var s Seal
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		raw, err := base64.StdEncoding.DecodeString(part)
		if err != nil || len(raw) != keyBytes {
			return nil, ErrBadKey
		}
		k, err := newKey(raw)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, k)
	}
	if len(s.keys) == 0 {
		return nil, ErrBadKey
	}
	return &s, nil
}

// newKey derives one key for each use from the secret, so that neither use helps to break the other.
func newKey(secret []byte) (sealKey, error) {
	var k sealKey
	block, err := aes.NewCipher(derive(secret, "milkrun consignee seal"))
	if err != nil {
		return k, fmt.Errorf("warehouse: seal key: %w", err)
	}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return k, fmt.Errorf("warehouse: seal key: %w", err)
	}
	k.mac = derive(secret, "milkrun order content")
	copy(k.id[:], derive(secret, "milkrun key id"))
	return k, nil
}

func derive(secret []byte, use string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(use))
	return h.Sum(nil)
}

// Close encrypts the consignee of the order: key id (4 bytes), nonce (12), ciphertext and tag. The channel and the number are
// bound to it, so that it opens as that order's only.
func (s *Seal) Close(channel, number string, c Consignee) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("warehouse: seal: %w", err)
	}
	k := s.keys[0]
	out := make([]byte, keyIDBytes+k.aead.NonceSize(), keyIDBytes+k.aead.NonceSize()+len(plain)+k.aead.Overhead())
	copy(out, k.id[:])
	if _, err := rand.Read(out[keyIDBytes:]); err != nil {
		return nil, fmt.Errorf("warehouse: seal: %w", err)
	}
	return k.aead.Seal(out, out[keyIDBytes:], plain, bound(channel, number)), nil
}

// Open decrypts what Close made for the same channel and number.
func (s *Seal) Open(channel, number string, sealed []byte) (c Consignee, err error) {
	k, ok := s.key(sealed)
	if !ok || len(sealed) < keyIDBytes+k.aead.NonceSize() {
		return c, ErrSealKey
	}
	body := sealed[keyIDBytes:]
	plain, err := k.aead.Open(nil, body[:k.aead.NonceSize()], body[k.aead.NonceSize():], bound(channel, number))
	if err != nil {
		return c, ErrSealKey
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return c, ErrSealKey
	}
	return c, nil
}

// Current tells whether the data are sealed under the key in force.
func (s *Seal) Current(sealed []byte) bool {
	return len(sealed) >= keyIDBytes && string(sealed[:keyIDBytes]) == string(s.keys[0].id[:])
}

func (s *Seal) key(by []byte) (sealKey, bool) {
	for _, k := range s.keys {
		if len(by) >= keyIDBytes && string(by[:keyIDBytes]) == string(k.id[:]) {
			return k, true
		}
	}
	return sealKey{}, false
}

func bound(channel, number string) []byte { return []byte(channel + "\x00" + number) }

// Prints are the content of an order field by field, as keyed fingerprints: the same order sent again is known by them, and of
// another one they tell which field differs, also when the data themselves have been erased.
type Prints []byte

// contentFields name what Prints tells apart before the lines.
var contentFields = [...]string{"placed_at", "promise", "priority", "note", "consignee/name", "consignee/phone", "consignee/address", "consignee/location", "lines"}

// Print fingerprints the draft under the key in force.
func (s *Seal) Print(d OutboundDraft) Prints { return s.keys[0].print(d) }

func (k sealKey) print(d OutboundDraft) Prints {
	var placed, at int64
	if !d.PlacedAt.IsZero() {
		placed = d.PlacedAt.UnixMicro()
	}
	if !d.PromiseAt.IsZero() {
		at = d.PromiseAt.UnixMicro()
	}
	lot := ""
	if d.LotDay != nil {
		lot = d.LotDay.String()
	}
	c := d.Consignee
	location := ""
	if c.Lat != nil && c.Lon != nil {
		location = fmt.Sprintf("%.7f,%.7f", *c.Lat, *c.Lon)
	}
	out := make(Prints, 0, keyIDBytes+fieldBytes*(len(contentFields)+len(d.Lines)))
	out = append(out, k.id[:]...)
	for i, v := range []string{fmt.Sprint(placed), fmt.Sprintf("%s %d %s", d.Promise, at, lot), fmt.Sprint(d.Priority), d.Note, c.Name, c.Phone,
		strings.Join([]string{c.Province, c.City, c.District, c.Street}, "\x00"), location, fmt.Sprint(len(d.Lines))} {
		out = k.field(out, i, v)
	}
	for i, l := range d.Lines {
		out = k.field(out, len(contentFields)+i, fmt.Sprintf("%s\x00%d\x00%d\x00%d", l.SKU, l.Pieces, l.Amount, l.MinRemainingDays))
	}
	return out
}

func (k sealKey) field(out Prints, no int, v string) Prints {
	h := hmac.New(sha256.New, k.mac)
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(no))
	h.Write(n[:])
	h.Write([]byte(v))
	return append(out, h.Sum(nil)[:fieldBytes]...)
}

// Differ names the fields in which the draft is not what was stored under prints: none for the same order sent again. Erased
// fields differ from nothing.
func (s *Seal) Differ(stored Prints, d OutboundDraft) ([]string, error) {
	k, ok := s.key(stored)
	if !ok {
		return nil, ErrSealKey
	}
	have, want := stored[keyIDBytes:], k.print(d)[keyIDBytes:]
	var out []string
	for i := 0; i*fieldBytes < max(len(have), len(want)); i++ {
		if a, b := have.at(i), want.at(i); a != b && a != erasedField {
			out = append(out, fieldName(i))
		}
	}
	return out, nil
}

// Erase forgets the fingerprints of the consignee's fields.
func (p Prints) Erase() Prints {
	out := append(Prints(nil), p...)
	for i := 4; i <= 7; i++ {
		if at := keyIDBytes + i*fieldBytes; at+fieldBytes <= len(out) {
			copy(out[at:at+fieldBytes], erasedField)
		}
	}
	return out
}

var erasedField = string(make([]byte, fieldBytes))

func (p Prints) at(i int) string {
	if (i+1)*fieldBytes > len(p) {
		return ""
	}
	return string(p[i*fieldBytes : (i+1)*fieldBytes])
}

func fieldName(i int) string {
	if i < len(contentFields) {
		return contentFields[i]
	}
	return fmt.Sprintf("lines/%d", i-len(contentFields))
}

// KeyID names the key in force: the first bytes of all that it seals.
func (s *Seal) KeyID() []byte { return append([]byte(nil), s.keys[0].id[:]...) }
