"""Lets a process that has no use for pandas do without: pyarrow loads it with the first array it makes."""

from __future__ import annotations

import sys

_PANDAS = "pandas"


class _Missing:
    """An import finder for which there is no pandas."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        """Leave every other module to the finders after this one."""
        if name == _PANDAS:
            raise ModuleNotFoundError(f"{name} is kept out for a moment", name=name)


def keep_pandas_out() -> None:
    """Have pyarrow, where it is loaded, take pandas for missing in this process: that saves half a second.

    pyarrow 26 looks for pandas once, so that it knows its columns when it meets them. Everything here
    hands it lists and numpy arrays; `import pandas` itself works as ever, for libraries that need it.
    """
    if "pyarrow" not in sys.modules or _PANDAS in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _Missing)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_Missing)
