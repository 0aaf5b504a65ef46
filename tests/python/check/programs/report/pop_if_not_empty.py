# expect: RD102 stack
"""`if stack: stack.pop()` by two threads: the last item can be taken by the other one."""

import threading
import time

stack = ["one", "two"]
taken = []


def take(delay):
    time.sleep(delay)
    if stack:
        taken.append(stack.pop())


threads = [threading.Thread(target=take, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(taken)
