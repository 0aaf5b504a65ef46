# expect: silent
"""map hands each task an object of its own, and the caller gets it back."""

from concurrent.futures import ThreadPoolExecutor


class Document:
    def __init__(self, text):
        self.text = text
        self.words = 0


def count(document):
    document.words += len(document.text.split())
    return document


documents = [Document("to be " * number) for number in range(12)]
with ThreadPoolExecutor(3) as pool:
    for document in pool.map(count, documents):
        document.words += 1
print(sum(document.words for document in documents))
