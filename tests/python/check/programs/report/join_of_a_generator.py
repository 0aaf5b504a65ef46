# expect: RD104 headers
"""`",".join(... for ... in d.items())`: the generator expression runs over the dict."""

import threading
import time

headers = {"host": "here", "accept": "all"}


def render():
    return ",".join(f"{key}={value}" for key, value in headers.items())


def add():
    time.sleep(0.05)
    headers["cookie"] = "none"


threads = [threading.Thread(target=render), threading.Thread(target=add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(render())
