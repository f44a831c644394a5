"""The cs client: its signing of every kind of character, its jobs, paging and expiry."""

from datetime import datetime, timedelta, timezone

import pytest
from cs import CloudStack, CloudStackApiException


def client(target, **options):
    service = target["suites"]["cloudn"]
    return CloudStack(endpoint=service["url"], key=service["api_key"], secret=service["secret_key"], **options)


@pytest.mark.parametrize(
    "text", ["two words", "a+b", "*", "~", "a*b~c+d e", "東京 Zürich", "a/b?c=d&e", "100%", "MiXeD", "'\"<>"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_values_of_all_characters_are_signed_alike(target, text, method):
    cloud = client(target, method=method)
    group = cloud.createSecurityGroup(name=f"cs {method} {text}", description=text)["securitygroup"]
    try:
        assert group["description"] == text
        found = cloud.listSecurityGroups(id=group["id"])["securitygroup"]
        assert [item["name"] for item in found] == [f"cs {method} {text}"]
    finally:
        cloud.deleteSecurityGroup(id=group["id"])


def test_a_wrong_secret_is_refused(target):
    service = target["suites"]["cloudn"]
    cloud = CloudStack(endpoint=service["url"], key=service["api_key"], secret=service["secret_key"] + "x")
    with pytest.raises(CloudStackApiException) as refused:
        cloud.listZones()
    assert refused.value.response.status_code == 401


def test_jobs_are_followed_to_their_result(target):
    variables = target["suites"]["cloudn"]["variables"]
    cloud = client(target, poll_interval=0.05)
    machine = cloud.deployVirtualMachine(
        zoneid=variables["zone"],
        templateid=variables["template"],
        serviceofferingid=variables["offering"],
        fetch_result=True,
    )["virtualmachine"]
    assert machine["state"] == "Running"
    gone = cloud.destroyVirtualMachine(id=machine["id"], fetch_result=True)["virtualmachine"]
    assert gone["state"] == "Destroyed"


def test_every_page_is_fetched(target):
    cloud = client(target)
    whole = cloud.listSecurityGroups()["securitygroup"]
    assert len(whole) > 2
    paged = cloud.listSecurityGroups(fetch_list=True, page_size=2)
    assert sorted(item["id"] for item in paged) == sorted(item["id"] for item in whole)


def test_a_request_is_good_until_it_expires(target):
    assert client(target, expiration=timedelta(minutes=5)).listZones()["zone"]
    past = (datetime.now(timezone.utc) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S%z")
    with pytest.raises(CloudStackApiException) as refused:
        client(target).listZones(expires=past, signatureVersion="3")
    assert refused.value.response.status_code == 401
