# expect: silent
"""Each page has a lock of its own, so that slow pages do not hold up others."""

import threading


class Page:
    def __init__(self):
        self.lock = threading.Lock()
        self.text = None


class Cache:
    def __init__(self):
        self.lock = threading.Lock()
        self.pages = {}
        self.hits = self.misses = 0

    def get(self, url):
        with self.lock:
            page = self.pages.get(url)
            if page is None:
                self.misses += 1
                page = self.pages[url] = Page()
            else:
                self.hits += 1
        with page.lock:
            if page.text is None:
                page.text = f"<h1>{url}</h1>"
            return page.text

    def forget(self, url):
        with self.lock:
            self.pages.pop(url, None)


cache = Cache()


def request(number):
    for step in range(20):
        url = f"/{(number + step) % 4}"
        assert cache.get(url).endswith("</h1>")
        if step % 7 == 6:
            cache.forget(url)


threads = [threading.Thread(target=request, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(cache.hits + cache.misses)
