package main

import (
	"strings"
	"testing"
)

func inItem(number int, pairs ...any) func(*scene) {
	return func(s *scene) { setClaims(s.list().items[number], pairs) }
}

func itemText(change func(string) string) func(*scene) {
	return func(s *scene) {
		s.list().itemTexts = func(items []string) { items[1] = change(items[1]) }
	}
}

var itemFaults = []fault{
	{"over 65,536 bytes", codeItemSize, itemText(func(text string) string { return text + strings.Repeat(" ", longestItem+1-len(text)) })},
	{"not canonical", codeJSONNotCanonical, itemText(func(text string) string { return text + " " })},
	{"not JSON", codeJSONSyntax, itemText(func(string) string { return "item" })},
	{"no object", codeShapeType, itemText(func(string) string { return "[]" })},
	{"without a record", codeShapeMembers, inItem(1, "record", nil)},
	{"with an agent", codeShapeMembers, inItem(1, "agent", seedUUID("clerk"))},
	{"with an event", codeShapeMembers, inItem(1, "event", "capture")},
	{"record", codeShapeValue, inItem(1, "record", "1")},
	{"state", codeShapeValue, inItem(0, "state", "In store")},
	{"_sd without fields", codeSDCount, inItem(1, "fields", nil)},
	{"field of no file", codeSDFile, inItem(1, "fields", []string{"file.1.name"})},
	{"a record twice", codeListRecordRepeated, inItem(2, "record", seedUUID("record 1"))},
	{"an item too few", codeListSize, listClaim("list", claims{"id": seedUUID("list"), "size": 4})},
	{"no items", codeListSize, inLogged(1, func(l map[string]any) { delete(l, "items") })},
	{"SHA-256 root", codeListSHA256, listClaim("list", claims{"id": seedUUID("list"), "sha256": sha("")})},
	{"SM3 root", codeListSM3, listClaim("list", claims{"id": seedUUID("list"), "sm3": sha("")})},
	{"items exchanged", codeListSHA256, inLogged(1, func(l map[string]any) {
		items := l["items"].([]string)
		items[0], items[1] = items[1], items[0]
	})},
}

func TestItemFaults(t *testing.T) { runFaults(t, itemFaults) }
