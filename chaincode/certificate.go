package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"
)

// signer is what a signer's certificate says: docs/formats.md section 9.
type signer struct {
	agent               string
	key                 *ecdsa.PublicKey
	notBefore, notAfter string // instants
	issuers             []issuer
}

// issuer is a person CA of the policy that issued a signer's certificate, and when it is in date itself.
type issuer struct{ msp, notBefore, notAfter string }

// readSigners reads the batch's certificates, each once, by the SHA-256 of their DER.
func readSigners(certificates []string, p *policy) (map[digest]*signer, error) {
	names := make([]digest, len(certificates))
	signers := make([]*signer, len(certificates))
	err := inParallel(len(certificates), func(i int) (err error) {
		at := fmt.Sprintf("certificates[%d]", i)
		der, ok := fromBase64(certificates[i])
		if !ok {
			return refuse(codeBase64, at, "base64", certificates[i])
		}
		names[i] = sha256.Sum256(der)
		signers[i], err = parseSigner(der, p, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	byName := make(map[digest]*signer, len(names))
	for i, name := range names {
		if i > 0 && bytes.Compare(names[i-1][:], name[:]) >= 0 {
			return nil, refuse(codeCertificateOrder, fmt.Sprintf("certificates[%d]", i), "ascending by SHA-256, no repeats", name.String())
		}
		byName[name] = signers[i]
	}
	return byName, nil
}

func parseSigner(der []byte, p *policy, at string) (*signer, error) {
	form, broken := readForm(string(der))
	if broken != "" {
		return nil, refuse(codeCertificateForm, at, broken, "another")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), []byte(form.point))
	if err != nil {
		return nil, refuse(codeCertificateForm, at, "a point of P-256", err.Error())
	}
	agent, unit, ok := readSubject(form.subject)
	if !ok || !isUUID(agent) || !slices.Contains([]string{"person", "registrar", "service"}, unit) {
		return nil, refuse(codeCertificateSubject, at, "CN=<uuid>, OU=person, registrar or service", "CN="+agent+", OU="+unit)
	}
	s := &signer{agent: agent, key: key, notBefore: form.notBefore, notAfter: form.notAfter}
	for msp, cas := range p.personCAs {
		for _, ca := range cas {
			if issued(form, ca) {
				s.issuers = append(s.issuers, issuer{msp, instantOf(ca.NotBefore), instantOf(ca.NotAfter)})
			}
		}
	}
	return s, nil
}

// issued directly: the issuer is the CA's subject, octet for octet, and the CA's key made the signature.
func issued(form certificateForm, ca *x509.Certificate) bool {
	return form.issuer == string(ca.RawSubject) &&
		ca.CheckSignature(x509.ECDSAWithSHA256, []byte(form.body), []byte(form.signature)) == nil
}

// mayHaveSigned holds the certificate to a statement that names it.
func (s *signer) mayHaveSigned(st *statement, recordedAt, at string) error {
	if s.agent != st.agent {
		return refuse(codeCertificateAgent, at, st.agent, s.agent)
	}
	named := slices.DeleteFunc(slices.Clone(s.issuers), func(i issuer) bool { return i.msp != st.issuer })
	if len(named) == 0 {
		return refuse(codeCertificateIssuer, at, "issued by a person CA of "+st.issuer, "another")
	}
	if !slices.ContainsFunc(named, func(i issuer) bool { return i.notBefore <= recordedAt && recordedAt <= i.notAfter }) {
		return refuse(codeCertificateIssuerDate, at, named[0].notBefore+" … "+named[0].notAfter, recordedAt)
	}
	if recordedAt < s.notBefore || recordedAt > s.notAfter {
		return refuse(codeCertificateDate, at, s.notBefore+" … "+s.notAfter, recordedAt)
	}
	return nil
}
