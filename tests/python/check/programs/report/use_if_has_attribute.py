# expect: RD102 Request.user
"""`hasattr`, then use; another thread deletes the attribute."""

import threading
import time


class Request:
    pass


request = Request()
request.user = "ann"


def greet():
    if hasattr(request, "user"):
        print("hello", request.user)


def log_out():
    time.sleep(0.05)
    del request.user


threads = [threading.Thread(target=greet), threading.Thread(target=log_out)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
