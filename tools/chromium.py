"""The Chromium of the browser tests: find it, or install it.

`python tools/chromium.py` does both; the tests only look, and say what to run where there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = "No Chromium was found for the browser tests. Run `make chromium`, or install Debian's package chromium."


def find() -> str | None:
    """Return the path of the system's Chromium or Chrome, else of Playwright's own, else None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    for app in MAC_APPS:
        if Path(app).exists():
            return app
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def arguments() -> list[str]:
    """Return the arguments for a headless run that asks nothing of the network; root can have no sandbox."""
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return [*quiet, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else quiet


def install() -> None:
    """Install a Chromium: Debian's package where that can be done, else Playwright's download."""
    release = Path("/etc/os-release")
    debian = release.exists() and "ID=debian" in release.read_text().split()
    if debian and shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        apt = [*root, "apt-get", "-o", "Acquire::Retries=3"]
        if subprocess.run([*apt, "update"]).returncode == 0:
            done = subprocess.run([*apt, "install", "-y", "--no-install-recommends", "chromium"])
            if done.returncode == 0:
                return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    if find() is None:
        install()
    found = find()
    print(f"Chromium for the browser tests: {found}" if found else MISSING)
    sys.exit(0 if found else 1)
