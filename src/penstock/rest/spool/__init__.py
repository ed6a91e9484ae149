"""The spool: what is logged lies in a folder until the server has it, whatever happens."""
