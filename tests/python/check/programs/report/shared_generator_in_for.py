# expect: RD202 tickets
"""Two `for` loops over one generator."""

import threading
import time

tickets = (f"ticket {number}" for number in range(6))


def sell(delay):
    time.sleep(delay)
    for ticket in tickets:
        if ticket.endswith("2"):
            break


threads = [threading.Thread(target=sell, args=(delay,)) for delay in (0, 0.05)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("sold")
