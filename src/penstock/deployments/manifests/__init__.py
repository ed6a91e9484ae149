"""What Kubernetes is given for a service, and the image that runs in it. Pure."""
