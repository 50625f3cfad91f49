"""The log inside a program: the broker's partitions and groups without a network."""
