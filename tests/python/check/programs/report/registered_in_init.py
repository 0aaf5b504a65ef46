# expect: RD105 Device.address
"""__init__ registers the object where other threads find it, and then goes on filling it."""

import threading
import time

devices = {}


class Device:
    def __init__(self, name, address):
        devices[name] = self
        self.address = address


def look():
    time.sleep(0.03)
    print(devices["printer"].address)


thread = threading.Thread(target=look)
thread.start()
Device("printer", "10.0.0.9")
thread.join()
