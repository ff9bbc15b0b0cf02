package access

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"milkrun/internal/catalog"
)

// Account is a user as administrators see it.
type Account struct {
	User
	Active bool
	// SupplierCode and SupplierName name the user's supplier, if it has one.
	SupplierCode string
	SupplierName catalog.Name
	HasPassword  bool
	Keys         int // API keys in use
	CreatedAt    time.Time
	SignedInAt   *time.Time
	// WaitUntil is set while sign-ins under the login are refused for failures.
	WaitUntil *time.Time
	UpdatedAt time.Time // the version
}

// Key is an API key without its secret.
type Key struct {
	ID        int64
	Account   ID
	Name      string
	Prefix    string // what the key begins with, to tell keys apart
	CreatedAt time.Time
	UsedAt    *time.Time
	RevokedAt *time.Time
}

// WaitError refuses a sign-in after too many failures: the login is not answered before Until. It unwraps to ErrPassword.
type WaitError struct {
	Until time.Time
	Now   time.Time
}

// Error tells how long to wait.
func (e *WaitError) Error() string {
	return fmt.Sprintf("access: too many failures, wait %d minutes", e.WaitMinutes())
}

// Unwrap gives ErrPassword.
func (e *WaitError) Unwrap() error { return ErrPassword }

// WaitMinutes gives the minutes to wait, rounded up, at least 1.
func (e *WaitError) WaitMinutes() int {
	return max(1, int((e.Until.Sub(e.Now)+time.Minute-1)/time.Minute))
}

// Refusals of an account's data.
var (
	ErrLogin   = errors.New("access: a login has 2 to 64 letters, digits, dots, hyphens, underscores or @")
	ErrAccount = errors.New("access: the account's data do not go together")
)

// CleanLogin gives the form in which a login is kept: lower case, without space around it.
func CleanLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// CheckLogin answers ErrLogin for a login (after CleanLogin) that cannot be one.
func CheckLogin(login string) error {
	n := utf8.RuneCountInString(login)
	ok := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".-_@", r) }
	if n < 2 || n > 64 || !utf8.ValidString(login) || strings.ContainsFunc(login, func(r rune) bool { return !ok(r) }) || login == TheSystem().Login {
		return fmt.Errorf("%w: %q", ErrLogin, login)
	}
	return nil
}

// AccountError says which field of an account is wrong. It unwraps to ErrAccount.
type AccountError struct {
	Field string // "name", "role", "supplier", "sites", "language", "theme"
}

// Error names the field.
func (e *AccountError) Error() string { return ErrAccount.Error() + ": " + e.Field }

// Unwrap gives ErrAccount.
func (e *AccountError) Unwrap() error { return ErrAccount }

// Validate answers ErrLogin or *AccountError for a user that no account can hold.
func (u User) Validate() error {
	if err := CheckLogin(u.Login); err != nil {
		return err
	}
	known := false
	for _, r := range Roles() {
		known = known || r == u.Role
	}
	n := utf8.RuneCountInString(strings.TrimSpace(u.Name))
	switch {
	case n == 0 || n > 100 || strings.ContainsFunc(u.Name, unicode.IsControl):
		return &AccountError{Field: "name"}
	case !known:
		return &AccountError{Field: "role"}
	case (u.Role == Supplier) != (u.Supplier != 0):
		return &AccountError{Field: "supplier"}
	case u.Role == Supplier && len(u.Sites) > 0:
		return &AccountError{Field: "sites"}
	case u.Language != "zh" && u.Language != "en":
		return &AccountError{Field: "language"}
	case u.Theme != "" && u.Theme != "light" && u.Theme != "dark":
		return &AccountError{Field: "theme"}
	}
	return nil
}
