package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
)

// signer is what a signer's certificate says: docs/formats.md section 9.
type signer struct {
	agent               string
	key                 *ecdsa.PublicKey
	notBefore, notAfter string   // instants
	issuers             []string // MSP ids that the policy has an issuing person CA for
}

var (
	commonName         = asn1.ObjectIdentifier{2, 5, 4, 3}
	organizationalUnit = asn1.ObjectIdentifier{2, 5, 4, 11}
)

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
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, refuse(codeCertificateForm, at, "X.509", err.Error())
	}
	if certificate.Version != 3 || !isP256(certificate.PublicKey) || certificate.SignatureAlgorithm != x509.ECDSAWithSHA256 || certificate.IsCA {
		return nil, refuse(codeCertificateForm, at, "version 3, P-256, ecdsa-with-SHA256, not a CA",
			fmt.Sprintf("version %d, %s, %s, CA %t", certificate.Version, certificate.PublicKeyAlgorithm, certificate.SignatureAlgorithm, certificate.IsCA))
	}
	agent, err := readSubject(certificate, at)
	if err != nil {
		return nil, err
	}
	s := &signer{
		agent:     agent,
		key:       certificate.PublicKey.(*ecdsa.PublicKey),
		notBefore: instantOf(certificate.NotBefore),
		notAfter:  instantOf(certificate.NotAfter),
	}
	for msp, cas := range p.personCAs {
		if slices.ContainsFunc(cas, func(ca *x509.Certificate) bool { return issued(certificate, ca) }) {
			s.issuers = append(s.issuers, msp)
		}
	}
	slices.Sort(s.issuers)
	return s, nil
}

// readSubject: "exactly one CN, the agent's uuid, and exactly one OU: person, service or registrar, and nothing else".
func readSubject(certificate *x509.Certificate, at string) (string, error) {
	names := certificate.Subject.Names
	values := map[string]string{}
	for _, name := range names {
		text, _ := name.Value.(string)
		values[name.Type.String()] = text
	}
	agent, unit := values[commonName.String()], values[organizationalUnit.String()]
	if len(names) != 2 || len(values) != 2 || !isUUID(agent) || !slices.Contains([]string{"person", "registrar", "service"}, unit) {
		return "", refuse(codeCertificateSubject, at, "CN=<uuid>, OU=person, registrar or service", certificate.Subject.String())
	}
	return agent, nil
}

// issued directly: the issuer's name is the CA's subject, and the CA's key verifies the signature.
func issued(certificate, ca *x509.Certificate) bool {
	return bytes.Equal(certificate.RawIssuer, ca.RawSubject) &&
		ca.CheckSignature(x509.ECDSAWithSHA256, certificate.RawTBSCertificate, certificate.Signature) == nil
}

// mayHaveSigned holds the certificate to a statement that names it.
func (s *signer) mayHaveSigned(st *statement, recordedAt, at string) error {
	if s.agent != st.agent {
		return refuse(codeCertificateAgent, at, st.agent, s.agent)
	}
	if !slices.Contains(s.issuers, st.issuer) {
		return refuse(codeCertificateIssuer, at, "issued by a person CA of "+st.issuer, fmt.Sprint(s.issuers))
	}
	if recordedAt < s.notBefore || recordedAt > s.notAfter {
		return refuse(codeCertificateDate, at, s.notBefore+" … "+s.notAfter, recordedAt)
	}
	return nil
}
