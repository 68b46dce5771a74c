package main

import "slices"

// certificateForm is the one form that a signer's certificate has: docs/formats.md section 9, octet by octet.
type certificateForm struct {
	body                string // what the signature covers
	signature           string // DER
	issuer              string // a name, DER
	notBefore, notAfter string // instants
	subject             string // a name, DER
	point               string // X9.62, uncompressed
}

// DER of what is the same in all of them.
const (
	versionThree    = "\xa0\x03\x02\x01\x02"
	ecdsaWithSHA256 = "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
	// p256Key is all but the two coordinates; uncompressed is its last octet.
	p256Key      = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00" + uncompressed
	uncompressed = "\x04"
	isCritical   = "\x01\x01\xff"

	tagExtensions    = 0xa3
	tagKeyIdentifier = 0x80
	mostSerial       = 20 // octets
	mostIdentifier   = 64 // octets

	typeCommonName = "\x55\x04\x03"
	typeUnit       = "\x55\x04\x0b"
	subjectKey     = "\x55\x1d\x0e"
	authorityKey   = "\x55\x1d\x23"
)

// fixedValues are of extensions that may be critical: basicConstraints of no CA; keyUsage digitalSignature, alone or
// with contentCommitment; what a Hyperledger Fabric CA puts where its attributes stand when none is asked for.
var fixedValues = map[string][]string{
	"\x55\x1d\x13":                     {"\x30\x00"},
	"\x55\x1d\x0f":                     {"\x03\x02\x07\x80", "\x03\x02\x06\xc0"},
	"\x2a\x03\x04\x05\x06\x07\x08\x01": {`{"attrs":{}}`},
}

// readForm returns also what was expected where the form is broken, or nothing.
func readForm(der string) (certificateForm, string) {
	outer := newDER(der)
	certificate := outer.inner(tagSequence)
	outer.end()
	body, content := certificate.element(tagSequence)
	certificate.constant(ecdsaWithSHA256, "ecdsa-with-SHA256")
	signature := certificate.inner(tagBitString)
	certificate.end()
	signature.constant("\x00", "a signature without unused bits")

	fields := derReader{content, outer.why}
	fields.constant(versionThree, "version 3")
	checkSerial(&fields)
	fields.constant(ecdsaWithSHA256, "ecdsa-with-SHA256")
	f := certificateForm{body: body, signature: signature.rest}
	f.issuer, _ = fields.element(tagSequence)
	validity := fields.inner(tagSequence)
	f.notBefore, f.notAfter = readTime(&validity), readTime(&validity)
	validity.end()
	f.subject, _ = fields.element(tagSequence)
	key, _ := fields.element(tagSequence)
	keyParts := derReader{key, outer.why}
	keyParts.constant(p256Key, "a P-256 key")
	f.point = uncompressed + keyParts.rest
	if fields.more() {
		checkExtensions(fields.inner(tagExtensions))
	}
	fields.end()
	return f, *outer.why
}

// checkSerial: positive, in its shortest form.
func checkSerial(fields *derReader) {
	serial := fields.content(tagInteger)
	if serial == "" || len(serial) > mostSerial || serial[0] >= 0x80 || serial[0] == 0 && (len(serial) == 1 || serial[1] < 0x80) {
		fields.refuse("a positive serial number of at most %d octets", mostSerial)
	}
}

// readTime: RFC 5280 section 4.1.2.5, UTCTime through 2049 and GeneralizedTime from 2050 on; to the second, in UTC.
func readTime(validity *derReader) string {
	var text string
	if validity.nextIs(tagUTCTime) {
		text = validity.content(tagUTCTime)
		century := "20"
		if text >= "50" {
			century = "19"
		}
		text = century + text
	} else if text = validity.content(tagGeneralizedTime); text < "2050" {
		validity.refuse("UTCTime before 2050")
	}
	if !matches(text, "ddddddddddddddZ") {
		validity.refuse("YYMMDDhhmmssZ or YYYYMMDDhhmmssZ")
		return ""
	}
	when := text[:4] + "-" + text[4:6] + "-" + text[6:8] + "T" + text[8:10] + ":" + text[10:12] + ":" + text[12:14] + ".000Z"
	if !isInstant(when) {
		validity.refuse("a real time")
	}
	return when
}

func checkExtensions(wrapped derReader) {
	extensions := wrapped.inner(tagSequence)
	wrapped.end()
	var seen []string
	for len(seen) == 0 || extensions.more() {
		extension := extensions.inner(tagSequence)
		kind := extension.content(tagObjectIdentifier)
		critical := extension.nextIs(tagBoolean)
		if critical {
			extension.constant(isCritical, "critical, or nothing")
		}
		value := extension.inner(tagOctetString)
		extension.end()
		if slices.Contains(seen, kind) {
			extension.refuse("each extension once")
		}
		seen = append(seen, kind)
		switch {
		case kind == subjectKey && !critical:
			checkIdentifier(value.content(tagOctetString), &value)
		case kind == authorityKey && !critical:
			parts := value.inner(tagSequence)
			checkIdentifier(parts.content(tagKeyIdentifier), &parts)
			value.end()
		case !slices.Contains(fixedValues[kind], value.rest):
			extension.refuse("basicConstraints (no CA), keyUsage (signing), key identifiers, no attributes")
		}
	}
}

func checkIdentifier(identifier string, within *derReader) {
	within.end()
	if identifier == "" || len(identifier) > mostIdentifier {
		within.refuse("a key identifier of 1 to %d octets", mostIdentifier)
	}
}

// readSubject: CN and OU, each alone in its RDN, in any order, nothing else.
func readSubject(name string) (common, unit string, ok bool) {
	outer := newDER(name)
	names := outer.inner(tagSequence)
	found := map[string]string{}
	for range 2 {
		relative := names.inner(tagSet)
		attribute := relative.inner(tagSequence)
		relative.end()
		kind := attribute.content(tagObjectIdentifier)
		tag := byte(tagPrintableString)
		if attribute.nextIs(tagUTF8String) {
			tag = tagUTF8String
		}
		found[kind] = attribute.content(tag)
		attribute.end()
	}
	names.end()
	return found[typeCommonName], found[typeUnit], *outer.why == ""
}
