package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// The characters and their order are those of RFC 8785 section 3.2.3.
const rfc8785Example = `{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`

func TestCanonicalTextsAreRead(t *testing.T) {
	for _, text := range []string{
		rfc8785Example,
		`{}`, `[]`, `""`, `0`, `9007199254740991`, `true`, `false`,
		`{"":{"a":[1,"2",true,{}]},"a":[],"aa":"","b":""}`,
		`"\b\t\n\f\r\"\\/\u0000\u001f` + "\u007f\u2028é中😀" + `"`,
		`[[[[[[[[]]]]]]]]`,
		`{"😀":1,"😁":2}`,
	} {
		value, err := parseCanonical(text, "text", 100)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if again := encodeCanonical(value); again != text {
			t.Errorf("%s is encoded as %s", text, again)
		}
	}
}

func TestOtherTextsAreRefused(t *testing.T) {
	for text, expected := range map[string]code{
		``: codeJSONSyntax, ` `: codeJSONSyntax, `{`: codeJSONSyntax, `[`: codeJSONSyntax, `[1`: codeJSONSyntax, `[1,`: codeJSONSyntax, `[1,]`: codeJSONSyntax,
		`{"a"`: codeJSONSyntax, `{"a":`: codeJSONSyntax, `{"a":1`: codeJSONSyntax, `{"a":1,}`: codeJSONSyntax, `{a:1}`: codeJSONSyntax, `{1:1}`: codeJSONSyntax,
		`"`: codeJSONSyntax, `"\`: codeJSONSyntax, `"\"`: codeJSONSyntax, `"\x"`: codeJSONSyntax, `"\u00"`: codeJSONSyntax, `"\u00zz"`: codeJSONSyntax, "\"\n\"": codeJSONSyntax,
		`'a'`: codeJSONSyntax, `tru`: codeJSONSyntax, `True`: codeJSONSyntax, `[] []`: codeJSONSyntax, `]`: codeJSONSyntax, "\"\xed\xa0\x80\"": codeJSONSyntax, "\ufeff[]": codeJSONSyntax,
		`null`: codeJSONNull, `[null]`: codeJSONNull,
		`-1`: codeJSONNumber, `-0`: codeJSONNumber, `1.0`: codeJSONNumber, `1e1`: codeJSONNumber, `01`: codeJSONNumber, `9007199254740992`: codeJSONNumber,
		`99999999999999999999`: codeJSONNumber, `1-`: codeJSONNumber,
		`{"a":1,"a":1}`: codeJSONRepeatedMember, `{"a":1,"b":1,"a":2}`: codeJSONRepeatedMember, `[{"b":{"a":1,"\u0061":1}}]`: codeJSONRepeatedMember,
		`{"b":1,"a":1}`: codeJSONNotCanonical, `[ ]`: codeJSONNotCanonical, ` []`: codeJSONNotCanonical, "[]\n": codeJSONNotCanonical, `[1, 2]`: codeJSONNotCanonical, `{"a" :1}`: codeJSONNotCanonical,
		`"\/"`: codeJSONNotCanonical, `"\u0061"`: codeJSONNotCanonical, `"\u000A"`: codeJSONNotCanonical, `"\u000a"`: codeJSONNotCanonical, `"\u001F"`: codeJSONNotCanonical,
		`"\u007f"`: codeJSONNotCanonical, `"\ud83d\ude00"`: codeJSONNotCanonical, `"\ud83d"`: codeJSONNotCanonical, `"\ude00\ud83d"`: codeJSONNotCanonical,
		"{\"\ufb33\":1,\"😀\":1}": codeJSONNotCanonical,
		`[[[[[[[[[]]]]]]]]]`:     codeJSONDepth, strings.Repeat("[", 1_000_000): codeJSONDepth, strings.Repeat(`{"a":`, 9): codeJSONDepth,
		`[` + strings.Repeat("1,", 99) + `1]`: codeJSONValues,
	} {
		_, err := parseCanonical(text, "text", 100)
		if found := codeOf(t, err); found != expected {
			t.Errorf("%.40q: expected %s, found %v", text, expected, err)
		}
	}
}

// FuzzCanonical: what is read is JSON, encodes to the same text, and encoding/json sees the same in it.
func FuzzCanonical(f *testing.F) {
	f.Add(rfc8785Example)
	f.Add(`[1,"\u0001",{"a":true}]`)
	f.Fuzz(func(t *testing.T, text string) {
		value, err := parseCanonical(text, "text", 1000)
		if err != nil {
			return
		}
		if again := encodeCanonical(value); again != text {
			t.Errorf("%q is encoded as %q", text, again)
		}
		var theirs any
		if err := json.Unmarshal([]byte(text), &theirs); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		ours, err := json.Marshal(plain(value))
		again, _ := json.Marshal(theirs)
		if err != nil || string(ours) != string(again) {
			t.Errorf("%q: %s is not %s", text, ours, again)
		}
	})
}

// plain is a value in the types of encoding/json.
func plain(value any) any {
	switch v := value.(type) {
	case jsonObject:
		object := map[string]any{}
		for _, m := range v {
			object[m.name] = plain(m.value)
		}
		return object
	case []any:
		elements := make([]any, len(v))
		for i, element := range v {
			elements[i] = plain(element)
		}
		return elements
	case int64:
		return float64(v)
	}
	return value
}

func TestRefusalIsCanonicalAndPrintable(t *testing.T) {
	message := refuse(codeArgument, "a\nb", "\"", "\xff"+strings.Repeat("长", 200)).Error()
	text, ok := strings.CutPrefix(message, refusalPrefix)
	value, err := parseCanonical(text, "refusal", 100)
	if !ok || err != nil {
		t.Fatal(message, err)
	}
	expected := jsonObject{{"at", "a\ufffdb"}, {"code", "ARGUMENT"}, {"expected", "\""}, {"found", "\ufffd" + strings.Repeat("长", longestFound-1) + "…"}}
	if text != encodeCanonical(expected) || len(value.(jsonObject)) != 4 {
		t.Errorf("found %s", text)
	}
}
