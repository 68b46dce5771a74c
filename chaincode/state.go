package main

import "github.com/hyperledger/fabric-chaincode-go/v2/shim"

// readState is the key's value, empty where it has none: nothing here writes an empty value.
func readState(stub shim.ChaincodeStubInterface, key string) (string, error) {
	value, err := stub.GetState(key)
	if err != nil {
		return "", refuse(codeState, key, "a value, or none", err.Error())
	}
	return string(value), nil
}

func writeState(stub shim.ChaincodeStubInterface, key, value string) error {
	if err := stub.PutState(key, []byte(value)); err != nil {
		return refuse(codeState, key, "a write", err.Error())
	}
	return nil
}

// readHead is the ledger's last anchor, or nil.
func readHead(stub shim.ChaincodeStubInterface, id string) (*anchor, error) {
	number, err := readState(stub, headKey(id))
	if err != nil || number == "" {
		return nil, err
	}
	key := anchorKey(id, number)
	text, err := readState(stub, key)
	if err != nil {
		return nil, err
	}
	a, err := parseAnchor(text, key)
	return &a, err
}
