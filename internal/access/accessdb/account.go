// Package accessdb holds the SQL of accounts, failed sign-ins and API keys.
package accessdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// ErrNone is the answer where there is no such account or key.
var ErrNone = errors.New("accessdb: no such account or key")

// Stored is an account with its secret.
type Stored struct {
	access.Account
	Hash string // PHC string; empty when no password is set
}

type accountRow struct {
	ID                     access.ID
	Login, Name            string
	Role                   access.Role
	PasswordHash           string
	SupplierID             *catalog.SupplierID
	SupplierCode           *string
	SupplierZH, SupplierEN *string
	Sites                  []int32
	Language, Theme        string
	KeysOff, Active        bool
	Keys                   int
	CreatedAt              time.Time
	SignedInAt, PasswordAt *time.Time
	WaitUntil              *time.Time
	UpdatedAt              time.Time
}

func (r accountRow) stored() Stored {
	a := access.Account{
		User:   access.User{ID: r.ID, Login: r.Login, Name: r.Name, Role: r.Role, Language: r.Language, Theme: r.Theme, KeysOff: r.KeysOff},
		Active: r.Active, HasPassword: r.PasswordHash != "", Keys: r.Keys, CreatedAt: r.CreatedAt, SignedInAt: r.SignedInAt,
		WaitUntil: r.WaitUntil, UpdatedAt: r.UpdatedAt,
	}
	if r.PasswordAt != nil {
		a.PasswordAt = *r.PasswordAt
	}
	for _, s := range r.Sites {
		a.Sites = append(a.Sites, catalog.SiteID(s))
	}
	if r.SupplierID != nil {
		a.Supplier, a.SupplierCode = *r.SupplierID, *r.SupplierCode
		a.SupplierName = catalog.Name{ZH: *r.SupplierZH, EN: *r.SupplierEN}
	}
	return Stored{Account: a, Hash: r.PasswordHash}
}

const accountFields = `a.id, a.login, a.name, a.role, a.password_hash, a.supplier_id, s.code as supplier_code, s.name_zh as supplier_zh,
	s.name_en as supplier_en, array(select site_id from access.account_site x where x.account_id = a.id order by 1)::int[] as sites,
	a.language, a.theme, a.keys_off, a.active,
	(select count(*)::int from access.api_key k where k.account_id = a.id and k.revoked_at is null) as keys,
	a.created_at, a.signed_in_at, a.password_at, (select wait_until from access.attempt t where t.login = a.login) as wait_until, a.updated_at
	from access.account a left join catalog.supplier s on s.id = a.supplier_id`

const sqlAccounts = `select ` + accountFields + ` order by a.active desc, a.role, a.login`

// Accounts gives all accounts, those in use first.
func Accounts(ctx context.Context, q pgdb.Querier) ([]access.Account, error) {
	rows, err := collect(ctx, q, sqlAccounts)
	if err != nil {
		return nil, err
	}
	out := make([]access.Account, len(rows))
	for i, r := range rows {
		out[i] = r.stored().Account
	}
	return out, nil
}

const sqlAccount = `select ` + accountFields + ` where a.id = $1`

// ByID gives one account, ErrNone when there is none.
func ByID(ctx context.Context, q pgdb.Querier, id access.ID) (Stored, error) {
	return one(ctx, q, sqlAccount, id)
}

const sqlAccountLocked = `select ` + accountFields + ` where a.id = $1 for update of a`

// Lock gives one account and holds it to the end of the transaction.
func Lock(ctx context.Context, q pgdb.Querier, id access.ID) (Stored, error) {
	return one(ctx, q, sqlAccountLocked, id)
}

const sqlAccountByLogin = `select ` + accountFields + ` where a.login = $1`

// ByLogin gives one account by its login, ErrNone when there is none.
func ByLogin(ctx context.Context, q pgdb.Querier, login string) (Stored, error) {
	return one(ctx, q, sqlAccountByLogin, login)
}

const sqlAccountByKey = `select ` + accountFields + ` join access.api_key h on h.account_id = a.id where h.hash = $1 and h.revoked_at is null`

// ByKey gives the account of an API key by the hash of the key, ErrNone when there is none or it is revoked.
func ByKey(ctx context.Context, q pgdb.Querier, hash []byte) (Stored, error) {
	return one(ctx, q, sqlAccountByKey, hash)
}

func one(ctx context.Context, q pgdb.Querier, sql string, key any) (Stored, error) {
	rows, err := collect(ctx, q, sql, key)
	if err != nil {
		return Stored{}, err
	}
	if len(rows) == 0 {
		return Stored{}, ErrNone
	}
	return rows[0].stored(), nil
}

func collect(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]accountRow, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("accessdb: accounts: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[accountRow])
	if err != nil {
		return nil, fmt.Errorf("accessdb: accounts: %w", err)
	}
	return list, nil
}

const sqlInsertAccount = `insert into access.account (login, name, role, password_hash, supplier_id, language, theme, keys_off, active,
		created_at, updated_at, password_at)
	values ($1, $2, $3, $4, nullif($5::int, 0), $6, $7, $8, $9, $10::timestamptz, clock_timestamp(), case when $4 = '' then null else $10::timestamptz end)
	returning id`

// Insert makes an account and gives its id; access.ErrTaken when the login is in use.
func Insert(ctx context.Context, q pgdb.Querier, s Stored, now time.Time) (access.ID, error) {
	var id access.ID
	err := q.QueryRow(ctx, sqlInsertAccount, s.Login, s.Name, s.Role, s.Hash, s.Supplier, s.Language, s.Theme, s.KeysOff, s.Active, now).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("accessdb: add %s: %w", s.Login, refused(err))
	}
	return id, setSites(ctx, q, id, s.Sites)
}

const sqlUpdateAccount = `update access.account set login = $2, name = $3, role = $4, supplier_id = nullif($5::int, 0), language = $6, theme = $7,
	keys_off = $8, active = $9, updated_at = clock_timestamp() where id = $1`

// Update stores an account that is locked, all but its password.
func Update(ctx context.Context, q pgdb.Querier, a access.Account) error {
	_, err := q.Exec(ctx, sqlUpdateAccount, a.ID, a.Login, a.Name, a.Role, a.Supplier, a.Language, a.Theme, a.KeysOff, a.Active)
	if err != nil {
		return fmt.Errorf("accessdb: save %s: %w", a.Login, refused(err))
	}
	return setSites(ctx, q, a.ID, a.Sites)
}

const (
	sqlDropSites = `delete from access.account_site where account_id = $1 and site_id <> all($2::int[])`
	sqlAddSites  = `insert into access.account_site (account_id, site_id) select $1, x from unnest($2::int[]) x on conflict do nothing`
)

func setSites(ctx context.Context, q pgdb.Querier, id access.ID, sites []catalog.SiteID) error {
	list := make([]int32, len(sites))
	for i, s := range sites {
		list[i] = int32(s)
	}
	for _, sql := range []string{sqlDropSites, sqlAddSites} {
		if _, err := q.Exec(ctx, sql, id, list); err != nil {
			return fmt.Errorf("accessdb: sites of account %d: %w", id, refused(err))
		}
	}
	return nil
}

// refused turns a broken rule of the database into the refusal that it is.
func refused(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch {
	case pg.Code == pgerrcode.UniqueViolation && pg.ConstraintName == "account_login_key":
		return errors.Join(access.ErrTaken, err)
	case pg.Code == pgerrcode.ForeignKeyViolation && pg.ConstraintName == "account_supplier":
		return errors.Join(&access.AccountError{Field: "supplier"}, err)
	case pg.Code == pgerrcode.ForeignKeyViolation && pg.ConstraintName == "account_site_site":
		return errors.Join(&access.AccountError{Field: "sites"}, err)
	default:
		return err
	}
}

const sqlPrefer = `update access.account set language = $2, theme = $3, keys_off = $4, updated_at = clock_timestamp() where id = $1 and active`

// Prefer stores what a user has chosen, and tells whether there is such a user.
func Prefer(ctx context.Context, q pgdb.Querier, id access.ID, language, theme string, keysOff bool) (bool, error) {
	tag, err := q.Exec(ctx, sqlPrefer, id, language, theme, keysOff)
	if err != nil {
		return false, fmt.Errorf("accessdb: preferences: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

const sqlSetPassword = `update access.account set password_hash = $2, password_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1`

// SetPassword stores a new password's PHC string and the moment of the change.
func SetPassword(ctx context.Context, q pgdb.Querier, id access.ID, hash string) error {
	if _, err := q.Exec(ctx, sqlSetPassword, id, hash); err != nil {
		return fmt.Errorf("accessdb: set password: %w", err)
	}
	return nil
}

const sqlRehash = `update access.account set password_hash = $3 where id = $1 and password_hash = $2`

// Rehash replaces the hash of an unchanged password by one of other parameters.
func Rehash(ctx context.Context, q pgdb.Querier, id access.ID, old, hash string) error {
	if _, err := q.Exec(ctx, sqlRehash, id, old, hash); err != nil {
		return fmt.Errorf("accessdb: rehash: %w", err)
	}
	return nil
}

const sqlLockAdmins = `select id from access.account where role = 'admin' and active order by id for update`

// LockAdmins gives the administrators in use and holds them to the end of the transaction.
func LockAdmins(ctx context.Context, q pgdb.Querier) ([]access.ID, error) {
	rows, err := q.Query(ctx, sqlLockAdmins)
	if err != nil {
		return nil, fmt.Errorf("accessdb: administrators: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[access.ID])
	if err != nil {
		return nil, fmt.Errorf("accessdb: administrators: %w", err)
	}
	return ids, nil
}
