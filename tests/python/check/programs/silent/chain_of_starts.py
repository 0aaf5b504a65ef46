# expect: silent
"""Each thread starts the next one as its last act."""

import threading

path = []
state = {"depth": 0}
finished = threading.Event()


def work(left):
    state["depth"] += 1
    path.append(left)
    if left:
        threading.Thread(target=work, args=(left - 1,)).start()
    else:
        finished.set()


work(5)
finished.wait()
print(state, path)
