# expect: silent
"""One read into a local, which then is checked and used: others may change the original meanwhile."""

import threading
import time


class Connection:
    def send(self, text):
        return len(text)


class Client:
    def __init__(self):
        self.connection = Connection()
        self.handlers = {"open": len}

    def say(self, delay):
        time.sleep(delay)
        connection = self.connection
        if connection is not None:
            connection.send("hello")
        handler = self.handlers.get("open")
        if handler is not None:
            handler("x")

    def close(self):
        time.sleep(0.01)
        self.connection = None
        self.handlers.pop("open")


client = Client()
threads = [
    threading.Thread(target=client.say, args=(0,)),
    threading.Thread(target=client.close),
    threading.Thread(target=client.say, args=(0.02,)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(client.connection)
