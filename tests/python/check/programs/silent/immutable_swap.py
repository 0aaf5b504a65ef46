# expect: silent
"""One writer replaces the whole configuration; readers take it once and use what they have."""

import threading
import time


class Config:
    def __init__(self, host, ports):
        self.host = host
        self.ports = ports


class Server:
    def __init__(self):
        self.config = Config("a", (1, 2))

    def reload(self):
        for number in range(10):
            self.config = Config(f"host {number}", (number, number + 1))
            time.sleep(0.001)

    def serve(self):
        for _ in range(20):
            config = self.config
            assert config.ports[1] == config.ports[0] + 1
            assert config.host
            time.sleep(0.0005)


server = Server()
threads = [threading.Thread(target=target) for target in (server.reload, server.serve, server.serve)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(server.config.host)
