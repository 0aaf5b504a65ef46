# expect: RD101 total
"""A module's variable, as a global by one thread and as an attribute of the module by the other one."""

import sys
import threading
import time

total = 0
this_module = sys.modules[__name__]


def inside():
    global total
    total += 1


def outside():
    time.sleep(0.02)
    this_module.total += 1


threads = [threading.Thread(target=inside), threading.Thread(target=outside)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
