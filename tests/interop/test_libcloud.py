"""Apache Libcloud's CloudStack driver, used as its documentation says."""

from urllib.parse import urlsplit

import pytest
from libcloud.compute.providers import get_driver
from libcloud.compute.types import NodeState, Provider


@pytest.fixture(scope="module")
def driver(target):
    service = target["suites"]["cloudn"]
    url = urlsplit(service["url"])
    make = get_driver(Provider.CLOUDSTACK)
    driver = make(
        key=service["api_key"],
        secret=service["secret_key"],
        secure=False,
        host=url.hostname,
        port=url.port,
        path=url.path,
    )
    driver.connection.poll_interval = 0.05
    return driver


def named(items, name):
    return [item for item in items if item.name == name]


def test_images_sizes_and_locations_are_listed(driver, target):
    images = {image.id for image in driver.list_images()}
    assert target["suites"]["cloudn"]["variables"]["template"] in images
    assert {size.name for size in driver.list_sizes()} >= {"v1", "v2", "v4", "v8"}
    assert {location.name for location in driver.list_locations()} == {"jp-e1a", "jp-e1b"}


def test_a_node_lives_through_its_life_cycle(driver, target):
    variables = target["suites"]["cloudn"]["variables"]
    size = next(size for size in driver.list_sizes() if size.id == variables["offering"])
    image = next(image for image in driver.list_images() if image.id == variables["template"])
    location = next(place for place in driver.list_locations() if place.id == variables["zone"])
    node = driver.create_node(name="libcloud", size=size, image=image, location=location)
    try:
        assert node.state == NodeState.RUNNING
        assert node.id in {other.id for other in driver.list_nodes()}
        driver.ex_stop(node)
        assert driver.ex_get_node(node.id).state == NodeState.STOPPED
        driver.ex_start(node)
        assert driver.ex_get_node(node.id).state == NodeState.RUNNING
        assert driver.reboot_node(node)
    finally:
        assert driver.destroy_node(node)
    assert driver.ex_get_node(node.id).state == NodeState.TERMINATED


def test_volumes_are_created_and_destroyed(driver, target):
    location = next(place for place in driver.list_locations() if place.id == target["suites"]["cloudn"]["variables"]["zone"])
    offering = next(
        offering for offering in driver.ex_list_disk_offerings() if offering.id == target["suites"]["cloudn"]["variables"]["disk_offering"]
    )
    before = len(driver.list_volumes())
    volume = driver.create_volume(size=offering.size, name="libcloud", location=location)
    assert len(driver.list_volumes()) == before + 1
    assert driver.destroy_volume(volume)
    assert len(driver.list_volumes()) == before


def test_security_groups_and_their_rules(driver):
    group = driver.ex_create_security_group("libcloud-group", description="made by a test")
    try:
        assert "libcloud-group" in {found["name"] for found in driver.ex_list_security_groups()}
        driver.ex_authorize_security_group_ingress("libcloud-group", "tcp", "192.0.2.0/24", 22, 22)
    finally:
        assert driver.ex_delete_security_group("libcloud-group")
    assert "libcloud-group" not in {found["name"] for found in driver.ex_list_security_groups()}
