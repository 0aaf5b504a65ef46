# expect: RD101 Account.balance
"""The read is under the lock and the write is under the lock, but the lock was free between them."""

import threading
import time


class Account:
    def __init__(self):
        self.lock = threading.Lock()
        self.balance = 100

    def pay_interest(self, delay):
        time.sleep(delay)
        with self.lock:
            balance = self.balance
        balance += balance // 10
        with self.lock:
            self.balance = balance


account = Account()
threads = [threading.Thread(target=account.pay_interest, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(account.balance)
