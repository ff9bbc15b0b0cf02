package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is whom the server runs as. PostgreSQL refuses to be root, so a root
// program lends it another account; any other program runs it as itself.
type account struct {
	uid, gid int
	name     string
	lent     bool // differs from this process's own
}

// serverAccounts are the accounts a root program may lend, best first. nobody
// exists everywhere.
var serverAccounts = []string{"postgres", "_postgres", "nobody"}

func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid(), name: strconv.Itoa(os.Geteuid())}, nil
	}
	for _, name := range serverAccounts {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil && uid != 0 {
			return account{uid: int(uid), gid: int(gid), name: name, lent: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL cannot run as root and there is neither an account postgres nor nobody: run Milkrun as an ordinary user")
}

// ofExisting returns the account that a cluster at dataDir belongs to, where
// root may lend it: a cluster made by an ordinary user stays theirs.
func (a account) ofExisting(dataDir string) account {
	var st syscall.Stat_t
	if !a.lent || syscall.Stat(dataDir, &st) != nil || st.Uid == 0 || int(st.Uid) == a.uid {
		return a
	}
	return account{uid: int(st.Uid), gid: int(st.Gid), name: strconv.Itoa(int(st.Uid)), lent: true}
}

// credential is nil where the server runs as this process's own account.
func (a account) credential() *syscall.Credential {
	if !a.lent {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// give makes the account the owner of path.
func (a account) give(path string) error {
	if !a.lent {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// closedParent returns the first directory on the way to and including dir
// that the account may not enter, or "". It reads permission bits; access
// lists are not considered, and the server's own message tells of those.
func (a account) closedParent(dir string) (string, error) {
	if !a.lent {
		return "", nil
	}
	for _, d := range ancestors(dir) {
		var st syscall.Stat_t
		if err := syscall.Stat(d, &st); err != nil {
			return "", fmt.Errorf("look at %s: %w", d, err)
		}
		var bit uint32 = 0o001
		switch {
		case int(st.Uid) == a.uid:
			bit = 0o100
		case int(st.Gid) == a.gid:
			bit = 0o010
		}
		if uint32(st.Mode)&bit == 0 { //nolint:unconvert // it has 16 bits on macOS
			return d, nil
		}
	}
	return "", nil
}

// canEnter reports an error if the account may not enter dir.
func (a account) canEnter(dir string) error {
	closed, err := a.closedParent(dir)
	if err == nil && closed != "" {
		err = fmt.Errorf("%s cannot be entered by %s", closed, a.name)
	}
	return err
}

// ancestors lists an absolute path from the root down to itself.
func ancestors(dir string) []string {
	var list []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		list = append([]string{d}, list...)
		if d == filepath.Dir(d) {
			return list
		}
	}
}
