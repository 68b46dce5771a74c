package main

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// form is a text form of docs/formats.md; name stands in refusals as what was expected.
type form struct {
	name  string
	holds func(string) bool
}

const (
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits       = "0123456789"
	hexDigits    = digits + "abcdef"
)

var (
	uuidForm   = form{"a version 4 uuid", isUUID}
	hex32Form  = form{"64 hex digits", isHex32}
	codeForm   = form{"[a-z][a-z0-9_.-]{0,63}", isWord(lowerLetters, lowerLetters+digits+"_.-", 64)}
	fieldForm  = form{"[a-z][a-z0-9_.]{0,63}", isWord(lowerLetters, lowerLetters+digits+"_.", 64)}
	mspForm    = form{"[A-Za-z0-9.-]{1,64}", isWord(upperLetters+lowerLetters+digits+".-", upperLetters+lowerLetters+digits+".-", 64)}
	originForm = form{"[a-z0-9./-]{1,200}", isWord(lowerLetters+digits+"./-", lowerLetters+digits+"./-", 200)}
	mediaForm  = form{"[a-z0-9][a-z0-9.+/-]{0,99}", isWord(lowerLetters+digits, lowerLetters+digits+".+/-", 100)}
	anyText    = form{"text", func(string) bool { return true }}
	// sdForm is the base64url of a SHA-256 digest.
	sdForm = form{"base64url of 32 octets", func(text string) bool {
		octets, ok := fromBase64URL(text)
		return ok && len(octets) == 32
	}}
)

// isWord makes a check: one character of first, then characters of rest, at most longest in all.
func isWord(first, rest string, longest int) func(string) bool {
	var isFirst, isRest [256]bool
	for i := range len(first) {
		isFirst[first[i]] = true
	}
	for i := range len(rest) {
		isRest[rest[i]] = true
	}
	return func(text string) bool {
		if text == "" || len(text) > longest || !isFirst[text[0]] {
			return false
		}
		for i := 1; i < len(text); i++ {
			if !isRest[text[i]] {
				return false
			}
		}
		return true
	}
}

// nibbles: the value of a lower-case hex digit, or 255.
var nibbles = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
		if at := strings.IndexByte(hexDigits, byte(c)); at >= 0 {
			values[c] = byte(at)
		}
	}
	return values
}()

func isHex(text string) bool {
	for i := range len(text) {
		if nibbles[text[i]] == 255 {
			return false
		}
	}
	return true
}

func isHex32(text string) bool { return len(text) == 64 && isHex(text) }

// isUUID: RFC 9562 version 4, lower case.
func isUUID(text string) bool {
	if len(text) != 36 || text[14] != '4' || strings.IndexByte("89ab", text[19]) < 0 {
		return false
	}
	for i := range len(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return false
			}
		} else if nibbles[text[i]] == 255 {
			return false
		}
	}
	return true
}

// isDecimal: an integer from 0 to 2^53-1 without leading zeros.
func isDecimal(text string) bool {
	const largest = "9007199254740991"
	if text == "" || len(text) > len(largest) {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return (text == "0" || text[0] != '0') && (len(text) < len(largest) || text <= largest)
}

// digest is 32 octets of SHA-256 or SM3.
type digest [32]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// digestOf reads text that has hex32Form.
func digestOf(text string) digest {
	if !isHex32(text) {
		panic(text)
	}
	var d digest
	for i := range d {
		d[i] = nibbles[text[2*i]]<<4 | nibbles[text[2*i+1]]
	}
	return d
}

var strictBase64, strictBase64URL = base64.StdEncoding.Strict(), base64.RawURLEncoding.Strict()

func fromBase64(text string) ([]byte, bool) { return decode(strictBase64, text) }

func fromBase64URL(text string) ([]byte, bool) { return decode(strictBase64URL, text) }

// decode takes no stray bits, for the encodings are strict, and no line ends, which Go's decoder passes over.
func decode(encoding *base64.Encoding, text string) ([]byte, bool) {
	octets, err := encoding.DecodeString(text)
	return octets, err == nil && strings.IndexByte(text, '\n') < 0 && strings.IndexByte(text, '\r') < 0
}
