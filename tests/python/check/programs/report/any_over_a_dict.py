# expect: RD104 alarms
"""`any` with a generator over a dict's values."""

import threading
import time

alarms = {"door": False, "roof": False}


def alarmed():
    return any(alarm for alarm in alarms.values())


def remove():
    time.sleep(0.05)
    alarms.pop("roof")


threads = [threading.Thread(target=alarmed), threading.Thread(target=remove)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(alarms)
