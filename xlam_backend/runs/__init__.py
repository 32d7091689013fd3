"""Background work: a run is a folder that a detached process fills; the contract is files, not memory.

base.py        what a run is, and what a kind of run brings along
folder.py      the files of a run folder, and writing them whole or not at all
locks.py       locks on files: held by a process, gone with it, however it ends
lanes.py       who waits for whom: one queue per lane, its tickets and its places locked files
devices.py     the places that are devices: words for them, and how a worker is told which it has
launch.py      makes a run folder and starts its supervisor
supervisor.py  the process that watches over one attempt: heartbeat, stop, sweep, how it ended
context.py     what the worker has in hand
events.py      what happened, one JSON line each, appended; read from where one stopped reading
log.py         what a worker printed
tree.py        the processes of a run, found through /proc
failure.py     why a run failed, in classes a person can act on
state.py       the true state of a run, read from outside
details.py     all there is to see of one run
secrets.py     keys from the environment never reach a file
versions.py    the code and the libraries a run was started with
"""
