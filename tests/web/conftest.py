from pathlib import Path

import pytest
from browsers import Browser, browser  # noqa: F401 - a fixture
from web_files import write_files


@pytest.fixture(scope="session")
def files(browser: Browser) -> Path:  # noqa: F811
    """A folder of pictures that the server has as /files/."""
    folder = browser.server.site.folders["/files/"]
    write_files(folder)
    return folder
