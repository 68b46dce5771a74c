package main

import (
	"strings"
	"time"
)

// Instants have one form and one length, so that they compare as strings.

const instantLayout = "2006-01-02T15:04:05.000Z"

var (
	instantForm = form{"an instant YYYY-MM-DDThh:mm:ss.sssZ", isInstant}
	dateForm    = form{"a date YYYY[-MM[-DD[Thh:mm:ss(Z|±hh:mm)]]]", isDate}
	spanForm    = form{"a date, or date/date", isSpan}
)

// instantOf is t in UTC, cut to milliseconds.
func instantOf(t time.Time) string {
	return t.UTC().Truncate(time.Millisecond).Format(instantLayout)
}

func isInstant(text string) bool {
	return matches(text, "dddd-dd-ddTdd:dd:dd.dddZ") && isReal("2006-01-02T15:04:05", text[:19])
}

func isSpan(text string) bool {
	first, last, two := strings.Cut(text, "/")
	return isDate(first) && (!two || isDate(last))
}

// isDate: each part must be real, and a year before 0001 is not.
func isDate(text string) bool {
	switch len(text) {
	case len("2006"):
		return matches(text, "dddd") && isReal("2006", text)
	case len("2006-01"):
		return matches(text, "dddd-dd") && isReal("2006-01", text)
	case len("2006-01-02"):
		return matches(text, "dddd-dd-dd") && isReal("2006-01-02", text)
	}
	const local = "2006-01-02T15:04:05"
	if len(text) < len(local) || !matches(text[:len(local)], "dddd-dd-ddTdd:dd:dd") || !isReal(local, text[:len(local)]) {
		return false
	}
	return isZone(text[len(local):])
}

func isZone(text string) bool {
	if text == "Z" {
		return true
	}
	return (matches(text, "+dd:dd") || matches(text, "-dd:dd")) && text[1:3] <= "23" && text[4:] <= "59"
}

// matches: the text has the pattern's characters, and a digit where the pattern has d.
func matches(text, pattern string) bool {
	if len(text) != len(pattern) {
		return false
	}
	for i := range len(text) {
		isDigit := '0' <= text[i] && text[i] <= '9'
		if pattern[i] == 'd' && !isDigit || pattern[i] != 'd' && pattern[i] != text[i] {
			return false
		}
	}
	return true
}

func isReal(layout, text string) bool {
	t, err := time.Parse(layout, text)
	return err == nil && t.Year() >= 1
}
