# expect: RD102 online
"""`if x in s: s.remove(x)`, while another thread discards the same member."""

import threading
import time

online = {"ann", "bob"}


def leave(name):
    if name in online:
        online.remove(name)
    online.add(name)


def kick(name):
    time.sleep(0.05)
    online.discard(name)


threads = [threading.Thread(target=leave, args=("ann",)), threading.Thread(target=kick, args=("ann",))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(online)
