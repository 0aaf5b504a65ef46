# expect: silent
"""A daemon thread that looks at the state for ever; nobody ever joins it."""

import threading
import time


class Server:
    def __init__(self):
        self.state = "starting"
        self.requests = 0


server = Server()
texts = []


def watch():
    while True:
        if server.requests > 10**9:
            texts.append(server.state)
        time.sleep(0.001)


threading.Thread(target=watch, daemon=True).start()
for _ in range(10):
    server.requests += 1
    time.sleep(0.001)
server.state = "ended"
print(server.requests, server.state)
