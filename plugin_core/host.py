"""Rendering a whole session: by whatever host is installed.

`plugin_core` knows no host. One that can render sessions registers a function under the entry point
group `hexachord.host`; ours is `bridge.graph:render_session`.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from plugin_core.session import Session

GROUP = "hexachord.host"


def render(session: Session, out: Path | str, **options: Any) -> Any:
    """Render `session` to the folder `out`: stems, mix.wav, report.png and render.json.

    `options` are the host's own: with ours `jobs` (worker processes), `report` (draw it or not) and
    `progress` (called with the part done and what is being done). Returns what the host returns:
    files with their peaks and loudness. Raises InputError for what the session asks and cannot be
    had, RuntimeError if no host is installed.
    """
    hosts = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    if not hosts:
        raise RuntimeError(
            f"no host is installed that renders sessions (entry points '{GROUP}'): "
            "install the distribution hexachord"
        )
    host: Callable[..., Any] = hosts[0].load()
    return host(session, out, **options)
