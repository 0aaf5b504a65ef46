# expect: silent
"""map() gives results in order; those who made them are done with them."""

from concurrent.futures import ThreadPoolExecutor


class Document:
    def __init__(self, text):
        self.text = text
        self.words = {}

    def count(self):
        for word in self.text.split():
            self.words[word] = self.words.get(word, 0) + 1
        return self


texts = ["a b a", "b c", "c c c", "a"]
total = {}
with ThreadPoolExecutor(3) as pool:
    for document in pool.map(Document.count, map(Document, texts)):
        document.text = ""
        for word, count in document.words.items():
            total[word] = total.get(word, 0) + count
print(total)
