# expect: silent
"""`is_alive()` that says no is as good as join."""

import threading
import time

state = {"lines": 0}


def work():
    time.sleep(0.005)
    state["lines"] += 3


thread = threading.Thread(target=work)
thread.start()
while thread.is_alive():
    time.sleep(0.001)
state["lines"] += 1
print(state)
