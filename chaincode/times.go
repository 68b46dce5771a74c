package main

// checkTimes: "recorded_at never decreases along the log and is never before the anchor time named in its
// batch's marker" (docs/formats.md section 6), nor after the transaction that anchors it. The answer is the log's
// last recorded_at after the batch, or - if it has none.
func checkTimes(statements []logged, previous *anchor, transactionTime string) (string, error) {
	last := "-"
	if previous != nil {
		last = previous.last
		if transactionTime < previous.time {
			return "", refuse(codeAnchorTime, "transaction time", "not before "+previous.time, transactionTime)
		}
	}
	for i, s := range statements {
		at := placeOf(i) + ".recorded_at"
		if last != "-" && s.recordedAt < last {
			why := codeTimeOrder
			if i == 0 {
				why = codeTimeLog
			}
			return "", refuse(why, at, "not before "+last, s.recordedAt)
		}
		if previous != nil && s.recordedAt < previous.time {
			return "", refuse(codeTimeMarker, at, "not before "+previous.time, s.recordedAt)
		}
		if s.recordedAt > transactionTime {
			return "", refuse(codeTimeTransaction, at, "not after "+transactionTime, s.recordedAt)
		}
		last = s.recordedAt
	}
	return last, nil
}
