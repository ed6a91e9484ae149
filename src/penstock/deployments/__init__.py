"""Deployments: models as services, on this machine, on Ray or on Kubernetes.

spec          what is asked for, as a value
resolve       what a model's URI means now, and whether what it needs is installed
commands      the command line that serves a model
supervision/  one process that keeps one service running
targets/      where services run
manifests/    what Kubernetes is given
descendants   every process below this one, and how they end

Nothing here imports the serving: it is started as a program.
"""
