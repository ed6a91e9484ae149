"""What was done and what was refused, written down."""
