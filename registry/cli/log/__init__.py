"""The commands for topics, groups and records: clients of any Kafka, not of Accord's log alone."""
