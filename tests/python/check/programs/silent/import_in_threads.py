# expect: silent
"""Two threads import the same module: its body has run before either of them uses it."""

import sys
import tempfile
import threading
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "lazily_imported_part.py").write_text(
        "import time\n"
        "table = {}\n"
        "for number in range(5):\n"
        "    table[number] = number * number\n"
        "    time.sleep(0.001)\n"
        "total = 0\n"
        "total += sum(table.values())\n"
    )
    sys.path.insert(0, folder)

    def use(results):
        import lazily_imported_part

        results.append(lazily_imported_part.total + len(lazily_imported_part.table))

    results = []
    threads = [threading.Thread(target=use, args=(results,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(results)
