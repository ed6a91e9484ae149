"""Several processes that answer for one port: a dispatcher before them, a supervisor above them."""
