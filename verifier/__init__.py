"""The rules of the archive ledger, and the offline check of one evidence file against them.

Nothing here opens a socket or reads a database; only `command` touches files. Whoever distrusts the
people who run the ledger needs to read this folder only.
"""
