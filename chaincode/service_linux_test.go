package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// serve runs the service as a process of its own.
func serve(t *testing.T, variables map[string]string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), serveInstead+"=1")
	for name, value := range variables {
		command.Env = append(command.Env, name+"="+value)
	}
	var output bytes.Buffer
	command.Stderr = &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the service wrote:\n%s", output.String())
		}
	})
	return command
}

// dial connects as the peer does, with its client certificate.
func dial(t *testing.T, variables map[string]string) grpc.BidiStreamingClient[peer.ChaincodeMessage, peer.ChaincodeMessage] {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(variables["CHAINCODE_TLS_CERT"], variables["CHAINCODE_TLS_KEY"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(leaf)
	secured := credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots})
	connection, err := grpc.NewClient(variables["CHAINCODE_SERVER_ADDRESS"], grpc.WithTransportCredentials(secured),
		grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(100<<20), grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	stream, err := peer.NewChaincodeClient(connection).Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// call is a whole transaction over the stream, with the state and the writes of st.
func call(t *testing.T, stream grpc.BidiStreamingClient[peer.ChaincodeMessage, peer.ChaincodeMessage], st *stub, arguments ...string) *peer.Response {
	t.Helper()
	send := func(message *peer.ChaincodeMessage) {
		if err := stream.Send(message); err != nil {
			t.Fatal(err)
		}
	}
	input := &peer.ChaincodeInput{}
	for _, argument := range arguments {
		input.Args = append(input.Args, []byte(argument))
	}
	header := &common.Header{
		ChannelHeader:   marshal(t, &common.ChannelHeader{Type: int32(common.HeaderType_ENDORSER_TRANSACTION), ChannelId: "channel", TxId: st.txid, Timestamp: timestamppb.New(st.time)}),
		SignatureHeader: marshal(t, &common.SignatureHeader{Creator: st.creator, Nonce: []byte{1}}),
	}
	proposal := &peer.Proposal{Header: marshal(t, header), Payload: marshal(t, &peer.ChaincodeProposalPayload{TransientMap: st.transient})}
	send(&peer.ChaincodeMessage{Type: peer.ChaincodeMessage_TRANSACTION, Txid: st.txid, ChannelId: "channel",
		Payload: marshal(t, input), Proposal: &peer.SignedProposal{ProposalBytes: marshal(t, proposal)}})
	for {
		message, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		answer := &peer.ChaincodeMessage{Type: peer.ChaincodeMessage_RESPONSE, Txid: message.Txid, ChannelId: message.ChannelId}
		switch message.Type {
		case peer.ChaincodeMessage_GET_STATE:
			var get peer.GetState
			unmarshal(t, message.Payload, &get)
			answer.Payload, _ = st.GetState(get.Key)
		case peer.ChaincodeMessage_PUT_STATE:
			var put peer.PutState
			unmarshal(t, message.Payload, &put)
			_ = st.PutState(put.Key, put.Value)
		case peer.ChaincodeMessage_COMPLETED:
			var response peer.Response
			unmarshal(t, message.Payload, &response)
			return &response
		default:
			t.Fatalf("the chaincode sent %s %s", message.Type, message.Payload)
		}
		send(answer)
	}
}

func marshal(t *testing.T, message proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unmarshal(t *testing.T, data []byte, message proto.Message) {
	t.Helper()
	if err := proto.Unmarshal(data, message); err != nil {
		t.Fatal(err)
	}
}

// highestMemory is the most memory that the process has held, in MiB.
func highestMemory(t *testing.T, process int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if match == nil {
		t.Fatalf("no VmHWM in %s", status)
	}
	kib, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// The service as a peer sees it: mutual TLS, registration, and batches at the cap within the memory promised.
func TestServiceAnchorsBatchesAtTheCap(t *testing.T) {
	const mostMemory = 250
	variables := environment(t)
	service := serve(t, variables)
	stream := dial(t, variables)
	message, err := stream.Recv()
	if err != nil || message.Type != peer.ChaincodeMessage_REGISTER {
		t.Fatalf("not registered: %v %v", message, err)
	}
	for _, kind := range []peer.ChaincodeMessage_Type{peer.ChaincodeMessage_REGISTERED, peer.ChaincodeMessage_READY} {
		if err := stream.Send(&peer.ChaincodeMessage{Type: kind}); err != nil {
			t.Fatal(err)
		}
	}
	for _, batch := range []capBatch{listAtCap(t), singlesAtCap(t), listAtCap(t)} {
		s := newScene(t)
		s.time = time.Now()
		st := &stub{state: batch.state, transient: map[string][]byte{"batch": batch.text}, creator: s.creator, txid: transactionID + "02", time: s.time}
		start := time.Now()
		response := call(t, stream, st, "Anchor", batch.id)
		if response.Status != 200 || len(st.writes) != 2 {
			t.Fatalf("%d %s, wrote %v", response.Status, response.Message, st.writes)
		}
		t.Logf("%d bytes, %d links: %v, at most %d MiB", len(batch.text), batch.links, time.Since(start), highestMemory(t, service.Process.Pid))
	}
	if found := highestMemory(t, service.Process.Pid); found > mostMemory {
		t.Errorf("the service has held %d MiB, more than %d", found, mostMemory)
	}
}

func TestServiceWithoutItsVariablesEndsWith2(t *testing.T) {
	service := serve(t, nil)
	err := service.Wait()
	if status, ok := err.(*exec.ExitError); !ok || status.ExitCode() != cannotStart {
		t.Errorf("ended with %v", err)
	}
}

func TestServiceRefusesAPeerWithoutACertificate(t *testing.T) {
	variables := environment(t)
	serve(t, variables)
	// The real peer is let in, so the service is up.
	if message, err := dial(t, variables).Recv(); err != nil || message.Type != peer.ChaincodeMessage_REGISTER {
		t.Fatalf("not registered: %v %v", message, err)
	}
	secured := credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})
	connection, err := grpc.NewClient(variables["CHAINCODE_SERVER_ADDRESS"], grpc.WithTransportCredentials(secured))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := peer.NewChaincodeClient(connection).Connect(ctx)
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Unavailable {
		t.Errorf("expected the connection to be refused, found %v", err)
	}
}
