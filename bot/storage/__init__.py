"""The memory of the product: tables, and one module of functions for each kind of record.

Every function takes an open `AsyncConnection`; the caller owns the transaction (`Database.transaction`), so
that one deed of a person is one commit. Moments are aware UTC datetimes, and time is always an argument.
"""
