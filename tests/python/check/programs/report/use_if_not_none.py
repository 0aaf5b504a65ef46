# expect: RD102 Client.connection
"""`is not None`, then use; another thread closes and sets None."""

import threading
import time


class Connection:
    def send(self, text):
        return len(text)


class Client:
    def __init__(self):
        self.connection = Connection()

    def say(self, text):
        if self.connection is not None:
            self.connection.send(text)

    def close(self):
        time.sleep(0.05)
        self.connection = None


client = Client()
threads = [threading.Thread(target=client.say, args=("hello",)), threading.Thread(target=client.close)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(client.connection)
