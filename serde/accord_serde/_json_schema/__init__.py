"""JSON Schema: checking messages with compiled validators, and walking them for rules."""
