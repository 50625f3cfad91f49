"""What all formats share: subjects, framing, choice of schema, rules; none of it does I/O."""
