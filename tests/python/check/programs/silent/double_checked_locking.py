# expect: silent
"""Lazy creation with the check repeated under the lock."""

import threading


class Client:
    def __init__(self):
        self.address = "here"
        self.port = 80


class Service:
    def __init__(self):
        self._lock = threading.Lock()
        self._client = None

    def client(self):
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = Client()
        return self._client


service = Service()
answers = []


def work():
    client = service.client()
    answers.append((client.address, client.port))


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(answers)
