"""Rules in the Common Expression Language."""
