"""The reference cloud's target file, for every test."""

import pytest
import yaml


def pytest_addoption(parser):
    parser.addoption("--target", required=True)


@pytest.fixture(scope="session")
def target(request):
    with open(request.config.getoption("--target")) as file:
        return yaml.safe_load(file)
