"""What the store's owner does with runs: start, stop, resume, repeat, take in; kinds.py lists them.

Nothing is imported here: a command that starts one kind of run need not wait for all the others.
"""
