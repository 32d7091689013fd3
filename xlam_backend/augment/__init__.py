"""Augmentation: the same task told in another way. Pure functions on trajectories; nothing is stored here.

`plan.py` says what may be changed, `augmented.py` changes it, `meaning.py` shows that it still means the
same, `prompt.py` writes what a model gets and what it is to answer.
"""
