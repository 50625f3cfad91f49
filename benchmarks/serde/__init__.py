"""Serializers, beside Confluent's and beside the libraries under them."""
