# expect: silent
"""A memo that looks first and then calls setdefault: nobody's value is overwritten."""

import threading

memo = {}


def tree(depth):
    try:
        return memo[depth]
    except KeyError:
        node = [] if depth == 0 else [tree(depth - 1)]
        return memo.setdefault(depth, node)


def work(delay_depth):
    tree(delay_depth)


threads = [threading.Thread(target=work, args=(depth,)) for depth in (5, 7, 6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(memo))
