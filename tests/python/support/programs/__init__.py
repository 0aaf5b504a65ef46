"""Programs that tests run in a process of their own, because a fault in them would end the process."""
