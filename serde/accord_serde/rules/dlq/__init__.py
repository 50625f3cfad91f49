"""Dead letters: messages that failed a rule, on a topic of their own."""
