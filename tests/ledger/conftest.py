"""The ledger's tests run on both databases."""

from tests.database_fixtures import database, databases_of_this_test_alone

__all__ = ["database", "databases_of_this_test_alone"]
