package main

import (
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
)

// claim sets claims of the single statement before it is signed; nil removes one.
func claim(pairs ...any) func(*scene) {
	return func(s *scene) { setClaims(s.full().claims, pairs) }
}

func enrolment(pairs ...any) func(*scene) {
	return func(s *scene) { setClaims(s.enrolment().claims, pairs) }
}

func listClaim(pairs ...any) func(*scene) {
	return func(s *scene) { setClaims(s.list().claims, pairs) }
}

func setClaims(own claims, pairs []any) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(own, pairs[i].(string))
		} else {
			own[pairs[i].(string)] = pairs[i+1]
		}
	}
}

func header(name string, value any) func(*scene) {
	return func(s *scene) { s.full().header = claims{name: value} }
}

// signedText changes the single statement after it is signed.
func signedText(change func(string) string) func(*scene) {
	return func(s *scene) { s.full().signed = change }
}

// signature changes r and s after signing.
func signature(change func(r, s *big.Int)) func(*scene) {
	return signedText(func(text string) string {
		cut := strings.LastIndex(text, ".") + 1
		raw, err := base64.RawURLEncoding.DecodeString(text[cut:])
		if err != nil {
			panic(err)
		}
		r, s := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])
		change(r, s)
		r.FillBytes(raw[:32])
		s.FillBytes(raw[32:])
		return text[:cut] + base64.RawURLEncoding.EncodeToString(raw)
	})
}

func payloadText(change func(string) string) func(*scene) {
	return func(s *scene) { s.full().payload = change }
}

var statementFaults = []fault{
	{"over 65,536 bytes", codeStatementSize, signedText(func(text string) string { return text + strings.Repeat("A", longestStatement+1-len(text)) })},
	{"two parts", codeStatementForm, signedText(func(text string) string { return text[:strings.LastIndex(text, ".")] })},
	{"a disclosure behind", codeStatementForm, signedText(func(text string) string { return text + ".A" })},
	{"padding", codeBase64URL, signedText(func(text string) string { return text + "==" })},
	{"line end", codeBase64URL, signedText(func(text string) string { return text + "\n" })},
	{"stray bits", codeBase64URL, signedText(func(text string) string { return text[:len(text)-1] + string(text[len(text)-1]+1) })},
	{"standard alphabet", codeBase64URL, signedText(func(text string) string { return text[:len(text)-2] + "+" + text[len(text)-1:] })},
	{"signature is short", codeStatementSignatureForm, signedText(func(text string) string { return text[:strings.LastIndex(text, ".")+1] + "AAAA" })},
	{"r is 0", codeStatementSignatureForm, signature(func(r, _ *big.Int) { r.SetInt64(0) })},
	{"r is n", codeStatementSignatureForm, signature(func(r, _ *big.Int) { r.Set(p256Order) })},
	{"s is 0", codeStatementSignatureForm, signature(func(_, s *big.Int) { s.SetInt64(0) })},
	{"high s", codeStatementSignatureForm, signature(func(_, s *big.Int) { s.Sub(p256Order, s) })},
	{"s just above the half", codeStatementSignatureForm, signature(func(_, s *big.Int) { s.Add(p256Half, big.NewInt(1)) })},
	{"s at the half", codeStatementSignature, signature(func(_, s *big.Int) { s.Set(p256Half) })},
	{"another r", codeStatementSignature, signature(func(r, _ *big.Int) { r.Xor(r, big.NewInt(1)) })},
	{"claims changed after signing", codeStatementSignature, signedText(func(text string) string {
		parts := strings.Split(text, ".")
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
		parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"pages":46`, `"pages":47`, 1)))
		return strings.Join(parts, ".")
	})},
	{"alg none", codeShapeValue, header("alg", "none")},
	{"alg missing", codeShapeType, header("alg", false)},
	{"another typ", codeShapeValue, header("typ", "dc+sd-jwt")},
	{"header member", codeShapeMembers, header("kid", "1")},
	{"x5t#S256 is short", codeShapeValue, header("x5t#S256", "AAAA")},
	{"a certificate that is not carried", codeCertificateAbsent, header("x5t#S256", hidden("")[0])},
	{"header not canonical", codeJSONNotCanonical, signedText(func(text string) string {
		_, rest, _ := strings.Cut(text, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"archive-statement+sd-jwt","alg":"ES256"}`)) + "." + rest
	})},
	{"payload not canonical", codeJSONNotCanonical, payloadText(replace(`,"agent"`, `, "agent"`))},
	{"payload no object", codeShapeType, payloadText(func(string) string { return `"text"` })},
	{"payload empty", codeJSONSyntax, payloadText(func(string) string { return "" })},
	{"payload nested", codeJSONDepth, payloadText(func(string) string { return strings.Repeat("[", 9) + strings.Repeat("]", 9) })},
	{"claim twice", codeJSONRepeatedMember, payloadText(replace(`"version":2`, `"version":2,"version":2`))},
	{"another origin", codeStatementOrigin, claim("aud", "another.example.org")},
}

func TestStatementFaults(t *testing.T) { runFaults(t, statementFaults) }

var claimFaults = []fault{
	{"unknown claim", codeShapeMembers, claim("note", "text")},
	{"iat", codeShapeMembers, claim("iat", 1)},
	{"_sd_alg missing", codeShapeMembers, claim("_sd_alg", nil)},
	{"agent missing", codeShapeMembers, claim("agent", nil)},
	{"aud missing", codeShapeMembers, claim("aud", nil)},
	{"event missing", codeShapeMembers, claim("event", nil)},
	{"iss missing", codeShapeMembers, claim("iss", nil)},
	{"jti missing", codeShapeMembers, claim("jti", nil)},
	{"occurred_at missing", codeShapeMembers, claim("occurred_at", nil)},
	{"_sd_alg", codeShapeValue, claim("_sd_alg", "sm3")},
	{"agent", codeShapeValue, claim("agent", "clerk")},
	{"aud", codeShapeValue, claim("aud", "Upper")},
	{"event", codeShapeValue, claim("event", "Capture")},
	{"event too long", codeShapeValue, claim("event", "e"+strings.Repeat("x", 64))},
	{"iss", codeShapeValue, claim("iss", "an msp")},
	{"jti of version 1", codeShapeValue, claim("jti", "0e37df36-f698-11e6-8dd4-cb9ced3df976")},
	{"jti in upper case", codeShapeValue, claim("jti", strings.ToUpper(seedUUID("jti")))},
	{"occurred_at", codeShapeValue, claim("occurred_at", "1998-13")},
	{"basis", codeShapeValue, claim("basis", "")},
	{"late", codeShapeValue, claim("late", "Power cut")},
	{"late is a boolean", codeShapeType, claim("late", true)},
	{"outcome", codeShapeValue, claim("outcome", "9")},
	{"reason", codeShapeValue, claim("reason", "缺件")},
	{"state", codeShapeValue, claim("state", "in store")},
	{"due is a span", codeShapeValue, claim("due", "1998/1999")},
	{"pages is text", codeShapeType, claim("pages", "46")},
	{"version is an array", codeShapeType, claim("version", []any{2})},
	{"version beyond 2^53-1", codeJSONNumber, claim("version", 1<<53)},
	{"pages negative", codeJSONNumber, claim("pages", -1)},
	{"uses is text", codeShapeType, claim("uses", "1")},
	{"no uses", codeShapeValue, claim("uses", 0)},
	{"record", codeShapeValue, claim("record", "TD-021")},
	{"subject", codeShapeValue, claim("subject", "")},
	{"seen without size", codeShapeMembers, claim("seen", claims{"root": sha("")})},
	{"seen root", codeShapeValue, claim("seen", claims{"root": sha("")[1:], "size": 1})},
	{"seen is text", codeShapeType, claim("seen", sha(""))},
	{"answers empty", codeShapeValue, claim("answers", []string{})},
	{"65 answers", codeShapeValue, claim("answers", manyTexts(65, sha("")))},
	{"answers twice", codeShapeOrder, claim("answers", []string{sha(""), sha("")})},
	{"answers unsorted", codeShapeOrder, claim("answers", []string{strings.Repeat("f", 64), strings.Repeat("0", 64)})},
	{"answers no digest", codeShapeValue, claim("answers", []string{"first"})},
	{"erased without its event", codeErasedClaim, claim("erased", []string{"title"})},
	{"event without erased", codeErasedClaim, func(s *scene) { delete(s.erasure().claims, "erased") }},
	{"erased empty", codeShapeValue, func(s *scene) { s.erasure().claims["erased"] = []string{} }},
	{"erased unsorted", codeShapeOrder, func(s *scene) { s.erasure().claims["erased"] = []string{"title", "name"} }},
	{"erased no name", codeShapeValue, func(s *scene) { s.erasure().claims["erased"] = []string{"Title"} }},
	{"a key elsewhere", codePeopleClaim, claim("key", sha("a key"))},
	{"a duty elsewhere", codePeopleClaim, claim("duty", "head")},
	{"a unit elsewhere", codePeopleClaim, claim("unit", seedUUID("village"))},
	{"compromised elsewhere", codePeopleClaim, claim("compromised_since", "2025")},
	{"an enrolment of no key", codePeopleClaim, enrolment("key", nil)},
	{"an enrolment of nobody", codePeopleClaim, enrolment("subject", nil)},
	{"an enrolment with compromise", codePeopleClaim, enrolment("compromised_since", "2025")},
	{"an enrolment with a duty", codePeopleClaim, enrolment("duty", "head")},
	{"an appointment to no duty", codePeopleClaim, enrolment("event", "appoint", "key", nil)},
	{"an appointment of a key", codePeopleClaim, enrolment("event", "appoint", "duty", "head")},
	{"a list of enrolments", codePeopleClaim, listClaim("event", "key.enrol", "key", sha("a key"), "subject", seedUUID("clerk"))},
	{"a key in capitals", codeShapeValue, enrolment("key", strings.Repeat("A", 64))},
	{"a revocation with a span", codeShapeValue, enrolment("event", "key.revoke", "compromised_since", "2024/2025")},
	{"a duty that is no code", codeShapeValue, enrolment("event", "appoint", "key", nil, "duty", "Head")},
	{"a unit that is no uuid", codeShapeValue, enrolment("event", "release", "key", nil, "duty", "head", "unit", "1")},
	{"_sd alone", codeSDCount, claim("fields", nil)},
	{"fields alone", codeSDCount, claim("_sd", nil)},
	{"more digests than fields", codeSDCount, claim("_sd", hidden("1", "2", "3", "4"))},
	{"_sd empty", codeShapeValue, claim("_sd", []string{})},
	{"_sd repeated", codeShapeOrder, claim("_sd", []string{strings.Repeat("z", 42) + "w", strings.Repeat("A", 43), strings.Repeat("A", 43)})},
	{"_sd with stray bits", codeShapeValue, claim("_sd", []string{strings.Repeat("A", 42) + "B"}, "fields", []string{"title"})},
	{"_sd in hex", codeShapeValue, claim("_sd", []string{sha("")}, "fields", []string{"title"})},
	{"fields unsorted", codeShapeOrder, claim("fields", []string{"title", "name", "note"})},
	{"field name", codeShapeValue, claim("_sd", hidden("1"), "fields", []string{"Title"})},
	{"field named as a claim", codeSDClearClaim, claim("_sd", hidden("1"), "fields", []string{"record"})},
	{"field named as an item's claim", codeSDClearClaim, claim("_sd", hidden("1"), "fields", []string{"agent"})},
	{"field named as a JWT's claim", codeSDClearClaim, claim("_sd", hidden("1"), "fields", []string{"exp"})},
	{"field of no file", codeSDFile, claim("_sd", hidden("1"), "fields", []string{"file.2.name"})},
	{"field with a leading zero", codeSDFile, claim("_sd", hidden("1"), "fields", []string{"file.00.name"})},
	{"field of an unknown kind", codeSDFile, claim("_sd", hidden("1"), "fields", []string{"file.0.title"})},
	{"field of no number", codeSDFile, claim("_sd", hidden("1"), "fields", []string{"file.name"})},
	{"digests hidden and clear", codeSDFile, claim("_sd", hidden("1"), "fields", []string{"file.0.digests"})},
	{"files empty", codeShapeValue, claim("files", []any{})},
	{"1,001 files", codeShapeValue, func(s *scene) {
		files := make([]any, 1001)
		for i := range files {
			files[i] = 1
		}
		claim("files", files)(s)
	}},
	{"files is an object", codeShapeType, claim("files", claims{})},
	{"a file is text", codeShapeType, claim("files", []any{"text"})},
	{"file without role", codeShapeMembers, withFile("role", nil)},
	{"file with a name", codeShapeMembers, withFile("name", "scan.tif")},
	{"file without sm3", codeShapeMembers, withFile("sm3", nil)},
	{"file without size", codeShapeMembers, withFile("size", nil)},
	{"file without sha256", codeShapeMembers, withFile("sha256", nil)},
	{"file sha256", codeShapeValue, withFile("sha256", strings.ToUpper(sha("a")))},
	{"file sm3", codeShapeValue, withFile("sm3", "00")},
	{"file size", codeShapeType, withFile("size", "1")},
	{"file carrier", codeShapeValue, withFile("carrier", "film")},
	{"file copy", codeShapeValue, withFile("copy", "fax")},
	{"file format", codeShapeValue, withFile("format", "Image/TIFF")},
	{"file role", codeShapeValue, withFile("role", "")},
	{"list with a record", codeListClaimOutsideItem, listClaim("record", seedUUID("record 1"))},
	{"list with files", codeListClaimOutsideItem, listClaim("files", []any{fileClaim("page 1")})},
	{"list with pages", codeListClaimOutsideItem, listClaim("pages", 1)},
	{"list with a version", codeListClaimOutsideItem, listClaim("version", 1)},
	{"list with a state", codeListClaimOutsideItem, listClaim("state", "in_store")},
	{"list without an id", codeShapeMembers, listClaim("list", claims{})},
	{"list id", codeShapeValue, listClaim("list", claims{"id": "1"})},
	{"list of none", codeShapeValue, listClaim("list", claims{"id": seedUUID("list"), "size": 0})},
	{"list of 40,001", codeShapeValue, listClaim("list", claims{"id": seedUUID("list"), "size": 40_001})},
	{"list is text", codeShapeType, listClaim("list", "list")},
}

func withFile(name string, value any) func(*scene) {
	return func(s *scene) {
		file := fileClaim("page 1")
		setClaims(file, []any{name, value})
		s.full().claims["files"].([]any)[0] = file
	}
}

func TestClaimFaults(t *testing.T) { runFaults(t, claimFaults) }
