package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// encodeCanonical is the canonical JSON of a value made here.
func encodeCanonical(value any) string {
	var out strings.Builder
	writeCanonical(func(text string) { out.WriteString(text) }, value)
	return out.String()
}

// writeCanonical puts the parts of value's canonical JSON one after another.
func writeCanonical(put func(string), value any) {
	switch v := value.(type) {
	case string:
		writeString(put, v)
	case bool:
		put(strconv.FormatBool(v))
	case int64:
		put(strconv.FormatInt(v, 10))
	case []any:
		put("[")
		for i, element := range v {
			if i > 0 {
				put(",")
			}
			writeCanonical(put, element)
		}
		put("]")
	case jsonObject:
		sortMembers(v)
		put("{")
		for i, m := range v {
			if i > 0 {
				put(",")
			}
			writeString(put, m.name)
			put(":")
			writeCanonical(put, m.value)
		}
		put("}")
	default:
		panic(fmt.Sprintf("no canonical JSON for %T", value))
	}
}

func sortMembers(object jsonObject) {
	byName := func(a, b member) int { return compareNames(a.name, b.name) }
	if !slices.IsSortedFunc(object, byName) {
		slices.SortStableFunc(object, byName)
	}
}

// writeString escapes exactly what RFC 8785 section 3.2.2.2 escapes.
func writeString(put func(string), text string) {
	put(`"`)
	start := 0
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			put(text[start:i])
			put(escapeOf(c))
			start = i + 1
		}
	}
	put(text[start:])
	put(`"`)
}

func escapeOf(c byte) string {
	switch c {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\b':
		return `\b`
	case '\f':
		return `\f`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf(`\u%04x`, c)
}
