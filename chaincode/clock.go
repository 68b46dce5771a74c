package main

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// farthestClock is how far the transaction time may be from the organisation's own clock.
const farthestClock = 5 * time.Minute

// transactionTime is the channel header's timestamp, vouched for: docs/formats.md section 8.
func transactionTime(stub shim.ChaincodeStubInterface, now func() time.Time) (string, error) {
	stamp, err := stub.GetTxTimestamp()
	if err == nil {
		err = stamp.CheckValid()
	}
	clock := now()
	if err != nil {
		return "", refuse(codeClock, "transaction time", instantOf(clock), err.Error())
	}
	claimed := stamp.AsTime()
	if claimed.Sub(clock).Abs() > farthestClock {
		return "", refuse(codeClock, "transaction time", fmt.Sprintf("%s ± %v", instantOf(clock), farthestClock), instantOf(claimed))
	}
	return instantOf(claimed), nil
}
