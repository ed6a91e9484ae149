"""`penstock rollout`: which runs of which version are live, and with which share of the traffic."""
