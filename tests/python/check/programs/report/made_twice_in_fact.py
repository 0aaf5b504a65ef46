# expect: RD103 happened Service.client
"""Events force the worst order: both find nothing, both make one."""

import threading


class Service:
    def __init__(self):
        self.client = None


service = Service()
first_checked, second_made = threading.Event(), threading.Event()


def first():
    if service.client is None:
        first_checked.set()
        second_made.wait()
        service.client = ["first"]


def second():
    first_checked.wait()
    if service.client is None:
        service.client = ["second"]
    second_made.set()


threads = [threading.Thread(target=first), threading.Thread(target=second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(service.client)
