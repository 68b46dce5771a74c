package main

import (
	"strings"
	"testing"
)

// inBatch changes the batch's members after it is sealed.
func inBatch(change func(members map[string]any)) func(*scene) {
	return func(s *scene) { s.resealed = change }
}

func inFrontier(change func(frontier map[string]any)) func(*scene) {
	return inBatch(func(m map[string]any) { change(m["frontier"].(map[string]any)) })
}

func inLogged(number int, change func(logged map[string]any)) func(*scene) {
	return inBatch(func(m map[string]any) { change(m["statements"].([]any)[number].(map[string]any)) })
}

// inText changes the batch's bytes.
func inText(change func(string) string) func(*scene) {
	return func(s *scene) { s.text = change }
}

func manyTexts(n int, text string) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = text
	}
	return texts
}

var batchFaults = []fault{
	{"over 8 MiB", codeBatchSize, inText(func(text string) string { return text + strings.Repeat(" ", largestBatch+1-len(text)) })},
	{"over 40,000 links", codeBatchLinks, inBatch(func(m map[string]any) { m["links"] = manyTexts(40_001, "0 -") })},
	{"another ledger", codeBatchLedger, inBatch(func(m map[string]any) { m["ledger"] = sha("another") })},
	{"number again", codeBatchNumber, inBatch(func(m map[string]any) { m["number"] = 0 })},
	{"number too far", codeBatchNumber, inBatch(func(m map[string]any) { m["number"] = 2 })},
	{"too many values", codeJSONValues, inText(func(string) string { return "[" + strings.Repeat("0,", mostValues) + "0]" })},
	{"not UTF-8", codeJSONSyntax, inText(func(text string) string { return text[:2] + "\xff" + text[3:] })},
	{"cut short", codeJSONSyntax, inText(func(text string) string { return text[:len(text)-1] })},
	{"white space", codeJSONNotCanonical, inText(func(text string) string { return text + "\n" })},
	{"null", codeJSONNull, inText(replace(`"number":1`, `"number":null`))},
	{"fraction", codeJSONNumber, inText(replace(`"number":1`, `"number":1.0`))},
	{"member twice", codeJSONRepeatedMember, inText(replace(`"number":1`, `"number":1,"number":1`))},
	{"nested", codeJSONDepth, inText(func(string) string { return strings.Repeat("[", 9) + strings.Repeat("]", 9) })},
	{"no object", codeShapeType, inText(func(string) string { return "[]" })},
	{"member missing", codeShapeMembers, inBatch(func(m map[string]any) { delete(m, "marker") })},
	{"member unknown", codeShapeMembers, inBatch(func(m map[string]any) { m["comment"] = "" })},
	{"version", codeShapeValue, inBatch(func(m map[string]any) { m["version"] = "archive-ledger batch v2" })},
	{"ledger id", codeShapeValue, inBatch(func(m map[string]any) { m["ledger"] = "00" })},
	{"number is text", codeShapeType, inBatch(func(m map[string]any) { m["number"] = "1" })},
	{"marker is a number", codeShapeType, inBatch(func(m map[string]any) { m["marker"] = 1 })},
	{"links are text", codeShapeType, inBatch(func(m map[string]any) { m["links"] = "" })},
	{"a link is a number", codeShapeType, inBatch(func(m map[string]any) { m["links"] = []any{1} })},
	{"statements are an object", codeShapeType, inBatch(func(m map[string]any) { m["statements"] = map[string]any{} })},
	{"a statement is text", codeShapeType, inBatch(func(m map[string]any) { m["statements"] = []any{"a.b.c"} })},
	{"recorded_at missing", codeShapeMembers, inLogged(0, func(l map[string]any) { delete(l, "recorded_at") })},
	{"recorded_at in seconds", codeShapeValue, inLogged(0, func(l map[string]any) { l["recorded_at"] = "2025-01-12T09:10:00Z" })},
	{"recorded_at no real time", codeShapeValue, inLogged(0, func(l map[string]any) { l["recorded_at"] = "2025-02-30T09:10:00.000Z" })},
	{"items empty", codeShapeValue, inLogged(0, func(l map[string]any) { l["items"] = []string{} })},
	{"an item is an object", codeShapeType, inLogged(1, func(l map[string]any) { l["items"] = []any{map[string]any{}} })},
	{"items without a list", codeItemsWithoutList, inLogged(0, func(l map[string]any) { l["items"] = []string{canonical(newItem("1", nil))} })},
	{"statement twice", codeStatementRepeated, func(s *scene) {
		s.acts = append(s.acts, s.erasure())
	}},
	{"jti twice", codeJTIRepeated, func(s *scene) { s.erasure().claims["jti"] = s.full().claims["jti"] }},
}

func TestBatchFaults(t *testing.T) { runFaults(t, batchFaults) }

var frontierFaults = []fault{
	{"size", codeFrontierSize, inFrontier(func(f map[string]any) { f["size"] = 6 })},
	{"SHA-256 short", codeFrontierLength, inFrontier(func(f map[string]any) { f["sha256"] = f["sha256"].([]string)[1:] })},
	{"SM3 long", codeFrontierLength, inFrontier(func(f map[string]any) { f["sm3"] = append(f["sm3"].([]string), sha("")) })},
	{"SHA-256 root", codeFrontierSHA256, inFrontier(func(f map[string]any) { f["sha256"].([]string)[0] = sha("") })},
	{"SM3 root", codeFrontierSM3, inFrontier(func(f map[string]any) { f["sm3"].([]string)[0] = sha("") })},
	{"hash is short", codeShapeValue, inFrontier(func(f map[string]any) { f["sm3"] = []string{"00"} })},
	{"member unknown", codeShapeMembers, inFrontier(func(f map[string]any) { f["sha512"] = []string{} })},
}

func TestFrontierFaults(t *testing.T) { runFaults(t, frontierFaults) }

func inMarkerLine(line int, to string) func(*scene) {
	return inBatch(func(m map[string]any) {
		lines := strings.Split(m["marker"].(string), "\n")
		lines[line-1] = to
		m["marker"] = strings.Join(lines, "\n")
	})
}

var markerFaults = []fault{
	{"another form", codeMarkerForm, inMarkerLine(1, "archive-ledger batch v2")},
	{"no last line end", codeMarkerForm, inBatch(func(m map[string]any) { m["marker"] = strings.TrimSuffix(m["marker"].(string), "\n") })},
	{"a line more", codeMarkerForm, inBatch(func(m map[string]any) { m["marker"] = m["marker"].(string) + "\n" })},
	{"index", codeMarkerIndex, inMarkerLine(2, "4")},
	{"index with a zero", codeMarkerIndex, inMarkerLine(2, "05")},
	{"ledger", codeMarkerLedger, inMarkerLine(3, sha(""))},
	{"number", codeMarkerNumber, inMarkerLine(4, "2")},
	{"digest", codeMarkerDigest, inMarkerLine(5, sha(""))},
	{"no digest", codeMarkerDigest, inMarkerLine(5, "-")},
	{"time", codeMarkerTime, inMarkerLine(6, "2025-01-12T09:00:00.122Z")},
	{"transaction", codeMarkerTransaction, inMarkerLine(7, sha(""))},
}

func TestMarkerFaults(t *testing.T) { runFaults(t, markerFaults) }

func TestFirstMarkerNamesNoAnchor(t *testing.T) {
	for _, line := range []struct {
		number int
		code   code
	}{{5, codeMarkerDigest}, {6, codeMarkerTime}, {7, codeMarkerTransaction}} {
		s := newScene(t)
		s.history = history{ledger: s.argument}
		delete(s.state, "head/"+s.argument)
		s.acts = nil
		inMarkerLine(line.number, sha(""))(s)
		st, _ := s.transaction()
		_, err := s.contract().Anchor(contextOf(st), s.argument)
		if found := codeOf(t, err); found != line.code {
			t.Errorf("expected %s, found %v", line.code, err)
		}
	}
}
