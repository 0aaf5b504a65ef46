# expect: RD103 Service.client
"""Lazy creation without a lock: two threads can make two clients, and one works with the lost one."""

import threading
import time


class Client:
    def __init__(self):
        self.sent = []


class Service:
    def __init__(self):
        self.client = None

    def get(self, delay):
        time.sleep(delay)
        if self.client is None:
            self.client = Client()
        return self.client


service = Service()
threads = [threading.Thread(target=service.get, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(service.client.sent)
