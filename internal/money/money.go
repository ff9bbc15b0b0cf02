// Package money holds amounts in fen, the hundredth of a yuan, as integers.
package money

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Fen is an amount of money in hundredths of a yuan.
type Fen int64

// ErrAmount is the refusal of a text that is not an amount in yuan with at most two decimals.
var ErrAmount = errors.New("money: not an amount in yuan with at most two decimals")

// ErrOverflow is the refusal of a product beyond the range of Fen.
var ErrOverflow = errors.New("money: amount out of range")

// Times gives the price of n pieces at f each. ErrOverflow when it leaves the range of Fen.
func (f Fen) Times(n int64) (Fen, error) {
	neg := (f < 0) != (n < 0)
	hi, lo := bits.Mul64(abs(int64(f)), abs(n))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if neg {
		return -Fen(lo), nil
	}
	return Fen(lo), nil
}

// Yuan gives the amount in plain yuan with two decimals and no separators: 1280 is "12.80".
func (f Fen) Yuan() string {
	s := strconv.FormatUint(abs(int64(f)), 10)
	if len(s) < 3 {
		s = "000"[:3-len(s)] + s
	}
	s = s[:len(s)-2] + "." + s[len(s)-2:]
	if f < 0 {
		s = "-" + s
	}
	return s
}

// ParseYuan reads plain yuan ("12.8", "-3", "0.05") and answers ErrAmount for anything else:
// separators and currency signs are the reader's concern.
func ParseYuan(s string) (Fen, error) {
	text, neg := strings.CutPrefix(s, "-")
	whole, part, dot := strings.Cut(text, ".")
	if whole == "" || (dot && part == "") || len(part) > 2 || len(whole) > 16 {
		return 0, ErrAmount
	}
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, ErrAmount
		}
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrAmount
	}
	if neg {
		n = -n
	}
	return Fen(n), nil
}

func abs(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}
