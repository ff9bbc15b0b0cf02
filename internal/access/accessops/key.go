package accessops

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/access/accessdb"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
)

// keyMark is what every API key begins with, so that a leaked one can be found by searching for it.
const keyMark = "mk_"

const (
	prefixBytes = 5  // 8 characters
	secretBytes = 25 // 40 characters, 200 bits
)

var keyText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newKey gives an API key in clear, the part of it that may be shown, and the hash to be stored. 200 random bits need no slow
// hash.
func newKey() (key, prefix string, hash []byte, err error) {
	raw := make([]byte, prefixBytes+secretBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", "", nil, fmt.Errorf("accessops: make an API key: %w", err)
	}
	prefix = keyMark + keyText.EncodeToString(raw[:prefixBytes])
	key = prefix + "_" + keyText.EncodeToString(raw[prefixBytes:])
	return key, prefix, keyHash(key), nil
}

func keyHash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// UserByKey gives the account of an API key: access.ErrSignedOut when no key in use is that one, access.ErrInactive when the
// account is switched off.
func (o *Ops) UserByKey(ctx context.Context, key string) (access.User, error) {
	if !strings.HasPrefix(key, keyMark) || len(key) > 100 {
		return access.User{}, access.ErrSignedOut
	}
	hash := keyHash(key)
	u, err := open(accessdb.ByKey(ctx, o.Pool, hash))
	if err != nil {
		return u, err
	}
	return u, accessdb.UseKey(ctx, o.Pool, hash, o.Clock())
}

// Keys gives the API keys of an account, of all accounts for 0; revoked ones last. Everybody sees the own ones.
func (o *Ops) Keys(ctx context.Context, account access.ID) ([]access.Key, error) {
	if err := mayManage(ctx, account); err != nil {
		return nil, err
	}
	return accessdb.Keys(ctx, o.Pool, account)
}

// mayManage lets administrators at everything, and API users at what is theirs.
func mayManage(ctx context.Context, account access.ID) error {
	u, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return err
	}
	if account != 0 && u.ID == account && mayUseAPI(u) {
		return nil
	}
	_, err = access.Require(ctx, access.ManageUsers)
	return err
}

// mayUseAPI tells whether there is anything in the API for a user: other systems push and read, suppliers look after their own accounts.
func mayUseAPI(u access.User) bool {
	return access.Can(u, access.PushData) || access.Can(u, access.ReadData) || access.Can(u, access.UsePortal)
}

// ErrKeyName refuses an API key without a name, or with one of more than 100 characters.
var ErrKeyName = errors.New("accessops: an API key needs a name of at most 100 characters")

// AddKey makes an API key for an account that may use the API and gives it in clear, this once. The name says where it is
// used. It answers access.ErrForbidden for an account without rights to the API.
func (o *Ops) AddKey(ctx context.Context, account access.ID, name string) (string, access.Key, error) {
	if err := mayManage(ctx, account); err != nil {
		return "", access.Key{}, err
	}
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 100 || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", access.Key{}, ErrKeyName
	}
	text, prefix, hash, err := newKey()
	if err != nil {
		return "", access.Key{}, err
	}
	k := access.Key{Account: account, Name: name, Prefix: prefix, CreatedAt: o.Clock()}
	err = o.inTx(ctx, func(tx pgx.Tx) error {
		owner, err := accessdb.Lock(ctx, tx, account)
		if err != nil {
			return known(account, err)
		}
		if !mayUseAPI(owner.User) {
			return fmt.Errorf("accessops: an API key for a %s: %w", owner.Role, access.ErrForbidden)
		}
		if k.ID, err = accessdb.InsertKey(ctx, tx, k, hash); err != nil {
			return err
		}
		return o.trace(ctx, tx, "key.add", account, nil, map[string]string{"name": name, "prefix": prefix})
	})
	if err != nil {
		return "", access.Key{}, err
	}
	return text, k, nil
}

// RevokeKey ends an API key for good. Ending it again changes nothing.
func (o *Ops) RevokeKey(ctx context.Context, id int64) error {
	if _, err := access.Require(ctx, access.SignedIn); err != nil {
		return err
	}
	return o.inTx(ctx, func(tx pgx.Tx) error {
		k, err := accessdb.LockKey(ctx, tx, id)
		if errors.Is(err, accessdb.ErrNone) {
			return fmt.Errorf("accessops: API key %d: %w", id, catalog.ErrUnknown)
		}
		if err != nil {
			return err
		}
		if err := mayManage(ctx, k.Account); err != nil || k.RevokedAt != nil {
			return err
		}
		if err := accessdb.RevokeKey(ctx, tx, id, o.Clock()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{
			Verb: "key.revoke", Thing: audit.Thing{Kind: "user", ID: strconv.FormatInt(int64(k.Account), 10)},
			Before: map[string]string{"name": k.Name, "prefix": k.Prefix},
		})
	})
}
