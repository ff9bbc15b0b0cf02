package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"milkrun/internal/access"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/web/console"
)

// UserCmd manages accounts.
type UserCmd struct {
	Add  UserAddCmd  `cmd:"" help:"Add an account; the password is asked for, or read from the standard input."`
	List UserListCmd `cmd:"" help:"List the accounts."`
	// Badge lets a worker sign in at a handheld by one scan.
	Badge UserBadgeCmd `cmd:"" help:"Make a badge by which a worker signs in at a handheld; an older one ends."`
}

// UserAddCmd adds an account.
type UserAddCmd struct {
	Login    string   `arg:"" help:"What the user types to sign in."`
	Role     string   `help:"buyer, planner, warehouse, lead, supplier, courier, integrator or admin." required:""`
	Name     string   `help:"Name shown on the pages; the login by default."`
	Sites    []string `help:"Codes of the sites the user may touch; every site by default."`
	Supplier string   `help:"Code of the supplier, for the role supplier."`
	Language string   `help:"zh or en." default:"zh" enum:"zh,en"`
	Key      bool     `help:"Also make an API key and print it."`
}

// Run adds the account.
func (c *UserAddCmd) Run(ctx context.Context, cfg *Config) error {
	if !slices.Contains(access.Roles(), access.Role(c.Role)) {
		return fmt.Errorf("--role %q: want one of %v", c.Role, access.Roles())
	}
	password, err := askPassword()
	if err != nil {
		return err
	}
	if err := access.CheckPassword(access.CleanLogin(c.Login), password); err != nil {
		return err
	}
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	key, err := h.addUser(h.asSystem(ctx), demo.User{Login: c.Login, Name: c.Name, Role: access.Role(c.Role), Sites: c.Sites, Supplier: c.Supplier,
		Language: c.Language, Key: c.Key}, password)
	if err != nil {
		return err
	}
	fmt.Printf("%s may sign in.\n", c.Login)
	if key != "" {
		fmt.Printf("API key (shown once): %s\n", key)
	}
	return nil
}

// askPassword reads a password from the terminal without showing it, or a line of the standard input.
func askPassword() (string, error) {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, "Password: ")
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		return string(b), err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.Join(errors.New("no password on the standard input"), err)
	}
	return line, nil
}

// addUser adds an account whose sites and supplier are named by code, and gives its API key if it is to have one.
func (h *house) addUser(ctx context.Context, d demo.User, password string) (string, error) {
	u := access.User{Login: d.Login, Name: d.Name, Role: d.Role, Language: d.Language}
	if u.Name == "" {
		u.Name = d.Login
	}
	sites, err := catalogdb.SiteCodes(ctx, h.db.Pool, d.Sites)
	if err != nil {
		return "", err
	}
	for _, code := range d.Sites {
		id, ok := sites[code]
		if !ok {
			return "", fmt.Errorf("site %q is not in the catalog", code)
		}
		u.Sites = append(u.Sites, id)
	}
	if d.Supplier != "" {
		suppliers, err := catalogdb.SupplierCodes(ctx, h.db.Pool, []string{d.Supplier})
		if err != nil {
			return "", err
		}
		id, ok := suppliers[d.Supplier]
		if !ok {
			return "", fmt.Errorf("supplier %q is not in the catalog", d.Supplier)
		}
		u.Supplier = id
	}
	a, err := h.Access.AddUser(ctx, u, password)
	if err != nil {
		return "", fmt.Errorf("add %s: %w", d.Login, err)
	}
	if !d.Key {
		return "", nil
	}
	key, _, err := h.Access.AddKey(ctx, a.ID, "first key")
	return key, err
}

// UserListCmd lists the accounts.
type UserListCmd struct{}

// Run lists the accounts.
func (c *UserListCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.Access.Users(h.asSystem(ctx))
	if err != nil {
		return err
	}
	for _, a := range all {
		state := "active"
		if !a.Active {
			state = "off"
		}
		fmt.Printf("%-20s %-12s %-7s %s\n", a.Login, a.Role, state, a.Name)
	}
	return nil
}

func (h *house) accounts(ctx context.Context) (int, error) {
	all, err := h.Access.Users(h.asSystem(ctx))
	return len(all), err
}

// demoLogins lists the demo's accounts when this house was loaded as one: the buyer of the demo still has the demo's password.
func (h *house) demoLogins(ctx context.Context) []console.DemoLogin {
	if !h.isDemo(ctx) {
		return nil
	}
	all, err := h.Access.Users(h.asSystem(ctx))
	if err != nil {
		return nil
	}
	var out []console.DemoLogin
	for _, u := range demo.Users() {
		for _, a := range all {
			if a.Login == u.Login && a.Active {
				out = append(out, console.DemoLogin{Login: u.Login, Role: u.Role})
			}
		}
	}
	return out
}

func (h *house) userByLogin(ctx context.Context, login string) (access.User, error) {
	return h.Access.UserByLogin(ctx, login)
}
