# expect: RD101 by_status
"""`defaultdict(int)`: the key is there or made, and the update is still two steps."""

import threading
import time
from collections import defaultdict

by_status = defaultdict(int)


def note(status, delay):
    time.sleep(delay)
    by_status[status] += 1


threads = [threading.Thread(target=note, args=(200, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(dict(by_status))
