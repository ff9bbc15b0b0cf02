package campaign

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Channel is where the messages to members go: a shop's or community's own address.
type Channel struct {
	ID   int64
	Code string // of small letters, digits and hyphens
	Name string
	// Account is the API account whose pledges it is for; 0 for the pledges of all accounts that have no channel of their own.
	Account int64
	URL     string
	// Active lets messages go out; those of a channel that is not active wait.
	Active bool
	// Automatic releases the drafts of its members by themselves, without a buyer's word.
	Automatic bool
}

// Secrets that sign messages have at least MinSecret and at most MaxSecret characters.
const (
	MinSecret = 16
	MaxSecret = 200
)

// ErrChannel refuses a channel that cannot be; *ChannelError names the fields.
var ErrChannel = errors.New("campaign: the channel is not complete")

// ChannelError lists the faults of a channel by the field's name: "code", "name", "url", "secret", "account".
type ChannelError struct{ Faults []Fault }

func (e *ChannelError) Error() string { return fmt.Sprintf("%v: %v", ErrChannel, e.Faults) }

// Unwrap gives ErrChannel.
func (e *ChannelError) Unwrap() error { return ErrChannel }

var channelCode = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Check tells by *ChannelError everything that is wrong with a channel and its secret. An empty secret is one that stays as it is: the caller
// knows whether there is one.
func (c Channel) Check(secret string) error {
	var faults []Fault
	add := func(field string, w Word) { faults = append(faults, Fault{field, w}) }
	if !channelCode.MatchString(c.Code) {
		add("code", NotAChoice)
	}
	switch name := strings.TrimSpace(c.Name); {
	case name == "":
		add("name", Missing)
	case utf8.RuneCountInString(name) > 100:
		add("name", TooLong)
	}
	switch u, err := url.Parse(c.URL); {
	case c.URL == "":
		add("url", Missing)
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(c.URL) > 500:
		add("url", NotAChoice)
	}
	switch n := utf8.RuneCountInString(secret); {
	case n > MaxSecret:
		add("secret", TooLong)
	case n > 0 && n < MinSecret:
		add("secret", TooSmall)
	}
	if faults == nil {
		return nil
	}
	return &ChannelError{faults}
}

// Letter is a message to a member as a channel is told it. Key makes it happen once, however often it is told.
type Letter struct {
	Key      string
	Campaign string // its number
	At       time.Time
	Notice
}

// LetterKey gives the key of a message: the same while it is tried again, another when it is sent anew.
func LetterKey(id int64, again int) string {
	if again == 0 {
		return fmt.Sprintf("MM-%d", id)
	}
	return fmt.Sprintf("MM-%d-%d", id, again)
}
