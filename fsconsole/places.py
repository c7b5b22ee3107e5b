"""Where things are: this home's store, settings, keys; the themes and fixtures that ship with the program.

It stands apart so that a checkout, a wheel and ``--home DIR`` differ in one file only.

    settings   the platform's config folder, or HOME/settings.toml
    data       the platform's data folder, or HOME: site.db, keys/, imports/, reports/
    shipped    themes/ and fixtures/: inside the installed package, else beside pyproject.toml
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one installation."""

    config: Path
    data: Path

    @property
    def store(self) -> Path:
        return self.data / "site.db"

    @property
    def settings(self) -> Path:
        return self.config / "settings.toml"

    @property
    def keys(self) -> Path:
        """Private keys: outside the store and outside the shared folder."""
        return self.data / "keys"

    @property
    def rejects(self) -> Path:
        """Where an import writes the lines to mend and import again."""
        return self.data / "rejects"

    @property
    def reports(self) -> Path:
        """Crash reports, without clients' data."""
        return self.data / "reports"

    @property
    def state(self) -> Path:
        """What a console remembers between sessions."""
        return self.data / "console.json"

    @property
    def themes(self) -> Path:
        """The user's own themes."""
        return self.config / "themes"

    def make(self) -> None:
        self.config.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)


def home_at(folder: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> Home:
    """The home named by ``--home`` or ``FSCONSOLE_HOME``, else the platform's folders."""
    chosen = folder or environ.get("FSCONSOLE_HOME", "")
    if chosen:
        root = Path(chosen).expanduser().absolute()
        return Home(config=root, data=root)
    import platformdirs  # loaded only when no home is named: it costs a tenth of the first frame

    return Home(
        config=Path(platformdirs.user_config_dir("fsconsole", appauthor=False)),
        data=Path(platformdirs.user_data_dir("fsconsole", appauthor=False)),
    )


def shipped(name: str) -> Path:
    """A folder that ships with the program: ``themes`` or ``fixtures``."""
    package = Path(__file__).resolve().parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / name
