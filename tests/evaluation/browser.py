"""A headless Chromium for tests of pages; they are skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import FLAGS


class Browser:
    """One page at a time."""

    def __init__(self, profile: Path) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))

    def open(self, page: Path, *, width: int = 1200, dark: bool = False) -> None:
        """Shows a file in a window of some width."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        self.driver.get(page.resolve().as_uri())

    def run(self, script: str, *arguments: object) -> object:
        """The value of a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def choose(self, identifier: str, value: str) -> None:
        """Chooses in a selector as a reader does."""
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.ui import Select

        Select(self.driver.find_element(By.ID, identifier)).select_by_value(value)

    def press(self, identifier: str, *keys: str) -> None:
        """Presses keys in an element."""
        from selenium.webdriver.common.by import By

        self.driver.find_element(By.ID, identifier).send_keys(*keys)

    def complaints(self) -> list[str]:
        """The lines in the console of the page since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def screenshot(self) -> bytes:
        """The screen as a PNG."""
        return bytes(self.driver.get_screenshot_as_png())


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser for a module of tests."""
    pytest.importorskip("selenium")
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("no chromium and chromedriver here")
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.driver.quit()
