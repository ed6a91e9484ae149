"""OpenID Connect: what providers vouch for, and the accounts that follow from it."""
