"""Makes a moto server ready for `assay test --suite ec2`: moto.py ADDRESS TARGET > a target file.

ADDRESS is where the server listens; TARGET is moto.yaml, in which ${NAME} stands for what is made here. Moto begins as an
empty cloud that asks nobody who they are. What the suite can't make with EC2's 18 commands (volumes) is made for it, and an
account with a key; then moto is told to check signatures.
"""

import json
import string
import sys
import time
import urllib.error
import urllib.request

import boto3

REGION = "us-east-1"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}


def wait_for(address):
    for _ in range(300):
        try:
            return urllib.request.urlopen(f"{address}/moto-api/data.json").read()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit(f"no moto server answers at {address}")


def main(address, path):
    wait_for(address)

    def client(service):
        # Until moto is reported otherwise, any keys will do.
        anybody = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything"}
        return boto3.client(service, endpoint_url=address, region_name=REGION, **anybody)

    ec2, iam = client("ec2"), client("iam")
    volumes = [ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"] for _ in range(3)]
    iam.create_user(UserName="assay")
    iam.put_user_policy(UserName="assay", PolicyName="ec2", PolicyDocument=json.dumps(POLICY))
    key = iam.create_access_key(UserName="assay")["AccessKey"]
    values = {
        "ADDRESS": address,
        "REGION": REGION,
        "ACCESS_KEY": key["AccessKeyId"],
        "SECRET_KEY": key["SecretAccessKey"],
        "IMAGE": ec2.register_image(Name="assay")["ImageId"],
        **{f"VOLUME_{number}": volume for number, volume in enumerate(volumes, 1)},
    }
    with open(path) as file:
        sys.stdout.write(string.Template(file.read()).substitute(values))
    strict = urllib.request.Request(
        f"{address}/moto-api/reset-auth", method="POST", data=b"0", headers={"content-type": "text/plain"}
    )
    urllib.request.urlopen(strict)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
