# expect: RD103 _buffer
"""`if getattr(self, ..., None) is None`, then the first store."""

import threading
import time


class Reader:
    def buffer(self, delay):
        time.sleep(delay)
        if getattr(self, "_buffer", None) is None:
            self._buffer = bytearray(8)
        return self._buffer


reader = Reader()
threads = [threading.Thread(target=reader.buffer, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(reader.buffer(0)))
