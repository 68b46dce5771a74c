package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

// policy is what this organisation agrees to sign (docs/formats.md section 9). It may only narrow what the
// channel's configuration and the ledger's own record allow.
type policy struct {
	msp       string
	origins   map[string]terms
	personCAs map[string][]*x509.Certificate // by MSP id
}

// terms: who may anchor for an origin.
type terms struct{ operator, role string }

func readPolicy(path string) (*policy, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parsePolicy(string(data))
}

func parsePolicy(text string) (*policy, error) {
	value, err := parseCanonical(text, "policy", unbounded)
	if err != nil {
		return nil, err
	}
	var r reader
	o := r.object(value, "policy", []string{"msp", "origins", "person_cas", "version"}, nil)
	o.constant("version", "archive-ledger policy v1")
	p := &policy{
		msp:       o.text("msp", mspForm),
		origins:   readOrigins(o),
		personCAs: readPersonCAs(o),
	}
	if r.refused != nil {
		return nil, r.refused
	}
	return p, nil
}

func readOrigins(o object) map[string]terms {
	origins := map[string]terms{}
	for _, m := range o.membersOf("origins", originForm) {
		entry := o.object(m.value, o.place("origins")+"."+m.name, []string{"operator", "role"}, nil)
		origins[m.name] = terms{entry.text("operator", mspForm), entry.text("role", codeForm)}
	}
	return origins
}

func readPersonCAs(o object) map[string][]*x509.Certificate {
	cas := map[string][]*x509.Certificate{}
	organisations := object{o.reader, o.place("person_cas"), o.membersOf("person_cas", mspForm)}
	for _, m := range organisations.members {
		for i, text := range organisations.texts(m.name, anyText, 1, 1000) {
			ca, err := parsePersonCA(text)
			if err != nil {
				o.refuse(codeCertificateForm, fmt.Sprintf("%s[%d]", organisations.place(m.name), i), "a self-signed P-256 CA", err.Error())
			}
			cas[m.name] = append(cas[m.name], ca)
		}
	}
	return cas
}

func parsePersonCA(text string) (*x509.Certificate, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("not one PEM certificate")
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	if !isP256(ca.PublicKey) || !ca.IsCA {
		return nil, errors.New("not a P-256 CA")
	}
	return ca, ca.CheckSignature(ca.SignatureAlgorithm, ca.RawTBSCertificate, ca.Signature)
}

func isP256(key any) bool {
	k, ok := key.(*ecdsa.PublicKey)
	return ok && k.Curve == elliptic.P256()
}

// termsFor are the policy's terms for an origin that it names.
func (p *policy) termsFor(origin string) (terms, error) {
	t, ok := p.origins[origin]
	if !ok {
		return terms{}, refuse(codePolicyOrigin, "policy", "an origin that the policy of "+p.msp+" names", origin)
	}
	return t, nil
}

// permits: the policy agrees with the ledger's record, and the caller is whom the record lets anchor.
func (p *policy) permits(l ledger, c caller) error {
	t, err := p.termsFor(l.origin)
	if err != nil {
		return err
	}
	if t.operator != l.operator {
		return refuse(codePolicyOperator, "policy", t.operator, l.operator)
	}
	if t.role != l.role {
		return refuse(codePolicyRole, "policy", t.role, l.role)
	}
	return c.mustBe(l.operator, l.role)
}
