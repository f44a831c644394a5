"""boto3 against the EC2 side: both versions of Amazon's signatures, its waiters, and the same machines at the native API."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cs import CloudStack

QUICK = {"Delay": 0.1, "MaxAttempts": 100}


def client(target, version="v4", account=None, **keys):
    service = target["suites"]["ec2"]
    known = service["accounts"][account] if account else service
    return boto3.client(
        "ec2",
        endpoint_url=service["url"],
        region_name="us-east-1",
        aws_access_key_id=keys.get("api_key", known["api_key"]),
        aws_secret_access_key=keys.get("secret_key", known["secret_key"]),
        config=Config(signature_version=version, retries={"max_attempts": 1}),
    )


def native(target):
    service = target["suites"]["cloudn"]
    return CloudStack(endpoint=service["url"], key=service["api_key"], secret=service["secret_key"], poll_interval=0.05)


@pytest.fixture
def variables(target):
    return target["suites"]["ec2"]["variables"]


@pytest.fixture
def machine(target, variables):
    ec2 = client(target)
    launched = ec2.run_instances(ImageId=variables["template"], MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[launched], WaiterConfig=QUICK)
    yield launched
    ec2.terminate_instances(InstanceIds=[launched])


def instance(ec2, machine):
    return ec2.describe_instances(InstanceIds=[machine])["Reservations"][0]["Instances"][0]


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_signatures_of_both_versions_are_checked(target, version):
    assert client(target, version).describe_images()["Images"]
    for keys in [{"secret_key": "another"}, {"api_key": "nobody"}]:
        with pytest.raises(ClientError) as refused:
            client(target, version, **keys).describe_images()
        assert refused.value.response["Error"]["Code"] == "AuthFailure"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_names_of_all_characters_are_signed_alike(target, machine, version):
    ec2 = client(target, version)
    for name in ["two words", "a+b", "*~", "(a.b)/c-d_e", "100%", "東京 Zürich", "a&b=c"]:
        image = ec2.create_image(InstanceId=machine, Name=f"boto3 {version} {name}")["ImageId"]
        names = {found["Name"] for found in ec2.describe_images()["Images"] if found["ImageId"] == image}
        assert names == {f"boto3 {version} {name}"}
        ec2.deregister_image(ImageId=image)


def test_a_machine_lives_through_its_life_cycle(target, variables, machine):
    ec2 = client(target)
    shown = instance(ec2, machine)
    assert shown["ImageId"] == variables["template"]
    assert shown["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    stopping = ec2.stop_instances(InstanceIds=[machine])["StoppingInstances"][0]
    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == ("running", "stopping")
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[machine], WaiterConfig=QUICK)
    ec2.modify_instance_attribute(InstanceId=machine, InstanceType={"Value": variables["other_offering_name"]})
    assert instance(ec2, machine)["InstanceType"] == variables["other_offering_name"]
    ec2.start_instances(InstanceIds=[machine])
    ec2.get_waiter("instance_running").wait(InstanceIds=[machine], WaiterConfig=QUICK)
    ec2.reboot_instances(InstanceIds=[machine])
    ec2.terminate_instances(InstanceIds=[machine])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[machine], WaiterConfig=QUICK)


def test_both_apis_act_on_the_same_machines(target, machine):
    cloud, ec2 = native(target), client(target)
    assert cloud.listVirtualMachines(id=machine)["virtualmachine"][0]["state"] == "Running"
    cloud.stopVirtualMachine(id=machine, fetch_result=True)
    assert instance(ec2, machine)["State"]["Name"] == "stopped"


def test_an_image_is_shared_with_another_account(target, variables, machine):
    ec2, other = client(target), client(target, account="neighbour")

    def seen():
        return image in {found["ImageId"] for found in other.describe_images()["Images"]}

    image = ec2.create_image(InstanceId=machine, Name="boto3 shared")["ImageId"]
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[machine], WaiterConfig=QUICK)
    assert not seen()
    entity = [{"UserId": variables["entity"]}]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": entity})
    assert seen()
    launched = other.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    other.get_waiter("instance_running").wait(InstanceIds=[launched], WaiterConfig=QUICK)
    other.terminate_instances(InstanceIds=[launched])
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Remove": entity})
    assert not seen()
    ec2.deregister_image(ImageId=image)
    with pytest.raises(ClientError) as refused:
        ec2.deregister_image(ImageId=image)
    assert refused.value.response["Error"]["Code"] == "InvalidAMIID.NotFound"


def test_volumes_and_their_snapshots(target, variables, machine):
    cloud, ec2 = native(target), client(target)
    volume = cloud.createVolume(
        name="boto3", zoneid=variables["zone"], diskofferingid=variables["disk_offering"], fetch_result=True
    )["volume"]["id"]
    ec2.attach_volume(VolumeId=volume, InstanceId=machine, Device="/dev/sdh")
    attached = {found["VolumeId"]: found["State"] for found in ec2.describe_volumes()["Volumes"]}
    assert attached[volume] == "in-use"
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    assert snapshot in {found["SnapshotId"] for found in ec2.describe_snapshots()["Snapshots"]}
    ec2.delete_snapshot(SnapshotId=snapshot)
    with pytest.raises(ClientError) as refused:
        ec2.delete_volume(VolumeId=volume)
    assert refused.value.response["Error"]["Code"] == "IncorrectState"
    ec2.detach_volume(VolumeId=volume, InstanceId=machine)
    ec2.delete_volume(VolumeId=volume)
    assert volume not in {found["VolumeId"] for found in ec2.describe_volumes()["Volumes"]}


def test_what_the_manual_does_not_list_is_not_there(target, variables):
    with pytest.raises(ClientError) as refused:
        client(target).create_volume(AvailabilityZone=variables["zone"], Size=1)
    assert refused.value.response["Error"]["Code"] == "InvalidAction"
