"""Executors and actions for the rules of data contracts."""
