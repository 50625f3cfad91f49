"""One module for each API, named by its key."""
