package main

// code names the rule that a refused call broke. The table in docs/formats.md section 15 has the same lines.
type code string

const (
	// The call.

	// an argument of the call does not have its form
	codeArgument code = "ARGUMENT"
	// the transaction time is more than 5 minutes from the organisation's clock
	codeClock code = "CLOCK"
	// the caller's identity is not an X.509 certificate that can be read
	codeCallerIdentity code = "CALLER_IDENTITY"
	// the caller's organisation is not the ledger's operator
	codeCallerMSP code = "CALLER_MSP"
	// the caller's certificate does not carry the role that may anchor
	codeCallerRole code = "CALLER_ROLE"
	// the organisation's policy does not name this origin
	codePolicyOrigin code = "POLICY_ORIGIN"
	// the organisation's policy names another operator for this origin
	codePolicyOperator code = "POLICY_OPERATOR"
	// the organisation's policy names another role for this origin
	codePolicyRole code = "POLICY_ROLE"
	// the ledger has been opened before
	codeLedgerExists code = "LEDGER_EXISTS"
	// no ledger with this id has been opened
	codeLedgerAbsent code = "LEDGER_ABSENT"
	// the channel's state cannot be read or written, or does not hold what this chaincode writes
	codeState code = "STATE"

	// The batch as a whole.

	// the transient field batch is missing
	codeBatchAbsent code = "BATCH_ABSENT"
	// the batch has more than 8 MiB
	codeBatchSize code = "BATCH_SIZE"
	// the batch has more than 40,000 links
	codeBatchLinks code = "BATCH_LINKS"
	// the batch is another ledger's
	codeBatchLedger code = "BATCH_LEDGER"
	// the batch does not have the number after the last anchor's
	codeBatchNumber code = "BATCH_NUMBER"

	// Text forms.

	// not JSON in UTF-8
	codeJSONSyntax code = "JSON_SYNTAX"
	// nested deeper than 8 levels
	codeJSONDepth code = "JSON_DEPTH"
	// a number that is not an integer from 0 to 2^53-1
	codeJSONNumber code = "JSON_NUMBER"
	// null
	codeJSONNull code = "JSON_NULL"
	// an object has a member twice
	codeJSONRepeatedMember code = "JSON_REPEATED_MEMBER"
	// JSON, but not the canonical form of RFC 8785
	codeJSONNotCanonical code = "JSON_NOT_CANONICAL"
	// more JSON values than a batch at the cap can hold
	codeJSONValues code = "JSON_VALUES"
	// a member is missing or unknown
	codeShapeMembers code = "SHAPE_MEMBERS"
	// a member is of another type
	codeShapeType code = "SHAPE_TYPE"
	// a member's value does not have its form or is out of range
	codeShapeValue code = "SHAPE_VALUE"
	// an array is not ascending, or repeats an element
	codeShapeOrder code = "SHAPE_ORDER"
	// not padded base64, or stray bits
	codeBase64 code = "BASE64"
	// not unpadded base64url, or stray bits
	codeBase64URL code = "BASE64URL"

	// The log before the batch, and the marker.

	// the frontier has not one root for each 1 bit of its size
	codeFrontierLength code = "FRONTIER_LENGTH"
	// the frontier's size is not the last anchor's
	codeFrontierSize code = "FRONTIER_SIZE"
	// the frontier does not hash to the last anchor's SHA-256 root
	codeFrontierSHA256 code = "FRONTIER_SHA256"
	// the frontier does not hash to the last anchor's SM3 root
	codeFrontierSM3 code = "FRONTIER_SM3"
	// the marker has not its seven lines
	codeMarkerForm code = "MARKER_FORM"
	// the marker's index is not the size of the log before it
	codeMarkerIndex code = "MARKER_INDEX"
	// the marker names another ledger
	codeMarkerLedger code = "MARKER_LEDGER"
	// the marker bears another batch number
	codeMarkerNumber code = "MARKER_NUMBER"
	// the marker names another anchor digest than the last anchor's
	codeMarkerDigest code = "MARKER_DIGEST"
	// the marker names another time than the last anchor's
	codeMarkerTime code = "MARKER_TIME"
	// the marker names another transaction than the last anchor's
	codeMarkerTransaction code = "MARKER_TRANSACTION"

	// Certificates.

	// the certificate does not have the form of section 9
	codeCertificateForm code = "CERTIFICATE_FORM"
	// the certificates are not ascending by SHA-256, or one is there twice
	codeCertificateOrder code = "CERTIFICATE_ORDER"
	// no statement of the batch is signed with this certificate
	codeCertificateUnused code = "CERTIFICATE_UNUSED"
	// the batch does not carry the certificate that the statement names
	codeCertificateAbsent code = "CERTIFICATE_ABSENT"
	// the subject is not one CN (a uuid) and one OU (person, service or registrar) and nothing else
	codeCertificateSubject code = "CERTIFICATE_SUBJECT"
	// the certificate is another agent's
	codeCertificateAgent code = "CERTIFICATE_AGENT"
	// no person CA that the policy has for the statement's organisation issued the certificate
	codeCertificateIssuer code = "CERTIFICATE_ISSUER"
	// the person CA was not in date when the statement was recorded
	codeCertificateIssuerDate code = "CERTIFICATE_ISSUER_DATE"
	// the certificate was not in date when the statement was recorded
	codeCertificateDate code = "CERTIFICATE_DATE"

	// Statements and items.

	// the statement has more than 65,536 bytes
	codeStatementSize code = "STATEMENT_SIZE"
	// the statement is not header.payload.signature
	codeStatementForm code = "STATEMENT_FORM"
	// the signature is not 64 octets with 0 < r < n and 0 < s ≤ n/2
	codeStatementSignatureForm code = "STATEMENT_SIGNATURE_FORM"
	// the signature does not verify under the certificate's key
	codeStatementSignature code = "STATEMENT_SIGNATURE"
	// the statement is addressed to another origin
	codeStatementOrigin code = "STATEMENT_ORIGIN"
	// the statement is in the batch twice
	codeStatementRepeated code = "STATEMENT_REPEATED"
	// another statement of the batch has the same jti
	codeJTIRepeated code = "JTI_REPEATED"
	// not as many digests in _sd as names in fields
	codeSDCount code = "SD_COUNT"
	// a field has the name of a claim, or a name that RFC 9901 or RFC 7519 keeps
	codeSDClearClaim code = "SD_CLEAR_CLAIM"
	// a field file.<n>... that belongs to no file, or doubles clear digests
	codeSDFile code = "SD_FILE"
	// erased stands without the event disclosure.erase, or that event without erased
	codeErasedClaim code = "ERASED_CLAIM"
	// what a statement about a person says in clear: a claim that its event needs is absent, or stands with another event, or in a list
	codePeopleClaim code = "PEOPLE_CLAIM"
	// a list statement has a claim that stands in its items
	codeListClaimOutsideItem code = "LIST_CLAIM_OUTSIDE_ITEM"
	// a statement that is no list comes with items
	codeItemsWithoutList code = "ITEMS_WITHOUT_LIST"
	// the item has more than 65,536 bytes
	codeItemSize code = "ITEM_SIZE"
	// not as many items as the list statement says
	codeListSize code = "LIST_SIZE"
	// the items do not hash to the list's SHA-256 root
	codeListSHA256 code = "LIST_SHA256"
	// the items do not hash to the list's SM3 root
	codeListSM3 code = "LIST_SM3"
	// a record is twice in one list
	codeListRecordRepeated code = "LIST_RECORD_REPEATED"

	// Times.

	// recorded_at is before that of the statement above it
	codeTimeOrder code = "TIME_ORDER"
	// recorded_at is before that of the log's last entry
	codeTimeLog code = "TIME_LOG"
	// recorded_at is before the anchor that the batch's marker names
	codeTimeMarker code = "TIME_MARKER"
	// recorded_at is after the transaction
	codeTimeTransaction code = "TIME_TRANSACTION"
	// the transaction is before the last anchor's
	codeAnchorTime code = "ANCHOR_TIME"

	// Links.

	// not one link for each trail line
	codeLinksCount code = "LINKS_COUNT"
	// a link is not "<seq> <leaf hash>", or "0 -"
	codeLinkForm code = "LINK_FORM"
	// a link does not have the number after that of the entry before on its trail
	codeLinkSeq code = "LINK_SEQ"
	// a link does not name the leaf hash of the entry before on its trail
	codeLinkPrevious code = "LINK_PREVIOUS"

	// The replica.

	// the organisation could not keep its copy of the batch
	codeReplicaWrite code = "REPLICA_WRITE"
	// the organisation could not remove batches that another one has overtaken
	codeReplicaSweep code = "REPLICA_SWEEP"
)
