# expect: silent
"""A thread joins another one, and goes on with what that one has left."""

import threading


class Work:
    def __init__(self):
        self.done = 0


work = Work()


def first():
    work.done += 1


def second(before):
    before.join()
    work.done += 1


one = threading.Thread(target=first)
two = threading.Thread(target=second, args=(one,))
one.start()
two.start()
two.join()
work.done += 1
print(work.done)
