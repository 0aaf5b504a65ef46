# expect: RD101 __coins
"""A name that the compiler mangles."""

import threading
import time


class Vault:
    def __init__(self):
        self.__coins = 0

    def add(self, delay):
        time.sleep(delay)
        self.__coins += 1

    def coins(self):
        return self.__coins


vault = Vault()
threads = [threading.Thread(target=vault.add, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(vault.coins())
