"""What docs/howto/serving.md shows is what is in examples/serving."""

from servers import EXAMPLES, ROOT


def test_the_configuration_of_the_page_is_that_of_the_example() -> None:
    page = (ROOT / "docs" / "howto" / "serving.md").read_text()
    configuration = (EXAMPLES / "nginx.conf").read_text()
    start = configuration.index("map $http_accept")
    assert configuration[start:] in page
