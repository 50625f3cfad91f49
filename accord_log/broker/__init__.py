"""The state of a broker, without sockets: topics, groups, transactions, and all answers."""
