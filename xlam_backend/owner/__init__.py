"""Who holds the database file: the app, or a command; everyone else asks the holder.

lock.py          a file lock decides who the owner is; it goes with its process, however that ends
card.py          where the owner is reached and what it is doing, for those who come second
holding.py       this process as owner: lock, open store, and a server for the others
server.py        runs other processes' command lines here, over a loopback port
line.py          the line to one client; frames.py: what is said on it
client.py        has the owner run a command line, and passes its words on
command_line.py  `python -m xlam_backend`: be the owner if nobody is, else ask the owner
taking_in.py     the app's thread that takes in what runs have finished
app.py           the app's one store
"""

from xlam_backend.owner.app import app_store

__all__ = ["app_store"]
