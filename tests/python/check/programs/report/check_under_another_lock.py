# expect: RD102 leases
"""The one who checks and the one who removes lock different locks."""

import threading
import time

lease_lock, clean_lock = threading.Lock(), threading.Lock()
leases = {"10.0.0.7": "ann"}


def owner(address):
    with lease_lock:
        if address in leases:
            return leases[address]
        return ""


def clean():
    time.sleep(0.05)
    with clean_lock:
        leases.pop("10.0.0.7", None)


threads = [threading.Thread(target=owner, args=("10.0.0.7",)), threading.Thread(target=clean)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(leases)
