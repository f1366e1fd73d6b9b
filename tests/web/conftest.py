import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import FLAGS, Browser, browser  # noqa: F401 - a fixture
from web_files import write_files


@pytest.fixture(scope="session")
def files(browser: Browser) -> Path:  # noqa: F811
    """A folder of pictures that the server has as /files/."""
    folder = browser.server.site.folders["/files/"]
    write_files(folder)
    return folder


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Any]:
    """A Chromium that is used as a reader uses it: a driver of selenium."""
    pytest.importorskip("selenium")
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("no chromium and chromedriver here")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()
