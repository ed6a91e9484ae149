"""`penstock up`: the gateway and an MLflow server on one machine, supervised.

command        the options
launch         from options to a running supervisor: everything that can be checked first
folder         the data folder: what lies where, and the lock that keeps a second `up` out
ports          free, or taken by whom
administrator  who the first administrator is, and where the password comes from
parts          how MLflow and the gateway are started
sentry         the command's own process: passes signals on, and outlives the supervisor
session        what the supervisor does: start, wait, announce, watch
supervisor     starts parts, waits for them, watches them, ends them
part           one started program: its output, its end
readiness      what must answer before Penstock is ready
signals        signals as events that can be waited for
progress       what a watcher sees meanwhile
"""
