# expect: RD103 pages
# expect: RD101 Cache.misses
"""Two requests miss the same page: each makes its own, and a miss is not counted."""

import threading
import time


class Page:
    def __init__(self, url):
        self.url = url
        self.visitors = []


class Cache:
    def __init__(self):
        self.pages = {}
        self.misses = 0

    def page(self, url):
        page = self.pages.get(url)
        if page is None:
            self.misses += 1
            page = Page(url)
            self.pages[url] = page
        return page


cache = Cache()


def request(name, url, delay):
    time.sleep(delay)
    cache.page(url).visitors.append(name)


threads = [
    threading.Thread(target=request, args=("ann", "/", 0)),
    threading.Thread(target=request, args=("bob", "/", 0.02)),
    threading.Thread(target=request, args=("cid", "/about", 0.04)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(cache.pages))
