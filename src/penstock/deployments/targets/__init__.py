"""Where services run: processes on this machine, a Ray cluster, Kubernetes."""
