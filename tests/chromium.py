"""Finds the browser that the browser tests drive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# For each new window Chromium prepares the lists below its address bar, which nobody sees here: a third
# of the work of loading the app. It obeys the last such argument only, so Playwright's own is repeated.
LEFT_OUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    "AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter",
    "NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
# Without a display, and without the sandbox that root may not use in a container.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join(LEFT_OUT)}",
)


def find_chromium():
    """Return the path of a Chromium: CHROMIUM, the system's, or Playwright's own; None when there is none."""
    named = [shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *NAMES) if name]
    return next((path for path in [*named, _playwrights_own()] if path), None)


def install_command():
    """Return the one command that installs a Chromium on this machine."""
    if shutil.which("apt-get"):
        return "sudo apt-get install --yes chromium"
    return ".venv/bin/python -m playwright install chromium"


def _playwrights_own():
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")).expanduser()
    found = sorted(folder.glob("chromium-*/chrome-*/chrome"))
    found += sorted(folder.glob("chromium-*/chrome-*/*.app/Contents/MacOS/*"))
    return str(found[-1]) if found else None
