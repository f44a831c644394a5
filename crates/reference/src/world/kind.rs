//! The kinds of resources.

use std::fmt;

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The name that answers give one of it.
    shown: &'static str,
    /// What tells it from other kinds of the same name.
    of: &'static str,
}

impl Kind {
    const fn new(shown: &'static str) -> Self {
        Self { shown, of: "" }
    }

    /// The name that answers give one of the kind.
    pub fn name(self) -> &'static str {
        self.shown
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown)
    }
}

/// Availability zones.
pub const ZONE: Kind = Kind::new("zone");
/// Plans of machines.
pub const SERVICE_OFFERING: Kind = Kind::new("serviceoffering");
/// Plans of data disks.
pub const DISK_OFFERING: Kind = Kind::new("diskoffering");
/// Types of operating systems.
pub const OS_TYPE: Kind = Kind::new("ostype");
/// Templates of machines.
pub const TEMPLATE: Kind = Kind::new("template");
/// Installation media.
pub const ISO: Kind = Kind::new("iso");
/// Virtual machines.
pub const MACHINE: Kind = Kind::new("virtualmachine");
/// Groups that an account sorts its machines into.
pub const MACHINE_GROUP: Kind = Kind::new("instancegroup");
/// Security groups with their rules.
pub const SECURITY_GROUP: Kind = Kind::new("securitygroup");
/// Root and data disks.
pub const VOLUME: Kind = Kind::new("volume");
/// Snapshots of volumes.
pub const SNAPSHOT: Kind = Kind::new("snapshot");
/// Domains, as a tree.
pub const DOMAIN: Kind = Kind::new("domain");
/// Accounts.
pub const ACCOUNT: Kind = Kind::new("account");
/// Users of accounts.
pub const USER: Kind = Kind::new("user");
/// Projects.
pub const PROJECT: Kind = Kind::new("project");
/// Accounts as members of projects.
pub const PROJECT_ACCOUNT: Kind = Kind::new("projectaccount");
/// Invitations to projects.
pub const INVITATION: Kind = Kind::new("projectinvitation");
/// Regions.
pub const REGION: Kind = Kind::new("region");
/// Pods of zones.
pub const POD: Kind = Kind::new("pod");
/// Clusters of pods.
pub const CLUSTER: Kind = Kind::new("cluster");
/// Hosts of clusters.
pub const HOST: Kind = Kind::new("host");
/// Primary storage.
pub const STORAGE_POOL: Kind = Kind::new("storagepool");
/// Object stores.
pub const SWIFT: Kind = Kind::new("swift");
/// Virtual routers.
pub const ROUTER: Kind = Kind::new("router");
/// Console proxies and secondary storage machines.
pub const SYSTEM_VM: Kind = Kind::new("systemvm");
/// What hypervisors can do.
pub const HYPERVISOR: Kind = Kind::new("hypervisorCapabilities");
/// The directory of a site.
pub const LDAP: Kind = Kind::new("ldapconfig");
/// Monitors of direct traffic.
pub const TRAFFIC_MONITOR: Kind = Kind::new("trafficmonitor");
/// Physical networks.
pub const PHYSICAL_NETWORK: Kind = Kind::new("physicalnetwork");
/// Providers of network services.
pub const PROVIDER: Kind = Kind::new("networkserviceprovider");
/// Types of traffic on a physical network.
pub const TRAFFIC_TYPE: Kind = Kind::new("traffictype");
/// Implementors of traffic types.
pub const IMPLEMENTOR: Kind = Kind::new("traffictypeimplementorresponse");
/// Services that networks can have.
pub const SERVICE: Kind = Kind::new("networkservice");
/// Ranges of addresses for storage.
pub const STORAGE_RANGE: Kind = Kind::new("storagenetworkiprange");
/// Ranges of public addresses.
pub const ADDRESS_RANGE: Kind = Kind::new("vlan");
/// Virtual routers as providers.
pub const ROUTER_ELEMENT: Kind = Kind::new("virtualrouterelement");
/// Load balancers of F5.
pub const F5: Kind = Kind::new("f5loadbalancer");
/// Load balancers of `NetScaler`.
pub const NETSCALER: Kind = Kind::new("netscalerloadbalancer");
/// Firewalls of the SRX family.
pub const SRX: Kind = Kind::new("srxfirewall");
/// Cisco's virtual switches.
pub const NEXUS: Kind = Kind::new("cisconexusvsm");
/// Plans of networks.
pub const NETWORK_OFFERING: Kind = Kind::new("networkoffering");
/// Guest networks.
pub const NETWORK: Kind = Kind::new("network");
/// Public addresses.
pub const PUBLIC_ADDRESS: Kind = Kind::new("ipaddress");
/// Rules of firewalls.
pub const FIREWALL_RULE: Kind = Kind::new("firewallrule");
/// Rules for what leaves a network.
pub const EGRESS_RULE: Kind = Kind { shown: "firewallrule", of: "egress" };
/// Rules that forward ports.
pub const PORT_FORWARDING: Kind = Kind::new("portforwardingrule");
/// Rules that forward addresses.
pub const IP_FORWARDING: Kind = Kind::new("ipforwardingrule");
/// Rules of load balancers.
pub const BALANCER: Kind = Kind::new("loadbalancer");
/// Policies by which a load balancer keeps to a machine.
pub const STICKINESS: Kind = Kind::new("stickinesspolicies");
/// Virtual private clouds.
pub const VPC: Kind = Kind::new("vpc");
/// Plans of virtual private clouds.
pub const VPC_OFFERING: Kind = Kind::new("vpcoffering");
/// Private gateways of virtual private clouds.
pub const PRIVATE_GATEWAY: Kind = Kind::new("privategateway");
/// Rules of the networks of virtual private clouds.
pub const NETWORK_ACL: Kind = Kind::new("networkacl");
/// Static routes.
pub const STATIC_ROUTE: Kind = Kind::new("staticroute");
/// Far ends of site-to-site tunnels.
pub const CUSTOMER_GATEWAY: Kind = Kind::new("vpncustomergateway");
/// Near ends of site-to-site tunnels.
pub const VPN_GATEWAY: Kind = Kind::new("vpngateway");
/// Site-to-site tunnels.
pub const VPN_CONNECTION: Kind = Kind::new("vpnconnection");
/// Tunnels of single users.
pub const REMOTE_VPN: Kind = Kind::new("remoteaccessvpn");
/// Counters of metrics.
pub const COUNTER: Kind = Kind::new("counter");
/// Conditions on counters.
pub const CONDITION: Kind = Kind::new("condition");
/// When to add and when to remove machines.
pub const SCALE_POLICY: Kind = Kind::new("autoscalepolicy");
/// Groups that grow and shrink by themselves.
pub const SCALE_GROUP: Kind = Kind::new("autoscalevmgroup");
/// What such groups are made of.
pub const SCALE_PROFILE: Kind = Kind::new("autoscalevmprofile");
/// SSH key pairs.
pub const KEY_PAIR: Kind = Kind::new("keypair");
/// When snapshots are made.
pub const SNAPSHOT_POLICY: Kind = Kind::new("snapshotpolicy");
/// Tags of resources.
pub const TAG: Kind = Kind::new("tag");
/// What has happened.
pub const EVENT: Kind = Kind::new("event");
/// What can happen.
pub const EVENT_TYPE: Kind = Kind::new("eventtype");
/// What operators should look at.
pub const ALERT: Kind = Kind::new("alert");
/// What was used.
pub const USAGE: Kind = Kind::new("usagerecord");
/// What usage is measured.
pub const USAGE_TYPE: Kind = Kind::new("usagetype");
/// Limits of accounts.
pub const LIMIT: Kind = Kind::new("resourcelimit");
/// Kinds of hypervisors, by name.
pub const HYPERVISOR_NAME: Kind = Kind::new("hypervisor");
/// Families of operating systems.
pub const OS_CATEGORY: Kind = Kind::new("oscategory");
/// Settings of the whole cloud.
pub const CONFIGURATION: Kind = Kind::new("configuration");
/// Commands.
pub const API: Kind = Kind::new("api");
/// Asynchronous jobs. They are listed like resources, but kept apart.
pub const JOB: Kind = Kind::new("asyncjobs");
