"""What is said of an organisation that gave no answer, or another than most; Chinese, then English.

Apart from what needs grpc, so that a command can start without it.
"""

NO_ANSWER = "未及时答复 no answer in time"
OTHER_ANSWER = "答复与多数不同 another answer than most"
