//! Which commands are not for everyone (`CloudStack` developer's guide 4.1, 1.2 and 5.5.3). The guide says what each role
//! may manage; which commands that makes is what a cloud is configured with, here as it is delivered.

use crate::fault::Fault;
use crate::policy::Dialect;
use crate::refusal::{Reason, Refusal};
use crate::world::{AccountIndex, Role, World};

use super::Call;

/// Commands for the root administrator: what manages what is physical, and whoever is a customer.
const ROOT_ONLY: &[&str] = &[
    "addBaremetalHost",
    "addF5LoadBalancer",
    "addNetscalerLoadBalancer",
    "addNetworkServiceProvider",
    "addRegion",
    "addSrxFirewall",
    "addSwift",
    "addTrafficMonitor",
    "addTrafficType",
    "assignVirtualMachine",
    "changeServiceForSystemVm",
    "configureF5LoadBalancer",
    "configureNetscalerLoadBalancer",
    "createAccount",
    "createCounter",
    "createDiskOffering",
    "createDomain",
    "createNetworkOffering",
    "createPhysicalNetwork",
    "createPod",
    "createPrivateGateway",
    "createServiceOffering",
    "createStorageNetworkIpRange",
    "createStoragePool",
    "createUser",
    "createVPCOffering",
    "createVlanIpRange",
    "createZone",
    "deleteAccount",
    "deleteCiscoNexusVSM",
    "deleteCounter",
    "deleteDiskOffering",
    "deleteDomain",
    "deleteF5LoadBalancer",
    "deleteHost",
    "deleteNetscalerLoadBalancer",
    "deleteNetworkOffering",
    "deleteNetworkServiceProvider",
    "deletePhysicalNetwork",
    "deletePod",
    "deletePrivateGateway",
    "deleteServiceOffering",
    "deleteSrxFirewall",
    "deleteStorageNetworkIpRange",
    "deleteStoragePool",
    "deleteTrafficMonitor",
    "deleteTrafficType",
    "deleteUser",
    "deleteVPCOffering",
    "deleteVlanIpRange",
    "deleteZone",
    "disableCiscoNexusVSM",
    "enableCiscoNexusVSM",
    "generateUsageRecords",
    "getUser",
    "ldapConfig",
    "listAlerts",
    "listCiscoNexusVSMs",
    "listClusters",
    "listConfigurations",
    "listF5LoadBalancerNetworks",
    "listF5LoadBalancers",
    "listHosts",
    "listHypervisorCapabilities",
    "listNetscalerLoadBalancerNetworks",
    "listNetscalerLoadBalancers",
    "listNetworkServiceProviders",
    "listPhysicalNetworks",
    "listPods",
    "listSrxFirewallNetworks",
    "listSrxFirewalls",
    "listStorageNetworkIpRange",
    "listStoragePools",
    "listSupportedNetworkServices",
    "listSwifts",
    "listSystemVms",
    "listTrafficTypeImplementors",
    "listTrafficTypes",
    "listUsageRecords",
    "listUsageTypes",
    "listVlanIpRanges",
    "markDefaultZoneForAccount",
    "migrateVirtualMachine",
    "migrateVolume",
    "prepareTemplate",
    "removeRegion",
    "resetApiLimit",
    "updateAccount",
    "updateDiskOffering",
    "updateHypervisorCapabilities",
    "updateNetworkServiceProvider",
    "updatePhysicalNetwork",
    "updateRegion",
    "updateStorageNetworkIpRange",
    "updateStoragePool",
    "updateTrafficType",
    "updateVPCOffering",
    "updateZone",
];

/// Commands for the administrators of domains, too.
const ADMINISTRATORS: &[&str] = &[
    "changeServiceForRouter",
    "configureVirtualRouterElement",
    "createVirtualRouterElement",
    "destroyRouter",
    "disableAccount",
    "enableAccount",
    "listDomains",
    "listRouters",
    "listUsers",
    "listVirtualRouterElements",
    "rebootRouter",
    "recoverVirtualMachine",
    "startRouter",
    "stopRouter",
    "updateResourceCount",
    "updateResourceLimit",
];

/// Whether the role of an account may call a command.
pub fn may_call(world: &World, account: AccountIndex, command: &str) -> bool {
    match world.accounts.get(account).role {
        Role::RootAdmin => true,
        Role::DomainAdmin => !ROOT_ONLY.contains(&command),
        Role::User => !ROOT_ONLY.contains(&command) && !ADMINISTRATORS.contains(&command),
    }
}

/// Refuses a command that is not for the role of the account.
pub fn check(world: &World, call: &Call<'_>) -> Result<(), Refusal> {
    if world.rules.dialect != Dialect::CloudStack || may_call(world, call.account, call.name()) {
        return Ok(());
    }
    let role = world.accounts.get(call.account).role;
    let fault = match call.name() {
        "getUser" if role == Role::User => Fault::CloudstackUserMayGetUser,
        "createZone" if role == Role::DomainAdmin => Fault::CloudstackDomainAdminMayCreateZones,
        _ => return Err(forbidden(call)),
    };
    world.rules.faults.check(fault, || Err(forbidden(call)))
}

fn forbidden(call: &Call<'_>) -> Refusal {
    Refusal::new(Reason::Forbidden, format!("the account may not call {}", call.name()))
}
