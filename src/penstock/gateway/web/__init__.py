"""The gateway's own pages: login, account, invitation."""
