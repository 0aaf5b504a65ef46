"""The harness that every blocking call of raddle passes: the calls, and what they must withstand.

table.py     the calls; a new primitive's call is one entry more
columns.py   what each call is put through: time limits, signals, fork(), shutdown, ...
broken.py    calls with planted faults, each of which one column must find
"""
