"""asyncio: a loop's thread orders what runs in the loop; the callback orders what other threads hand in."""

import sys

from raddle.check._sync._watch import Watch


def install(watch: Watch) -> None:
    watch.when_imported("asyncio.base_events", _install_loops)


def _install_loops(watch: Watch) -> None:
    loop = sys.modules["asyncio.base_events"].BaseEventLoop
    watch.method(loop, "call_soon_threadsafe", None, argument="callback", carry=True)
