"""An embedded, Kafka-compatible event log."""
