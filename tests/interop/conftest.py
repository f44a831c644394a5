"""The reference cloud's target file, for every test."""

import pytest
import yaml


def pytest_addoption(parser):
    parser.addoption("--target", required=True)
    parser.addoption("--assay", help="the program", default="target/release/assay")
    parser.addoption("--server-target", help="the target file of a cloud with `--as cloudstack-4.1`")
    parser.addoption("--open-port", help="its port without keys")


@pytest.fixture(scope="session")
def target(request):
    with open(request.config.getoption("--target")) as file:
        return yaml.safe_load(file)
