package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"slices"
	"testing"
	"time"
)

// signedBy has the single statement signed under a certificate that one thing is wrong with.
func signedBy(subject pkix.Name, from authority, change func(*x509.Certificate)) func(*scene) {
	return func(s *scene) {
		by := testConsortium().clerk
		if subject.CommonName == "" && subject.ExtraNames == nil {
			subject = subjectOf(by.agent, "person")
		}
		by.der = issue(from, subject, by.key, change)
		s.full().by = by
	}
}

func ours() authority { return testConsortium().authorities[operator] }

// impostor has the same name as our authority, and another key.
func impostor() authority {
	key := seedKey("impostor")
	return authority{operator, key, &x509.Certificate{RawSubject: ours().certificate.RawSubject, PublicKey: key.Public()}}
}

// renamed has our authority's key, and another name.
func renamed() authority {
	return authority{operator, ours().key, &x509.Certificate{Subject: pkix.Name{CommonName: "another"}, PublicKey: ours().key.Public()}}
}

func clerkName(more ...pkix.AttributeTypeAndValue) pkix.Name {
	name := subjectOf(testConsortium().clerk.agent, "person")
	name.ExtraNames = more
	return name
}

func attribute(kind asn1.ObjectIdentifier, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: kind, Value: value}
}

func inCertificates(change func([]string) []string) func(*scene) {
	return inBatch(func(m map[string]any) { m["certificates"] = change(m["certificates"].([]string)) })
}

// withKey has the operator's CA certify another kind of key; the statement keeps the clerk's signature.
func withKey(public any, algorithm x509.SignatureAlgorithm) func(*scene) {
	return func(s *scene) {
		a := ours()
		template := &x509.Certificate{SerialNumber: big.NewInt(3), Subject: clerkName(), NotBefore: certificatesFrom, NotAfter: certificatesUntil, SignatureAlgorithm: algorithm}
		der, err := x509.CreateCertificate(nil, template, a.certificate, public, a.key)
		if err != nil {
			s.t.Fatal(err)
		}
		by := testConsortium().clerk
		by.der = der
		s.full().by = by
	}
}

func anotherKey(curve elliptic.Curve) any {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return key.Public()
}

var certificateFaults = []fault{
	{"not base64", codeBase64, inCertificates(func(c []string) []string { c[0] += "="; return c })},
	{"line end in base64", codeBase64, inCertificates(func(c []string) []string { c[0] = c[0][:4] + "\n" + c[0][4:]; return c })},
	{"not DER", codeCertificateForm, inCertificates(func(c []string) []string { c[0] = "AAAA"; return c })},
	{"bytes behind", codeCertificateForm, inCertificates(func(c []string) []string {
		der, _ := base64.StdEncoding.DecodeString(c[0])
		c[0] = base64.StdEncoding.EncodeToString(append(der, 0))
		return c
	})},
	{"unsorted", codeCertificateOrder, inCertificates(func(c []string) []string { slices.Reverse(c); return c })},
	{"twice", codeCertificateOrder, inCertificates(func(c []string) []string { return append(c[:1], c...) })},
	{"unused", codeCertificateUnused, func(s *scene) {
		c := testConsortium()
		extra := c.enrol(operator, "nobody", "person")
		ders := map[string][]byte{"extra": extra.der}
		for _, a := range s.acts {
			ders[a.by.agent] = a.by.der
		}
		inCertificates(func([]string) []string { return inOrder(ders) })(s)
	}},
	{"absent", codeCertificateAbsent, inCertificates(func(c []string) []string { return c[:2] })},
	{"P-384", codeCertificateForm, withKey(anotherKey(elliptic.P384()), 0)},
	{"Ed25519", codeCertificateForm, withKey(ed25519.PublicKey(make([]byte, 32)), 0)},
	{"ecdsa-with-SHA384", codeCertificateForm, withKey(testConsortium().clerk.key.Public(), x509.ECDSAWithSHA384)},
	{"a CA", codeCertificateForm, signedBy(pkix.Name{}, ours(), func(c *x509.Certificate) { c.IsCA = true })},
	{"no OU", codeCertificateSubject, signedBy(pkix.Name{CommonName: testConsortium().clerk.agent}, ours(), nil)},
	{"two OUs", codeCertificateSubject, signedBy(pkix.Name{CommonName: testConsortium().clerk.agent, OrganizationalUnit: []string{"person", "service"}}, ours(), nil)},
	{"a node's OU", codeCertificateSubject, signedBy(subjectOf(testConsortium().clerk.agent, "client"), ours(), nil)},
	{"CN no uuid", codeCertificateSubject, signedBy(subjectOf("clerk", "person"), ours(), nil)},
	{"a second CN", codeCertificateSubject, signedBy(clerkName(attribute(asn1.ObjectIdentifier{2, 5, 4, 3}, testConsortium().clerk.agent), attribute(asn1.ObjectIdentifier{2, 5, 4, 3}, "clerk")), ours(), nil)},
	{"an O", codeCertificateSubject, signedBy(clerkName(attribute(asn1.ObjectIdentifier{2, 5, 4, 10}, "office")), ours(), nil)},
	{"another agent's", codeCertificateAgent, signedBy(subjectOf(seedUUID("another"), "person"), ours(), nil)},
	{"another organisation's CA", codeCertificateIssuer, signedBy(pkix.Name{}, testConsortium().authorities[county], nil)},
	{"another organisation's statement", codeCertificateIssuer, claim("iss", county)},
	{"an organisation without a CA", codeCertificateIssuer, claim("iss", "OtherMSP")},
	{"an impostor's", codeCertificateIssuer, signedBy(pkix.Name{}, impostor(), nil)},
	{"a CA of another name", codeCertificateIssuer, signedBy(pkix.Name{}, renamed(), nil)},
	{"its CA not yet in date", codeCertificateIssuerDate, underCA("2025-01-12T09:10:01.000Z", "2044-01-01T00:00:00.000Z")},
	{"its CA no longer in date", codeCertificateIssuerDate, underCA("2024-01-01T00:00:00.000Z", "2025-01-12T09:09:59.000Z")},
	{"not yet in date", codeCertificateDate, signedBy(pkix.Name{}, ours(), func(c *x509.Certificate) { c.NotBefore = at("2025-01-12T09:10:01.000Z") })},
	{"no longer in date", codeCertificateDate, signedBy(pkix.Name{}, ours(), func(c *x509.Certificate) { c.NotAfter = at("2025-01-12T09:09:59.000Z") })},
}

// underCA has the single statement's certificate issued by another person CA of the operator, with these dates.
func underCA(from, until string) func(*scene) {
	return func(s *scene) {
		dated := authority{operator, seedKey("dated"), &x509.Certificate{Subject: pkix.Name{CommonName: "dated"}, PublicKey: seedKey("dated").Public()}}
		der := issue(dated, dated.certificate.Subject, dated.key, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter, c.IsCA, c.KeyUsage = at(from), at(until), true, x509.KeyUsageCertSign
		})
		members := testConsortium().policyMembers()
		members["person_cas"].(map[string]any)[operator] = []string{string(toPEM(ours().certificate.Raw)), string(toPEM(der))}
		s.policy = canonical(members)
		dated.certificate.RawSubject, _ = asn1.Marshal(dated.certificate.Subject.ToRDNSequence())
		signedBy(pkix.Name{}, dated, nil)(s)
	}
}

func TestCertificateFaults(t *testing.T) { runFaults(t, certificateFaults) }

func TestCertificatesThatHold(t *testing.T) {
	moment := at("2025-01-12T09:10:00.000Z")
	for name, change := range map[string]func(*x509.Certificate){
		"first moment": func(c *x509.Certificate) { c.NotBefore = moment },
		"last moment":  func(c *x509.Certificate) { c.NotAfter = moment },
		"long":         func(c *x509.Certificate) { c.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) },
	} {
		s := newScene(t)
		signedBy(pkix.Name{}, ours(), change)(s)
		st, _ := s.transaction()
		if _, err := s.contract().Anchor(contextOf(st), s.argument); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCAInDateAtTheMoment(t *testing.T) {
	for _, dates := range [][2]string{{"2025-01-12T09:10:00.000Z", "2044-01-01T00:00:00.000Z"}, {"2024-01-01T00:00:00.000Z", "2025-01-12T09:10:00.000Z"}} {
		s := newScene(t)
		underCA(dates[0], dates[1])(s)
		st, _ := s.transaction()
		if _, err := s.contract().Anchor(contextOf(st), s.argument); err != nil {
			t.Errorf("%v: %v", dates, err)
		}
	}
}

func TestPersonCAsMayBeSeveral(t *testing.T) {
	s := newScene(t)
	second := newAuthority(operator, "second person CA")
	members := testConsortium().policyMembers()
	members["person_cas"].(map[string]any)[operator] = []any{string(toPEM(ours().certificate.Raw)), string(toPEM(second.certificate.Raw))}
	s.policy = canonical(members)
	signedBy(pkix.Name{}, second, nil)(s)
	st, _ := s.transaction()
	if _, err := s.contract().Anchor(contextOf(st), s.argument); err != nil {
		t.Error(err)
	}
}
