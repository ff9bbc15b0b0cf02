// Package access says who may do what: users, roles, permissions, and the sites or the supplier they may touch.
// It knows neither SQL nor HTTP.
package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"milkrun/internal/catalog"
)

// Refusals of a verb. web maps them to status and words.
var (
	ErrSignedOut = errors.New("access: not signed in")
	ErrForbidden = errors.New("access: not allowed")
	ErrPassword  = errors.New("access: login or password is wrong")
	ErrInactive  = errors.New("access: the account is switched off")
	ErrWeak      = errors.New("access: the password is too short or too common")
	ErrTaken     = errors.New("access: the login is already in use")
	ErrLastAdmin = errors.New("access: the last administrator cannot be removed")
)

// ID identifies an account. 0 is the system itself (jobs, command line).
type ID int64

// Role is the job a user does in the house.
type Role string

// The roles of the house.
const (
	Buyer      Role = "buyer"
	Planner    Role = "planner"
	Warehouse  Role = "warehouse"
	Lead       Role = "lead"
	Supplier   Role = "supplier"
	Courier    Role = "courier"
	Integrator Role = "integrator"
	Admin      Role = "admin"
	// System is the house itself: jobs and the command line. No account has it.
	System Role = "system"
)

// Roles lists every role that an account can have.
func Roles() []Role {
	return []Role{Buyer, Planner, Warehouse, Lead, Supplier, Courier, Integrator, Admin}
}

// User is who acts: a person in the console or portal, a system with an API key, or the house itself.
type User struct {
	ID    ID
	Login string
	Name  string
	Role  Role
	// Sites bounds the user to these sites; empty means every site.
	Sites []catalog.SiteID
	// Supplier bounds a user of the role Supplier to that supplier; 0 for everybody else.
	Supplier catalog.SupplierID
	// Language is "zh" or "en".
	Language string
	// Theme is "light", "dark" or "" for the system's choice.
	Theme string
	// KeysOff is true when the user has switched the console's single-key shortcuts off.
	KeysOff bool
	// PasswordAt is when the password was last set; zero without one. What signed in before is signed out.
	PasswordAt time.Time
}

// TheSystem is the actor of jobs and of the command line.
func TheSystem() User { return User{Login: "system", Name: "Milkrun", Role: System, Language: "zh"} }

// MayTouchSite tells whether the user's bounds include the site.
func (u User) MayTouchSite(id catalog.SiteID) bool {
	return len(u.Sites) == 0 || slices.Contains(u.Sites, id)
}

// MayTouchSupplier tells whether the user's bounds include the supplier.
func (u User) MayTouchSupplier(id catalog.SupplierID) bool {
	return u.Role != Supplier || (u.Supplier != 0 && u.Supplier == id)
}

type userKey struct{}

// WithUser gives a context in which u acts.
func WithUser(ctx context.Context, u User) context.Context {
	return context.WithValue(ctx, userKey{}, u)
}

// FromContext gives who acts, and false when nobody has signed in.
func FromContext(ctx context.Context) (User, bool) {
	u, ok := ctx.Value(userKey{}).(User)
	return u, ok
}

// Require gives the acting user when it holds the permission: ErrSignedOut or ErrForbidden otherwise.
// Every verb of the `*ops` packages calls it first.
func Require(ctx context.Context, p Permission) (User, error) {
	u, ok := FromContext(ctx)
	if !ok {
		return User{}, ErrSignedOut
	}
	if !Can(u, p) {
		return u, fmt.Errorf("%w: %s needs %s", ErrForbidden, u.Role, p)
	}
	return u, nil
}

// RequireAny gives the acting user when it holds one of the permissions: ErrSignedOut or ErrForbidden otherwise.
func RequireAny(ctx context.Context, all ...Permission) (User, error) {
	u, ok := FromContext(ctx)
	if !ok {
		return User{}, ErrSignedOut
	}
	if !slices.ContainsFunc(all, func(p Permission) bool { return Can(u, p) }) {
		return u, fmt.Errorf("%w: %s needs one of %v", ErrForbidden, u.Role, all)
	}
	return u, nil
}
