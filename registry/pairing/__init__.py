"""Registry and event log together: records checked against schemas, schemas published as records.

Everything here runs in the log's process, over the registry's database, without REST.
"""
