"""The event log, beside Redis Streams, Apache Kafka and what the machine itself can do."""
