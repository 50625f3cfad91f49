"""The frame around every request: pure ASGI, so that no layer costs a task or a copy of a body."""
