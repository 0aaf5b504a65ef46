# expect: RD104 tasks
"""A `for` over a list, and another thread that removes from it: elements are skipped."""

import threading
import time

tasks = ["a", "b", "c"]


def show():
    for task in tasks:
        len(task)


def finish(task):
    time.sleep(0.05)
    tasks.remove(task)


threads = [threading.Thread(target=show), threading.Thread(target=finish, args=("a",))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tasks)
