package campaignops

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries the signature of a message between house and provider.
const SignatureHeader = "Milkrun-Signature"

// maxSkew is how old or how far ahead a signed message may be: an old one that was caught cannot be sent again later.
const maxSkew = 5 * time.Minute

// ErrSignature refuses a message that is not signed by the secret, or whose signature is too old.
var ErrSignature = errors.New("campaignops: the message's signature is missing, wrong or too old")

// Sign gives the signature of a message: "t=<unix seconds>,v1=<hex of HMAC-SHA-256(secret, "<t>." + body)>".
func Sign(secret, body []byte, now time.Time) string {
	t := strconv.FormatInt(now.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(secret, body, t))
}

func mac(secret, body []byte, t string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(t + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Proves tells by ErrSignature that a message was not signed by the secret within five minutes of now.
func Proves(secret, body []byte, signature string, now time.Time) error {
	if len(secret) == 0 {
		return fmt.Errorf("%w: no secret is set", ErrSignature)
	}
	var t, v string
	for part := range strings.SplitSeq(signature, ",") {
		k, x, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch k {
		case "t":
			t = x
		case "v1":
			v = x
		}
	}
	sec, err := strconv.ParseInt(t, 10, 64)
	got, hexErr := hex.DecodeString(v)
	if err != nil || hexErr != nil || !hmac.Equal(got, mac(secret, body, t)) {
		return ErrSignature
	}
	if at := time.Unix(sec, 0); now.Sub(at).Abs() > maxSkew {
		return fmt.Errorf("%w: signed at %s", ErrSignature, at.UTC().Format(time.RFC3339))
	}
	return nil
}

// Proves tells by ErrSignature that a message was not signed by the house's secret just now.
func (o *Ops) Proves(body []byte, signature string) error {
	return Proves(o.Secret, body, signature, o.Clock())
}
