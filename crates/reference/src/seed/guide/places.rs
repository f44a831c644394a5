//! Zones, what they are built of, and what the provider offers.

use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::resource::fields;
use crate::world::{Owner, Record, kind};

use super::Seeding;

/// Adds all of it.
pub fn fill(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    zones(seeding)?;
    hosts(seeding)?;
    physical_networks(seeding)?;
    devices(seeding)?;
    offerings(seeding)?;
    rest(seeding)
}

fn zones(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    for (variable, name, network_type, groups) in [
        ("zone", "san-jose-1", "Advanced", "false"),
        ("other_zone", "san-jose-2", "Basic", "true"),
        ("far_zone", "tokyo-1", "Advanced", "false"),
    ] {
        let token = seeding.world.ids.named(&format!("zone token {name}"));
        let zone = seeding.make_as(
            variable,
            kind::ZONE,
            &[
                ("name", name),
                ("description", "A zone to try things in"),
                ("dns1", "192.0.2.53"),
                ("dns2", "192.0.2.54"),
                ("ip6dns1", "2001:db8::53"),
                ("ip6dns2", "2001:db8::54"),
                ("internaldns1", "192.0.2.55"),
                ("internaldns2", "192.0.2.56"),
                ("guestcidraddress", "10.1.1.0/24"),
                ("networktype", network_type),
                ("securitygroupenabled", groups),
                ("zonetoken", &token),
            ],
        )?;
        seeding.hide(kind::ZONE, &zone, "occupied", true);
    }
    Ok(())
}

fn hosts(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (zone, far) = (seeding.value("zone")?, seeding.value("far_zone")?);
    let pod =
        [("gateway", "192.0.2.1"), ("netmask", "255.255.255.0"), ("startip", "192.0.2.10"), ("endip", "192.0.2.99")];
    for (variable, zone) in [("pod", &zone), ("far_pod", &far)] {
        let mut pairs = pod.to_vec();
        pairs.extend([("name", variable), ("zoneid", zone)]);
        seeding.make_as(variable, kind::POD, &pairs)?;
    }
    let (pod, far_pod) = (seeding.value("pod")?, seeding.value("far_pod")?);
    for (variable, pod, zone, hypervisor) in [
        ("cluster", &pod, &zone, "XenServer"),
        ("far_cluster", &far_pod, &far, "XenServer"),
        ("vmware_cluster", &pod, &zone, "VMware"),
    ] {
        let pairs = [("clustername", variable), ("podid", pod.as_str()), ("zoneid", zone), ("hypervisor", hypervisor)];
        seeding.make_as(variable, kind::CLUSTER, &pairs)?;
    }
    let (cluster, far_cluster) = (seeding.value("cluster")?, seeding.value("far_cluster")?);
    for (variable, cluster, pod, zone) in [
        ("host", &cluster, &pod, &zone),
        ("other_host", &cluster, &pod, &zone),
        ("far_host", &far_cluster, &far_pod, &far),
    ] {
        let pairs = [
            ("url", variable),
            ("ipaddress", "192.0.2.30"),
            ("zoneid", zone.as_str()),
            ("podid", pod),
            ("clusterid", cluster),
            ("hypervisor", "XenServer"),
        ];
        seeding.make_as(variable, kind::HOST, &pairs)?;
    }
    for (variable, name) in [("storage_pool", "primary-1"), ("other_storage_pool", "primary-2")] {
        let pairs = [
            ("name", name),
            ("url", "/export/primary"),
            ("zoneid", zone.as_str()),
            ("podid", &pod),
            ("clusterid", &cluster),
            ("tags", "fast"),
        ];
        seeding.make_as(variable, kind::STORAGE_POOL, &pairs)?;
    }
    seeding.name("storage_pool_name", "primary-1");
    seeding.name("other_storage_pool_name", "primary-2");
    Ok(())
}

fn physical_networks(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (zone, far, pod) = (seeding.value("zone")?, seeding.value("far_zone")?, seeding.value("pod")?);
    for (variable, zone) in [("physical_network", &zone), ("far_physical_network", &far)] {
        let pairs = [
            ("name", variable),
            ("zoneid", zone.as_str()),
            ("state", "Enabled"),
            ("vlan", "500-599"),
            ("tags", "main"),
        ];
        seeding.make_as(variable, kind::PHYSICAL_NETWORK, &pairs)?;
    }
    let network = seeding.value("physical_network")?;
    for (name, services) in [
        ("VirtualRouter", "Dhcp,Dns,Firewall,Lb,SourceNat,StaticNat,PortForwarding,Vpn,UserData"),
        ("SecurityGroupProvider", "SecurityGroup"),
        ("Netscaler", "Lb"),
    ] {
        let pairs =
            [("name", name), ("physicalnetworkid", network.as_str()), ("state", "Enabled"), ("servicelist", services)];
        let root = seeding.people.root;
        let provider = seeding.make(kind::PROVIDER, name, root, &pairs)?;
        if name == "VirtualRouter" {
            // Pages take two of a kind.
            let element = [("nspid", provider.as_str()), ("enabled", "true")];
            seeding.make_as("router_element", kind::ROUTER_ELEMENT, &element)?;
            seeding.make(kind::ROUTER_ELEMENT, "second_router_element", root, &element)?;
        }
    }
    for name in ["Guest", "Public", "Management", "Storage"] {
        let pairs = [("traffictype", name), ("physicalnetworkid", network.as_str()), ("xennetworklabel", "cloud")];
        let root = seeding.people.root;
        seeding.make(kind::TRAFFIC_TYPE, name, root, &pairs)?;
        let implementor = [("traffictype", name), ("traffictypeimplementor", "ExternalGuestNetworkGuru")];
        seeding.make(kind::IMPLEMENTOR, name, root, &implementor)?;
    }
    for (name, providers) in [
        ("Dhcp", &["VirtualRouter"][..]),
        ("Dns", &["VirtualRouter"]),
        ("Firewall", &["VirtualRouter", "JuniperSRX"]),
        ("Lb", &["VirtualRouter", "Netscaler", "F5BigIp"]),
        ("SecurityGroup", &["SecurityGroupProvider"]),
        ("SourceNat", &["VirtualRouter", "JuniperSRX"]),
        ("StaticNat", &["VirtualRouter", "JuniperSRX"]),
        ("Vpn", &["VirtualRouter"]),
    ] {
        let providers: Vec<Value> = providers.iter().map(|name| json!({"name": name})).collect();
        let service = fields(json!({"name": name, "provider": providers, "capability": []}));
        seeding.world.add(kind::SERVICE, Record::new(Owner::Everyone, service).hiding("id", name))?;
    }
    seeding.name("standing_networkservice", "Dhcp");
    let range = |first: &'static str, last: &'static str| {
        [("gateway", "192.0.2.1"), ("netmask", "255.255.255.0"), ("startip", first), ("endip", last)]
    };
    let mut used = range("192.0.2.200", "192.0.2.209").to_vec();
    used.push(("podid", pod.as_str()));
    let mut unused = range("192.0.2.210", "192.0.2.219").to_vec();
    unused.push(("podid", pod.as_str()));
    let range = seeding.make_as("storage_ip_range", kind::STORAGE_RANGE, &used)?;
    seeding.make_as("unused_storage_range", kind::STORAGE_RANGE, &unused)?;
    seeding.hide(kind::STORAGE_RANGE, &range, "allocated", 2);
    seeding.name("used_storage_range", &range);
    Ok(())
}

fn devices(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (zone, network) = (seeding.value("zone")?, seeding.value("physical_network")?);
    let at = |address: &'static str| [("physicalnetworkid", network.clone()), ("url", address.to_owned())];
    for (variable, kind, address) in [
        ("standing_f5", kind::F5, "192.0.2.61"),
        ("standing_netscaler", kind::NETSCALER, "192.0.2.62"),
        ("standing_srx", kind::SRX, "192.0.2.63"),
        ("other_f5", kind::F5, "192.0.2.65"),
        ("other_netscaler", kind::NETSCALER, "192.0.2.66"),
        ("other_srx", kind::SRX, "192.0.2.67"),
    ] {
        let given = at(address);
        let pairs: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        seeding.make_as(variable, kind, &pairs)?;
    }
    for (variable, address) in [("cisco_nexus_vsm", "192.0.2.64"), ("other_nexus_vsm", "192.0.2.68")] {
        let switch = [("vsmdevicename", variable), ("ipaddress", address)];
        let switch = seeding.make_as(variable, kind::NEXUS, &switch)?;
        let cluster = seeding.value("vmware_cluster")?;
        seeding.hide(kind::NEXUS, &switch, "clusterid", cluster);
        seeding.hide(kind::NEXUS, &switch, "zoneid", zone.clone());
    }
    for (variable, hypervisor, version, most) in [
        ("hypervisor_capabilities", "XenServer", "6.0.2", "50"),
        ("kvm_capabilities", "KVM", "default", "50"),
        ("vmware_capabilities", "VMware", "5.0", "128"),
    ] {
        let pairs = [("hypervisor", hypervisor), ("hypervisorversion", version), ("maxguestslimit", most)];
        seeding.make_as(variable, kind::HYPERVISOR, &pairs)?;
    }
    let root = seeding.people.root;
    seeding.make_as("swift", kind::SWIFT, &[("url", "http://192.0.2.90:8080"), ("account", "swift")])?;
    let second = [("url", "http://192.0.2.91:8080"), ("account", "swift")];
    seeding.make(kind::SWIFT, "second_swift", root, &second)?;
    seeding.make_as("traffic_monitor", kind::TRAFFIC_MONITOR, &[("zoneid", &zone), ("url", "192.0.2.80")])?;
    for (number, name) in [(1, "Local"), (2, "Far away")] {
        let id = seeding.world.ids.named(&format!("region {number}"));
        let region = crate::command::region(&id, number, name, "http://127.0.0.1:8080/client");
        seeding.world.add(kind::REGION, region)?;
    }
    seeding.name("region", "1");
    seeding.name("standing_region", "1");
    Ok(())
}

fn offerings(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    for (variable, processors, speed, memory, system) in [
        ("offering", "1", "500", "512", "false"),
        ("other_offering", "2", "1000", "2048", "false"),
        ("huge_offering", "64", "4000", "4194304", "false"),
        ("system_offering", "1", "500", "256", "true"),
        ("router_offering", "1", "500", "128", "true"),
    ] {
        let pairs = [
            ("name", variable),
            ("displaytext", "A plan to try"),
            ("cpunumber", processors),
            ("cpuspeed", speed),
            ("memory", memory),
            ("issystem", system),
        ];
        seeding.make_as(variable, kind::SERVICE_OFFERING, &pairs)?;
    }
    for (alias, variable) in [
        ("service_offering", "offering"),
        ("other_service_offering", "other_offering"),
        ("system_vm_offering", "system_offering"),
    ] {
        let id = seeding.value(variable)?;
        seeding.name(alias, &id);
    }
    for (variable, size, custom) in [("disk_offering", "5", "false"), ("custom_disk_offering", "0", "true")] {
        let pairs = [("name", variable), ("displaytext", "A disk to try"), ("disksize", size), ("customized", custom)];
        seeding.make_as(variable, kind::DISK_OFFERING, &pairs)?;
    }
    let named = |names: &[&str]| -> Value { names.iter().map(|name| json!({"name": name})).collect() };
    for (variable, guest_type, vpc, lists) in [
        (
            "network_offering",
            "Isolated",
            "false",
            &["Dhcp", "Dns", "Firewall", "Lb", "SourceNat", "StaticNat", "Vpn"][..],
        ),
        ("shared_network_offering", "Shared", "false", &["Dhcp", "Dns", "UserData"]),
        ("vpc_network_offering", "Isolated", "true", &["Dhcp", "Dns", "SourceNat", "NetworkACL"]),
        ("persistent_network_offering", "Isolated", "false", &["Dhcp", "Dns", "SourceNat"]),
    ] {
        let pairs = [
            ("name", variable),
            ("displaytext", "A network to try"),
            ("traffictype", "Guest"),
            ("guestiptype", guest_type),
            ("forvpc", vpc),
            ("state", "Enabled"),
            ("specifyipranges", if guest_type == "Shared" { "true" } else { "false" }),
            ("ispersistent", if variable.starts_with("persistent") { "true" } else { "false" }),
        ];
        let offering = seeding.make_as(variable, kind::NETWORK_OFFERING, &pairs)?;
        seeding.set(kind::NETWORK_OFFERING, &offering, "service", named(lists));
    }
    for (variable, default) in [("vpc_offering", "true"), ("other_vpc_offering", "false")] {
        let pairs = [
            ("name", variable),
            ("displaytext", "A private cloud to try"),
            ("isdefault", default),
            ("state", "Enabled"),
        ];
        let offering = seeding.make_as(variable, kind::VPC_OFFERING, &pairs)?;
        seeding.set(
            kind::VPC_OFFERING,
            &offering,
            "service",
            named(&["Dhcp", "Dns", "SourceNat", "NetworkACL", "Vpn"]),
        );
    }
    Ok(())
}

/// Types of operating systems, and of what is measured.
fn rest(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    for (variable, description) in [("ostype", "CentOS 5.3 (64-bit)"), ("other_ostype", "Ubuntu 12.04 (64-bit)")] {
        let id = seeding.world.ids.named(&format!("os type {description}"));
        let os_type = fields(json!({"id": id, "description": description}));
        seeding.world.add(kind::OS_TYPE, Record::new(Owner::Everyone, os_type))?;
        seeding.name(variable, &id);
    }
    let id = seeding.value("ostype")?;
    seeding.name("os_type", &id);
    Ok(())
}
