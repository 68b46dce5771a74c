package main

import (
	"path/filepath"
	"strings"
	"testing"
)

type policyFault struct {
	name   string
	code   code
	change func(members map[string]any)
}

// cas replaces the county's person CAs.
func cas(texts ...string) func(map[string]any) {
	return func(m map[string]any) { m["person_cas"].(map[string]any)[county] = texts }
}

func inTerms(name string, value any) func(map[string]any) {
	return func(m map[string]any) {
		setClaims(m["origins"].(map[string]any)[testOrigin].(map[string]any), []any{name, value})
	}
}

func countyCA() string { return string(toPEM(testConsortium().authorities[county].certificate.Raw)) }

// forged is a CA certificate whose signature does not verify.
func forged() string {
	der := newAuthority(county, "forged").certificate.Raw
	der[len(der)-1] ^= 1
	return string(toPEM(der))
}

var policyFaults = []policyFault{
	{"version", codeShapeValue, func(m map[string]any) { m["version"] = "archive-ledger policy v2" }},
	{"member missing", codeShapeMembers, func(m map[string]any) { delete(m, "msp") }},
	{"member unknown", codeShapeMembers, func(m map[string]any) { m["note"] = "" }},
	{"msp", codeShapeValue, func(m map[string]any) { m["msp"] = "an msp" }},
	{"origins is an array", codeShapeType, func(m map[string]any) { m["origins"] = []any{} }},
	{"origin", codeShapeValue, func(m map[string]any) { m["origins"].(map[string]any)["Upper"] = map[string]any{} }},
	{"terms without a role", codeShapeMembers, inTerms("role", nil)},
	{"role", codeShapeValue, inTerms("role", "ANCHORER")},
	{"operator", codeShapeValue, inTerms("operator", "")},
	{"organisation", codeShapeValue, func(m map[string]any) { m["person_cas"].(map[string]any)["an msp"] = []string{countyCA()} }},
	{"no CA", codeShapeValue, cas()},
	{"not PEM", codeCertificateForm, cas("text")},
	{"two in one", codeCertificateForm, cas(countyCA() + countyCA())},
	{"not a certificate", codeCertificateForm, cas(strings.Replace(countyCA(), "MII", "AAA", 1))},
	{"not a CA", codeCertificateForm, cas(string(toPEM(testConsortium().archivist.der)))},
	{"not self-signed", codeCertificateForm, cas(forged())},
}

func TestPolicyIsStrict(t *testing.T) {
	for _, f := range policyFaults {
		t.Run(f.name, func(t *testing.T) {
			members := testConsortium().policyMembers()
			f.change(members)
			_, err := parsePolicy(canonical(members))
			if found := codeOf(t, err); found != f.code {
				t.Errorf("expected %s, found %v", f.code, err)
			}
		})
	}
	_, err := parsePolicy(testConsortium().policyText() + "\n")
	if found := codeOf(t, err); found != codeJSONNotCanonical {
		t.Errorf("white space: found %v", err)
	}
}

func TestPolicyFileThatIsAbsent(t *testing.T) {
	if _, err := readPolicy(filepath.Join(t.TempDir(), "policy.json")); err == nil {
		t.Error("read")
	}
}
