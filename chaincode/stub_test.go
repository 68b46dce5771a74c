package main

import (
	"errors"
	"maps"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// stub is a transaction in memory: what the chaincode asks of a peer, and no more. Any other call panics.
type stub struct {
	shim.ChaincodeStubInterface
	function  string
	arguments []string
	state     map[string]string
	reads     []string
	writes    map[string]string
	transient map[string][]byte
	creator   []byte
	txid      string
	time      time.Time
	broken    bool // the peer fails to answer
}

var errPeer = errors.New("the peer does not answer")

func (s *stub) GetFunctionAndParameters() (string, []string) { return s.function, s.arguments }
func (s *stub) GetTransient() (map[string][]byte, error)     { return s.transient, nil }
func (s *stub) GetCreator() ([]byte, error)                  { return s.creator, nil }
func (s *stub) GetTxID() string                              { return s.txid }

func (s *stub) GetTxTimestamp() (*timestamppb.Timestamp, error) {
	return timestamppb.New(s.time), nil
}

func (s *stub) GetState(key string) ([]byte, error) {
	if s.broken {
		return nil, errPeer
	}
	s.reads = append(s.reads, key)
	if value, ok := s.state[key]; ok {
		return []byte(value), nil
	}
	return nil, nil
}

func (s *stub) PutState(key string, value []byte) error {
	if s.writes == nil {
		s.writes = map[string]string{}
	}
	s.writes[key] = string(value)
	return nil
}

// commit is the state after the transaction.
func (s *stub) commit() map[string]string {
	after := maps.Clone(s.state)
	maps.Copy(after, s.writes)
	return after
}

func serialized(mspID string, certificate []byte) []byte {
	identity, err := proto.Marshal(&msp.SerializedIdentity{Mspid: mspID, IdBytes: certificate})
	if err != nil {
		panic(err)
	}
	return identity
}
