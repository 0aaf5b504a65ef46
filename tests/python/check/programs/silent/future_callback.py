# expect: silent
"""A done callback comes after the task, wherever it runs; a future's own exception too."""

from concurrent.futures import ThreadPoolExecutor


class Job:
    def __init__(self):
        self.log = ""

    def run(self):
        self.log += "run "
        raise ValueError("planted")

    def done(self, future):
        self.log += type(future.exception()).__name__


job = Job()
with ThreadPoolExecutor(2) as pool:
    pool.submit(job.run).add_done_callback(job.done)
job.log += " end"
print(job.log)
