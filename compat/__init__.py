"""Schemas of three formats: read, canonicalise, compare. Pure: text in, data out."""
