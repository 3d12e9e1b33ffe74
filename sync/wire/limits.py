"""Every bound on what may travel, in one place. What lies beyond a bound is refused."""

MESSAGE_BYTES_MAX = 256 * 1024  # one publish; both brokers take it, a 64 kbit/s link in 33 s
BATCH_BYTES_MAX = 128 * 1024  # some 1,000 households; on slow roads the pace asks for less
WINDOW_BYTES_MAX = 512 * 1024  # sent and not yet acked, all lanes but urgent together
BODY_BYTES_MAX = 1024 * 1024  # a batch once decompressed
UNPACKED_BYTES_MAX = 8 * 1024 * 1024  # the canonical entries of a batch together
RATIO_MAX = 200  # decompressed over compressed; real batches reach about 20
RECORDS_MAX = 4096  # in one batch
RECORD_BYTES_MAX = 64 * 1024  # one record's canonical bytes; media travels in chunks
DEPTH_MAX = 12  # nested arrays and maps in any message
STREAMS_MAX = 512  # (epoch, lane) pairs named in one hello or ack
NODE_ID_CHARS_MAX = 48  # stays a DNS label and an MQTT topic level

assert RECORD_BYTES_MAX < MESSAGE_BYTES_MAX < WINDOW_BYTES_MAX
assert BATCH_BYTES_MAX + RECORD_BYTES_MAX < MESSAGE_BYTES_MAX
