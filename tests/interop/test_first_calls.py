"""The first calls of CloudMonkey, Terraform's provider and Marvin, as they go over the wire, against `--as cloudstack-4.1`."""

import base64
import hashlib
import hmac
import time
from urllib.parse import quote

import pytest
import requests
import yaml


@pytest.fixture(scope="module")
def server(request):
    with open(request.config.getoption("--server-target")) as file:
        return yaml.safe_load(file)["suites"]["cloudstack"]


@pytest.fixture(scope="module")
def open_port(request):
    return f"http://127.0.0.1:{request.config.getoption('--open-port')}/client/api"


def encoded(parameters):
    return "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(parameters.items()))


def signed(parameters, secret):
    digest = hmac.new(secret.encode(), encoded(parameters).lower().encode(), hashlib.sha1).digest()
    return f"{encoded(parameters)}&signature={quote(base64.b64encode(digest).decode(), safe='')}"


class Client:
    """Keys, and how a client of these sends a command."""

    def __init__(self, url, key, secret, **always):
        self.url, self.key, self.secret, self.always = url, key, secret, always

    def call(self, command, method="GET", **arguments):
        parameters = {"apiKey": self.key, "command": command, "response": "json", **self.always, **arguments}
        query = signed(parameters, self.secret)
        if method == "GET":
            answer = requests.get(f"{self.url}?{query}", timeout=10)
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = requests.post(self.url, data=query, headers=headers, timeout=10)
        assert answer.ok, answer.text
        (envelope, body), = answer.json().items()
        assert envelope == f"{command.lower()}response"
        return body

    def finish(self, job):
        for _ in range(100):
            state = self.call("queryAsyncJobResult", jobid=job)
            if state["jobstatus"] != 0:
                assert state["jobstatus"] == 1, state
                return state["jobresult"]
            time.sleep(0.05)
        raise AssertionError("the job does not end")


def keys(server):
    return server["url"], server["api_key"], server["secret_key"]


def test_cloudmonkey_learns_every_command(server):
    expires = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(time.time() + 600))
    cloudmonkey = Client(*keys(server), signatureversion="3", expires=expires)
    learnt = cloudmonkey.call("listApis", listall="true")
    assert learnt["count"] == len(learnt["api"]) > 200
    for api in learnt["api"]:
        assert api["description"] and isinstance(api["isasync"], bool), api["name"]
        for parameter in api["params"]:
            assert parameter["type"] and parameter["description"] and isinstance(parameter["required"], bool)
    assert cloudmonkey.call("listZones", available="true")["zone"]


def test_terraform_makes_a_network_and_finds_it_as_it_wrote_it(server):
    terraform = Client(*keys(server))
    zone = server["variables"]["zone"]
    assert [found["id"] for found in terraform.call("listZones", id=zone)["zone"]] == [zone]
    offering = server["variables"]["network_offering"]
    assert terraform.call("listNetworkOfferings", id=offering)["networkoffering"][0]["id"] == offering
    network = terraform.call(
        "createNetwork",
        name="terraform",
        displaytext="terraform",
        gateway="10.7.0.1",
        netmask="255.255.255.0",
        startip="10.7.0.2",
        endip="10.7.0.254",
        networkofferingid=offering,
        zoneid=zone,
    )["network"]
    try:
        found = terraform.call("listNetworks", id=network["id"])["network"][0]
        assert (found["cidr"], found["gateway"], found["name"]) == ("10.7.0.0/24", "10.7.0.1", "terraform")
    finally:
        terraform.finish(terraform.call("deleteNetwork", id=network["id"])["jobid"])
    with pytest.raises(AssertionError, match="entity does not exist"):
        terraform.call("listNetworks", id=network["id"])


def test_terraform_posts_a_machine_with_its_signature_in_the_form(server):
    terraform, variables = Client(*keys(server)), server["variables"]
    answer = terraform.call(
        "deployVirtualMachine",
        method="POST",
        name="terraform",
        zoneid=variables["zone"],
        templateid=variables["template"],
        serviceofferingid=variables["offering"],
        networkids=variables["network"],
        userdata=base64.b64encode(b"#cloud-config\n").decode(),
    )
    machine = terraform.finish(answer["jobid"])["virtualmachine"]
    assert machine["id"] == answer["id"] and machine["state"] == "Running"
    gone = terraform.finish(terraform.call("destroyVirtualMachine", id=machine["id"])["jobid"])["virtualmachine"]
    assert gone["state"] == "Destroyed"


def test_marvin_gets_keys_through_the_open_port_and_signs_with_them(server, open_port):
    def unsigned(command, **arguments):
        parameters = {"command": command, "response": "json", **arguments}
        answer = requests.get(open_port, params=parameters, timeout=10)
        assert answer.ok, answer.text
        return answer.json()[f"{command.lower()}response"]

    root = unsigned("listUsers", listall="true", accounttype="1")["user"][0]
    marvin = Client(server["url"], root["apikey"], root["secretkey"])
    assert marvin.call("listZones")["zone"]
    assert unsigned("listConfigurations", name="integration.api.port")["configuration"][0]["value"]
    made = marvin.call(
        "createAccount",
        accounttype="0",
        email="marvin@example.com",
        firstname="Marvin",
        lastname="Test",
        username="marvin",
        password="marvin",
    )["account"]
    try:
        assert made["user"][0]["username"] == "marvin"
        assert marvin.call("listAccounts", id=made["id"])["account"][0]["name"] == "marvin"
    finally:
        marvin.finish(marvin.call("deleteAccount", id=made["id"])["jobid"])
