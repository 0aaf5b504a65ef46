# expect: silent
"""logging has its own locks."""

import io
import logging
import threading

stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.INFO, format="%(message)s")
log = logging.getLogger("program")


class Collect(logging.Handler):
    def __init__(self):
        super().__init__()
        self.count = 0

    def emit(self, record):
        self.count += 1


collect = Collect()
log.addHandler(collect)


def work(name):
    for number in range(10):
        log.info("%s %d", name, number)
        logging.getLogger(f"program.{name}").debug("nothing")


threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(collect.count, len(stream.getvalue().splitlines()))
