"""Where the templates, the configuration and the migrations lie.

The set-up imports this before it knows how old Python is, so it keeps to words of old.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The folder of the Python package itself."""


def files_beside(package: Path) -> Path:
    """Return the folder that holds `config/`, `templates/` and `migrations/`.

    In a checkout they lie beside *package*; in an installed wheel they were put into `_home`.
    """
    packed = package / "_home"
    return packed if packed.is_dir() else package.parent


def base_of_relative_paths(package: Path) -> Path:
    """Return the folder from which a relative path in a setting counts.

    That is the repository in a checkout. A wheel lies among the libraries, where nobody's data
    belongs, so there it is the folder the tracker was started in.
    """
    return Path.cwd() if files_beside(package) != package.parent else package.parent


ROOT = files_beside(PACKAGE)
CONFIG = ROOT / "config"
TEMPLATES = ROOT / "templates"
MIGRATIONS = ROOT / "migrations"
