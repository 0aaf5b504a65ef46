# expect: silent
"""Objects that are registered as the last step, and looked up without a lock."""

import threading
import time


class Device:
    def __init__(self, name):
        self.name = name
        self.address = "10.0.0.9"


devices = {}


def add():
    device = Device("printer")
    device.room = 7
    devices["printer"] = device


def look():
    time.sleep(0.02)
    device = devices["printer"]
    print(device.name, device.address, device.room)


threads = [threading.Thread(target=add), threading.Thread(target=look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
