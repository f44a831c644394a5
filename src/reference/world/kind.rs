//! The kinds of resources.

use std::fmt;

/// A kind of resource, named as answers name one of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(&'static str);

impl Kind {
    /// The name that answers give one of the kind.
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Availability zones.
pub const ZONE: Kind = Kind("zone");
/// Plans of machines.
pub const SERVICE_OFFERING: Kind = Kind("serviceoffering");
/// Plans of data disks.
pub const DISK_OFFERING: Kind = Kind("diskoffering");
/// Types of operating systems.
pub const OS_TYPE: Kind = Kind("ostype");
/// Templates of machines.
pub const TEMPLATE: Kind = Kind("template");
/// Installation media.
pub const ISO: Kind = Kind("iso");
/// Virtual machines.
pub const MACHINE: Kind = Kind("virtualmachine");
/// Groups that an account sorts its machines into.
pub const MACHINE_GROUP: Kind = Kind("instancegroup");
/// Security groups with their rules.
pub const SECURITY_GROUP: Kind = Kind("securitygroup");
/// Root and data disks.
pub const VOLUME: Kind = Kind("volume");
/// Snapshots of volumes.
pub const SNAPSHOT: Kind = Kind("snapshot");
/// Domains, as a tree.
pub const DOMAIN: Kind = Kind("domain");
/// Accounts.
pub const ACCOUNT: Kind = Kind("account");
/// Users of accounts.
pub const USER: Kind = Kind("user");
/// Projects.
pub const PROJECT: Kind = Kind("project");
/// Accounts as members of projects.
pub const PROJECT_ACCOUNT: Kind = Kind("projectaccount");
/// Invitations to projects.
pub const INVITATION: Kind = Kind("projectinvitation");
/// Regions.
pub const REGION: Kind = Kind("region");
/// Pods of zones.
pub const POD: Kind = Kind("pod");
/// Clusters of pods.
pub const CLUSTER: Kind = Kind("cluster");
/// Hosts of clusters.
pub const HOST: Kind = Kind("host");
/// Primary storage.
pub const STORAGE_POOL: Kind = Kind("storagepool");
/// Object stores.
pub const SWIFT: Kind = Kind("swift");
/// Virtual routers.
pub const ROUTER: Kind = Kind("router");
/// Console proxies and secondary storage machines.
pub const SYSTEM_VM: Kind = Kind("systemvm");
/// What hypervisors can do.
pub const HYPERVISOR: Kind = Kind("hypervisorCapabilities");
/// The directory of a site.
pub const LDAP: Kind = Kind("ldapconfig");
/// Monitors of direct traffic.
pub const TRAFFIC_MONITOR: Kind = Kind("trafficmonitor");
/// Physical networks.
pub const PHYSICAL_NETWORK: Kind = Kind("physicalnetwork");
/// Providers of network services.
pub const PROVIDER: Kind = Kind("networkserviceprovider");
/// Types of traffic on a physical network.
pub const TRAFFIC_TYPE: Kind = Kind("traffictype");
/// Implementors of traffic types.
pub const IMPLEMENTOR: Kind = Kind("traffictypeimplementorresponse");
/// Services that networks can have.
pub const SERVICE: Kind = Kind("networkservice");
/// Ranges of addresses for storage.
pub const STORAGE_RANGE: Kind = Kind("storagenetworkiprange");
/// Ranges of public addresses.
pub const ADDRESS_RANGE: Kind = Kind("vlan");
/// Virtual routers as providers.
pub const ROUTER_ELEMENT: Kind = Kind("virtualrouterelement");
/// Load balancers of F5.
pub const F5: Kind = Kind("f5loadbalancer");
/// Load balancers of NetScaler.
pub const NETSCALER: Kind = Kind("netscalerloadbalancer");
/// Firewalls of the SRX family.
pub const SRX: Kind = Kind("srxfirewall");
/// Cisco's virtual switches.
pub const NEXUS: Kind = Kind("cisconexusvsm");
/// Plans of networks.
pub const NETWORK_OFFERING: Kind = Kind("networkoffering");
/// Guest networks.
pub const NETWORK: Kind = Kind("network");
/// Public addresses.
pub const PUBLIC_ADDRESS: Kind = Kind("ipaddress");
/// Rules of firewalls.
pub const FIREWALL_RULE: Kind = Kind("firewallrule");
/// Rules for what leaves a network.
pub const EGRESS_RULE: Kind = Kind("egressfirewallrule");
/// Rules that forward ports.
pub const PORT_FORWARDING: Kind = Kind("portforwardingrule");
/// Rules that forward addresses.
pub const IP_FORWARDING: Kind = Kind("ipforwardingrule");
/// Rules of load balancers.
pub const BALANCER: Kind = Kind("loadbalancer");
/// Policies by which a load balancer keeps to a machine.
pub const STICKINESS: Kind = Kind("stickinesspolicies");
/// Virtual private clouds.
pub const VPC: Kind = Kind("vpc");
/// Plans of virtual private clouds.
pub const VPC_OFFERING: Kind = Kind("vpcoffering");
/// Private gateways of virtual private clouds.
pub const PRIVATE_GATEWAY: Kind = Kind("privategateway");
/// Rules of the networks of virtual private clouds.
pub const NETWORK_ACL: Kind = Kind("networkacl");
/// Static routes.
pub const STATIC_ROUTE: Kind = Kind("staticroute");
/// Far ends of site-to-site tunnels.
pub const CUSTOMER_GATEWAY: Kind = Kind("vpncustomergateway");
/// Near ends of site-to-site tunnels.
pub const VPN_GATEWAY: Kind = Kind("vpngateway");
/// Site-to-site tunnels.
pub const VPN_CONNECTION: Kind = Kind("vpnconnection");
/// Tunnels of single users.
pub const REMOTE_VPN: Kind = Kind("remoteaccessvpn");
/// Counters of metrics.
pub const COUNTER: Kind = Kind("counter");
/// Conditions on counters.
pub const CONDITION: Kind = Kind("condition");
/// When to add and when to remove machines.
pub const SCALE_POLICY: Kind = Kind("autoscalepolicy");
/// Groups that grow and shrink by themselves.
pub const SCALE_GROUP: Kind = Kind("autoscalevmgroup");
/// What such groups are made of.
pub const SCALE_PROFILE: Kind = Kind("autoscalevmprofile");
/// SSH key pairs.
pub const KEY_PAIR: Kind = Kind("keypair");
/// When snapshots are made.
pub const SNAPSHOT_POLICY: Kind = Kind("snapshotpolicy");
/// Tags of resources.
pub const TAG: Kind = Kind("tag");
/// What has happened.
pub const EVENT: Kind = Kind("event");
/// What can happen.
pub const EVENT_TYPE: Kind = Kind("eventtype");
/// What operators should look at.
pub const ALERT: Kind = Kind("alert");
/// What was used.
pub const USAGE: Kind = Kind("usagerecord");
/// What usage is measured.
pub const USAGE_TYPE: Kind = Kind("usagetype");
/// Limits of accounts.
pub const LIMIT: Kind = Kind("resourcelimit");
/// Commands.
pub const API: Kind = Kind("api");
/// Asynchronous jobs. They are listed like resources, but kept apart.
pub const JOB: Kind = Kind("asyncjobs");
