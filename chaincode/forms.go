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
	hex32Form  = form{"64 hex digits", func(text string) bool { return len(text) == 64 && isHex(text) }}
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

func isHex(text string) bool {
	return strings.Trim(text, hexDigits) == ""
}

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
		} else if strings.IndexByte(hexDigits, text[i]) < 0 {
			return false
		}
	}
	return true
}

// isDecimal: an integer from 0 to 2^53-1 without leading zeros.
func isDecimal(text string) bool {
	const largest = "9007199254740991"
	if text == "" || len(text) > len(largest) || strings.Trim(text, digits) != "" {
		return false
	}
	return (text == "0" || text[0] != '0') && (len(text) < len(largest) || text <= largest)
}

// digest is 32 octets of SHA-256 or SM3.
type digest [32]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// digestOf reads text that has hex32Form.
func digestOf(text string) digest {
	var d digest
	if _, err := hex.Decode(d[:], []byte(text)); err != nil {
		panic(err)
	}
	return d
}

func fromBase64(text string) ([]byte, bool) { return decode(base64.StdEncoding, text) }

func fromBase64URL(text string) ([]byte, bool) { return decode(base64.RawURLEncoding, text) }

// decode encodes again and compares: Go's decoder passes over line ends and, unless strict, over stray bits.
func decode(encoding *base64.Encoding, text string) ([]byte, bool) {
	octets, err := encoding.DecodeString(text)
	return octets, err == nil && encoding.EncodeToString(octets) == text
}
