"""Background work as folders: a detached supervisor, a worker, events, stop and resume."""
