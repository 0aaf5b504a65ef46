# expect: silent
"""A Future that a thread completes by itself."""

import threading
from concurrent.futures import Future

answer = Future()
state = {"value": 1}


def compute():
    state["value"] *= 20
    answer.set_result(state)


thread = threading.Thread(target=compute)
thread.start()
result = answer.result()
result["value"] += 1
thread.join()
print(state)
