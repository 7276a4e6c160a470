"""The demo people: accounts in Keycloak, then what they do through the REST API, as themselves. Can be run again."""

from stack.demo.accounts import PEOPLE, make_account
from stack.demo.making import is_made, make

__all__ = ["PEOPLE", "is_made", "make", "make_account"]
