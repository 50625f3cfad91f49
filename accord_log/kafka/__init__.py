"""The Kafka protocol, without I/O: messages, record batches, error codes."""
