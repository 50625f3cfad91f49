"""Where the registry keeps its state."""
