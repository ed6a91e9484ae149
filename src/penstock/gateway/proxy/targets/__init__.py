"""What each call touches: one finder a row, and whom the identifiers belong to."""
