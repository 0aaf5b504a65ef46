# expect: silent
"""A token in a queue of one: who has it may change the shared state."""

import queue
import threading

token = queue.Queue(1)
token.put("token")
state = {"changes": 0}


def work():
    for _ in range(20):
        mine = token.get()
        state["changes"] += 1
        token.put(mine)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(state)
