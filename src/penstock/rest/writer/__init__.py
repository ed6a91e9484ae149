"""The metric writer: sends in the background what is logged, in batches, and loses nothing."""
