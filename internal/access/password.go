package access

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a password: characters at least, bytes at most.
const (
	MinPassword = 10
	MaxPassword = 256
)

// WeakError says why a password is refused. It unwraps to ErrWeak.
type WeakError struct {
	Reason string // "short", "long", "common", "login"
}

// Error gives the reason.
func (e *WeakError) Error() string { return ErrWeak.Error() + ": " + e.Reason }

// Unwrap gives ErrWeak.
func (e *WeakError) Unwrap() error { return ErrWeak }

// CheckPassword answers *WeakError for a password that is too short, too long, too common, or built from the login or the
// name of the house. No mixture of kinds of characters is asked for: NIST SP 800-63B, 5.1.1.2, advises against it.
func CheckPassword(login, password string) error {
	switch folded := strings.ToLower(password); {
	case utf8.RuneCountInString(password) < MinPassword:
		return &WeakError{Reason: "short"}
	case len(password) > MaxPassword:
		return &WeakError{Reason: "long"}
	case utf8.RuneCountInString(login) > 3 && strings.Contains(folded, login), strings.Contains(folded, "milkrun") && len(folded) < len("milkrun")+5:
		return &WeakError{Reason: "login"}
	case fewCharacters(folded) || isRun(folded) || common(folded):
		return &WeakError{Reason: "common"}
	}
	return nil
}

// fewCharacters finds passwords of one or two different characters.
func fewCharacters(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 3
}

// isRun finds passwords whose characters go up or down one by one, and pieces of keyboard rows.
func isRun(s string) bool {
	runes := []rune(s)
	up, down := true, true
	for i := 1; i < len(runes); i++ {
		d := runes[i] - runes[i-1]
		up = up && (d == 1 || d == -9)
		down = down && (d == -1 || d == 9)
	}
	if up || down {
		return true
	}
	for _, row := range []string{"qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1234567890qwertyuiop"} {
		if strings.Contains(row, s) {
			return true
		}
	}
	return false
}

// common finds what heads every list of leaked passwords: a common word with nothing but digits and marks around it.
func common(s string) bool {
	core := strings.Trim(s, "0123456789!@#$%^&*._-")
	if core == "" { // digits and marks alone: dates, telephone numbers, 5201314
		return true
	}
	for _, w := range []string{
		"password", "passw0rd", "p@ssword", "p@ssw0rd", "admin", "administrator", "root", "welcome", "letmein", "qwerty", "qwe", "asd",
		"abc", "aaa", "iloveyou", "woaini", "woaini1314", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "master",
		"superman", "batman", "changeme", "default", "secret", "test", "guest", "user", "login", "hello", "asdfgh", "zxcvbn", "qwertyuiop",
	} {
		if core == w || strings.ReplaceAll(s, w, "") == "" {
			return true
		}
	}
	return false
}
