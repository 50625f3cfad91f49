"""Protobuf schemas and messages as the serializers use them; needs the extra `protobuf`."""
