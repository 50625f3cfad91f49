"""How the service runs: one process, or several that share a port under a supervisor."""
