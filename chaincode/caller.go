package main

import (
	"slices"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// caller is who signed the transaction's proposal; the peer has checked the identity against the channel's MSPs.
type caller struct {
	msp   string
	units []string
}

func readCaller(stub shim.ChaincodeStubInterface) (caller, error) {
	identity, err := cid.New(stub)
	if err != nil {
		return caller{}, refuse(codeCallerIdentity, "caller", "an X.509 identity", err.Error())
	}
	msp, _ := identity.GetMSPID()
	certificate, _ := identity.GetX509Certificate()
	if certificate == nil {
		return caller{}, refuse(codeCallerIdentity, "caller", "an X.509 identity", "another of "+msp)
	}
	return caller{msp, certificate.Subject.OrganizationalUnit}, nil
}

func (c caller) mustBe(operator, role string) error {
	if c.msp != operator {
		return refuse(codeCallerMSP, "caller", operator, c.msp)
	}
	if !slices.Contains(c.units, role) {
		return refuse(codeCallerRole, "caller", role, strings.Join(c.units, " "))
	}
	return nil
}
